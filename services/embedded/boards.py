"""A small local web server that answers as job boards do, from recorded answers: for the demo and for trying a feed."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.serving import listening

Answers = Mapping[tuple[str, str], bytes]
"""The body that each (source, board) answers with."""
PAGING = ("page", "skip", "offset")


@asynccontextmanager
async def serving_boards(answers: Answers) -> AsyncIterator[str]:
    """Serve on a free port of the loopback address; gives the address that `/SOURCE/BOARD` follows."""

    async def answer(request: Request) -> Response:
        body = answers.get((request.path_params["source"], request.path_params["board"]))
        if body is None or any(request.query_params.get(name, "0") != "0" for name in PAGING):
            return Response(status_code=404)
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304)
        return Response(body, headers={"ETag": etag}, media_type="application/json")

    async with listening(Starlette(routes=[Route("/{source}/{board:path}", answer)])) as url:
        yield url
