"""`joblark digest preview`: the digest of any period, past or coming, as it was or as it would be."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from services.cli.show import err, progress
from services.cli.subscribe import Who, find
from services.cli.work import with_loop
from shared.errors import NotFound

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from services.matcher.catalogue import Catalogue
    from services.notifier.digest import Candidate, Digest
    from services.notifier.listing import Listing
    from services.notifier.replay import Span
    from shared.models import MailRow, SubscriptionRow
    from shared.scoring import Rarities
    from shared.settings import Settings

WEEK_SECONDS = 2.0
"""How long it may take to ask a matcher for the numbers of the week, Redis found and all; without them the mail says less."""


class Format(StrEnum):
    TEXT = "text"
    HTML = "html"
    EML = "eml"


@dataclass(frozen=True)
class Replayed:
    """A mail with its content, and what there is to say of it. One that was sent is left `as_it_was`."""

    person: "SubscriptionRow"
    mail: "MailRow"
    note: str
    as_it_was: bool = False


def preview(
    subscription: Who,
    period: Annotated[
        str, typer.Option(help="2026-W46, 2026-11 or 2026-11-14: any week, month or day; default: what is waiting now.")
    ] = "",
    format_: Annotated[Format, typer.Option("--format", help="text, html or eml.")] = Format.TEXT,
) -> None:
    """Print the digest of a period without sending or noting anything: the one that was sent, or what it would have been."""
    text, note = with_loop(previewed(subscription, period, format_))
    if note:
        err.print(f"[dim]{escape(note)}[/]")
    typer.echo(text)


async def previewed(who: str, period: str = "", format_: Format = Format.TEXT) -> tuple[str, str]:
    """The digest, and what there is to say of it."""
    from shared.database import Database
    from shared.settings import Settings

    settings, now = Settings(), datetime.now(UTC)
    async with Database.opened(settings.database) as database, database.read() as session:
        replayed = await _replayed(session, await find(session, who), period, settings, now)
    if not replayed.as_it_was:
        await _count_the_week(replayed.mail, settings)
    return _rendered(replayed, settings, format_), replayed.note


def _rendered(replayed: Replayed, settings: "Settings", format_: Format) -> str:
    from services.notifier.compose import compose
    from services.notifier.kinds import Letter
    from services.notifier.mail import to_bytes
    from shared.links import Links

    mail, links = replayed.mail, Links(settings.base_url, settings.signing_secret)
    composed = compose(Letter(mail, replayed.person, links, settings, mail.opened_at))
    if format_ is Format.EML:
        return to_bytes(composed, mail.opened_at).decode("ascii")
    return composed.html if format_ is Format.HTML else f"Subject: {composed.subject}\n\n{composed.text}"


async def _replayed(
    session: "AsyncSession", row: "SubscriptionRow", period: str, settings: "Settings", now: datetime
) -> Replayed:
    from services.notifier import calendar
    from services.notifier.replay import Span, span
    from services.notifier.repository import past

    if not period:
        rhythm = row.cadence, row.weekday, row.hour, row.timezone
        name, since = calendar.period(row.cadence, row.timezone, now), calendar.last_digest(*rhythm, now)
        return await _waiting(session, row, Span(name, row.cadence, since, now), settings, now)
    wanted = span(period, row.weekday, row.hour, row.timezone)
    mail = await past.mail_of(session, row.id, period)
    if mail is not None and (found := await _as_it_was(session, row, mail)):
        return found
    if wanted.until > now:
        return await _waiting(session, row, wanted, settings, now)
    return await _would_have_been(session, row, mail, wanted, settings)


async def _as_it_was(session: "AsyncSession", row: "SubscriptionRow", mail: "MailRow") -> Replayed | None:
    """A mail whose content is fixed, or can be made again of what it showed."""
    from services.notifier.repository.ledger import SHOWN

    session.expunge(mail)
    if mail.content is not None:
        when = f"on {mail.finished_at:%Y-%m-%d %H:%M} UTC" if mail.finished_at else "not yet sent"
        return Replayed(row, mail, f"mail {mail.id}, {mail.state}, {when}", as_it_was=True)
    if mail.state not in SHOWN:
        return None
    digest = await _remade(session, row, mail)
    if not digest.entries:
        raise NotFound(f"mail {mail.id}: none of the postings that it showed is stored any more", code="digest_gone")
    mail.content = digest.model_dump(mode="json")
    note = f"mail {mail.id}, {mail.state}: its words are dropped; made again of the postings that it showed, as they are now"
    return Replayed(row, mail, note, as_it_was=True)


async def _remade(session: "AsyncSession", row: "SubscriptionRow", mail: "MailRow") -> "Digest":
    from services.notifier.entries import explained
    from services.notifier.replay import as_sent
    from services.notifier.repository import past
    from services.notifier.repository.shortlist import listing_of_row, wish_of_row
    from shared.rarities import StoredRarities

    rarities, wish = await StoredRarities()(session), wish_of_row(row)
    listings = [listing_of_row(one, rarities) for one in await past.used_up(session, mail)]
    return explained(as_sent(listings, wish, mail.opened_at), wish)


async def _waiting(
    session: "AsyncSession", row: "SubscriptionRow", wanted: "Span", settings: "Settings", now: datetime
) -> Replayed:
    """What is on the shortlist now, as the digest of the period."""
    from services.notifier.repository.shortlist import Shortlists
    from shared.rarities import StoredRarities

    shortlists = Shortlists(settings.digest_size, settings.digest_per_company)
    digest = (await shortlists.digests_of(session, [row], await StoredRarities()(session), now))[row.id]
    if isinstance(digest, Exception):
        raise digest
    if not digest.entries:
        raise NotFound(f"nothing new fits subscription {row.id} right now, so it would get no mail", code="digest_empty")
    return Replayed(row, _mail(row, wanted, digest, now), "" if row.state == "active" else f"the subscription is {row.state}")


async def _would_have_been(
    session: "AsyncSession", row: "SubscriptionRow", mail: "MailRow | None", wanted: "Span", settings: "Settings"
) -> Replayed:
    """What would have been chosen of what was open when the window ended."""
    from services.notifier.digest import choose
    from services.notifier.entries import explained
    from services.notifier.repository.shortlist import earlier, wish_of_row
    from shared.rarities import StoredRarities

    listed = await past_shortlist(session, row, wanted.until, settings, await StoredRarities()(session))
    choice = choose(listed, wanted.until, settings.digest_size, settings.digest_per_company)
    if not choice.openings:
        raise NotFound(f"nothing new fitted subscription {row.id} in {wanted.name}: it got no mail", code="digest_empty")
    digest = explained(choice, wish_of_row(row), await earlier(session, [choice]))
    why = f"mail {mail.id} is {mail.state}: {mail.reason or 'no reason was noted'}" if mail else "there was no mail"
    note = f"{why}; this is what would have been chosen, by the profile and the rule as they are now"
    return Replayed(row, _mail(row, wanted, digest, wanted.until), note)


async def past_shortlist(
    session: "AsyncSession", row: "SubscriptionRow", at: datetime, settings: "Settings", rarities: "Rarities"
) -> "list[Candidate]":
    """The shortlist of a subscription as it would have been at an instant, had it been filled then as it is now.

    Reads every posting that was open, as a matcher does when it starts: about 3,000 a second.
    """
    from services.matcher.comparing import suiting
    from services.matcher.refresh import rule_of, view_of
    from services.notifier.replay import shortlisted
    from services.notifier.repository import past
    from services.notifier.repository.shortlist import listing_of_row, wish_of_row
    from shared.rule import admits, parse

    wish, shown = wish_of_row(row), await past.shown_until(session, row.id, at)
    text, keep_unknown = rule_of(row)
    rule, found = parse(text), suiting(await _catalogue(session, at, rarities), wish, settings.match_threshold).ids.tolist()
    listings: list[Listing] = []
    for start in range(0, len(found), past.PAGE):
        page = [one async for one in past.postings(session, found[start : start + past.PAGE])]
        fresh = (one for one in page if not shown.has(one.id, one.opening_key))
        listings += [listing_of_row(one, rarities) for one in fresh if admits(rule, view_of(one, at), keep_unknown)]
        if len(listings) >= settings.shortlist_size:
            break
    return shortlisted(listings, wish, shown, at, threshold=settings.match_threshold, size=settings.shortlist_size)


async def _catalogue(session: "AsyncSession", at: datetime, rarities: "Rarities") -> "Catalogue":
    """What was open at an instant and may be mailed."""
    from services.matcher.catalogue import Catalogue
    from services.notifier.repository import past
    from shared.posting import Posting
    from shared.scoring import offer_of

    catalogue = Catalogue()
    with progress() as bar:
        task = bar.add_task("reading what was open", total=None)
        async for page in past.open_at(session, at):
            for one in page:
                posting = Posting.model_validate(one.posting)
                if posting.mailable:
                    catalogue.put(one.id, offer_of(posting, one.first_seen_at, rarities))
            bar.advance(task, len(page))
    return catalogue


def _mail(row: "SubscriptionRow", wanted: "Span", digest: "Digest", at: datetime) -> "MailRow":
    from shared.models import MailRow

    given: dict[str, Any] = {
        "occasion": wanted.name,
        "since": wanted.since,
        "until": wanted.until,
        "opened_at": at,
        "due_at": at,
    }
    return MailRow(subscription_id=row.id, kind="digest", content=digest.model_dump(mode="json"), **given)


async def _count_the_week(mail: "MailRow", settings: "Settings") -> None:
    """Put the numbers of its window into a mail, where a matcher is there to tell them."""
    from redis.exceptions import RedisError

    from services.notifier.week import week_of
    from shared.errors import NotReady
    from shared.streams import Streams

    with suppress(TimeoutError, RedisError, OSError, NotReady):
        async with asyncio.timeout(WEEK_SECONDS), Streams(settings).connected() as streams:
            [(audit, market)] = (await week_of(streams.ask, [mail])).values()
            numbers = {"audit": audit, "market": market}
            mail.content = (mail.content or {}) | {name: one.model_dump(mode="json") for name, one in numbers.items() if one}
