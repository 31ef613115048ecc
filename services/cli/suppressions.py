"""`joblark suppressions`: addresses that get no mail of any kind. Only their hashes are kept, and only those are shown."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.show import Json, out, table
from services.cli.work import in_transaction

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="A mail address, or its hash as the listing shows it.")]
CAUSES = ("hard", "soft", "complaint", "operator")


def add_to(cli: typer.Typer) -> None:
    suppressions = typer.Typer(help="Addresses that get no mail of any kind.", no_args_is_help=True)
    suppressions.command("list")(list_suppressions)
    for change in (add, remove):
        suppressions.command()(change)
    cli.add_typer(suppressions, name="suppressions", rich_help_panel="Operate")


def list_suppressions(
    cause: Annotated[str, typer.Option(help="hard, soft, complaint or operator.")] = "", json: Json = False
) -> None:
    """Every suppressed address, as its hash, and why; newest first. `until` in the past means that mails go out again."""
    from services.notifier.repository import returns

    if cause and cause not in CAUSES:
        raise typer.BadParameter(f"it is one of {', '.join(CAUSES)}", param_hint="--cause")

    async def work(session: "AsyncSession") -> list[dict[str, object]]:
        return [row.model_dump() for row in await returns.suppressions(session, cause)]

    table(in_transaction(work), as_json=json, empty="nobody is suppressed")


def add(address: Address, why: Annotated[str, typer.Option(help="Kept beside it.")] = "") -> None:
    """Send no mail of any kind to an address from now on, whoever subscribes it."""
    from services.notifier.repository import returns
    from shared.masking import masked

    hashed = _hash(address)

    async def work(session: "AsyncSession") -> bool:
        return await returns.suppress(session, hashed, "operator", masked(why, address), datetime.now(UTC))

    done = in_transaction(work)
    out.print(f"{hashed[:12]}… is suppressed" if done else f"{hashed[:12]}… is suppressed already, after a complaint")


def remove(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Also after a complaint: the person asked you to.")] = False,
) -> None:
    """Let mails go out to an address again. What ended a subscription does not begin it anew: the person subscribes again."""
    from services.notifier.repository import returns
    from shared.errors import Conflict, NotFound
    from shared.models import SuppressionRow

    hashed = _hash(address)

    async def work(session: "AsyncSession") -> None:
        row = await session.get(SuppressionRow, hashed)
        if row is None:
            raise NotFound("that address is not suppressed; see `joblark suppressions list`", code="suppression_unknown")
        if row.cause == "complaint" and not yes:
            words = "somebody at that address called our mail spam; say --yes if they have asked you for it since"
            raise Conflict(words, code="suppressed_by_complaint")
        await returns.forgive(session, hashed)

    in_transaction(work)
    out.print(f"{hashed[:12]}… gets mail again")


def _hash(address: str) -> str:
    from shared.address import address_hash
    from shared.errors import UnreadableInput

    if re.fullmatch(r"[0-9a-f]{64}", address):
        return address
    if not 3 <= len(address) <= 320 or "@" not in address.strip("@"):
        raise UnreadableInput("this is neither a mail address nor a hash of one", code="address_invalid")
    return address_hash(address)
