"""It is over: when the address is erased, and how to come back. One mail, and no word to win anybody back.

Not bulk: it answers what the person did (or tells what their silence did), is the last one, and so has nothing to leave.
"""

from datetime import timedelta

from services.notifier.calendar import zone_named
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import day_words
from services.notifier.render import Context

SILENT = "silent"
"""`ended_why` of a subscription whose owner did not answer whether they are still there."""


def context(letter: Letter) -> Context:
    row = letter.person
    ended = row.ended_at or letter.now
    erased = (ended + timedelta(days=letter.settings.address_keep_days)).astimezone(zone_named(row.timezone)).date()
    return {
        "silent": row.ended_why == SILENT,
        "erased": day_words(erased),
        "home_url": f"{letter.links.base_url}/",
        "postal": letter.settings.mail_postal,
    }


KIND = Kind("farewell", context, frozenset({"ended"}))
