"""How much alike two descriptions are, told from a signature of 272 bytes of each (MinHash)."""

import re
import struct
from collections.abc import Iterable
from functools import cache
from itertools import filterfalse
from typing import NamedTuple

import numpy as np
from rensa import RMinHash

from services.scraper.openings.about import about_the_job
from shared.posting import digest_of, words
from shared.reading.gazetteer import names
from shared.reading.tables import parts

SLOTS = 256
"""Places at which two signatures are compared: an estimate is off by 0.02 to 0.03 once in three times."""
SEED = 1
CHANCE = 1 / 256
"""How often two slots are equal for no reason: a byte is kept of each."""
EXCERPT = 3
"""How many times longer than a text its whole is at least, when it is taken for an excerpt."""
SHORTEST = 30
"""Three-word runs of a text that says enough to be compared."""
_HEAD = np.array([1, RMinHash.ALGORITHM_VERSION], dtype=np.uint8).tobytes()
"""What a signature begins with. Another way of reading, or of hashing, makes signatures that nothing is compared with."""

_LETTERS = bytes(code if code > 127 else ord(chr(code).lower()) if chr(code).isalpha() else 32 for code in range(256))
_MARKS = re.compile(rb"\xe2[\x80-\x9f][\x80-\xbf]|\xc2[\x80-\xbf]|\xe3\x80[\x80-\xbf]|\xef\xbc[\x80-\x8f]")
"""Quotes, dashes, bullets, symbols and the punctuation of East Asia, in UTF-8."""


_LANGUAGES = {
    name.encode(): 1 << bit
    for bit, called in enumerate(
        parts(
            "arabic|bengali|chinese mandarin cantonese|czech|danish|dutch flemish|finnish|french|german deutsch|greek|hebrew"
            "|hindi|hungarian|indonesian bahasa|italian|japanese|korean|malay|norwegian|polish|portuguese|romanian|russian"
            "|spanish|swedish|tagalog|tamil|thai|turkish|ukrainian|urdu|vietnamese"
        )
    )
    for name in called.split()
}
"""Languages as bits of a number, at most 32."""


def signature(text: str, places: Iterable[str]) -> bytes | None:
    """The signature of a description, given the posting's own strings for where it is; `None` for one too short.

    Only what is about the job counts (`about_the_job`), and of that no places, numbers, punctuation and case.
    """
    tokens = _tokens(about_the_job(text))
    kept = _without_places(tokens, places)
    runs = list(map(b" ".join, zip(kept, kept[1:], kept[2:], strict=False)))
    if len(runs) < SHORTEST:
        return None
    sketch = RMinHash(SLOTS, SEED)
    sketch.update(runs)
    slots = struct.pack(f"<{SLOTS}I", *sketch.digest())
    numbers = min(len(runs), 65_535).to_bytes(2, "big") + _languages(tokens).to_bytes(4, "big")
    return _HEAD + numbers + slots[:8] + slots[::4]


class Likeness(NamedTuple):
    """Of the three-word runs of two texts: the part of all that both have, and the part of the shorter's that the longer has.

    `languages`: whether both name the same human languages, English aside. A job that wants German is another job.
    """

    alike: float
    contained: float
    languages: bool


def likeness(one: bytes | None, other: bytes | None) -> Likeness | None:
    """How much alike the texts of two signatures are; `None` where the texts cannot tell.

    They cannot where one is missing, or so short beside the other that it must be an excerpt.
    """
    if one is None or other is None or one[:2] != other[:2]:
        return None
    shorter, longer = sorted((_size(one), _size(other)))
    if shorter * EXCERPT < longer:
        return None
    same = int(np.count_nonzero(_slots(one) == _slots(other)))
    alike = max(0.0, (same / SLOTS - CHANCE) / (1 - CHANCE))
    return Likeness(alike, min(1.0, alike / (1 + alike) * (shorter + longer) / shorter), one[4:8] == other[4:8])


def text_key(title: str, signature: bytes | None) -> str | None:
    """The same for most pairs of nearly equal texts under one title, and for hardly any other two."""
    return digest_of(title, signature[8:16].hex()) if signature else None


def _size(signature: bytes) -> int:
    return int.from_bytes(signature[2:4], "big")


def _slots(signature: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer(signature, dtype=np.uint8, offset=16)


def _tokens(text: str) -> list[bytes]:
    """Words in lower case and UTF-8, without digits and punctuation."""
    return _MARKS.sub(b" ", text.encode(errors="replace")).translate(_LETTERS).split()


def _without_places(tokens: Iterable[bytes], places: Iterable[str]) -> list[bytes]:
    here = {word.encode() for place in places for word in words(place).split()} - _place_words()
    kept = filterfalse(_place_words().__contains__, tokens)
    return list(filterfalse(here.__contains__, kept) if here else kept)


def _languages(tokens: Iterable[bytes]) -> int:
    """A bit for each language that is named."""
    return sum({_LANGUAGES[word] for word in filter(_LANGUAGES.__contains__, tokens)})


@cache
def _place_words() -> frozenset[bytes]:
    return frozenset(word.encode() for name in names() for word in words(name).split())
