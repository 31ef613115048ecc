"""The digest: the jobs of a period that fit, and why."""

from services.notifier.calendar import zone_named
from services.notifier.digest import Digest
from services.notifier.kinds.base import Kind, Letter
from services.notifier.kinds.jobs import called, headline, jobs_context, links_context
from services.notifier.phrases import EVERY, day_words, dotted, listed, period_words, place_words, sentence
from services.notifier.render import Context
from shared.models import SubscriptionRow
from shared.profile import Profile

SHOWN_PLACES = 3


def context(letter: Letter) -> Context:
    """What the `digest` mail needs; an empty digest is a `ValueError`, never a mail."""
    row, digest = letter.person, Digest.model_validate(letter.mail.content or {})
    if not digest.entries:
        raise ValueError("an empty digest is not a mail")
    zone, occasion = zone_named(row.timezone), letter.mail.occasion.partition("+")[0]
    return {
        **jobs_context(digest, letter.links, row.id, cadence=row.cadence, zone=zone, now=letter.now),
        **links_context(letter),
        "best": called(digest.entries[0]),
        "count": len(digest.entries),
        "headline": headline(len(digest.entries)),
        "preheader": preheader(digest),
        "subline": dotted(period_words(occasion), places_of(row)),
        "reason": reason(row, f"this mail {EVERY[row.cadence]}"),
    }


def places_of(row: SubscriptionRow) -> str:
    """Where the person is or wants to be."""
    return listed([place_words(place) for place in Profile.model_validate(row.profile).places], SHOWN_PLACES)


def reason(row: SubscriptionRow, mails: str) -> str:
    """Why this person gets these `mails`."""
    if row.confirmed_at is None or row.confirmed_at == row.created_at:
        return f"You get {mails} because this address is subscribed to jobs that fit you."
    day = day_words(row.confirmed_at.astimezone(zone_named(row.timezone)).date())
    return f"You get {mails} because you asked for jobs that fit you and confirmed it on {day}."


def preheader(digest: Digest) -> str:
    """The line that an inbox shows beside the subject: what the subject does not say already."""
    others = [called(entry) for entry in digest.entries[1:3]]
    return "Also " + "; ".join(others) if others else sentence(dotted(*digest.entries[0].reasons))


KIND = Kind("digest", context, frozenset({"active"}), bulk=True, lists=True, chat=True)
