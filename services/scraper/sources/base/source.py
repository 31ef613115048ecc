"""`Source`: what an adapter declares, and the one place that turns an answer into postings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import SplitResult, quote

from pydantic import ValidationError

from services.scraper.sources.base.answer import json_document
from services.scraper.sources.base.draft import Draft, Wire, one_line
from shared.errors import UnreadableInput
from shared.posting import RawPosting

MAX_JOBS = 20_000
"""Jobs in one answer. The largest board of 3,115 recorded has about 2,500."""

NO_KEYS: Mapping[str, str] = MappingProxyType({})
_NO_MARKS = {"attribution": None, "mailable": True, "aggregator": False}
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What to ask a board. `headers` are pairs; `json` is sent as the body when it is not `None`.

    `rest` is not sent: addresses that are still to be asked after this one, where only the first answer lists them all.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)
    json: Any = None
    rest: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Dropped:
    """One job set aside. `withdrawn`: the board itself keeps it from readers; otherwise it could not be read."""

    external_id: str | None
    reason: str
    withdrawn: bool = False


@dataclass(frozen=True)
class Parsed:
    """One answer read. `stated` is the number of jobs it claims to be all of; `repeated` counts the same id given again."""

    postings: tuple[RawPosting, ...]
    dropped: tuple[Dropped, ...] = ()
    stated: int | None = None
    repeated: int = 0

    @property
    def complete(self) -> bool:
        """Whether as many jobs were seen as the answer claims: only then is a job's absence evidence that it is gone."""
        return len(self.postings) + len(self.dropped) + self.repeated >= (self.stated or 0)

    @property
    def unreadable(self) -> tuple[Dropped, ...]:
        """The jobs that were lost against the board's will; what an operator should hear about."""
        return tuple(job for job in self.dropped if not job.withdrawn)


@dataclass(frozen=True)
class Terms:
    """What a source asks of those who use its listings. `page` is where it says so.

    `attribution` is the name to print beside each job, `link_back` that the link must lead to the source's own page,
    `polls_per_day` how often a board may be read, `gap_seconds` how far apart requests to its host must be, and `mail`
    false that its listings may not be used to gather addresses.
    """

    attribution: str | None = None
    link_back: bool = False
    polls_per_day: int | None = None
    gap_seconds: float | None = None
    mail: bool = True
    page: str = ""


@dataclass(frozen=True)
class Source:
    """A kind of place that publishes jobs. `url` holds `{board}`, which `address` writes the board's name for.

    `read` makes a document of the bytes, `items` finds the raw jobs in it, `job` is validated against each of them and
    `posting` puts it in our words. `stated` finds how many jobs the source says there are, `next_page` the request for
    the rest, given the one just answered. `raw_id` is the key of a raw job's id, for naming one that cannot be read.

    `window` is for a source that lists only its newest jobs: a job's absence from it says nothing.

    Where a list lacks what a reader needs, `detail_request` asks for one job (given it as listed, and the request that
    listed it) and `detail` makes the whole job of the answer and what the list said. `keys` names the access keys that
    `{…}` in `url` and `headers` stand for. `board_of` recognises the board in a web address of its career pages or its
    feed; `identity` asks who a board belongs to, and `company_of` reads the name from that answer. `regions` are pairs of a
    prefix of boards' names and the template that takes the place of `url` for those. `aggregator` tells that the source
    shows copies of jobs that employers post elsewhere.
    """

    name: str
    title: str
    url: str
    job: type[Wire]
    items: Callable[[Any], list[object]]
    posting: Callable[[Any, str], Draft | Dropped]
    read: Callable[[bytes], object] = json_document
    stated: Callable[[Any], int | None] = lambda document: None
    next_page: Callable[[Request, Any], Request | None] | None = None
    address: Callable[[str], str] = lambda board: quote(board, safe="")
    regions: tuple[tuple[str, str], ...] = ()
    raw_id: str = "id"
    example: str | None = None
    window: bool = False
    terms: Terms = Terms()
    aggregator: bool = False
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)
    json: Callable[[str], Any] = lambda board: None
    keys: tuple[str, ...] = ()
    detail_request: Callable[[RawPosting, Request], Request] | None = None
    detail: Callable[[Any, RawPosting], Draft] | None = None
    board_of: Callable[[SplitResult], str | None] = lambda address: None
    identity: Callable[[str], Request] | None = None
    company_of: Callable[[Any], str | None] = lambda document: None

    def first(self, board: str, url: str | None = None, keys: Mapping[str, str] = NO_KEYS) -> Request:
        """The request for `board`. `url` replaces the template, for other hosts and recordings; it may hold `{board}` too.

        Raises `UnreadableInput` for what is no name, and where an access key is missing.
        """
        if not board.strip() or one_line(board, 201) != board or len(board) > 200:
            raise UnreadableInput(f"{self.name}: a board's name is one line of 1 to 200 characters, e.g. {self.example!r}")
        if missing := [key for key in self.keys if not keys.get(key)]:
            fault = f"{self.name} needs an access key: set {', '.join(missing)} in JOBLARK_SOURCE_KEYS"
            raise UnreadableInput(fault, code="source_key_missing")
        usual = next((template for prefix, template in self.regions if board.startswith(prefix)), self.url)
        address = _filled((url or usual).replace("{board}", self.address(board)), self.keys, keys, quoted=True)
        headers = tuple((name, _filled(value, self.keys, keys)) for name, value in self.headers)
        return Request(address, self.method, headers, self.json(board))

    def next_request(self, request: Request, body: bytes) -> Request | None:
        """The request for the page after `body`, the answer to `request`; `None` after the last. Raises as `parse` does."""
        following = self.next_page  # most sources answer all on one page, and would be parsed twice for nothing
        return self._guarded("", lambda: following(request, self.read(body))) if following else None

    def parse(self, body: bytes, board: str) -> Parsed:
        """Every job in `body`. Whatever the bytes, the only error is `UnreadableInput`, naming source, board and fault.

        A malformed job costs one job; an answer in which no job can be read is an error, since its format has changed.
        """
        items, stated = self._guarded(board, lambda: self._opened(body))
        results = [self._one(item, board) for item in items]
        read = [job for job in results if isinstance(job, RawPosting)]
        dropped = tuple(job for job in results if isinstance(job, Dropped))
        lost = next((job for job in dropped if not job.withdrawn), None)
        if lost and not read:
            raise self._error(board, f"none of {len(items)} jobs can be read; the first: {lost.reason}")
        postings = _unique(read)
        return Parsed(postings, dropped, stated, repeated=len(read) - len(postings))

    def with_detail(self, body: bytes, listed: RawPosting) -> RawPosting:
        """The job as `body`, the answer to its `detail_request`, tells it. Raises as `parse` does."""

        def work() -> RawPosting:
            if self.detail is None:
                raise UnreadableInput("it has no answers about single jobs")
            try:
                return self._marked(self.detail(self.read(body), listed).posting(self.name, listed.board))
            except ValidationError as error:
                raise UnreadableInput(_first_fault(error)) from None

        return self._guarded(listed.board, work)

    def company(self, body: bytes) -> str | None:
        """The name of the company that a board belongs to, from the answer to `identity`."""
        return self._guarded("", lambda: one_line(self.company_of(self.read(body)), 200))

    def _marked(self, posting: RawPosting) -> RawPosting:
        """The posting with what the source's terms ask of everybody who shows it, and whether it is a copy."""
        marks = {"attribution": self.terms.attribution, "mailable": self.terms.mail, "aggregator": self.aggregator}
        return posting if marks == _NO_MARKS else posting.model_copy(update=marks)

    def _opened(self, body: bytes) -> tuple[list[object], int | None]:
        document = self.read(body)
        items = self.items(document)
        if len(items) > MAX_JOBS:
            raise UnreadableInput(f"{len(items):,} jobs in one answer, more than {MAX_JOBS:,}; watch a narrower board")
        return items, self.stated(document)

    def _one(self, item: object, board: str) -> RawPosting | Dropped:
        try:
            draft = self.posting(self.job.model_validate(item), board)
            return draft if isinstance(draft, Dropped) else self._marked(draft.posting(self.name, board))
        except ValidationError as error:
            return Dropped(self._id(item), _first_fault(error))
        except Exception as error:  # an adapter's slip on one odd job must not take the others with it
            return Dropped(self._id(item), f"{type(error).__name__} while reading it")

    def _id(self, item: object) -> str | None:
        found = item.get(self.raw_id) if isinstance(item, dict) else None
        return one_line(str(found), 100) if isinstance(found, str | int) else None

    def _guarded(self, board: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except UnreadableInput as error:
            raise self._error(board, str(error)) from None
        except Exception as error:  # bytes from a stranger: whatever they set off is their fault, and is told as such
            raise self._error(board, f"not in the shape of a {self.title} answer ({type(error).__name__})") from error

    def _error(self, board: str, fault: str) -> UnreadableInput:
        return UnreadableInput(f"{self.name}{':' if board else ''}{one_line(board, 100) or ''}: {fault}")


def _filled(text: str, names: Iterable[str], keys: Mapping[str, str], *, quoted: bool = False) -> str:
    for name in names:
        text = text.replace(f"{{{name}}}", quote(keys[name], safe="") if quoted else keys[name])
    return text


def joined(pages: Iterable[Parsed]) -> Parsed:
    """The pages of one board as one answer: each job once, and complete only if all that was claimed has been seen."""
    all_pages = tuple(pages)
    read = [posting for page in all_pages for posting in page.postings]
    postings = _unique(read)
    claims = [page.stated for page in all_pages if page.stated is not None]
    repeated = len(read) - len(postings) + sum(page.repeated for page in all_pages)
    dropped = tuple(job for page in all_pages for job in page.dropped)
    return Parsed(postings, dropped, max(claims, default=None), repeated)


def _unique(postings: list[RawPosting]) -> tuple[RawPosting, ...]:
    """The first of each external id, in their order."""
    first: dict[str, RawPosting] = {}
    for posting in postings:
        first.setdefault(posting.external_id, posting)
    return tuple(first.values())


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(step) for step in fault["loc"]) or "the job"
    return f"{where[:60]}: {fault['msg'][:120].lower()}"
