"""Which postings are one opening: one job to a reader, though it is posted for eight cities, posted anew, or copied.

Pure: evidence in, keys out. The bars are explained and measured in `docs/openings.md`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.scraper.openings.evidence import Evidence
from services.scraper.openings.texts import Likeness, likeness
from shared.posting import digest_of

ALIKE = 0.95
"""How much alike texts under one title must be."""
OTHER_BOARD = 0.70
"""The same on two boards in one place: each source cuts and spaces a text in its own way."""
WITHIN = 0.90
"""How much of the shorter text the longer must have, on two boards in one place."""
COPIED = 0.90
"""How much alike texts must be under the names of two companies, in one place: an agency's copy, a brand of a group."""
LINKED = 0.50
"""How much alike texts must be where link or requisition and title are the same."""
APART, APART_ELSEWHERE = 0.80, 0.50
"""A posting never joins an opening that has a text less alike than this: one of its own board, or one of another."""
MOST = 50
"""Postings under one key that a further one is compared with."""


class Member(NamedTuple):
    """A posting of a known opening. `listed`: its board lists it now."""

    evidence: Evidence
    opening_key: str
    listed: bool


def assign(postings: Iterable[Evidence], known: Iterable[Member]) -> dict[str, str]:
    """The opening of each posting by external id: a `known` one that it belongs to, or one of its own.

    The postings are those of one board; each may also join those before it.
    """
    index = _Index()
    for member in known:
        index.add(member)
    keys: dict[str, str] = {}
    for posting in postings:
        found = keys[posting.external_id] = _opening(posting, index.near(posting)) or new_key(posting)
        index.add(Member(posting, found, listed=True))
    return keys


def new_key(posting: Evidence) -> str:
    """The key of an opening that starts with this posting; another when the posting becomes another job."""
    return digest_of("opening", posting.board, posting.external_id, posting.title)


def same_job(before: Evidence, now: Evidence) -> bool:
    """Whether an edited posting is still about one job: only another title together with another text makes it another."""
    mine, other = set(before.title.split()), set(now.title.split())
    kept, texts = len(mine & other) / len(mine | other), likeness(before.signature, now.signature)
    return kept >= 0.5 or (kept > 0 if texts is None else texts.alike >= 0.6)


class _Index:
    """Known postings by each of their keys."""

    def __init__(self) -> None:
        self.by_key: dict[str, list[Member]] = {}

    def add(self, member: Member) -> None:
        for key in member.evidence.keys():  # noqa: SIM118 - evidence is no dictionary
            there = self.by_key.setdefault(key, [])
            if len(there) < MOST:
                there.append(member)

    def near(self, posting: Evidence) -> list[Member]:
        """Every posting that shares a key, each once, in the order they were added in."""
        found = {id(member): member for key in posting.keys() for member in self.by_key.get(key, ())}  # noqa: SIM118
        return list(found.values())


def _opening(posting: Evidence, near: Iterable[Member]) -> str | None:
    """The key of the opening that the posting belongs to most of all."""
    groups: dict[str, list[Member]] = {}
    for member in near:
        groups.setdefault(member.opening_key, []).append(member)
    strengths = {key: _strength(posting, members) for key, members in groups.items()}
    best = max(strengths, key=lambda key: strengths[key], default=None)
    if best is not None and strengths[best] > 0:
        return best
    excerpts = [key for key, members in groups.items() if _is_excerpt(posting, members)]
    return excerpts[0] if len(excerpts) == 1 else None


def _strength(posting: Evidence, members: list[Member]) -> float:
    """How strongly a posting belongs to an opening; 0: not at all."""
    texts = [likeness(posting.signature, member.evidence.signature) for member in members]
    pairs = [(member, text) for member, text in zip(members, texts, strict=True)]
    if any(text is not None and _apart(posting, member.evidence, text) for member, text in pairs):
        return 0.0
    return max(_pair(posting, member, text) for member, text in pairs)


def _apart(one: Evidence, other: Evidence, text: Likeness) -> bool:
    """Whether two texts cannot be for one job, whatever else there is."""
    if one.board == other.board:
        return text.alike < APART
    return text.alike < APART_ELSEWHERE and text.contained < WITHIN


def _pair(one: Evidence, member: Member, text: Likeness | None) -> float:
    """How strongly two postings are one opening, 0 to 2; links and requisitions count for more than any text."""
    other = member.evidence
    same_title = one.title == other.title
    if _linked(one, other):
        if text is None:
            return 1.0 if same_title else 0.0
        return 1.0 + text.alike if text.alike >= (LINKED if same_title else ALIKE) else 0.0
    if not same_title or text is None or not text.languages:
        return 0.0
    if one.job_key != other.job_key or one.job_key is None:
        return text.alike if text.alike >= COPIED and _in_one_place(one, other) else 0.0
    return text.alike if _same_text(one, other, text) else 0.0


def _linked(one: Evidence, other: Evidence) -> bool:
    same_link = one.link_key is not None and one.link_key == other.link_key
    return same_link or (one.requisition_key is not None and one.requisition_key == other.requisition_key)


def _same_text(one: Evidence, other: Evidence, text: Likeness) -> bool:
    """Whether one company's texts under one title are for one job."""
    if one.board == other.board:
        return text.alike >= ALIKE and not _twins(one, other)
    near = _in_one_place(one, other) and (text.alike >= OTHER_BOARD or text.contained >= WITHIN)
    return near or text.alike >= ALIKE


def _twins(one: Evidence, other: Evidence) -> bool:
    """Whether a board itself tells two jobs of one title apart: by team, or, both being remote, by the market in the title."""
    elsewhere = one.places and other.places and one.places != other.places
    return one.team != other.team or (one.named != other.named and not elsewhere)


def _in_one_place(one: Evidence, other: Evidence) -> bool:
    """Whether the two share a place, or a country where one of them says no more, or one says nothing."""
    if not one.places or not other.places or one.places & other.places:
        return True
    wide = {place for place in one.places | other.places if place.endswith("/")}
    countries = [{f"{place.split('/')[0]}/" for place in side} for side in (one.places, other.places)]
    return bool(wide & countries[0] & countries[1])


def _is_excerpt(posting: Evidence, members: list[Member]) -> bool:
    """Whether a collecting board and the employer name one job, one of them with no text or with the beginning of it only."""
    others = [member.evidence for member in members]
    if any(likeness(posting.signature, other.signature) for other in others):
        return False
    if any(member.listed and member.evidence.board == posting.board for member in members):
        return False
    copies = [other for other in others if other.aggregator != posting.aggregator]
    return any(other.job_key == posting.job_key is not None and _in_one_place(posting, other) for other in copies)
