"""Stand-ins for what is not ours: a job board on a real socket, and a mail server that does what it is told."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.notifier.senders import BeforeData
from shared.serving import listening


@dataclass
class Answer:
    """What the board answers with; an `etag` that is asked about gives 304."""

    body: bytes = b""
    status: int = 200
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class BoardServer:
    """`pages[n]` is the answer to `?page=n`, the last one to every later page. `asked` counts requests."""

    def __init__(self) -> None:
        self.pages: list[Answer] = [Answer(jobs())]
        self.asked = 0
        self.url = ""

    def says(self, *answers: Answer | bytes) -> None:
        self.pages = [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["BoardServer"]:
        routes = [Route("/robots.txt", lambda _: Response(status_code=404)), Route("/{path:path}", self._answer)]
        async with listening(Starlette(routes=routes)) as address:
            self.url = f"{address}/jobs?page=0"
            yield self

    async def _answer(self, request: Request) -> Response:
        self.asked += 1
        page = int(request.query_params.get("page", "0"))
        answer = self.pages[min(page, len(self.pages) - 1)]
        if answer.etag and request.headers.get("if-none-match") == answer.etag:
            return Response(status_code=304)
        headers = {**answer.headers, **({"ETag": answer.etag} if answer.etag else {})}
        return Response(answer.body, answer.status, headers, media_type="application/json")


def job(id_: int, **given: Any) -> dict[str, Any]:
    """One job as Greenhouse writes it."""
    return {
        "id": id_,
        "title": f"Backend Engineer {id_}",
        "absolute_url": f"https://jobs.example.com/{id_}",
        "company_name": "Lumenworks",
        "location": {"name": "Singapore"},
        "content": "<p>You know Go and PostgreSQL.</p>",
        **given,
    }


def jobs(*rows: Any, total: int | None = None) -> bytes:
    """A Greenhouse board."""
    return json.dumps({"jobs": rows, "meta": {"total": len(rows) if total is None else total}}).encode()


def page_of(*ids: int, pages: int, total: int) -> bytes:
    """A page of The Muse."""
    rows = [{"id": id_, "name": f"Backend Engineer {id_}", "company": {"name": "Quillstone"}} for id_ in ids]
    return json.dumps({"results": rows, "page_count": pages, "total": total}).encode()


@dataclass
class Outgoing:
    mail_from: str
    to: str
    message: bytes


class FakeSender:
    """Keeps what it is given. `before` runs before DATA and `after` once the mail is taken; either may raise."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []
        self.tries = 0
        self.before: Callable[[str], None] = lambda to: None
        self.after: Callable[[str], None] = lambda to: None
        self.hold: Callable[[], Any] | None = None

    async def send(self, mail_from: str, to: str, message: bytes, *, before_data: BeforeData) -> str:
        self.tries += 1
        self.before(to)
        if self.hold:
            await self.hold()
        await before_data()
        self.taken.append(Outgoing(mail_from, to, message))
        self.after(to)
        return "250 kept"

    async def close(self) -> None:
        self.taken = list(self.taken)

    @property
    def recipients(self) -> Sequence[str]:
        return [mail.to for mail in self.taken]
