"""The welcome, a minute or two after somebody confirmed: what comes and when, and the jobs that fit already."""

from services.notifier.calendar import next_digest, zone_named
from services.notifier.digest import Digest
from services.notifier.kinds.asked import asked_by
from services.notifier.kinds.base import Kind, Letter
from services.notifier.kinds.digest import preheader, reason
from services.notifier.kinds.jobs import called, headline, jobs_context, links_context
from services.notifier.phrases import WEEKDAYS, when_words
from services.notifier.render import Context


def context(letter: Letter) -> Context:
    """What the `welcome` mail needs, with jobs in it or none."""
    row, digest = letter.person, Digest.model_validate(letter.mail.content or {})
    zone, count = zone_named(row.timezone), len(digest.entries)
    first = next_digest(row.cadence, row.weekday, row.hour, row.timezone, letter.now).astimezone(zone)
    return {
        **jobs_context(digest, letter.links, row.id, cadence=row.cadence, zone=zone, now=letter.now),
        **links_context(letter),
        "best": called(digest.entries[0]) if count else "",
        "count": count,
        "headline": headline(count) if count else "",
        "preheader": preheader(digest) if count else "You are subscribed. Nothing fits just now, and we keep looking.",
        "when": f"{when_words(row.cadence, row.weekday, row.hour)}, {zone.key} time",
        "first": f"{WEEKDAYS[first.weekday()]}, {first.day} {first:%B}",
        "asked": asked_by(row),
        "reason": reason(row, "this mail"),
    }


KIND = Kind("welcome", context, frozenset({"active"}), bulk=True, lists=True, chat=True)
