"""The names and codes of places in a string, one after the other, with the unknown words between them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.reading.gazetteer import (
    LONGEST,
    Meaning,
    abbreviations,
    country_names,
    east_asian_names,
    meaning_of,
    quick_key,
    written_with_comma,
)
from shared.reading.tables import parts

BREAK = re.compile(r"[;•·/\n+]")
"""What parts one place from the next, as `;` does; a comma may part a city from its state."""
DIVIDER = re.compile(r"[,:()\[\]|>–—-]")

_TOKEN = re.compile(r"(?:[^\W_]\.)+[^\W_]?(?![^\W_])|[^\W_]+(?:['’‘`][^\W_]+)*\.?|&")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_COMMA = re.compile(r"[,()]")
WORD_CODES = frozenset(
    parts("AM|AS|AT|BE|BY|DO|GO|HI|IN|IS|IT|LA|ME|MY|NO|OH|OK|OR|SO|TO|CAN|ARE|PER|AND|FIN|DEN|SEA|MAR|CO|HAN|MAD|LON")
)
"""Codes that are words as well: in a string all of capitals, or of small letters, they count only after a comma."""
_CODE = re.compile(r"\b[A-Z]{2,3}\b")
_CAPITALISED = frozenset(parts("Ca|Fl|Ga|Il|Ky|Mn|Mo|Nc|Nj|Nv|Ny|Pa|Tn|Tx|Ut|Va|Wa|Wi|Md|Mi|Sc|Ct"))
"""State codes that people write with one capital, and that are no words in any language of these: `Lancaster, Pa`."""
_COUNTIES = frozenset({"county", "counties", "parish"})
_TIME_ZONES = frozenset(parts("ET|CT|MT|PT|EST|CST|MST|PST|EDT|CDT|MDT|PDT|CET|GMT|BST"))
"""Where a string has two of them it speaks of hours, not of Connecticut or Portugal."""
_EXCLUDED = re.compile(
    r"\b(?:(?:except(?:ing)?|excluding|excl|outside)\b[^;)\]|\n]*"
    r"|(?:not|non)[ -](?!(?:fully |100% )?(?:remote|hybrid|on-?site|specified|required)\b)(?:(?! - )[^;,)\]|–—\n])*)",
    re.IGNORECASE,
)
"""Where a job is not: `Remote (not US)`, `Canada excluding Quebec`."""
_EXCLUDING = ("not", "non", "exc", "outside")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SHORT_STRING = 6
"""Words of a string in small letters whose codes are looked at: somebody typed `austin, tx`."""


_NOISE = frozenset(
    parts(
        "remote|hybrid|onsite|office|offices|hq|headquarters|headquarter|flexible|anywhere|home|based|work|from|site|area|metro|region"
        "|only|preferred|either|also|in|on|at|near|around|the|greater|city|location|within|remoto|hibrido|híbrido|bureau|or|and|wfh|full"
        "|fully|first|friendly|optional|eligible|possible|global|main|new|of|corporate|campus|branch|store|retail|usa|us|uk|co"
    )
)


def is_noise(word: str) -> bool:
    """Whether the word says nothing about where: `office`, `remote`, a number."""
    return word.lower() in _NOISE or word[0].isdigit()


@dataclass(slots=True)
class Item:
    """A name, code or unknown word of the string. `name` is its key, `gap` the text before it."""

    text: str
    name: str
    gap: str
    meaning: Meaning | None
    is_code: bool = False


def items(string: str) -> Iterator[Item]:
    """Every word of the string, words of one name together: the longest name wins. Where a job is not is left out."""
    lower = string.lower()
    if any(word in lower for word in _EXCLUDING):
        string = _EXCLUDED.sub(" ", string)
    if not string.isascii():
        string = _FLAG.sub(_country_of_flag, string)
    if not string.isascii() and _EAST_ASIAN.search(string):
        string = east_asian_names().sub(lambda found: f" {found[0]} ", string)
    tokens = list(_TOKEN.finditer(string))
    keys = [quick_key(token[0]) for token in tokens]
    ends = [0, *(token.end() for token in tokens)]
    gaps = [string[end : token.start()] for end, token in zip(ends, tokens, strict=False)]
    letter_case = _LetterCase(string, len(tokens))
    index = 0
    while index < len(tokens):
        name, after, meaning = _longest(keys, gaps, index)
        code = letter_case.code(tokens[index][0], gaps[index]) if after == index + 1 else None
        is_code = code is not None and not (meaning and meaning.country)
        meaning = _unless_county(code if is_code else meaning, keys, gaps, after)
        yield Item(string[tokens[index].start() : ends[after]], name, gaps[index], meaning, is_code)
        index = after


def _country_of_flag(flag: re.Match[str]) -> str:
    """`🇩🇪` → ` (Germany) `."""
    code = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag[0])
    return f" ({country_names().get(code, '')}) "


def _unless_county(meaning: Meaning | None, keys: Sequence[str], gaps: Sequence[str], after: int) -> Meaning | None:
    """The meaning of a name, none before *County*: Essex County in New Jersey is neither Essex nor a city.

    With nothing behind it, it is in America where the biggest city of the name is: those nearly always name counties so.
    """
    is_county = after < len(keys) and keys[after] in _COUNTIES and gaps[after].isspace()
    if not is_county or not meaning or meaning.country:
        return meaning
    american = after + 1 == len(keys) and any(city.country == "US" for city in meaning.cities[:1])
    return Meaning(country="US") if american else None


class _LetterCase:
    """Which words of a string may be codes: those in capitals, or all where everything is in small letters."""

    def __init__(self, string: str, words: int) -> None:
        self.is_lower = words <= _SHORT_STRING and string.islower()
        self.is_mixed = not self.is_lower and not string.isupper()
        self.words = words
        zones = frozenset() if self.is_lower else _TIME_ZONES.intersection(_CODE.findall(string))
        self.zones = zones if len(zones) > 1 else frozenset()

    def code(self, word: str, gap: str) -> Meaning | None:
        word = word.replace(".", "")
        if len(word) > 4 or not (self.is_lower or word.isupper() or ("," in gap and word in _CAPITALISED)):
            return None
        word = word.upper()
        is_word = word in WORD_CODES or (self.is_lower and word == "US")
        if is_word and not ("," in gap or " - " in gap or self.words == 1 or (self.is_mixed and word != "OR")):
            return None
        return None if word in self.zones else abbreviations().get(word)


def _longest(keys: Sequence[str], gaps: Sequence[str], index: int) -> tuple[str, int, Meaning | None]:
    """The key of the longest name that begins at `index`, where it ends, what it means; the word itself where it is none."""
    name = found = keys[index]
    after, meaning = index + 1, meaning_of(name)
    has_comma = False
    for end in range(index + 1, min(index + LONGEST, len(keys))):
        gap = gaps[end]
        if gap != " ":
            if BREAK.search(gap):
                break
            has_comma = has_comma or bool(_COMMA.search(gap))
        name = f"{name} {keys[end]}"
        longer = meaning_of(name) if not has_comma or name in written_with_comma() else None
        if longer:
            found, after, meaning = name, end + 1, longer
    return found, after, meaning
