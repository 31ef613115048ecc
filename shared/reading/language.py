"""The language of a text (ISO 639-1), from its commonest little words or, where they are not Latin, from its letters.

The words are counted in the first `SAMPLE` characters against `data/function_words.tsv`: lists of our own, the words that
carry the sentences of postings in each language. A word of several lists speaks for each of them; the one with the most
wins if it is clearly ahead. A posting told in two languages is in the one that more of it is in.
"""

import re
from functools import cache

from shared.reading.tables import parts, rows

SAMPLE = 2_000
LEAST_WORDS = 6
"""Little words that must be found: a title or a list of skills is in no language."""
LEAST_SHARE = 0.1
"""Of all words of the sample. Running text has a third to a half; a list of technologies next to none."""
SHORT = 40
"""Words of a text that may be in a language with fewer little words, if they are plainly of that one: a single sentence."""
LEAD = 1.15
"""How many times as many as the second language has. Danish and Norwegian share most of their words."""

_SURE_SAMPLE, _SURE_WORDS, _SURE_SHARE = 1_000, 20, 0.2
"""Characters looked at first, and English little words in them that leave no doubt: in Dutch every twelfth word is one."""

_LOCALE = re.compile(r"([A-Za-z]{2})(?:[-_]\w{2,8}){0,2}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e01-\u0e5b]")),
    ("ar", re.compile("[\u0620-\u064a]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u03b1-\u03ce]")),
    ("uk", re.compile("[іїєґ]")),
    ("ru", re.compile("[а-яё]")),
)
_LEAST_LETTERS = {"ja": 0.05, "zh": 0.1, "uk": 0.02}
_LETTERS = 0.3
"""Share of a sample's characters that must be of a script; fewer where a script is dense, or marks another one's text."""


def read_language(text: str) -> str | None:
    """The code of the language most of the text's beginning is in, or None where it is too short or undecided."""
    if _is_plainly_english(text[:_SURE_SAMPLE].lower()):
        return "en"
    return _decided(text[:SAMPLE].lower().replace("’", "'"))


def language_code(name: str | None) -> str | None:
    """The language of a locale as boards write it: `en-US` and `EN` are `en`. None for anything else."""
    found = _LOCALE.fullmatch(name or "")
    return found[1].lower() if found else None


def _is_plainly_english(sample: str) -> bool:
    """True for nearly every English text, in a fifth of the time that counting all languages takes."""
    words = sample.split()
    found = sum(map(_english().__contains__, words))
    return found >= max(_SURE_WORDS, _SURE_SHARE * len(words)) and _is_mostly_words(words, sample)


def _decided(sample: str) -> str | None:
    words = _WORD.findall(sample)
    named, found = _most(words)
    if found >= max(LEAST_WORDS, 2 * LEAST_SHARE * len(words)) and _is_mostly_words(words, sample):
        return named
    script = None if sample.isascii() else _script(sample)
    enough = found >= LEAST_WORDS and found >= LEAST_SHARE * len(words)
    return script or (named if enough else _of_a_sentence(words))


def _of_a_sentence(words: list[str]) -> str | None:
    """The language of a few words: three of ten are its little words, and no other language has more than half as many."""
    if len(words) > SHORT:
        return None
    (first, language), (second, _) = sorted(((found, name) for name, found in _counts(words).items()), reverse=True)[:2]
    return language if first >= max(3, 0.3 * len(words), 2 * second) else None


def _is_mostly_words(words: list[str], sample: str) -> bool:
    """False where long runs without a space, as Chinese is written, make few words of many characters."""
    return len(words) * 12 > len(sample)


def _most(words: list[str]) -> tuple[str | None, int]:
    """The language with the most little words, or None where another has about as many; and how many."""
    counts = _counts(words)
    second, first = sorted(counts.values())[-2:]
    clear = first > second * LEAD
    return (max(counts, key=counts.__getitem__) if clear else None), first


def _counts(words: list[str]) -> dict[str, int]:
    counts = dict.fromkeys(_languages(), 0)
    known = _little_words()
    for word in words:
        for language in known.get(word, ()):
            counts[language] += 1
    return counts


def _script(sample: str) -> str | None:
    size = len(sample)
    for language, letters in _SCRIPTS:
        if len(letters.findall(sample)) > _LEAST_LETTERS.get(language, _LETTERS) * size:
            return language
    return None


@cache
def _english() -> frozenset[str]:
    return frozenset(word for word, languages in _little_words().items() if "en" in languages)


@cache
def _languages() -> tuple[str, ...]:
    return tuple(row["language"] for row in rows("function_words"))


@cache
def _little_words() -> dict[str, tuple[str, ...]]:
    """The languages of each little word."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("function_words"):
        for word in set(parts(row["words"])):
            found[word] = (*found.get(word, ()), row["language"])
    return found
