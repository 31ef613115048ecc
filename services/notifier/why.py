"""Why a posting was, or was not, in a digest: conditions in the order they are looked at, and the first that failed. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.notifier.digest import Candidate, Fate, choose, ended
from services.notifier.listing import Listing
from services.notifier.replay import as_it_was
from shared.match import Match

WAITS = "it waits on the shortlist for the next digest, unless better ones come; "
ADVICE = {
    "inactive": "nothing is sent while a subscription is not active: `joblark subscriptions resume`",
    "later": "it came after this digest: ask without --period, or for a later one",
    "closed": "nothing: what is closed is not sent. If it is open, its board is behind: `joblark boards poll`",
    "forbidden": "nothing: the source's terms forbid it in mails; watch a board of the employer itself",
    "role": "another role in the profile, by the link to change a subscription that every mail has",
    "level": "another level in the profile, by the link to change a subscription that every mail has",
    "place": "another place, or another way of working, in the profile, by the link that every mail has",
    "employment": "that kind of employment in the profile, by the link that every mail has",
    "pay": "a lower least pay in the profile, by the link that every mail has",
    "score": "the skills it asks for in the profile, if one has them; or a lower JOBLARK_MATCH_THRESHOLD for everybody",
    "rule": "another rule: `joblark rule check`, then `joblark subscriptions rule`",
    "refused": "nothing: the person said that this job is not for them",
    "sent": "nothing: no job is shown twice",
    "unscored": "the matcher: it has not got to it yet, see `joblark doctor`",
    "bar": "better ones keep it off the shortlist: a larger JOBLARK_SHORTLIST_SIZE for everybody, or a narrower rule",
    "company": WAITS + "JOBLARK_DIGEST_PER_COMPANY is how many of one company there may be",
    "room": WAITS + "JOBLARK_DIGEST_SIZE is how many there may be, and a narrower rule leaves others out",
}
"""What to change if one wants such jobs, by cause."""


@dataclass(frozen=True)
class Showing:
    """A mail that showed a posting; `itself`, or another posting of its opening."""

    mail_id: int
    kind: str
    occasion: str
    at: datetime
    itself: bool


@dataclass(frozen=True)
class Evidence:
    """All that decides. `shown` is the first mail that showed it or its job, `here` one of those asked about that showed it.

    `shortlist` is as it is or was `at` the instant; with `scored`, the matcher has compared the posting with everybody.
    """

    at: datetime
    listing: Listing
    found: Match
    state: str
    rule: str
    admitted: bool
    shortlist: Sequence[Candidate]
    threshold: float
    shortlist_size: int
    size: int
    per_company: int
    shown: Showing | None = None
    here: Showing | None = None
    refused_at: datetime | None = None
    scored: bool = True


class Check(NamedTuple):
    """One condition: its name (a cause), whether it holds, and what there is to say. `None`: not looked at any more."""

    cause: str
    holds: bool | None
    said: str


@dataclass(frozen=True)
class Verdict:
    """`cause` is `shown` for a posting that was in a digest, `next` for one that the next has, else the first that failed."""

    cause: str
    said: str
    advice: str
    checks: tuple[Check, ...]


def verdict(evidence: Evidence) -> Verdict:
    """What became of the posting, and of what there is to change the first thing that would help."""
    checks = tuple(_until_failed(_checks(evidence)))
    failed = next((check for check in checks if check.holds is False), None)
    if evidence.here is not None:
        return Verdict("shown", f"it was in {mail_words(evidence.here)}", "", checks)
    if failed is not None:
        return Verdict(failed.cause, failed.said, ADVICE[failed.cause], checks)
    return Verdict("next", "it is in the digest", "", checks)


def mail_words(showing: Showing) -> str:
    """`mail 12 (digest 2026-W46)`."""
    return f"mail {showing.mail_id} ({showing.kind} {showing.occasion})"


def _until_failed(checks: Iterator[Check]) -> Iterator[Check]:
    """What comes after a condition that failed was never looked at."""
    failed = False
    for check in checks:
        yield check._replace(holds=None) if failed else check
        failed = failed or check.holds is False


def _checks(evidence: Evidence) -> Iterator[Check]:
    yield from _sent(evidence)
    listing, found, at = evidence.listing, evidence.found, evidence.at
    yield Check("inactive", evidence.state == "active", f"the subscription is {evidence.state}")
    known = listing.seen.first_seen_at < at
    yield Check("later", known, f"first seen on {listing.seen.first_seen_at:%Y-%m-%d %H:%M} UTC")
    then = as_it_was(listing, at) if known else listing
    is_open = then is not None and not ended(listing, at)
    yield Check("closed", is_open, "open" if is_open else _closed(listing))
    yield Check("forbidden", listing.mailable, "may be mailed" if listing.mailable else "its source's terms forbid mail")
    fits = found.score >= evidence.threshold
    parts = ", ".join(f"{name} {part:.2f}" for name, part in found.parts.items() if part is not None)
    reasons = f"; {' · '.join(found.reasons)}" if found.reasons else ""
    yield Check(
        "score" if fits else found.cause.value,
        fits,
        f"scores {found.score:.1f} of 100, {evidence.threshold:g} are needed: {parts}{reasons}",
    )
    yield Check(
        "rule", evidence.admitted, (f"the rule {evidence.rule}" if evidence.rule else "no rule") + _is(evidence.admitted)
    )
    refused = evidence.refused_at
    yield Check("refused", refused is None, f"refused on {refused:%Y-%m-%d}" if refused else "not refused")
    yield from _ranks(evidence)


def _sent(evidence: Evidence) -> Iterator[Check]:
    shown = evidence.here or evidence.shown
    if shown is None:
        yield Check("sent", True, "not shown before")
    else:
        what = "shown" if shown.itself else "its job was shown, as another posting of it,"
        yield Check("sent", evidence.here is not None, f"{what} in {mail_words(shown)} on {shown.at:%Y-%m-%d %H:%M} UTC")


def _ranks(evidence: Evidence) -> Iterator[Check]:
    """On the shortlist, and in the digest that is chosen of it."""
    id_ = evidence.listing.seen.posting_id
    ranked = sorted(evidence.shortlist, key=lambda one: (-one.score, one.listing.seen.posting_id))
    place = next((number for number, one in enumerate(ranked, 1) if one.listing.seen.posting_id == id_), None)
    yield Check(
        "unscored", evidence.scored, "compared with everybody" if evidence.scored else "not compared with everybody yet"
    )
    yield Check("bar", place is not None, _listed(place, ranked))
    choice = choose(ranked, evidence.at, evidence.size, evidence.per_company)
    fate = choice.fates.get(id_)
    yield Check("company", fate is not Fate.COMPANY, f"{evidence.per_company} of one company at most")
    position = next(
        (n for n, group in enumerate(choice.openings, 1) if id_ in {c.listing.seen.posting_id for c in group}), None
    )
    rank = f"number {position}" if position else f"after the best {len(choice.openings)}"
    yield Check("room", fate is not Fate.ROOM, f"{rank}; {evidence.size} in a digest at most, those nearby first")


def _listed(place: int | None, ranked: Sequence[Candidate]) -> str:
    if place is not None:
        return f"number {place} of {len(ranked)} on the shortlist"
    bar = f", the last of which scores {ranked[-1].score:.1f}" if ranked else ""
    return f"not among the {len(ranked)} on the shortlist{bar}"


def _closed(listing: Listing) -> str:
    closed = listing.seen.closed_at
    return f"closed on {closed:%Y-%m-%d %H:%M} UTC" if closed else f"one could apply until {listing.ends_on}"


def _is(passes: bool) -> str:
    return ": passes" if passes else ": does not pass"
