"""One's own subscription: see it, change it, pause it, leave it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.web import repository
from services.web.address import masked
from services.web.draft import DROP, KEEP, MAX_FIELD, Draft, field
from services.web.feedback import steps_in_words
from services.web.pages import page
from services.web.schedule import parse_until
from services.web.site import Change, Site
from shared.channels import checked_channel
from shared.errors import RuleError, UnreadableInput
from shared.links import MANAGE, UNSUBSCRIBE
from shared.models import SubscriptionRow
from shared.profile import Profile
from shared.rule import parse

MAX_FIELDS = 20
MAX_DAY = 40
ACTIONS: Mapping[str, Change] = {
    "resume": repository.resume,
    "leave": repository.end,
    "forget": repository.forget_answers,
}


def routes(site: Site) -> list[BaseRoute]:
    """The pages behind the links of a mail."""
    return [
        Route("/subscription/{token}", partial(show, site)),
        Route("/subscription/{token}", partial(change, site), methods=["POST"]),
        Route("/unsubscribe/{token}", partial(ask_to_leave, site)),
        Route("/unsubscribe/{token}", partial(leave, site), methods=["POST"]),
    ]


async def show(site: Site, request: Request) -> Response:
    row = await site.find(MANAGE, request.path_params["token"])
    return await _subscription(site, request, row, _as_it_is(row), _outdated(row))


async def change(site: Site, request: Request) -> Response:
    """Do what the pressed button says, then show the subscription again."""
    token = request.path_params["token"]
    row = await site.find(MANAGE, token)
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    try:
        action = _action(site, form, row)
    except UnreadableInput as error:
        return await _subscription(site, request, row, _as_typed(row, form), error, status=422)
    await site.apply(action, MANAGE, token)
    return RedirectResponse("?saved", status_code=303)


async def ask_to_leave(site: Site, request: Request) -> Response:
    """Only shows a button: mail scanners open every link."""
    row = await site.find(UNSUBSCRIBE, request.path_params["token"])
    return page(request, "unsubscribe", row=row, email=masked(row.email))


async def leave(site: Site, request: Request) -> Response:
    """RFC 8058: one POST without cookies, whatever its encoding, ends it; 200 and no redirect, also the second time."""
    await site.apply(repository.end, UNSUBSCRIBE, request.path_params["token"])
    return page(request, "left")


def _action(site: Site, form: FormData, row: SubscriptionRow) -> Change:
    """The change that a form asks for. Raises `UnreadableInput`."""
    button = str(form.get("action"))
    if button == "pause":
        until = parse_until(field(form, "until", MAX_DAY), row.timezone, site.clock())
        return partial(repository.pause, until=until)
    if button == "channel":
        return _to(channel=checked_channel(field(form, "channel", 2 * MAX_FIELD).strip(), site.channels))
    return ACTIONS.get(button) or _to(**_columns(form))


def _columns(form: FormData) -> dict[str, Any]:
    """The rule and times that were typed; what the form lacks stays. Raises `UnreadableInput`."""
    typed = Draft.typed(form)
    columns: dict[str, Any] = {**(typed.filter() if "rule" in form else {}), **typed.schedule().columns()}
    if "quiet" in form:  # an empty field goes before the box: a box that is not ticked sends nothing
        columns["quiet_note"] = "note" in form.getlist("quiet")
    return columns


def _to(**columns: Any) -> Change:
    """The change to these columns."""

    async def change_columns(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
        return await repository.change(session, subscription_id, now=now, **columns)

    return change_columns


def _as_it_is(row: SubscriptionRow) -> Draft:
    return Draft(
        rule=row.rule,
        unknown=KEEP if row.keep_unknown else DROP,
        cadence=row.cadence,
        timezone=row.timezone,
        weekday=str(row.weekday),
        hour=str(row.hour),
    )


def _as_typed(row: SubscriptionRow, form: FormData) -> Draft:
    """What was typed, and what the form lacked as it is."""
    typed, kept = Draft.typed(form), _as_it_is(row)
    return typed if "rule" in form else replace(typed, rule=kept.rule, unknown=kept.unknown)


def _outdated(row: SubscriptionRow) -> UnreadableInput | None:
    """What is wrong with a rule that was understood when it was stored: a name in it may be known no more."""
    try:
        parse(row.rule)
    except RuleError as error:
        return error
    return None


async def _subscription(
    site: Site, request: Request, row: SubscriptionRow, draft: Draft, error: UnreadableInput | None, *, status: int = 200
) -> Response:
    now, zone = site.clock(), ZoneInfo(row.timezone)
    async with site.database.read() as session:
        next_at = await repository.next_digest(session, row, now)
    return page(
        request,
        "subscription",
        status=status,
        row=row,
        email=masked(row.email),
        profile=Profile.model_validate(row.profile),
        draft=draft,
        understood="" if error else str(parse(row.rule)),
        next_at=next_at and next_at.astimezone(zone),
        paused_until=row.paused_until and row.paused_until.astimezone(zone),
        tomorrow=(now.astimezone(zone) + timedelta(days=1)).date(),
        feed=site.links.feed(row.id),
        channels=site.channels,
        chat=row.channel.partition("://")[0],
        taught=steps_in_words(row.tuning),
        saved="saved" in request.query_params,
        error=error,
    )
