"""Every field that a rule may ask about, in one table.

The truth of a predicate is `True`, `False`, or `None` for unknown: the posting does not say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.reading.skills import display_name
from shared.rule import choices, places, quantities, words
from shared.rule.choices import IS, only, same
from shared.rule.quantities import COMPARE
from shared.rule.view import PostingView

__all__ = ["FIELDS", "IS", "OTHER_NAMES", "Field"]


def _no_keys(view: PostingView) -> None:
    return None


@dataclass(frozen=True)
class Field:
    """`read` turns what was typed into a value and raises `WrongValue`; `show` turns it back.

    `key` and `keys` let an index find predicates without asking each: see `Predicate.key` and `keys_of`.
    """

    name: str
    takes: str
    example: str
    read: Callable[[str], Any]
    truth: Callable[[PostingView, str, Any], bool | None]
    keys: Callable[[PostingView], frozenset[str] | None] = _no_keys
    operators: tuple[str, ...] = (IS,)
    key: Callable[[Any], str] = str
    show: Callable[[Any], str] = str


_FIELDS = (
    Field(
        "country",
        "a country or a region of the world",
        "country:SG",
        places.read_country,
        places.in_country,
        places.country_keys,
    ),
    Field(
        "city",
        "a city",
        'city:"New York"',
        places.read_city,
        places.in_city,
        places.city_keys,
        key=places.city_key,
    ),
    Field(
        "remote",
        "yes, hybrid or no (working remotely)",
        "remote:yes",
        choices.read_remote,
        same(choices.remote),
        only(choices.remote),
    ),
    Field(
        "level",
        "a rung from intern to principal, or manager",
        "level >= senior",
        choices.read_level,
        choices.is_level,
        only(choices.level),
        operators=(IS, *COMPARE),
    ),
    Field(
        "company",
        "the name of a company",
        'company:"Acme"',
        words.read_company,
        same(words.company),
        only(words.company),
    ),
    Field(
        "skill",
        "a skill",
        "skill:go",
        words.read_skill,
        words.names_skill,
        words.skill_keys,
        show=display_name,
    ),
    Field(
        "title",
        "words of the title",
        'title:"staff engineer"',
        words.read_words,
        words.in_title,
        words.title_keys,
        key=words.longest_word,
    ),
    Field(
        "text",
        "words of title or description",
        "text:blockchain",
        words.read_words,
        words.in_text,
        words.text_keys,
        key=words.longest_word,
    ),
    Field(
        "pay",
        "an amount of money",
        "pay >= 90000 SGD",
        quantities.read_pay,
        quantities.pays,
        operators=tuple(COMPARE),
        show=quantities.show_pay,
    ),
    Field(
        "posted",
        "an age or a date",
        "posted < 14 days",
        quantities.read_age,
        quantities.was_posted,
        operators=tuple(COMPARE),
    ),
    Field(
        "employment",
        "a kind of employment",
        "employment:contract",
        choices.read_employment,
        same(choices.employment),
        only(choices.employment),
    ),
    Field(
        "language",
        "the language of the text",
        "language:en",
        choices.read_language,
        same(choices.language),
        only(choices.language),
    ),
    Field(
        "agency",
        "yes or no (hiring for another company)",
        "agency:no",
        choices.read_yes_no,
        same(choices.agency),
        only(choices.agency),
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
OTHER_NAMES = {
    "location": "city", "place": "city", "town": "city", "nation": "country", "region": "country", "workplace": "remote",
    "salary": "pay", "wage": "pay", "compensation": "pay", "seniority": "level", "employer": "company", "skills": "skill",
    "tech": "skill", "technology": "skill", "stack": "skill", "name": "title", "role": "title", "description": "text",
    "keyword": "text", "date": "posted", "age": "posted", "type": "employment", "contract": "employment", "lang": "language",
    "recruiter": "agency", "headhunter": "agency",
}  # fmt: skip
"""What people call a field that has another name here; only used to say which."""
