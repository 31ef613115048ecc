"""Jobs as a mail shows them: what `templates/jobs.mjml` and `jobs.txt` need, for every kind of mail that lists jobs. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from services.notifier.digest import Digest, Entry, Market
from services.notifier.kinds.base import Letter
from services.notifier.listing import html_bytes
from services.notifier.phrases import (
    WORKPLACES,
    age_words,
    counted,
    day_words,
    days_between,
    dotted,
    joined,
    listed,
    pay_words,
    sentence,
    span_words,
)
from services.notifier.render import Context
from shared.audit import Audit
from shared.links import Links
from shared.match import Cause
from shared.reading.skills import display_name

SHOWN_SKILLS, SHOWN_MISSING, SHOWN_PLACES = 8, 5, 120
"""Skills that are named, and characters of other places."""
LONG_URL = 400
"""An address of more bytes is linked to once, from the title: ten entries have to fit into what a mail program shows."""
LEFT_OUT = {
    Cause.PLACE: "elsewhere",
    Cause.ROLE: "other work",
    Cause.LEVEL: "other level",
    Cause.EMPLOYMENT: "other employment",
    Cause.PAY: "paying less than you ask",
    Cause.SCORE: "with too little in common",
    Cause.RULE: "against your rule",
    Cause.CLOSED: "closed again",
    Cause.SENT: "already sent",
}
PERIODS = {"daily": "today", "weekly": "this week", "monthly": "this month"}
BAR = 44
"""Height in pixels of the tallest bar of the market strip."""
BLOCKS = "▁▂▃▄▅▆▇█"


class Answers(NamedTuple):
    """Where to say what one thinks of a job."""

    liked: str
    not_liked: str


class Job(NamedTuple):
    """One entry in words; whatever is empty is not shown."""

    title: str
    url: str | None
    link: str | None
    fit: str
    where: str
    pay: str
    ends: str
    repost: bool
    age: tuple[str, ...]
    matched: tuple[str, ...]
    matched_more: int
    brings: str
    why: str
    missing: str
    also_in: str
    more: str
    liked: str
    not_liked: str


class Week(NamedTuple):
    """One bar of the market strip: its height in pixels, the count in few characters, and whether it is the latest."""

    height: int
    label: str
    latest: bool


def jobs_context(digest: Digest, links: Links, subscription_id: int, *, cadence: str, zone: tzinfo, now: datetime) -> Context:
    """What the fragments `jobs` and `week` need of a digest that has entries."""
    answers = [
        Answers(*(links.feedback(subscription_id, entry.posting_id, liked) for liked in (True, False)))
        for entry in digest.entries
    ]
    return {
        "jobs": [_job(digest, index, answers[index], now, zone) for index in range(len(digest.entries))],
        "week": PERIODS[cadence],
        "tally": tally(digest, PERIODS[cadence]),
        **market_context(digest.market),
    }


def links_context(letter: Letter) -> Context:
    """What the fragment `foot` needs: where a person changes, pauses and leaves, and where else the same jobs are."""
    links, row = letter.links, letter.person
    manage = links.manage(row.id)
    return {
        "manage_url": manage,
        "pause_url": f"{manage}#pause",
        "unsubscribe_url": links.unsubscribe(row.id),
        "copy_url": links.copy(letter.mail.id) if letter.mail.id else "",
        "feed_url": links.feed(row.id),
        "postal": letter.settings.mail_postal,
    }


def tally(digest: Digest, week: str) -> str:
    """`412 new this week · 9 fit · 5 here, 2 wait for later · left out: 231 elsewhere, …`; nothing where nobody counted.

    What was looked at is what fits and what was left out: numbers that do not add up are not shown.
    """
    audit = digest.audit
    if audit is None or not audit.considered or audit.considered != audit.matched + sum(audit.dropped.values()):
        return ""
    here = f"{len(digest.entries)} here" + (f", {digest.waiting} kept for later" if digest.waiting else "")
    return dotted(f"{audit.considered:,} new {week}", f"{audit.matched:,} fit", here, _left_out(audit))


def _left_out(audit: Audit) -> str:
    fell = sorted(((count, cause) for cause, count in audit.dropped.items() if count), key=lambda one: (-one[0], one[1]))
    said = ", ".join(f"{count:,} {LEFT_OUT[cause]}" for count, cause in fell)
    return f"left out: {said}" if said else ""


def market_context(market: Market | None) -> Context:
    """Bars and numbers of the openings of each week; no bars where nobody counted, or there were none at all."""
    weeks = market.weeks if market and any(market.weeks) else ()
    most = max(weeks, default=0)
    bars = [Week(max(2, round(BAR * count / most)), _few(count), index == len(weeks) - 1) for index, count in enumerate(weeks)]
    return {
        "market": f"New openings in {market.place}, week by week" if market and weeks else "",
        "bars": bars,
        "bars_said": "Oldest week first: " + joined([f"{count:,}" for count in weeks]) if weeks else "",
        "blocks": "".join(BLOCKS[min(7, 8 * count // (most or 1))] for count in weeks),
        "counts": " ".join(bar.label for bar in bars),
    }


def _few(count: int) -> str:
    """`1,204`, and from a hundred thousand on `104k`."""
    return f"{count:,}" if count < 100_000 else f"{count // 1_000:,}k"


def called(entry: Entry) -> str:
    """`Backend Engineer at Acme`."""
    return f"{entry.title} at {entry.company}" if entry.company else entry.title


def _job(digest: Digest, index: int, answers: Answers, now: datetime, zone: tzinfo) -> Job:
    entry = digest.entries[index]
    matched = tuple(display_name(skill) for skill in entry.matched[:SHOWN_SKILLS])
    more = max(0, len(entry.matched) - SHOWN_SKILLS)
    return Job(
        title=entry.title,
        url=entry.url,
        link=entry.url if entry.url and html_bytes(entry.url) <= LONG_URL else None,
        fit=f"{entry.score:.0f}% fit",
        where=dotted(entry.company, "through an agency" if entry.agency else "", entry.place, _workplace(entry)),
        pay=sentence(pay_words(entry.pay)),
        ends=_ends(entry.closes_on, now, zone),
        repost=entry.again_at is not None,
        age=_age(entry, now, zone),
        matched=matched,
        matched_more=more,
        brings=joined([*matched, f"{more} more"] if more else matched),
        why=sentence(dotted(*entry.reasons)),
        missing=listed([display_name(skill) for skill in entry.missing], SHOWN_MISSING),
        also_in=_also_in(entry.also_in),
        more=_more(digest, index),
        liked=answers.liked,
        not_liked=answers.not_liked,
    )


def _age(entry: Entry, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """How fresh a job is: our own date, the board's where it says another, and when it was last seen to be open."""
    seen, posted, checked = entry.first_seen_at, entry.posted_at, entry.checked_at
    again = f"listed again {age_words(entry.again_at, now, zone)}" if entry.again_at else ""
    older = days_between(posted, seen, zone) > 0 if posted and not again else False
    facts = (
        f"First seen {age_words(seen, now, zone)}",
        again,
        f"open {span_words(days_between(posted, now, zone))}" if posted and older else "",
        f"{'checked' if days_between(checked, now, zone) <= 0 else 'last seen'} open {age_words(checked, now, zone)}",
        f"listed by {entry.attribution}" if entry.attribution else "",
    )
    return tuple(fact for fact in facts if fact)


def _ends(day: date | None, now: datetime, zone: tzinfo) -> str:
    """`apply by 4 December`, with its year where that may be in doubt; nothing for a day that is over."""
    today = now.astimezone(zone).date()
    if day is None or day < today:
        return ""
    words = day_words(day) if (day - today).days > 300 else f"{day.day} {day:%B}"
    return "apply today" if day == today else f"apply by {words}"


def _workplace(entry: Entry) -> str:
    """How one works there, unless the board's words for the place say it already."""
    words = WORKPLACES[entry.workplace] if entry.workplace else ""
    return "" if words in entry.place.casefold() else words


def _also_in(places: Sequence[str]) -> str:
    """The first of the places, as many as go on one line and a half."""
    room = SHOWN_PLACES
    for shown, place in enumerate(places):
        room -= len(place) + 2
        if room < 0:
            return listed(places, max(1, shown))
    return joined(places)


def _more(digest: Digest, index: int) -> str:
    """`+3 more at Acme`, under the last entry of that company."""
    entry = digest.entries[index]
    waiting = sum(more.count for more in digest.more if more.company_key == entry.company_key)
    last = all(other.company_key != entry.company_key for other in digest.entries[index + 1 :])
    return f"+{waiting} more at {entry.company or 'this company'}" if waiting and last else ""


def headline(count: int) -> str:
    return counted(count, "job that fits you", "jobs that fit you")
