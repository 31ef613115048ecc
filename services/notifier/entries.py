"""From what was chosen to a digest: each opening as one entry, and why it fits. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.notifier.digest import Choice, Digest, Entry, Fate, More, Opening
from services.notifier.listing import MAX_PLACES, Sighting, lines
from shared.match import Match
from shared.scoring import Wish, match

MAX_SKILLS = 24
MAX_REASONS = 4


def explained(choice: Choice, wish: Wish, past: Iterable[Sighting] = ()) -> Digest:
    """What was chosen, and why it fits this wish. `past` are closed postings: what came back after them is a re-post.

    The score is worked out anew, for it may have been noted before the profile changed.
    """
    gone: dict[tuple[str, int], list[Sighting]] = defaultdict(list)
    for seen in past:
        gone[seen.opening_key, seen.board_id].append(seen)
    found = [match(opening[0].listing.quoted, opening[0].listing.offer, wish) for opening in choice.openings]
    best = sorted(range(len(found)), key=lambda index: (not found[index].is_local, -found[index].score))
    return Digest(
        entries=tuple(_entry(choice.openings[index], found[index], gone) for index in best),
        more=tuple(More(company_key=company, count=count) for company, count in sorted(choice.more.items())),
        waiting=choice.waiting,
        shown_before=tuple(sorted(id_ for id_, fate in choice.fates.items() if fate is Fate.SENT)),
    )


def _entry(opening: Opening, found: Match, gone: Mapping[tuple[str, int], Sequence[Sighting]]) -> Entry:
    listing, seen = opening[0].listing, opening[0].listing.seen
    sightings = [one.listing.seen for one in opening]
    # Postings that stood on the board together are one job in several places; one that came after the other is a re-post.
    before = [past for past in gone.get((seen.opening_key, seen.board_id), ()) if past.last_seen_at < seen.first_seen_at]
    place, *others = list(dict.fromkeys(place for one in opening for place in one.listing.places)) or [""]
    return Entry(
        opening_key=seen.opening_key,
        posting_id=seen.posting_id,
        posting_ids=tuple(sorted({one.posting_id for one in sightings})),
        title=listing.title,
        company=listing.company,
        company_key=listing.company_key,
        agency=listing.agency,
        url=listing.url,
        place=place,
        workplace=listing.workplace,
        pay=listing.pay,
        first_seen_at=min(one.first_seen_at for one in (*sightings, *before)),
        posted_at=listing.posted_at,
        checked_at=seen.last_seen_at,
        again_at=max(filter(None, (seen.relisted_at, seen.first_seen_at if before else None)), default=None),
        closes_on=listing.closes_on,
        score=found.score,
        matched=found.matched[:MAX_SKILLS],
        missing=found.missing[:MAX_SKILLS],
        reasons=lines(found.reasons, 120)[:MAX_REASONS],
        also_in=_elsewhere(place, others)[:MAX_PLACES],
        attribution=listing.attribution,
    )


def _elsewhere(place: str, others: Iterable[str]) -> tuple[str, ...]:
    """Those of `others` that are not said already: `Singapore, SG` says no more than `Singapore`, nor the other way."""
    said = [place.casefold()]
    kept = []
    for other in others:
        folded = other.casefold()
        if not any(folded in known or known in folded for known in said):
            said.append(folded)
            kept.append(other)
    return tuple(kept)
