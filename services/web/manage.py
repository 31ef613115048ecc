"""One's own subscription: see it, change it, pause it, leave it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.web import repository
from services.web.address import masked
from services.web.draft import Draft
from services.web.pages import page
from services.web.site import Change, Site
from shared.errors import UnreadableInput
from shared.links import MANAGE, UNSUBSCRIBE
from shared.models import SubscriptionRow
from shared.profile import Profile

MAX_FIELDS = 20
ACTIONS: Mapping[str, Change] = {"pause": repository.pause, "resume": repository.resume, "leave": repository.end}


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
    return await _subscription(site, request, row, None)


async def change(site: Site, request: Request) -> Response:
    """Do what the pressed button says, then show the subscription again."""
    token = request.path_params["token"]
    row = await site.find(MANAGE, token)
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    try:
        action = _action(form)
    except UnreadableInput as error:
        return await _subscription(site, request, row, error)
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


def _action(form: FormData) -> Change:
    """The change that a form asks for. Raises `UnreadableInput`."""
    if (button := str(form.get("action"))) in ACTIONS:
        return ACTIONS[button]
    schedule = Draft.typed(form).schedule()

    async def reschedule(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
        return await repository.change(session, subscription_id, now=now, **schedule.columns())

    return reschedule


async def _subscription(site: Site, request: Request, row: SubscriptionRow, error: UnreadableInput | None) -> Response:
    async with site.database.read() as session:
        next_at = await repository.next_digest(session, row, site.clock())
    return page(
        request,
        "subscription",
        status=422 if error else 200,
        row=row,
        email=masked(row.email),
        profile=Profile.model_validate(row.profile),
        draft=Draft(cadence=row.cadence, timezone=row.timezone, weekday=str(row.weekday), hour=str(row.hour)),
        next_at=next_at and next_at.astimezone(ZoneInfo(row.timezone)),
        saved="saved" in request.query_params,
        error=error,
    )
