"""From values to the words and pages of a mail. Pure apart from reading its own templates, once per process.

A mail is a folder under `templates/` with `subject.txt`, `body.txt` and `body.mjml`, and a module of `kinds` that gives
its context; adding a mail is adding both. MJML is compiled first and the HTML it gives is the Jinja template: so tags
stand where MJML carries text through unread, that is in the text of an element, in an attribute value, or, around whole
elements, in `<mj-raw>`. HTML is autoescaped, text is not, and a name missing from the context is an error.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from mjml import mjml2html

from services.notifier.phrases import wrapped
from shared.errors import NotFound
from shared.posting import Value

TEMPLATES = Path(__file__).parent / "templates"
Context = dict[str, Any]
LONGEST_SUBJECT = 200
"""Characters; no mail program shows more, and some cut at 255."""


class Rendered(Value):
    """A mail without its envelope. `subject` is one line; `html` is ASCII, what else there is being `&#183;` and the like."""

    subject: str
    text: str
    html: str


class _Mail:
    """The three compiled templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self.subject = _template((folder / "subject.txt").read_text(), escape=False)
        self.text = _template((folder / "body.txt").read_text(), escape=False)
        self.html = _template(_html((folder / "body.mjml").read_text()), escape=True)


def render(kind: str, context: Mapping[str, Any]) -> Rendered:
    """The mail `kind` (a folder of `templates/`) in the words of `context`. Raises `NotFound` for an unknown kind."""
    if kind not in kinds():
        raise NotFound(f"there is no mail called {kind[:60]!r}: the folders of templates/ are {', '.join(kinds())}")
    mail = _compiled(kind)
    subject = shorten(mail.subject.render(context), LONGEST_SUBJECT)
    html = mail.html.render(context, subject=subject).encode("ascii", "xmlcharrefreplace").decode()
    return Rendered(subject=subject, text=mail.text.render(context, subject=subject).strip() + "\n", html=html)


def shorten(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


@cache
def kinds() -> tuple[str, ...]:
    """Every mail there is: the folders of `templates/`."""
    return tuple(sorted(folder.name for folder in TEMPLATES.iterdir() if (folder / "body.mjml").is_file()))


@cache
def _compiled(kind: str) -> _Mail:
    return _Mail(TEMPLATES / kind)


def _html(mjml: str) -> str:
    """MJML to HTML. `mj-include` reads from `templates/`; no web font is linked, so a mail asks no server for anything.

    MJML puts a whole page on one line. It is broken inside of tags, where a line end means nothing, so that ASCII pages go
    out as they are: no line is too long for a mail server, and nothing has to be encoded for every single mail. The words of
    `mj-preview`, which are not displayed, it makes white as well: a colour that spam filters count as hiding something.
    """
    html = mjml2html(mjml, fonts={}, include_loader=lambda path: (TEMPLATES / path).read_text())
    html = html.replace("font-size:1px;color:#ffffff;", "font-size:1px;color:#1d2226;")
    return re.sub(r'(?<=[\w"]) (?=style=")', "\n", html)


def _template(source: str, *, escape: bool) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrapped"] = wrapped
    return environment.from_string(source)
