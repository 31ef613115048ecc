"""The tables of `docs/sources.md`: `.venv/bin/python -m tests.fields` writes them anew.

One is made of what the sources declare, the other of the recorded answers beside the repository: which share of their jobs
says what. The second is left as it is where there are no recorded answers.
"""

import inspect
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from services.scraper.sources import source, sources
from services.scraper.sources.base import Source
from shared.posting import Posting
from shared.reading.posting import read_posting
from tests.answers import board_of, list_answer
from tests.feeds import ANSWERS, DETAILS

ROOT = Path(__file__).parents[1]
FEEDS = ROOT.parent / "shared" / "data" / "feeds"
PAGE = ROOT / "docs" / "sources.md"
OUT_OF_DATE = "docs/sources.md is out of date; run: .venv/bin/python -m tests.fields"
SAID = ("company", "url", "location", "description", "posted_at", "department", "workplace", "employment", "pay")
READ = ("places", "skills", "role", "level")


# ------------------------------------------------------------------------------------------------------ what is declared


def sources_table() -> str:
    """Every source as a row."""
    heads = (
        "source",
        "what is read",
        "a board",
        "key",
        "asked for each job",
        "window",
        "credit",
        "link back",
        "polls a day",
        "in mails",
    )
    return "\n".join(_table(heads, (_declared(known) for known in sources().values())))


def _declared(known: Source) -> list[str]:
    terms = known.terms
    credit = f"[{terms.attribution}]({terms.page})" if terms.attribution and terms.page else terms.attribution or ""
    return [
        f"`{known.name}`",
        summary(known),
        f"`{known.name}:{board_of(known.name)}`",
        ", ".join(f"`{key}`" for key in known.keys),
        second_request(known),
        "yes" if known.window else "",
        credit,
        "yes" if terms.link_back else "",
        str(terms.polls_per_day or ""),
        "yes" if terms.mail else "**never**",
    ]


def second_request(known: Source) -> str:
    """Whether jobs are asked for one by one: those that are listed without a text are."""
    if known.detail_request is None:
        return ""
    return "without a text" if any(job.description for job in list_answer(known.name).postings) else "yes"


def summary(known: Source) -> str:
    """The first line of the adapter's docstring, which says what is asked and what comes."""
    text = inspect.getdoc(import_module(f"services.scraper.sources.{known.name}")) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


# ------------------------------------------------------------------------------------------------- what answers are filled with


def filled_table(feeds: Path) -> str:
    """Per source, in percent of the jobs in its recorded answers, how many say a field and of how many one could be read."""
    names = [(name, name, ANSWERS.get(name, {})) for name in sources()]
    details = [(f"{name}, details", name, files) for name, files in DETAILS.items()]
    heads = ("source", "files", "jobs", *SAID, *READ)
    rows = (_filled(title, name, [feeds / file for file in files]) for title, name, files in sorted([*names, *details]))
    return "\n".join(_table(heads, rows, numbers=True))


def _filled(title: str, name: str, files: list[Path]) -> list[str]:
    jobs = [read_posting(raw) for file in files for raw in source(name).parse(file.read_bytes(), board_of(name)).postings]
    if not jobs:
        return [title, "none", *[""] * (1 + len(SAID) + len(READ))]
    said = [_share(sum(bool(getattr(job, field)) for job in jobs), jobs) for field in SAID]
    read = [_share(sum(bool(getattr(job.facts, field)) for job in jobs), jobs) for field in READ]
    return [title, str(len(files)), str(len(jobs)), *said, *read]


def _share(count: int, jobs: list[Posting]) -> str:
    return f"{count / len(jobs):.0%}".rstrip("%")


# ---------------------------------------------------------------------------------------------------------------- the page


def _table(heads: Iterable[str], rows: Iterable[list[str]], *, numbers: bool = False) -> list[str]:
    heads = list(heads)
    rules = ["---", *["---:" if numbers else "---"] * (len(heads) - 1)]
    return [f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in row)}|" for row in (heads, rules, *rows)]


def write_anew() -> None:
    """Put both tables between their marks in the page."""
    text = with_block(PAGE.read_text(), "sources", sources_table())
    PAGE.write_text(with_block(text, "fields", filled_table(FEEDS)) if FEEDS.is_dir() else text)


def with_block(text: str, name: str, block: str) -> str:
    """`text` with `block` between the marks `begin NAME` and `end NAME`."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    return text[: text.index(begin)] + f"{begin}{block}\n" + text[text.index(end) :]


if __name__ == "__main__":
    write_anew()
