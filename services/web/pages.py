"""Pages: templates in, HTML out. Every value is escaped; a name that a template misspells stops the page."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.web import draft, schedule
from services.web.rates import TooOften
from shared.errors import Conflict, JoblarkError, NotFound, NotReady, UnreadableInput
from shared.posting import Employment, Level, Role, Workplace
from shared.profile import Standing
from shared.reading.skills import display_name
from shared.rule import FIELDS, MAX_RULE

HERE = Path(__file__).parent
STATUS: Mapping[type[JoblarkError], int] = {UnreadableInput: 422, NotFound: 404, Conflict: 409, NotReady: 503, TooOften: 429}
HEADINGS = {
    404: "There is nothing here",
    409: "This subscription has ended",
    413: "That is too much text",
    422: "We could not read that",
    429: "One moment, please",
    503: "Back in a minute",
}
STANDINGS = {
    Standing.HEADLINE: "in your headline",
    Standing.USED: "used",
    Standing.LISTED: "listed",
    Standing.MENTIONED: "in passing",
}
WORDS = {
    404: "The address may have been cut off by a mail program. Open the link from your mail once more, or start again.",
    405: "This page cannot be used that way.",
}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(label=label, skill=display_name, web=web_address)
    environment.globals.update(
        levels=tuple(Level),
        roles=tuple(Role),
        workplaces=tuple(Workplace),
        employments=tuple(Employment),
        standings=STANDINGS,
        weekdays=schedule.WEEKDAYS,
        cadences=schedule.CADENCES,
        in_words=schedule.in_words,
        zones=schedule.zones(),
        max_cv=draft.MAX_CV,
        max_rule=MAX_RULE,
        rule_fields=tuple(FIELDS.values()),
        max_years=draft.MAX_YEARS,
        place_line=draft.place_line,
    )
    return environment


def label(value: str) -> str:
    """An enum's value as people read it: `full_time` → `Full time`, `ml` → `ML`."""
    return value.upper() if len(value) == 2 else value.replace("_", " ").capitalize()


def web_address(url: str | None) -> str:
    """`url` if a page may link to it, else nothing: boards are written by strangers."""
    return url if url and url.startswith(("https://", "http://")) else ""


_TEMPLATES = _environment()


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """The page of one template. `root` is the path that a proxy serves us under."""
    root = request.scope.get("root_path", "").rstrip("/")
    return HTMLResponse(_TEMPLATES.get_template(f"{name}.html").render(root=root, **values), status)


def refusal(request: Request, status: int, code: str, words: str) -> Response:
    """The page of an error. `code` is stable; `words` say what to do."""
    return page(request, "error", status=status, code=code, words=words, heading=HEADINGS.get(status, "That did not work"))


async def on_joblark_error(request: Request, error: JoblarkError) -> Response:
    """Every 404 is the same page to the letter: a forged link is not told from one that is unknown."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    if status == 404:
        return refusal(request, 404, "not_found", WORDS[404])
    response = refusal(request, status, error.code, str(error))
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(ceil(error.wait))
    return response


async def on_http_error(request: Request, error: HTTPException) -> Response:
    """What the router and the form parser raise."""
    codes = {404: "not_found", 405: "method_not_allowed"}
    words = WORDS.get(error.status_code, "The form could not be read; please send it again.")
    return refusal(request, error.status_code, codes.get(error.status_code, "form_unreadable"), words)


HANDLERS: Mapping[Any, Any] = {JoblarkError: on_joblark_error, HTTPException: on_http_error}
"""Who makes the page of which error."""
