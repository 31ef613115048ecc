"""Digests outside the inbox: one as a web page, and what was sent as a private feed."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from services.web import repository
from services.web.feed import CONTENT_TYPE, atom, changed_at
from services.web.pages import page
from services.web.site import Site
from shared.copy import CopyAsked
from shared.links import COPY, FEED

MOST = 50
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",  # a mail has its styles in it; nothing of it may run, load or be sent
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)


def routes(site: Site) -> list[BaseRoute]:
    """The pages behind *read this on the web* and *the same as a feed*."""
    return [Route("/digest/{token}", partial(copy, site)), Route("/feed/{token}", partial(feed, site))]


async def copy(site: Site, request: Request) -> Response:
    """The digest as it was sent. Its content is kept for some days only."""
    html = await site.copy_of(CopyAsked(mail_id=site.links.read(COPY, request.path_params["token"])))
    if not html:
        return page(request, "gone", status=410)
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})


async def feed(site: Site, request: Request) -> Response:
    """What was sent, newest first. A feed whose subscription has ended is gone, so that readers stop asking."""
    row = await site.find(FEED, request.path_params["token"])
    if row.state == repository.ENDED:
        return page(request, "gone", status=410)
    async with site.database.read() as session:
        entries = await repository.last_sent(session, row.id, MOST)
    identity = f"{site.links.base_url}/feed/{row.id}"
    body = atom(site.links.feed(row.id), identity, entries, row.created_at)
    return _conditional(request, body, changed_at(entries, row.created_at))


def _conditional(request: Request, body: bytes, changed: datetime) -> Response:
    """The body, or 304 where the reader has it already (RFC 9110, 13.2.2: its tag decides, and only without one the date)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True),
        "Cache-Control": "private, max-age=900",
    }
    if _has(request, tag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=CONTENT_TYPE)


def _has(request: Request, tag: str, changed: datetime) -> bool:
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in tags.split(",")}
    try:
        known = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except (ValueError, TypeError, IndexError):
        return False
    return changed.replace(microsecond=0) <= (known.replace(tzinfo=UTC) if known.tzinfo is None else known)
