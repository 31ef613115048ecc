"""`joblark subscribe` and `joblark subscriptions`: who is written to, and when."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from services.cli.match import profile_of
from services.cli.rule import DropUnknown, rule_of
from services.cli.show import Json, out, table
from services.cli.work import in_transaction

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from shared.models import SubscriptionRow

Who = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its number, or its address.")]


def add_to(cli: typer.Typer) -> None:
    from services.cli.audit import audit
    from services.cli.privacy import erase, export
    from services.cli.weights import weights

    cli.command(rich_help_panel="Operate")(subscribe)
    subscriptions = typer.Typer(help="Who is written to, and when.", no_args_is_help=True)
    subscriptions.command("list")(list_subscriptions)
    for change in (pause, resume, end):
        subscriptions.command()(change)
    subscriptions.command("rule")(change_rule)
    subscriptions.command("channel")(change_channel)
    for more in (weights, audit, export, erase):
        subscriptions.command()(more)
    cli.add_typer(subscriptions, name="subscriptions", rich_help_panel="Operate")
    cli.add_typer(subscriptions, name="subscription", hidden=True)  # what one says of one person's


def subscribe(
    email: Annotated[str, typer.Option(help="Where the digest goes.")],
    profile: Annotated[str, typer.Option(help="A CV as text, or a JSON Resume; - reads standard input.")],
    cadence: Annotated[str, typer.Option(help="daily, weekly or monthly.")] = "weekly",
    timezone: Annotated[str, typer.Option(help="IANA name, such as Asia/Singapore.")] = "UTC",
    weekday: Annotated[int, typer.Option(min=0, max=6, help="0 is Monday.")] = 0,
    hour: Annotated[int, typer.Option(min=0, max=23, help="Hour of the day, in that time zone.")] = 8,
    rule: Annotated[str, typer.Option(help="Only jobs for which this is true; try it with `joblark rule check`.")] = "",
    drop_unknown: DropUnknown = False,
    ask: Annotated[bool, typer.Option("--ask", help="Have the person confirm by mail first, as the web page does.")] = False,
    json: Json = False,
) -> None:
    """Subscribe somebody who has agreed to it. With --ask, they are asked by mail first."""
    from services.web import repository
    from services.web.schedule import parse_schedule

    when = parse_schedule(cadence, timezone, str(weekday), str(hour)).columns()
    rule_of(rule)
    chosen: dict[str, Any] = {"rule": rule.strip(), "keep_unknown": not drop_unknown, **when}
    person = profile_of(profile)

    async def work(session: "AsyncSession") -> "SubscriptionRow":
        state, now = "pending" if ask else "active", datetime.now(UTC)
        return await repository.create(session, email=email, profile=person, state=state, now=now, **chosen)

    table([_row(in_transaction(work))], as_json=json)


def list_subscriptions(json: Json = False) -> None:
    """Every subscription: its state, and when its digest comes."""
    from services.web import repository

    async def work(session: "AsyncSession") -> list[dict[str, object]]:
        return [_row(row) for row in await repository.listing(session)]

    table(in_transaction(work), as_json=json, empty="nobody yet: joblark subscribe --email … --profile cv.txt")


def pause(
    subscription: Who,
    until: Annotated[str, typer.Option(help="The day on which it goes on by itself, such as 2026-12-24.")] = "",
) -> None:
    """Send no digests until a day, or until it is resumed."""
    from services.web import repository
    from services.web.schedule import parse_until

    async def work(session: "AsyncSession") -> "SubscriptionRow":
        row, now = await find(session, subscription), datetime.now(UTC)
        return await repository.pause(session, row.id, now, until=parse_until(until, row.timezone, now))

    row = in_transaction(work)
    rests = f", until {row.paused_until:%Y-%m-%d %H:%M} UTC" if row.paused_until else ""
    out.print(f"subscription {row.id} is now [bold]{row.state}[/]{rests}")


def resume(subscription: Who) -> None:
    """Send digests again."""
    _change(subscription, "resume")


def end(subscription: Who) -> None:
    """End it for good, as the unsubscribe link does."""
    _change(subscription, "end")


def change_rule(
    subscription: Who,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Only jobs for which this is true; '' for no rule.")],
    drop_unknown: DropUnknown = False,
) -> None:
    """Give it another rule. Its shortlist is filled anew."""
    from services.web import repository

    understood = rule_of(rule)

    async def work(session: "AsyncSession") -> None:
        row = await find(session, subscription)
        wanted: dict[str, Any] = {"rule": rule.strip(), "keep_unknown": not drop_unknown}
        await repository.change(session, row.id, now=datetime.now(UTC), **wanted)

    in_transaction(work)
    out.print(escape(str(understood)) or "no rule: every job passes")


def change_channel(
    subscription: Who,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its address as Apprise writes it; '' for mail.")],
) -> None:
    """Send what it is sent to a chat in place of mail."""
    from services.web import repository
    from shared.channels import checked_channel, schemes
    from shared.settings import Settings

    channel = checked_channel(url.strip(), schemes(Settings().channels))

    async def work(session: "AsyncSession") -> "SubscriptionRow":
        row = await find(session, subscription)
        return await repository.change(session, row.id, channel=channel, now=datetime.now(UTC))

    row = in_transaction(work)
    out.print(f"subscription {row.id} is sent to {'a chat' if row.channel else 'its mail address'}")


async def find(session: "AsyncSession", who: str) -> "SubscriptionRow":
    """A subscription by number or address; of several, the newest that has not ended. Raises `NotFound`."""
    from services.web import repository
    from shared.errors import NotFound

    if who.isdigit():
        return await repository.get(session, int(who))
    rows = sorted(await repository.find_by_email(session, who), key=lambda row: row.state == repository.ENDED)
    if not rows:
        raise NotFound("no subscription has that address; see `joblark subscriptions list`", code="subscription_unknown")
    return rows[0]


def _change(who: str, name: str) -> None:
    from services.web import repository

    async def work(session: "AsyncSession") -> "SubscriptionRow":
        row = await find(session, who)
        changed: SubscriptionRow = await getattr(repository, name)(session, row.id, datetime.now(UTC))
        return changed

    row = in_transaction(work)
    out.print(f"subscription {row.id} is now [bold]{row.state}[/]")


def _row(row: "SubscriptionRow") -> dict[str, object]:
    from services.web.schedule import in_words

    return {
        "id": row.id,
        "email": row.email,
        "state": row.state,
        "when": f"{in_words(row.cadence, row.weekday, row.hour)}, {row.timezone}",
        "role": row.profile.get("role"),
        "level": row.profile.get("level"),
        "skills": len(row.profile.get("skills", [])),
        "rule": row.rule,
        "paused_until": row.paused_until,
        "unknown": "keep" if row.keep_unknown else "drop",
        "created": row.created_at,
    }
