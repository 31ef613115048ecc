"""The digest: the jobs of a period that fit, and why."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from services.notifier.calendar import zone_named
from services.notifier.digest import Digest, Entry
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, WORKPLACES, age_words, counted, listed, pay_words, period_words, place_words
from services.notifier.render import Context
from shared.posting import Place
from shared.profile import Profile
from shared.reading.skills import display_name

SHOWN_SKILLS, SHOWN_MISSING, SHOWN_PLACES = 8, 5, 4


def context(letter: Letter) -> Context:
    row = letter.person
    return digest_context(
        Digest.model_validate(letter.mail.content or {}),
        occasion=letter.mail.occasion.partition("+")[0],
        cadence=row.cadence,
        timezone=row.timezone,
        places=Profile.model_validate(row.profile).places,
        manage_url=letter.links.manage(row.id),
        unsubscribe_url=letter.links.unsubscribe(row.id),
        postal=letter.settings.mail_postal,
        now=letter.now,
    )


def digest_context(
    digest: Digest,
    *,
    occasion: str,
    cadence: str,
    timezone: str,
    places: Sequence[Place],
    manage_url: str,
    unsubscribe_url: str,
    postal: str,
    now: datetime,
) -> Context:
    """What the `digest` mail needs. `occasion` is a `calendar.period`; an empty digest is a `ValueError`, never a mail."""
    if not digest.entries:
        raise ValueError("an empty digest is not a mail")
    zone = zone_named(timezone)
    return {
        "entries": [_entry_context(digest, index, now, zone) for index in range(len(digest.entries))],
        "best": _called(digest.entries[0]),
        "count": len(digest.entries),
        "headline": counted(len(digest.entries), "job that fits you", "jobs that fit you"),
        "preheader": _preheader(digest),
        "subline": _dotted(period_words(occasion), listed([place_words(place) for place in places], 3)),
        "every": EVERY[cadence],
        "manage_url": manage_url,
        "unsubscribe_url": unsubscribe_url,
        "postal": postal,
    }


def _entry_context(digest: Digest, index: int, now: datetime, zone: tzinfo) -> Context:
    entry = digest.entries[index]
    return {
        "title": entry.title,
        "url": entry.url,
        "fit": f"{entry.score:.0f}% fit",
        "where": _dotted(entry.company, entry.place, _workplace(entry)),
        "facts": _facts(
            pay_words(entry.pay),
            f"first seen {age_words(entry.first_seen_at, now, zone)}",
            f"listed by {entry.attribution}" if entry.attribution else "",
        ),
        "matched": [display_name(skill) for skill in entry.matched[:SHOWN_SKILLS]],
        "matched_more": max(0, len(entry.matched) - SHOWN_SKILLS),
        "missing": listed([display_name(skill) for skill in entry.missing], SHOWN_MISSING),
        "why": _sentence(_dotted(*entry.reasons)),
        "also_in": listed(entry.also_in, SHOWN_PLACES),
        "more": _more(digest, index),
    }


def _facts(*facts: str) -> tuple[str, ...]:
    first, *others = (fact for fact in facts if fact)
    return (_sentence(first), *others)


def _workplace(entry: Entry) -> str:
    """How one works there, unless the board's words for the place say it already."""
    words = WORKPLACES[entry.workplace] if entry.workplace else ""
    return "" if words in entry.place.casefold() else words


def _more(digest: Digest, index: int) -> str:
    """`+3 more at Acme`, under the last entry of that company."""
    entry = digest.entries[index]
    waiting = sum(more.count for more in digest.more if more.company_key == entry.company_key)
    last = all(other.company_key != entry.company_key for other in digest.entries[index + 1 :])
    return f"+{waiting} more at {entry.company or 'this company'}" if waiting and last else ""


def _preheader(digest: Digest) -> str:
    """The line that an inbox shows beside the subject: what the subject does not say already."""
    others = [_called(entry) for entry in digest.entries[1:3]]
    return "Also " + "; ".join(others) if others else _sentence(_dotted(*digest.entries[0].reasons))


def _called(entry: Entry) -> str:
    return f"{entry.title} at {entry.company}" if entry.company else entry.title


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


KIND = Kind("digest", context, frozenset({"active"}), bulk=True)
