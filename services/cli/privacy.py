"""`joblark subscription export` and `erase`: what we hold about a person, all of it, and the end of it."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.show import out, print_json
from services.cli.work import in_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from shared.models import SubscriptionRow

Whom = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION|EMAIL", help="One subscription by its number, or every one of an address.")
]
Held = dict[str, list[dict[str, Any]]]
KEPT = {
    "subscriptions": "a number, its dates and the address's SHA-256: so that links in old mails say that you have left, and a "
    "complaint about a mail on its way still counts",
    "mails": "that a mail of some kind was sent, when, and what became of it: accounts of what left this server, for a year",
    "deliveries": "each attempt and its outcome, without what was said",
    "sent_openings": "the numbers of jobs that were shown, for a year",
    "suppressions": "the address's SHA-256: so that nothing is ever sent to it again",
}
"""What is left after somebody was erased, and why."""


def export(who: Whom) -> None:
    """Everything we hold about a person, as one JSON object: their subscriptions, mails, answers, what came back."""

    async def work(session: "AsyncSession") -> Held:
        return await _held(session, await _rows(session, who))

    print_json({"exported_at": datetime.now(UTC), **in_transaction(work)})


def erase(
    who: Whom, yes: Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back from this.")] = False
) -> None:
    """End it and forget the person at once: address, profile, rule, answers, and what was in their mails."""

    async def look(session: "AsyncSession") -> Held:
        return await _held(session, await _rows(session, who))

    async def forget(session: "AsyncSession") -> Held:
        rows = await _rows(session, who)
        await _erase(session, rows)
        return await _held(session, rows)

    before = in_transaction(look)
    if not yes:
        typer.confirm(f"erase {_counted(before)}?", abort=True)
    _tell(before, in_transaction(forget))


async def _rows(session: "AsyncSession", who: str) -> "Sequence[SubscriptionRow]":
    """The subscription of that number, or all of that address. Raises `NotFound`."""
    from services.web import repository
    from shared.errors import NotFound

    if who.isdigit():
        return [await repository.get(session, int(who))]
    if rows := await repository.find_by_email(session, who):
        return rows
    raise NotFound("no subscription has that address; see `joblark subscriptions list`", code="subscription_unknown")


async def _erase(session: "AsyncSession", rows: "Sequence[SubscriptionRow]") -> None:
    """Each table by the functions of the service that writes it, all in one transaction."""
    from services.notifier.repository import retention
    from services.web import repository

    now = datetime.now(UTC)
    for row in rows:
        await repository.erase(session, row.id, now)
    await retention.forget(session, [row.id for row in rows], now)
    for hash_ in {row.address_hash for row in rows}:
        if all(row.state == repository.ENDED for row in await repository.find_by_hash(session, hash_)):
            await retention.forget_returns(session, hash_)


async def _held(session: "AsyncSession", rows: "Sequence[SubscriptionRow]") -> Held:
    """What is in every table about these subscriptions and their addresses: rows by table.

    Found by the names of columns, so that a table added later is not forgotten here.
    """
    from sqlalchemy import or_, select
    from sqlmodel import SQLModel

    import shared.models  # noqa: F401 - declares the tables

    tables = SQLModel.metadata.tables
    ids, hashes = [row.id for row in rows], [row.address_hash for row in rows]
    connection = await session.connection()
    mails = (await connection.execute(select(tables["mails"].c.id).where(tables["mails"].c.subscription_id.in_(ids)))).scalars()
    keys: dict[str, Sequence[Any]] = {"subscription_id": ids, "address_hash": hashes, "mail_id": list(mails)}
    held: Held = {"subscriptions": [row.model_dump(mode="json") for row in rows]}
    for name, table in sorted(tables.items()):
        about = [table.c[column].in_(values) for column, values in keys.items() if column in table.c]
        if about and name not in held:
            found = await connection.execute(table.select().where(or_(*about)).order_by(*table.primary_key))
            held[name] = [dict(row) for row in found.mappings()]
    return held


def _counted(held: Held) -> str:
    counts = (f"{len(rows):,} of {name.replace('_', ' ')}" for name, rows in held.items() if rows)
    return ", ".join(counts)


def _tell(before: Held, after: Held) -> None:
    gone = Counter({name: len(rows) - len(after[name]) for name, rows in before.items()})
    deleted = ", ".join(f"{count:,} of {name}" for name, count in (+gone).items())
    out.print(
        "[bold]erased[/]: address, profile, rule and answers; what was in mails" + (f"; rows: {deleted}" if deleted else "")
    )
    for name, why in KEPT.items():
        if after.get(name):
            out.print(f"[bold]kept[/]: {len(after[name]):,} of {name.replace('_', ' ')}: {why}")
