"""Fields that look for names and words: skill, company, title, text."""

from collections.abc import Mapping
from functools import cache

from shared.reading.company import company_key
from shared.reading.skills import find_skills, skills
from shared.reading.vocabulary import spellings
from shared.rule.view import PostingView, word_line
from shared.rule.wrong import WrongValue, meant


def read_skill(text: str) -> str:
    """`golang` → `go`. Raises `WrongValue`."""
    found = skill_names().get(_folded(text)) or _as_postings_write_it(text)
    if found is None:
        otherwise = f'; text:"{text}" looks for the word'
        raise WrongValue(f"we know no skill called “{text}”{meant(text, skill_names(), otherwise)}")
    return found


def _as_postings_write_it(text: str) -> str | None:
    """A plural or a version, which no table lists: `microservice`, `python 3.12`."""
    hits = find_skills(text.strip())
    return hits[0].skill if len(hits) == 1 and hits[0].text == text.strip() else None


@cache
def skill_names() -> Mapping[str, str]:
    """Every spelling of every skill, without case and hyphens.

    What is said of several skills is the one with that name, else one that is written so in any case.
    """
    surest_last = sorted(spellings(), key=lambda spelling: not spelling.exact)
    aliases = {_folded(spelling.text): spelling.skill for spelling in surest_last if spelling.skill}
    return aliases | {_folded(skill): skill for skill in skills()}


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").split())


def names_skill(view: PostingView, operator: str, wanted: str) -> bool | None:
    """A title without a text leaves unknown what it does not name."""
    return True if wanted in view.skills else (False if view.has_text else None)


def skill_keys(view: PostingView) -> frozenset[str] | None:
    return view.skills if view.has_text else None


def read_company(text: str) -> str:
    """What all ways to write the name have in common. Raises `WrongValue`."""
    if not company_key(text):
        raise WrongValue(f'“{text}” is no name of a company: write company:"Acme"')
    return company_key(text)


def company(view: PostingView) -> str | None:
    return view.company


def read_words(text: str) -> str:
    """The words of a phrase, as `word_line` has them. Raises `WrongValue`."""
    if "*" in text:
        raise WrongValue(f"“{text}”: a star stands for nothing here; write each word, as in title:(engineer, engineering)")
    words = word_line(text).strip()
    if not words:
        raise WrongValue(f"“{text}” has no word in it")
    return words


def in_title(view: PostingView, operator: str, wanted: str) -> bool | None:
    return f" {wanted} " in view.title_words


def title_keys(view: PostingView) -> frozenset[str] | None:
    return frozenset(view.title_words.split())


def in_text(view: PostingView, operator: str, wanted: str) -> bool | None:
    """Title or description; without a description what the title lacks is unknown."""
    return True if f" {wanted} " in view.text_words else (False if view.has_text else None)


def text_keys(view: PostingView) -> frozenset[str] | None:
    return frozenset(view.text_words.split()) if view.has_text else None


def longest_word(words: str) -> str:
    """The word of a phrase that is likely the rarest."""
    return max(words.split(), key=len)
