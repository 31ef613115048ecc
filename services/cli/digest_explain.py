"""`joblark digest explain`: why a posting was, or was not, in somebody's digest."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from services.cli.preview import past_shortlist
from services.cli.show import Json, out, print_json
from services.cli.subscribe import Who, find
from services.cli.work import with_loop
from shared.errors import NotFound

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from services.notifier.why import Check, Evidence, Verdict
    from shared.models import PostingRow, SubscriptionRow
    from shared.settings import Settings

MARKS = {True: "[green]✓[/]", False: "[bold red]✗[/]", None: "[dim]·[/]"}
NAMES = {"later": "known by then", "closed": "open", "forbidden": "mailable", "sent": "not shown before"}
NAMES |= {
    "inactive": "active",
    "refused": "not refused",
    "unscored": "compared",
    "bar": "shortlist",
    "company": "company limit",
}
NAMES |= {"room": "best of the shortlist"} | dict.fromkeys(("place", "role", "level", "employment", "pay"), "score")


def explain(
    subscription: Who,
    posting: Annotated[str, typer.Argument(metavar="POSTING", help="Its number, or its web address.")],
    period: Annotated[
        str, typer.Option(help="The digest of 2026-W46, 2026-11 or 2026-11-14; default: any so far, or the next.")
    ] = "",
    json: Json = False,
) -> None:
    """Say why a posting was or was not in a digest: in which mail, or what kept it out first, and what to change."""
    person, row, evidence = with_loop(explained(subscription, posting, period))
    from services.notifier.why import verdict

    found = verdict(evidence)
    if json:
        return print_json(_row(person.id, row, found))
    title = f"[bold]{escape(evidence.listing.title)}[/] at {escape(evidence.listing.company or 'a company not named')}"
    out.print(f"{title} [dim](posting {row.id})[/]\n")
    out.print(_table(found))
    colour = "green" if found.cause in ("shown", "next") else "red"
    out.print(f"\n[bold {colour}]{escape(found.said)}[/]")
    if found.advice:
        out.print(f"To get such jobs: {escape(found.advice)}")
    return None


def _table(found: "Verdict") -> Table:
    view = Table(box=None, show_header=False, pad_edge=False)
    for check in found.checks:
        style = "dim" if check.holds is None else ""
        view.add_row(MARKS[check.holds], f"[bold]{_name(check)}[/]", escape(check.said), style=style)
    return view


def _name(check: "Check") -> str:
    return NAMES.get(check.cause, check.cause)


def _row(subscription_id: int, row: "PostingRow", found: "Verdict") -> dict[str, Any]:
    return {
        "subscription": subscription_id,
        "posting": row.id,
        "title": row.posting["title"],
        "cause": found.cause,
        "said": found.said,
        "advice": found.advice,
        "checks": [check._asdict() for check in found.checks],
    }


async def explained(who: str, posting: str, period: str = "") -> "tuple[SubscriptionRow, PostingRow, Evidence]":
    """Somebody, a posting, and all that decides whether it is in a digest of theirs."""
    from services.notifier.repository import past
    from services.scraper.openings.links import job_address
    from shared.database import Database
    from shared.posting import digest_of
    from shared.settings import Settings

    settings, now = Settings(), datetime.now(UTC)
    async with Database.opened(settings.database) as database, database.read() as session:
        person = await find(session, who)
        row = await past.posting_called(session, posting, digest_of("link", job_address(posting)))
        if row is None:
            raise NotFound(
                f"no posting {posting[:200]!r} is stored: give its number or the address it has on its board",
                code="posting_unknown",
            )
        return person, row, await _evidence(session, person, row, period, settings, now)


async def _evidence(
    session: "AsyncSession", person: "SubscriptionRow", row: "PostingRow", period: str, settings: "Settings", now: datetime
) -> "Evidence":
    """All that decides, now or as it was when the window of a period ended."""
    from services.matcher.refresh import rule_of, view_of
    from services.notifier.replay import span
    from services.notifier.repository import past
    from services.notifier.repository.shortlist import Shortlists, listing_of_row, wish_of_row
    from services.notifier.why import Evidence
    from shared.rarities import StoredRarities
    from shared.rule import admits, parse
    from shared.scoring import match

    rarities, wish = await StoredRarities()(session), wish_of_row(person)
    at = min(now, span(period, person.weekday, person.hour, person.timezone).until) if period else now
    mail = await past.mail_of(session, person.id, period) if period else None
    showings = await past.showings(session, person.id, row)
    here = next((one for one in showings if (one.mail_id == mail.id if mail else one.itself and not period)), None)
    is_past = bool(period) and at < now
    if is_past:
        listed = await past_shortlist(session, person, at, settings, rarities)
    else:
        shortlists = Shortlists(settings.digest_size, settings.digest_per_company)
        listed = (await shortlists.candidates_of(session, [person], rarities))[person.id]
    listing = listing_of_row(row, rarities)
    text, keep_unknown = rule_of(person)
    refused_at = await past.refused_at(session, person.id, row)
    return Evidence(
        at=at,
        listing=listing,
        found=match(listing.quoted, listing.offer, wish),
        state="active" if is_past else person.state,
        rule=text,
        admitted=admits(parse(text), view_of(row, at), keep_unknown),
        shortlist=listed,
        threshold=settings.match_threshold,
        shortlist_size=settings.shortlist_size,
        size=settings.digest_size,
        per_company=settings.digest_per_company,
        shown=next((one for one in showings if one.at < at), None),
        here=here,
        refused_at=refused_at if refused_at and refused_at < at else None,
        scored=is_past or await past.is_scored(session, row),
    )
