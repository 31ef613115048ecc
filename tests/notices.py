"""A sample letter of every mail that is no digest, with invented people, boards and troubles."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.notifier.alarms.facts import Facts, Tally
from services.notifier.alarms.looking import alarms
from services.notifier.kinds import Letter, manage, watching
from services.notifier.kinds.alert import Alert
from shared.audit import Audit
from shared.links import Links
from shared.match import Cause
from shared.models import SubscriptionRow
from shared.posting import Role
from shared.settings import Settings
from tests.factories import BERLIN, NOW, SINGAPORE, board_row, mail_row, profile, subscription_row

LINKS = Links("https://joblark.example.org", "thirty-two characters, none secret")
ABOUT = 42
DROPPED = {Cause.PLACE: 931, Cause.LEVEL: 188, Cause.ROLE: 140, Cause.SCORE: 96, Cause.RULE: 31, Cause.PAY: 26}
MONTH = (NOW - timedelta(days=28), NOW)


def settings(**given: Any) -> Settings:
    usual = {
        "secret": "not a secret " * 3,
        "mail_postal": "Joblark, 1 Example Street, Singapore 000000",
        "mail_from": "Joblark <digest@joblark.example.org>",
        "mail_operator": "operator@joblark.example.org",
    }
    return Settings(_env_file=None, **{**usual, **given})


def person(id_: int = ABOUT, **given: Any) -> SubscriptionRow:
    return subscription_row(id_, profile("go", "postgresql", "kafka", "kubernetes"), **given)


def letter(
    kind: str,
    content: Mapping[str, Any] | None = None,
    *,
    to: SubscriptionRow | None = None,
    occasion: str = "2026-11",
    **given: Any,
) -> Letter:
    """A mail of `kind` to `to` (by default somebody who is active; the operator for an alert)."""
    reader = None if kind == "alert" else to or person()
    mail = mail_row(7, reader.id if reader else 0, kind=kind, occasion=occasion, content=content)
    return Letter(mail, reader, LINKS, settings(**given), NOW)


def two_subscriptions() -> list[SubscriptionRow]:
    data = profile("python", "apache-spark", role=Role.DATA, level=None, places=(BERLIN, SINGAPORE))
    until = NOW + timedelta(days=40)
    paused = subscription_row(57, data, cadence="monthly", weekday=3, hour=18, state="paused", paused_until=until)
    return [person(), paused]


def troubles() -> list[Any]:
    """Alarms as they are found."""
    silent = {"last_polled_at": NOW, "next_poll_at": NOW, "last_yield_at": NOW - timedelta(days=4), "postings_now": 0}
    gone = {**silent, "failures": 14, "last_error": "http_status: the board answered 404"}
    found = Facts(
        boards=(board_row(**silent), board_row("quillstone", "lever", **gone)),
        dead={"mails": Tally(3, NOW - timedelta(hours=7)), "postings": Tally()},
        sent=2_143,
        complaints=9,
    )
    return alarms(found, NOW)


def alert_content(*, over: tuple[str, ...] = ()) -> dict[str, Any]:
    alert = Alert(troubles=tuple(alarm.trouble for alarm in troubles()), over=over)
    return alert.model_dump(mode="json")


def notices() -> dict[str, Letter]:
    """By a name of its own; where a kind has several forms, each of them."""
    watched = watching.content_of(*MONTH, Audit(considered=1_412, matched=0, dropped=DROPPED))
    ended = {"state": "ended", "ended_at": NOW}
    return {
        "confirm": letter("confirm", to=person(state="pending", confirmed_at=None), occasion="revision-1"),
        "confirm-reminder": letter("confirm", to=person(state="pending", confirmed_at=None), occasion="reminder"),
        "manage": letter("manage", manage.content_of(two_subscriptions()), occasion=NOW.isoformat()),
        "still-there": letter("still-there"),
        "watching": letter("watching", watched),
        "watching-uncounted": letter("watching", watching.content_of(*MONTH, None)),
        "farewell": letter("farewell", to=person(**ended, ended_why="asked"), occasion="ended"),
        "farewell-silent": letter("farewell", to=person(**ended, ended_why="silent"), occasion="ended"),
        "alert": letter("alert", alert_content(over=("One board is due and not read",)), occasion="2026-11-21 1a2b3c4d"),
        "alert-over": letter("alert", {"over": ["One board is due and not read"]}, occasion="2026-11-21 clear"),
    }
