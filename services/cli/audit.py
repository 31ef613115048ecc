"""`joblark subscriptions audit`: what became of the jobs of a period for one subscription."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.show import Json, err, table
from services.cli.subscribe import Who, find
from services.cli.work import in_transaction, on_streams
from shared.errors import NotReady, UnreadableInput

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from shared.audit import Audit
    from shared.streams import Streams

ANSWER_SECONDS = 60.0
"""A matcher that has just started reads every open posting before it can answer."""
WORDS = {
    "place": "the wrong place, or a way of working not wanted",
    "role": "another trade",
    "level": "the wrong level",
    "employment": "a kind of employment not wanted",
    "pay": "pays less than asked for",
    "score": "too little in common",
    "sent": "shown before",
    "rule": "not what the rule asks for",
    "closed": "fits, but closed meanwhile",
}


def audit(
    subscription: Who,
    since: Annotated[str, typer.Option(help="Jobs first seen from this day or instant on (UTC); default: a week ago.")] = "",
    until: Annotated[str, typer.Option(help="And before this one; default: now.")] = "",
    json: Json = False,
) -> None:
    """How many jobs were considered for somebody, how many fit, and what kept the others away. Asks a running matcher."""
    from services.matcher.refresh import KEPT
    from shared.audit import AUDIT, AuditAsked, Audits, AuditsAsked

    end = _instant(until, "--until") if until else datetime.now(UTC)
    start = _instant(since, "--since") if since else end - timedelta(days=7)
    if start >= end:
        raise UnreadableInput("the period is over before it begins: --since must be before --until", code="period_invalid")

    if start < datetime.now(UTC) - KEPT:
        raise UnreadableInput(
            f"--since may be {KEPT.days} days ago at most: what closed before is forgotten", code="period_invalid"
        )

    async def who(session: "AsyncSession") -> int:
        return (await find(session, subscription)).id

    asked = AuditAsked(subscription_id=in_transaction(who), since=start, until=end)

    async def ask(streams: "Streams") -> Audits:
        return await streams.ask(AUDIT, AuditsAsked(asked=(asked,), seconds=ANSWER_SECONDS), Audits, ANSWER_SECONDS)

    answer = on_streams(ask).audits[0]
    if answer is None:
        raise NotReady("the matcher had no time for it: try again when it is less busy", code="no_answer")
    table(_rows(answer), as_json=json)
    if not answer.considered:
        err.print("[dim]no job was first seen in that time; see `joblark boards list`[/]")


def _rows(answer: "Audit") -> list[dict[str, Any]]:
    """All that was considered, all that fits, then every cause, in the order they are looked at."""
    said = {cause.value: jobs for cause, jobs in answer.dropped.items()}
    causes: list[dict[str, Any]] = [{"what": name, "jobs": said.get(name, 0), "because": why} for name, why in WORDS.items()]
    whole = {"what": "considered", "jobs": answer.considered, "because": "first seen in that time"}
    return [whole, {"what": "matched", "jobs": answer.matched, "because": "fits, and may be shown"}, *causes]


def _instant(text: str, option: str) -> datetime:
    """A day (its first instant) or an instant, in UTC unless it says otherwise."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"{option} is no day such as 2026-11-14, and no instant such as 2026-11-14T08:00+08:00: {text[:40]!r}"
        raise UnreadableInput(message, code="period_invalid") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
