"""Years of experience a text asks for, or tells of.

A number of years is experience when the words after it or the line before it say so, or when it is a least (*5+ years in*,
*minimum of three years*, *2–4 years*); what a company has done over the past years, or a degree takes, is not.
"""

import re
from collections.abc import Iterator

from shared.reading.tables import parts

MAX_YEARS_TEXT = 100_000
MOST_YEARS_ASKED = 15
"""Posted minimums above this are a company's age, not a requirement."""

_NUMBERS = {word: n for n, word in enumerate(parts("zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"))}
_NUMBER = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_WORDS = r"years?|yrs?|yoe|a[nñ]os|ans|anni|ann[ée]es?|jahren?|jaar"
_YEARS = re.compile(
    rf"(?<![\d.,$€£])\b({_NUMBER})(?:\.\d)?\s{{0,2}}(?:\(\w{{1,6}}\)\s?)?(\+|plus|or more)?"
    rf"(\s?(?:-|–|—|to|bis|à|a)\s?(?:{_NUMBER})\s?\+?)?\s{{0,2}}(?:full )?(?:{_WORDS})\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[yY](?i:ears?|rs?|oe)\b")
_FOREIGN_YEAR = re.compile(r"\b(?:[aA](?:[nñ]os|ns|nni|nn[ée]es?)|[jJ](?:ahren?|aar))\b")
_FOREIGN = (" ans ", " años ", " anos ", " Jahre", " anni ", " années", " jaar ")
_BEFORE_YEARS = 48
"""Characters before the word that the longest wording of `_YEARS` may take; it takes 43."""
_EXPERIENCE = re.compile(
    r"experience|\bexp\b|professional|industry|working|building|developing|programming|engineering|software|yoe"
    r"|exp[eé]ri[eê]nci?[ae]|erfahrung|esperienza|ervaring",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:[>≥]|\b(?:bachelor|master|degree|diploma|ph\.?d|[bm]\.?sc?)(?:[’']?s)?(?: degree)?\s?(?:\+|with|and)"
    r"|\bmin(?:imum|\.)?|\bat least|\bmindestens|\bal menos|\bau moins|\bno m[ií]nimo)(?: of)?[ :]{0,2}$",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"\b(?:past|last|next|first|over the|within|every|in (?:just|only|under))(?: \w{1,20})?\s{0,2}$", re.IGNORECASE
)
_NOT_WORKED = re.compile(
    r"['’]?[\s,)-]{0,3}(?:ago|olds?|of age|degree|college|warrant|vest|cliff|exercise|runway|contract|program"
    r"|as an? (?:company|business|firm|startup|agency|studio)(?! [a-z])|in business(?! [a-z])|of history)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:^|[,.;:|·•(\n—–])\s?(\d{1,2})\+?\s?(?:years?|yrs?)\b\.?\s?(?=[.,;|·•)\n—–]|$)", re.IGNORECASE | re.MULTILINE
)
_DECADES = re.compile(
    r"\b(a|one|two|three)\s(?:\w+\s)?decades?(?=\s(?:of|in|as|with|building|writing|working|developing|shipping)\b)",
    re.IGNORECASE,
)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3}
_KANJI_EXPERIENCE = "経験|经验|經驗|実務"
_KANJI_YEARS = re.compile(
    rf"(?:{_KANJI_EXPERIENCE})[^\d\n]{{0,12}}(\d{{1,2}})\s?年|(\d{{1,2}})\s?年(?:以上|及以上)?[^\d\n]{{0,12}}(?:{_KANJI_EXPERIENCE})"
)


def read_years(text: str) -> float | None:
    """The most years of experience a posting asks for: 5 for *5+ years in backend, 2+ years of Go*, 3 for *3–5 years*.

    0 only where a range begins there (*0–2 years*).
    """
    asked = [years for match in _years_in(text) if (years := _years_at(text, match)) is not None]
    if "年" in text:
        asked += [float(one or other) for one, other in _KANJI_YEARS.findall(text[:MAX_YEARS_TEXT])]
    return max((years for years in asked if years <= MOST_YEARS_ASKED), default=None)


def told_years(text: str) -> float | None:
    """The years a person says of themselves and nothing else: *backend engineer, 10 years*, *two decades of C++*."""
    alone = [int(years) for years in _ALONE.findall(text[:MAX_YEARS_TEXT])]
    decades = [10 * _COUNTS[count.lower()] for count in _DECADES.findall(text[:MAX_YEARS_TEXT])]
    return max((years for years in (*alone, *decades) if years), default=None)


def _years_in(text: str) -> Iterator[re.Match[str]]:
    """Every number of years. The word is looked for first: a text has it once or twice, and `_YEARS` tries every word."""
    end = 0
    for word in list(_YEAR.finditer(text, 0, MAX_YEARS_TEXT)) or _foreign_words(text):
        match = _YEARS.search(text, max(end, word.start() - _BEFORE_YEARS), word.end())
        if match:
            end = match.end()
            yield match


def _foreign_words(text: str) -> Iterator[re.Match[str]]:
    """The word for *years* in other languages; asked only of a text without the English one, for it costs."""
    return _FOREIGN_YEAR.finditer(text, 0, MAX_YEARS_TEXT) if any(word in text for word in _FOREIGN) else iter(())


def _years_at(text: str, match: re.Match[str]) -> float | None:
    """The number, where it is years of experience."""
    number, plus, upper = match[1].lower(), match[2], match[3]
    years = float(number) if number.isdigit() else float(_NUMBERS[number])
    if (years == 0 and not upper) or _NOT_WORKED.match(text, match.end()):
        return None
    before = text[max(0, match.start() - 40) : match.start()]
    if _EXPERIENCE.search(text, match.end() - len("yoe"), match.end() + 60) or plus or _LEAST.search(before):
        return years
    said_before = _EXPERIENCE.search(before.rpartition("\n")[2])
    return years if (upper or said_before) and not _STORY.search(before) else None
