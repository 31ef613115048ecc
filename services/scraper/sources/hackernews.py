"""Hacker News "Who is hiring?": the monthly thread, by way of the search at `hn.algolia.com`, as one tree of comments.

The board `whoishiring` is the newest thread: the first request names the threads of that author, and the next asks for the
newest about hiring (two others are by people who look for work). A number is the board of one thread. Quirks. Only a direct
answer to the thread is a job; replies are talk, and so are some direct answers. Deleted ones have no text. What a
comment offers stands in its first line by custom (`base/hiring.py`). Searches for comments, saved lists of them and items of
the site's own API are read too.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote

from pydantic import AliasChoices, Field

from services.scraper.sources.base import Draft, Dropped, Request, Source, Terms, Wire, from_html, moment, rows
from services.scraper.sources.base.hiring import read_post
from services.scraper.sources.base.query import host
from shared.errors import UnreadableInput

THREADS = "whoishiring"
SEARCH = "search_by_date?tags=story,author_whoishiring&hitsPerPage=5"
_HIRING = re.compile(r"\bwho(?:'s| is) hiring\?", re.IGNORECASE)


class Job(Wire):
    id: str = Field(validation_alias=AliasChoices("id", "objectID"))
    text: str = Field(validation_alias=AliasChoices("text", "comment_text"))
    created_at: str | None = None
    time: float | None = Field(default=None, validation_alias=AliasChoices("created_at_i", "time"))


def posting(job: Job, board: str) -> Draft | Dropped:
    text = from_html(job.text.replace("\n", "<br>"))
    wanted = read_post(text)
    if wanted is None:
        return Dropped(job.id, "a comment that offers no job", withdrawn=True)
    return Draft(
        external_id=job.id,
        title=wanted.title,
        company=wanted.company,
        url=f"https://news.ycombinator.com/item?id={quote(job.id, safe='')}",
        location="; ".join(wanted.places),
        locations=wanted.places,
        description=text,
        posted_at=moment(job.created_at) or moment(job.time),
        workplace=wanted.workplace,
        employment=wanted.employment,
        pay=wanted.pay,
    )


def items(document: Any) -> list[object]:
    """The comments that answer a thread itself. A search for threads has none, but must have found one about hiring."""
    if isinstance(document, dict) and "children" in document:
        if not _HIRING.search(str(document.get("title"))):
            raise UnreadableInput('this thread is not a "Who is hiring?"')
        return [child for child in rows(document, "children") if _said(child)]
    found = rows(document, "hits" if isinstance(document, dict) else None)
    if any(map(_is_story, found)):
        newest_thread(document)
    known = {str(row.get("id")) for row in found if isinstance(row, dict)}
    return [row for row in found if row is not None and _said(row) and not _is_story(row) and not _reply(row, known)]


def _said(row: Any) -> bool:
    """Deleted comments stay in the tree without text; what is no comment at all is left to be called malformed."""
    return not isinstance(row, dict) or bool(
        (row.get("text") or row.get("comment_text")) and not row.get("deleted") and not row.get("dead")
    )


def _is_story(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("title")) and not row.get("comment_text")


def _reply(row: Any, known: set[str]) -> bool:
    """Whether it answers another comment: one that is here too, or anything but its thread."""
    if not isinstance(row, dict):
        return False
    parent, thread = row.get("parent_id") or row.get("parent"), row.get("story_id") or row.get("thread_id")
    return parent is not None and (str(parent) in known or (thread is not None and str(parent) != str(thread)))


def newest_thread(document: Any) -> str:
    """The number of the newest thread about hiring in a search for threads."""
    found: list[Any] = rows(document, "hits")
    threads = [row for row in found if _is_story(row) and _HIRING.search(str(row["title"]))]
    newest = max(threads, key=lambda row: str(row.get("created_at") or ""), default=None)
    number = str(newest.get("objectID")) if newest else ""
    if not (number.isascii() and number.isdigit()):
        raise UnreadableInput('no "Who is hiring?" thread among those found')
    return number


def stated(document: Any) -> int | None:
    """A page of a search is never all there is; a thread is."""
    return len(items(document)) + 1 if isinstance(document, dict) and "hits" in document else None


def next_page(request: Request, document: Any) -> Request | None:
    if "children" in document or not any(map(_is_story, rows(document, "hits"))):
        return None
    site = request.url.partition("/search_by_date")[0] if "/search_by_date" in request.url else "https://hn.algolia.com/api/v1"
    return replace(request, url=f"{site}/items/{newest_thread(document)}")


def board_of(address: SplitResult) -> str | None:
    """The author's pages stand for the newest thread, a thread's page for itself."""
    asked = parse_qs(address.query).get("id", [""])[0]
    if host(address) != "news.ycombinator.com" or address.path not in ("/item", "/user", "/submitted", "/threads"):
        return None
    if address.path == "/item":
        return asked if asked.isascii() and asked.isdigit() else None
    return THREADS if asked == THREADS else None


SOURCE = Source(
    name="hackernews",
    title='Hacker News "Who is hiring?"',
    aggregator=True,
    url="https://hn.algolia.com/api/v1/{board}",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    address=lambda board: f"items/{board}" if board.isascii() and board.isdigit() else SEARCH,
    next_page=next_page,
    example=THREADS,
    terms=Terms(attribution="Hacker News", link_back=True, page="https://hn.algolia.com/api"),
    board_of=board_of,
)
