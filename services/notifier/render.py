"""From values to the words and pages of a mail. Pure apart from reading its own templates, once per process.

A mail is a folder under `templates/` with `subject.txt`, `body.txt` and `body.mjml`, and one function here that returns
its context; adding a mail is adding both. MJML is compiled first and the HTML it gives is the Jinja template: so tags
stand where MJML carries text through unread, that is in the text of an element, in an attribute value, or, around whole
elements, in `<mj-raw>`. HTML is autoescaped, text is not, and a name missing from the context is an error.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from mjml import mjml2html

from services.notifier.calendar import zone_named
from services.notifier.digest import Digest, Entry
from services.notifier.phrases import (
    EVERY,
    WORKPLACES,
    age_words,
    counted,
    listed,
    pay_words,
    period_words,
    place_words,
    when_words,
    work_words,
)
from shared.errors import NotFound
from shared.posting import Place, Value
from shared.profile import Profile
from shared.reading.skills import display_name

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_SKILLS, SHOWN_MISSING, SHOWN_PLACES = 8, 5, 4
Context = dict[str, Any]


class Rendered(Value):
    """A mail without its envelope. `subject` is one line."""

    subject: str
    text: str
    html: str


class _Mail:
    """The three compiled templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self.subject = _template((folder / "subject.txt").read_text(), escape=False)
        self.text = _template((folder / "body.txt").read_text(), escape=False)
        self.html = _template(_html((folder / "body.mjml").read_text()), escape=True)


def render(kind: str, context: Mapping[str, Any]) -> Rendered:
    """The mail `kind` (a folder of `templates/`) in the words of `context`. Raises `NotFound` for an unknown kind."""
    if kind not in kinds():
        raise NotFound(f"there is no mail called {kind[:60]!r}: the folders of templates/ are {', '.join(kinds())}")
    mail = _compiled(kind)
    subject = " ".join(mail.subject.render(context).split())
    html = mail.html.render(context, subject=subject)
    return Rendered(subject=subject, text=mail.text.render(context, subject=subject).strip() + "\n", html=html)


@cache
def kinds() -> tuple[str, ...]:
    """Every mail there is: the folders of `templates/`."""
    return tuple(sorted(folder.name for folder in TEMPLATES.iterdir() if (folder / "body.mjml").is_file()))


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


def confirm_context(
    *, profile: Profile, cadence: str, weekday: int, hour: int, timezone: str, confirm_url: str, postal: str
) -> Context:
    """What the `confirm` mail needs. Free text of the form is left out: anyone may type somebody else's address there."""
    asked = {
        "When": f"{when_words(cadence, weekday, hour)}, {zone_named(timezone).key} time",
        "Work": work_words(profile.role, profile.level),
        "Skills": listed([display_name(skill.skill) for skill in profile.skills], 12),
        "Where": listed([place_words(place) for place in profile.places], 4),
    }
    return {
        "asked": {label: words for label, words in asked.items() if words},
        "every": EVERY[cadence],
        "confirm_url": confirm_url,
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


@cache
def _compiled(kind: str) -> _Mail:
    return _Mail(TEMPLATES / kind)


def _html(mjml: str) -> str:
    """MJML to HTML. `mj-include` reads from `templates/`; no web font is linked, so a mail asks no server for anything."""
    return mjml2html(mjml, fonts={}, include_loader=lambda path: (TEMPLATES / path).read_text())


def _template(source: str, *, escape: bool) -> Template:
    environment = Environment(autoescape=escape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    return environment.from_string(source)
