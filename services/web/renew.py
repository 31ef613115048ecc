"""Still there? One button, a year after the last sign of life."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.web import repository
from services.web.pages import page
from services.web.site import Site
from shared.links import RENEW


def routes(site: Site) -> list[BaseRoute]:
    """The page behind the button of that mail."""
    return [
        Route("/still-there/{token}", partial(ask, site)),
        Route("/still-there/{token}", partial(renew, site), methods=["POST"]),
    ]


async def ask(site: Site, request: Request) -> Response:
    """Only shows a button: mail scanners open every link."""
    return page(request, "still-there", row=await site.find(RENEW, request.path_params["token"]), done=False)


async def renew(site: Site, request: Request) -> Response:
    row = await site.apply(repository.renew, RENEW, request.path_params["token"])
    return page(request, "still-there", row=row, done=True)
