"""The link to one's subscription is lost: an address in, the same answer whether we know it or not, the links by mail."""

from functools import partial

import structlog
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.web import draft, repository
from services.web.address import parse_email
from services.web.draft import Draft
from services.web.pages import page
from services.web.site import Site
from shared.errors import UnreadableInput

log = structlog.get_logger()

MAX_FIELDS = 5


def routes(site: Site) -> list[BaseRoute]:
    """The page behind *Lost your link?*"""
    return [Route("/link", show), Route("/link", partial(ask, site), methods=["POST"])]


async def show(request: Request) -> Response:
    return page(request, "lost", draft=Draft(), error=None)


async def ask(site: Site, request: Request) -> Response:
    """Have the links sent to where they belong. Neither the answer nor how long it takes tells whether we know the address."""
    site.limit_client(site.rates.requests, request)
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    typed = Draft.typed(form)
    try:
        email = parse_email(typed.email)
    except UnreadableInput as error:
        return page(request, "lost", status=422, draft=typed, error=error)
    if _is_person(form):
        site.limit(site.rates.addresses, email)
        await _note(site, email)
    answer = page(request, "sent", email=email)
    answer.background = BackgroundTask(site.tell)
    return answer


async def _note(site: Site, email: str) -> None:
    async with site.database.begin() as session:
        row = await repository.ask_for_links(session, email, site.clock())
    if row is not None:
        log.info("links_asked_for", subscription_id=row.id)


def _is_person(form: FormData) -> bool:
    """A person cannot see this field; a robot fills it in."""
    return not draft.field(form, "website", 1)
