"""Which postings are one job to a reader."""

from functools import cache

from shared.posting import Posting, digest_of, words
from shared.reading.gazetteer import names


def opening_key(posting: Posting) -> str:
    """The same for postings that differ only by city, board or id: same company, same title, same text but for places.

    Twins (same title, other team) differ in their text and so stay apart. Order and number of words do not count.
    """
    text = " ".join(sorted(set(words(posting.description).split()) - _place_words()))
    title = " ".join(word for word in words(posting.title).split() if word not in _place_words())
    return digest_of(words(posting.company or posting.board), title or posting.title, text)


@cache
def _place_words() -> frozenset[str]:
    return frozenset(word for name in names() for word in words(name).split())
