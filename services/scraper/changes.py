"""What a poll changed, decided without a database: new, edited, listed again, still there, missing, gone."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.posting import Posting

UNSEEN_FOR = timedelta(days=30)
"""A job that a source showing only its newest jobs has not shown for this long is taken for gone."""


@dataclass(frozen=True)
class Known:
    """What the database knows of one posting of the board."""

    id: int
    content_hash: str
    closed: bool
    missed_polls: int
    listing_hash: str | None = None
    last_seen_at: datetime | None = None

    def is_listed_as(self, listing_hash: str) -> bool:
        """Whether it is open and was listed in these very words when it was last read."""
        return not self.closed and self.listing_hash == listing_hash

    def says(self, posting: Posting) -> bool:
        """Whether it is open and a reader would notice no change."""
        return not self.closed and self.content_hash == posting.content_hash


@dataclass
class Changes:
    """The outcome of one poll. `edited` and `relisted` hold postings by row id; `seen`, `missing` and `gone` row ids.

    `reworded` are those of `seen` whose listing changed in nothing that a reader would notice.
    """

    new: list[Posting] = field(default_factory=list)
    edited: dict[int, Posting] = field(default_factory=dict)
    relisted: dict[int, Posting] = field(default_factory=dict)
    reworded: dict[int, Posting] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in ("new", "edited", "relisted", "gone")}


def compare(
    known: Mapping[str, Known],
    postings: Iterable[Posting],
    *,
    complete: bool,
    closed_after: int,
    unread: Set[str] = frozenset(),
    unchanged: Set[str] = frozenset(),
    gone: Set[str] = frozenset(),
) -> Changes:
    """Compare a board's answer with what we knew of it (`known` by external id).

    `unread` are ids that the answer lists but that could not be read: they are not news, and not absent either.
    `unchanged` are ids listed in the very words we know, `gone` ids that the board itself says are no more.
    Only a complete answer says anything about what is absent, and absence must repeat in `closed_after` complete polls
    before it counts. A board that lists nothing at all after it listed something is taken for broken, not for empty.
    """
    changes = Changes()
    listed = {posting.external_id: posting for posting in postings}
    for external_id, posting in listed.items():
        _sort_in(changes, known.get(external_id), posting)
    changes.seen += [known[external_id].id for external_id in unchanged]
    changes.gone += [known[id_].id for id_ in gone if id_ in known and not known[id_].closed]
    if complete and (listed or unchanged):
        for external_id in known.keys() - listed.keys() - unchanged - gone:
            if external_id in unread and not known[external_id].closed:
                changes.seen.append(known[external_id].id)
            else:
                _miss(changes, known[external_id], closed_after)
    return changes


def aged(known: Mapping[str, Known], now: datetime) -> Set[str]:
    """Ids that a window has not shown for so long that nobody should be sent there any more."""
    return {id_ for id_, row in known.items() if not row.closed and row.last_seen_at and now - row.last_seen_at > UNSEEN_FOR}


def not_modified(known: Mapping[str, Known], *, closed_after: int) -> Changes:
    """The board says it is as it was when we last read it whole: what was absent then is absent once more."""
    changes = Changes()
    for row in known.values():
        if row.missed_polls:
            _miss(changes, row, closed_after)
    return changes


def _miss(changes: Changes, row: Known, closed_after: int) -> None:
    if not row.closed:
        (changes.gone if row.missed_polls + 1 >= closed_after else changes.missing).append(row.id)


def _sort_in(changes: Changes, row: Known | None, posting: Posting) -> None:
    if row is None:
        changes.new.append(posting)
    elif row.closed:
        changes.relisted[row.id] = posting
    elif row.says(posting):
        changes.seen.append(row.id)
        changes.reworded[row.id] = posting
    else:
        changes.edited[row.id] = posting
