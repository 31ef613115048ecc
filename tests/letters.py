"""Sample letters of every kind of mail, about invented people and companies.

A kind is known by its declaration and a sample by `@sample`: `tests/unit/notifier/test_every_mail.py` fails for a kind without.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.notifier.kinds import Letter, kind_called
from shared.links import Links
from shared.match import Cause
from shared.models import MailRow, SubscriptionRow
from shared.settings import Settings

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
BASE_URL = "https://joblark.example.org"
SECRET = "thirty-two characters, none secret"
LINKS = Links(BASE_URL, SECRET)
SETTINGS = Settings(
    _env_file=None,  # type: ignore[call-arg]
    base_url=BASE_URL,
    secret=SECRET,
    mail_from="Joblark <digest@joblark.example.org>",
    mail_operator="operator@example.net",
    mail_postal="Joblark, 1 Example Street, Singapore 000000",
    mail_return_path="bounces@joblark.example.org",
)
SKILLS = ("go", "postgresql", "kafka", "kubernetes", "terraform", "python", "linux", "grpc", "redis", "aws")


class Sample(NamedTuple):
    """A letter and what it is called in a test's name: `digest: full`."""

    name: str
    letter: Letter


_MAKERS: dict[str, Callable[[], Letter]] = {}


def samples() -> list[Sample]:
    """Every sample there is. Each call makes new rows, so that no test can spoil another's."""
    return [Sample(name, make()) for name, make in _MAKERS.items()]


def sampled_kinds() -> set[str]:
    return {name.partition(":")[0] for name in _MAKERS}


def sample(name: str) -> Callable[[Callable[[], Letter]], Callable[[], Letter]]:
    """Declare what the function makes as the sample `kind: what is special about it`."""

    def declare(make: Callable[[], Letter]) -> Callable[[], Letter]:
        assert name not in _MAKERS
        _MAKERS[name] = make
        return make

    return declare


def person(**given: Any) -> SubscriptionRow:
    """Ada, a senior backend engineer in Singapore, who subscribed in March."""
    since = datetime(2026, 3, 2, 3, 4, tzinfo=UTC)
    usual: dict[str, Any] = {
        "id": 42, "email": "ada@example.net", "state": "active", "timezone": "Asia/Singapore", "revision": 3,
        "created_at": since, "changed_at": NOW - timedelta(days=4), "confirmed_at": since + timedelta(minutes=9),
        "profile": {
            "headline": "Backend engineer", "role": "backend", "level": "senior",
            "skills": [{"skill": skill} for skill in SKILLS],
            "places": [{"city": "Singapore", "country": "SG"}, {"city": "Kuala Lumpur", "country": "MY"}],
        },
    }  # fmt: skip
    return SubscriptionRow(**(usual | given))


def letter_of(kind: str, occasion: str, content: dict[str, Any] | None = None, **about: Any) -> Letter:
    """A letter of that kind to Ada, or to the operator for a kind that is for no subscription."""
    whom = person(**about) if kind_called(kind).states else None
    mail = MailRow(
        id=20_260, subscription_id=whom.id if whom else 0, kind=kind, occasion=occasion, opened_at=NOW, due_at=NOW,
        state="sending", attempts=1, content=content, since=NOW - timedelta(days=7), until=NOW,
    )  # fmt: skip
    return Letter(mail, whom, LINKS, SETTINGS, NOW)


def entry(number: int = 1, **given: Any) -> dict[str, Any]:
    """One entry of a digest as the ledger keeps it."""
    seen = (NOW - timedelta(days=number)).isoformat()
    usual: dict[str, Any] = {
        "opening_key": f"opening-{number}", "posting_id": number, "posting_ids": [number], "title": "Backend Engineer",
        "company": "Lumenworks", "company_key": "lumenworks", "url": f"https://jobs.example.com/lumenworks/{number}",
        "place": "Singapore", "workplace": "hybrid", "pay": {"low": 108_000, "high": 150_000, "currency": "SGD"},
        "first_seen_at": seen, "checked_at": NOW.isoformat(), "score": 93.4 - number,
        "matched": ["go", "postgresql", "kafka"], "missing": ["rust"],
        "reasons": ["9 of the 10 skills it asks for", "senior, as you are", "in Singapore"],
    }  # fmt: skip
    return usual | given


def audit() -> dict[str, Any]:
    dropped = {Cause.PLACE: 231, Cause.LEVEL: 88, Cause.SENT: 41, Cause.ROLE: 30, Cause.PAY: 8, Cause.RULE: 2}
    return {"considered": 412, "matched": 12, "dropped": {str(cause): count for cause, count in dropped.items()}}


def market() -> dict[str, Any]:
    return {"place": "Singapore", "weeks": [310, 284, 402, 377, 391, 250, 366, 412]}


def week() -> dict[str, Any]:
    """A believable week: a re-post, an agency, a job in two cities, one with a last day, one that is remote."""
    entries = [
        entry(1, also_in=["Kuala Lumpur"], closes_on="2026-12-04", posting_ids=[1, 11]),
        entry(2, title="Senior Platform Engineer, Developer Infrastructure", company="Quillstone", company_key="quillstone",
              pay=None, missing=["bazel", "nix"], again_at=(NOW - timedelta(days=1)).isoformat()),
        entry(3, title="Site Reliability Engineer", company="Tidewater Grid", company_key="tidewater", place="Remote, APAC",
              workplace="remote", pay={"low": 96_000, "currency": "USD"}, posted_at=(NOW - timedelta(days=12)).isoformat()),
        entry(4, title="Data Platform Engineer", company="Harbour & Pine", company_key="harbour", agency=True,
              attribution="The Example Board", pay={"high": 132_000, "currency": "SGD"}, score=76.1),
        entry(5, title="Entwickler für Zahlungssysteme", company="Künstliche Werke", company_key="kw", place="Zürich",
              workplace="onsite", missing=[], url="https://jobs.example.com/?a=1&b=%20'2'", score=71),
    ]  # fmt: skip
    return {
        "entries": entries, "more": [{"company_key": "lumenworks", "count": 3}], "waiting": 7, "audit": audit(),
        "market": market(),
    }  # fmt: skip


def words(length: int, number: int = 0) -> str:
    """So many characters of plausible words, different for each number."""
    text = f"Senior engineer of the {number} teams that look after ledgers, payments and search in many small towns "
    return (text * (length // len(text) + 1))[:length].strip().ljust(length, "s")


def full() -> dict[str, Any]:
    """Ten entries that have everything, each part as long as it may be."""
    entries = [
        entry(
            number, title=words(160, number), company=words(80, number), company_key=f"company-{number}",
            place=words(80, number), url=f"https://jobs.example.com/{number}/".ljust(999, "u"), agency=True,
            again_at=(NOW - timedelta(days=1)).isoformat(), closes_on="2026-12-04", attribution=words(60, number),
            matched=[words(40, i) for i in range(24)], missing=[words(40, i + 30) for i in range(24)],
            reasons=[words(120, i) for i in range(4)], also_in=[words(80, i + 60) for i in range(24)],
        )
        for number in range(1, 11)
    ]  # fmt: skip
    more = [{"company_key": f"company-{number}", "count": number} for number in range(1, 11)]
    return {"entries": entries, "more": more, "waiting": 55, "audit": audit(), "market": market() | {"place": words(80)}}


@sample("digest: a week")
def _digest() -> Letter:
    return letter_of("digest", "2026-W47", week())


@sample("digest: full")
def _digest_full() -> Letter:
    return letter_of("digest", "2026-W47", full())


@sample("digest: one bare job, every day")
def _digest_bare() -> Letter:
    bare = entry(1, company="", place="", url=None, pay=None, workplace=None, matched=[], missing=[], reasons=[])
    return letter_of("digest", "2026-11-21", {"entries": [bare]}, cadence="daily", profile={})


@sample("digest: words of a stranger")
def _digest_hostile() -> Letter:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>" {{ 7*7 }} ]]> <!--[if mso]>\r\nBcc: eve@example.org'
    skills = {"matched": [hostile], "missing": [hostile], "reasons": [hostile], "also_in": [hostile], "attribution": hostile}
    url = "https://jobs.example.com/?a=1&b='\"><script>"
    entries = [entry(1, title=hostile, company=hostile, place=hostile, url=url, **skills)]
    return letter_of("digest", "2026-W47", {"entries": entries, "market": market() | {"place": hostile}})


@sample("welcome: with jobs")
def _welcome() -> Letter:
    return letter_of("welcome", "welcome", week(), confirmed_at=NOW - timedelta(minutes=2))


@sample("welcome: nothing yet")
def _welcome_empty() -> Letter:
    return letter_of("welcome", "welcome", {"entries": []}, confirmed_at=NOW - timedelta(minutes=2))


@sample("confirm: the first time")
def _confirm() -> Letter:
    return letter_of("confirm", "revision-1", state="pending", confirmed_at=None)


@sample("confirm: reminder")
def _reminder() -> Letter:
    return letter_of("confirm", "reminder", state="pending", confirmed_at=None)


def held(id_: int, **given: Any) -> dict[str, Any]:
    usual = {"id": id_, "state": "active", "cadence": "weekly", "weekday": 0, "hour": 8, "timezone": "Asia/Singapore"}
    return usual | {"role": "backend", "level": "senior", "skills": SKILLS[:6], "places": [{"city": "Singapore"}]} | given


@sample("manage: one subscription")
def _manage() -> Letter:
    return letter_of("manage", NOW.isoformat(), {"subscriptions": [held(42)]})


@sample("manage: several, one of them paused")
def _manage_several() -> Letter:
    until = (NOW + timedelta(days=30)).isoformat()
    rows = [held(42), held(43, role=None, skills=[], places=[]), held(44, state="paused", paused_until=until, cadence="daily")]
    return letter_of("manage", NOW.isoformat(), {"subscriptions": rows, "more": 2})


@sample("still-there: active")
def _still_there() -> Letter:
    return letter_of("still-there", "2026-11")


@sample("still-there: paused")
def _still_there_paused() -> Letter:
    return letter_of("still-there", "2026-11", state="paused", cadence="monthly")


def window() -> dict[str, str]:
    return {"since": (NOW - timedelta(days=28)).isoformat(), "until": NOW.isoformat()}


@sample("watching: counted")
def _watching() -> Letter:
    counted = {"considered": 412, "dropped": audit()["dropped"]}
    return letter_of("watching", "2026-11", {**window(), **counted}, quiet_note=True)


@sample("watching: nobody counted")
def _watching_uncounted() -> Letter:
    return letter_of("watching", "2026-11", window(), quiet_note=True)


@sample("farewell: asked")
def _farewell() -> Letter:
    return letter_of("farewell", "farewell", state="ended", ended_why="asked", ended_at=NOW)


@sample("farewell: silent")
def _farewell_silent() -> Letter:
    return letter_of("farewell", "farewell", state="ended", ended_why="silent", ended_at=NOW)


def trouble(**given: Any) -> dict[str, Any]:
    return {
        "code": "mails_unknown", "title": "7 mails are held: nobody knows whether they arrived",
        "since": (NOW - timedelta(hours=9)).isoformat(), "details": ["7 mails since 20 November, the oldest 9 hours old"],
        "advice": "Look in the mail server's log, then say what became of them.",
        "commands": ["joblark mails list --state unknown", "joblark deliveries resolve --sent 12 13"],
    } | given  # fmt: skip


@sample("alert: troubles")
def _alert() -> Letter:
    other = trouble(code="boards_down", title="3 boards of greenhouse do not answer", commands=[], details=[], since=None)
    return letter_of("alert", "2026-11-21T00", {"troubles": [trouble(), other], "over": ["The disk is no longer full"]})


@sample("alert: all is well")
def _alert_over() -> Letter:
    return letter_of("alert", "2026-11-21T01", {"over": ["7 mails are held: nobody knows whether they arrived"]})
