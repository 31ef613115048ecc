"""Lists that a community keeps in a repository as `listings.json`: jobs at many companies, for beginners mostly.

A board is `OWNER/REPOSITORY`, or with branch and path `OWNER/REPOSITORY/BRANCH/PATH.json`; for other places give `url`.
Quirks. Nothing is deleted: a job that has ended is `active` false, one that should not be seen `is_visible` false. There
is no text; the season, the degrees and the word on visas stand in for it. `sponsorship` "Other" means that nobody knows.
A list of internships gives each a season (`terms`), one of first jobs does not. Dates are seconds since 1970.
"""

from collections.abc import Iterator
from urllib.parse import SplitResult, quote

from services.scraper.sources.base import Draft, Dropped, Source, Wire, employment, moment, rows
from services.scraper.sources.base.query import host
from shared.posting import Employment

PLACE = "/HEAD/.github/scripts/listings.json"
"""Where the scripts that such lists share keep the file, on the branch that a repository shows first."""


class Job(Wire):
    id: str
    title: str
    company_name: str | None = None
    url: str | None = None
    locations: tuple[str, ...] = ()
    active: bool = True
    is_visible: bool = True
    date_posted: float | None = None
    terms: tuple[str, ...] = ()
    season: str | None = None
    sponsorship: str | None = None
    category: str | None = None
    degrees: tuple[str, ...] = ()


def posting(job: Job, board: str) -> Draft | Dropped:
    if not (job.active and job.is_visible):
        return Dropped(job.id, "hidden" if job.active else "not active any more", withdrawn=True)
    return Draft(
        external_id=job.id,
        title=job.title,
        company=job.company_name,
        url=job.url,
        location="; ".join(job.locations),
        locations=job.locations,
        description="\n".join(_said(job)),
        posted_at=moment(job.date_posted),
        department=job.category,
        employment=employment(job.title) or (Employment.INTERNSHIP if job.terms or job.season else None),
    )


def _said(job: Job) -> Iterator[str]:
    """What the list says in its columns, a line each."""
    if seasons := ", ".join(job.terms) or job.season:
        yield f"Season: {seasons}"
    if job.degrees:
        yield f"Degrees: {', '.join(job.degrees)}"
    if job.sponsorship and job.sponsorship != "Other":
        yield f"Visa: {job.sponsorship}"


def address(board: str) -> str:
    path = board.strip("/")
    return quote(path if path.lower().endswith(".json") else path + PLACE, safe="/")


def board_of(address: SplitResult) -> str | None:
    steps = address.path.strip("/").split("/")
    if host(address) == "github.com" and steps[2:3] in (["blob"], ["raw"]):
        del steps[2]
    elif host(address) != "raw.githubusercontent.com":
        return None
    return "/".join(steps).removesuffix(PLACE) if len(steps) > 3 and steps[-1] == "listings.json" else None


SOURCE = Source(
    name="listings",
    title="Community lists",
    aggregator=True,
    url="https://raw.githubusercontent.com/{board}",
    job=Job,
    items=rows,
    posting=posting,
    address=address,
    example="SimplifyJobs/New-Grad-Positions",
    board_of=board_of,
)
