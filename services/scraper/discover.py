"""Which board stands behind a careers page: told by its address, else by what is in the page, and believed only when the
board itself answers with a company or with jobs.

A 200 proves nothing (some sources answer every name with an empty list), and a link in a page may lead to somebody else's
board, so the company a board says it belongs to is compared with the names by which the page calls itself.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.scraper.answer import Fetches
from services.scraper.clues import Clues, clues_in, same_company
from services.scraper.fetch import Page
from services.scraper.gate import shown
from services.scraper.recognise import Named, board_at, board_of, web_address
from services.scraper.sources import source
from services.scraper.sources.base import Parsed, Request
from services.scraper.sources.base.source import NO_KEYS
from services.scraper.sources.jsonld import HTML, canonical
from services.scraper.sources.sitemap import XML
from shared.errors import FetchError, JoblarkError, NotFound, UnreadableInput
from shared.posting import RawPosting

_SITEMAP = re.compile(rb"^[ \t]*sitemap:[ \t]*(https?://[\x21-\x7e]{3,2000})", re.IGNORECASE | re.MULTILINE)
_ABOUT_JOBS = re.compile("job|career|vacanc", re.IGNORECASE)
MAX_REQUESTS = 6
MAX_CHECKED = 2
"""Boards linked from one page that are asked who they are."""


@dataclass(frozen=True)
class Found:
    """A board, whose it says it is, and how it was recognised. `jobs` is how many were seen, where they were counted."""

    board: Named
    company: str | None
    how: str
    jobs: int | None = None


async def discover(url: str, fetcher: Fetches, keys: Mapping[str, str] = NO_KEYS) -> Found:
    """The board behind `url`, with access `keys` for sources that want one.

    Raises `NotFound` with all that was tried, or the `FetchError` of the page itself.
    """
    address, search = web_address(url), _Search(fetcher, keys)
    at_once = board_at(address, anywhere=False)
    if at_once and (found := await search.checked(at_once, "its address")):
        return found
    page = await search.page(address)
    clues = clues_in(page.body, page.url)
    found = (
        (at_once is None and await search.redirected(page))
        or await search.linked(clues)
        or search.in_page(page)
        or await search.feed(clues)
        or await search.sitemap(page)
    )
    if found:
        return found
    fault = (
        f"{shown(address)}: no board found. Tried: {'; '.join(search.tried)}. If you know it: joblark boards add SOURCE:BOARD"
    )
    raise NotFound(fault, code="board_not_recognised")


class _Search:
    """One search: what is left of its requests, and what has been tried."""

    def __init__(self, fetcher: Fetches, keys: Mapping[str, str]) -> None:
        self.fetcher, self.keys, self.left = fetcher, keys, MAX_REQUESTS
        self.tried: list[str] = []

    async def page(self, url: str) -> Page:
        try:
            return await self._ask(Request(url, headers=HTML))
        except FetchError as error:
            if not self.tried:
                raise
            raise NotFound(f"{'; '.join(self.tried)}; {error}", code="board_not_recognised") from error

    async def checked(self, board: Named, how: str, clues: Clues | None = None) -> Found | None:
        """The board if it answers for itself. Found in a page (`clues`), it must belong to whom the page belongs to."""
        try:
            company, jobs = await self._company(board)
        except JoblarkError as error:
            return self._no(f"{board}: {error}")
        if clues and board not in clues.embedded and not same_company(company, clues.names):
            calls = clues.names[0] if clues.names else "nobody"
            return self._no(f"{board} belongs to {company}, and the page speaks of {calls}")
        return Found(board, company, how, jobs)

    async def redirected(self, page: Page) -> Found | None:
        board = board_at(page.url, anywhere=False)
        return await self.checked(board, "the address it leads to") if board else None

    async def linked(self, clues: Clues) -> Found | None:
        """The boards built into the page, then those called like it, then those it links to most."""
        counted = Counter(clues.boards)
        ranked = sorted(
            counted, key=lambda board: (board not in clues.embedded, not same_company(board.name, clues.names), -counted[board])
        )
        for board in ranked[:MAX_CHECKED]:
            how = "a board built into the page" if board in clues.embedded else "a link in the page"
            if found := await self.checked(board, how, clues):
                return found
        self.tried += [f"{board}: not asked" for board in ranked[MAX_CHECKED : MAX_CHECKED + 5]]
        return None

    def in_page(self, page: Page) -> Found | None:
        """What the page itself is: a feed, a sitemap, a list of jobs in structured data."""
        for name in ("rss", "sitemap", "jsonld"):
            board = board_of(name, page.url)
            try:
                answer = source(name).parse(page.body, board.name)
            except UnreadableInput:
                continue
            only = answer.postings[0] if len(answer.postings) == 1 else None
            if name == "jsonld" and only and canonical(only.url or page.url) == canonical(page.url):
                return self._no(f"the page is that of one job, {only.title!r}; give the page that lists them")
            if answer.postings and name != "sitemap":
                return Found(board, _one_company(answer), "the jobs in it", len(answer.postings))
        return self._no("structured data in the page: no job")

    async def feed(self, clues: Clues) -> Found | None:
        for url in clues.feeds[:MAX_CHECKED]:
            try:
                board = board_of("rss", url)
                answer = await self._parsed(board)
            except JoblarkError as error:
                self.tried.append(str(error))
                continue
            return Found(board, _one_company(answer), "a feed that the page names", len(answer.postings))
        return None

    async def sitemap(self, page: Page) -> Found | None:
        """The site's sitemap, if pages in it look like jobs and the first of them is one."""
        try:
            url = page.url if b"<urlset" in page.body[:5000] else await self._sitemap_of(page.url)
            jobs = await self._listed(url)
            detail = await self._ask(Request(jobs[0].url or "", headers=HTML))
            company = source("sitemap").with_detail(detail.body, jobs[0]).company
        except JoblarkError as error:
            return self._no(str(error))
        return Found(board_of("sitemap", url), company, "the site's sitemap", len(jobs))

    async def _listed(self, url: str) -> tuple[RawPosting, ...]:
        """The pages of a sitemap that look like jobs; of an index, those of its first sitemap. Raises `NotFound`."""
        kind, board, request = source("sitemap"), board_of("sitemap", url), Request(url, headers=XML)
        for _ in range(2):
            body = (await self._ask(request)).body
            if jobs := kind.parse(body, board.name).postings:
                return jobs
            following = kind.next_request(request, body)
            if following is None:
                break
            request = following
        raise NotFound(f"{shown(url)}: no page in it looks like a job's")

    async def _sitemap_of(self, url: str) -> str:
        """Of the sitemaps that robots.txt names the one about jobs, or the first; else the usual address."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        try:
            robots = (await self._ask(Request(f"{site}/robots.txt", headers=(("Accept", "text/plain"),)))).body
        except FetchError:
            robots = b""
        named: list[str] = [line.decode() for line in _SITEMAP.findall(robots[:500_000])] or [f"{site}/sitemap.xml"]
        return next((line for line in named if _ABOUT_JOBS.search(line)), named[0])

    async def _company(self, board: Named) -> tuple[str, int | None]:
        """Whose a board is. Raises `JoblarkError` when nobody says so: not the board, and no job on it."""
        kind = source(board.source)
        if kind.identity is None:
            answer = await self._parsed(board)
            return _one_company(answer) or board.name, len(answer.postings)
        company = kind.company((await self._ask(kind.identity(board.name))).body)
        if not company:
            raise NotFound("it does not say whose it is")
        return company, None

    async def _parsed(self, board: Named) -> Parsed:
        kind = source(board.source)
        answer = kind.parse((await self._ask(kind.first(board.name, board.url, self.keys))).body, board.name)
        if not answer.postings:
            raise NotFound(f"{board} lists no job, which is what some answer for any name")
        return answer

    async def _ask(self, request: Request) -> Page:
        if not self.left:
            raise NotFound(f"gave up after {MAX_REQUESTS} requests")
        self.left -= 1
        return await self.fetcher.fetch(request)

    def _no(self, reason: str) -> Found | None:
        self.tried.append(reason)
        return None


def _one_company(answer: Parsed) -> str | None:
    """Whose jobs they are, nearly all of them; `None` on a board of many companies."""
    said = Counter(posting.company for posting in answer.postings)
    name, count = said.most_common(1)[0]
    return name if count >= 0.8 * len(answer.postings) else None
