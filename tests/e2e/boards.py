"""Job boards over real HTTP, in a thread of this process: well-behaved ones, and every other kind."""

import json
from collections.abc import Callable, Sequence
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = bytes | Callable[[BaseHTTPRequestHandler], None]


class BoardServer(ThreadingHTTPServer):
    """`answers[path]` is a body, sent as JSON, or a function that speaks HTTP itself. Anything else is a 404."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def __enter__(self) -> "BoardServer":
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def put(self, name: str, answer: Answer) -> str:
        """Serve a board; gives its address."""
        self.answers[f"/{name}"] = answer
        return f"http://127.0.0.1:{self.server_port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BoardServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path.partition("?")[0])
        try:
            if callable(answer):
                self.close_connection = True
                answer(self)
            else:
                send(self, b"" if answer is None else answer, status=404 if answer is None else 200)
        except ConnectionError:
            self.close_connection = True  # the client had enough, as it should of some of these

    def log_message(self, *_: object) -> None:
        pass


def send(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, kind: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def job(number: int, title: str, html: str, *, company: str = "Acme", location: str = "Singapore") -> dict[str, Any]:
    """One job as Greenhouse writes it: its text is HTML that is escaped once more."""
    return {
        "id": number,
        "internal_job_id": number + 1,
        "title": title,
        "absolute_url": f"https://jobs.example.org/{number}",
        "company_name": company,
        "location": {"name": location},
        "first_published": "2026-11-17T09:20:11+08:00",
        "content": escape(html),
    }


def greenhouse(jobs: Sequence[object]) -> bytes:
    return json.dumps({"jobs": jobs, "meta": {"total": len(jobs)}}).encode()


def word(number: int) -> str:
    """A made-up word of its own for each number: an opening is told apart by its words, and digits are none."""
    letters = ""
    while number:
        number, digit = divmod(number, 16)
        letters += "bdfgklmnprstvwxz"[digit] + "u"
    return f"qu{letters}x"


def company(number: int) -> str:
    """A company of its own for each number."""
    return f"{word(number).title()} Labs"


def backend_job(number: int, skills: Sequence[str], company: str = "Acme") -> dict[str, Any]:
    """A backend job that asks for `skills` and reads like no other. Not all fit as well: level and place vary."""
    asked = "".join(f"<li>{skill}</li>" for skill in skills)
    text = f"<p>You run the {word(number)} service.</p><h3>Requirements</h3><ul>{asked}</ul>"
    title = f"{'Staff' if number % 7 == 0 else 'Senior'} Software Engineer, {word(number)}"
    place = "Berlin, Germany" if number // 20 % 3 == 2 else "Singapore"
    return job(number, title, text, company=company, location=place)
