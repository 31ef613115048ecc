"""How right role and level are read, against what people wrote down: `python tests/benchmarks/roles.py`.

Three measures. `labelled/title_norm` (15,463 raw titles, each with an ESCO occupation) by way of `roles_esco.tsv`, which says
which families each computing occupation may be read as (`*`: any; `either`: reasonable people differ, not counted); whatever
is not in that table is not engineering. A quarter of its titles, chosen by hash, was looked at when the tables stood (0.699
of its engineering was read rightly then; a handful of rows was added after). `roles_judged.tsv`: titles of 3,115 Greenhouse
boards judged by hand, half of those read as engineering, half of those read as other that hold a word of it (`sample` *first*:
mistakes in it were mended afterwards; *fresh*: drawn after that). `levels_judged.tsv`: levels judged by hand. With `--read`
every mistake is printed. Last, what a title costs.
"""

import csv
import hashlib
import re
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from shared.posting import Role  # noqa: E402
from shared.reading.roles import read_level, read_role  # noqa: E402
from shared.reading.title_words import parse_title  # noqa: E402

TITLES = ROOT.parent / "shared" / "data" / "labelled" / "title_norm" / "jobbert_v1_titles.csv"
NAMES_ENGINEERING = re.compile(
    r"engineer|develop|programm?er|architect|data scien|data anal|dba|database admin|devops|\bqa\b|tester|software",
    re.IGNORECASE,
)
"""A title that says itself what it is: a third of the labels of the others are mistakes (*radio operator*, *job vacancy*)."""
Judged = tuple[str, str, bool]
"""A title, what was read, whether that is right."""


def main() -> int:
    reads = "--read" in sys.argv
    if TITLES.is_file():
        for part in ("tuned", "held"):
            labelled(part, reads=reads)
    else:
        print(f"needs {TITLES.name} beside the repository for the labelled titles")
    judged_roles(reads=reads)
    tell("levels judged by hand", judged_levels(), reads=reads)
    titles = [row["title"] for row in table("roles_judged")]
    print(f"role and level of a title: {cost(titles):.1f} us of processor")
    return 0


def labelled(part: str, *, reads: bool) -> None:
    """Prints for a part of the labelled titles what is read of engineering, and what else is taken for it."""
    rows = [(title, occupation) for title, occupation in labelled_titles() if is_held(title) == (part == "held")]
    ours = list(of_engineering(rows))
    tell(f"{part}: engineering occupations", ours, reads=reads)
    tell(
        f"{part}: of these, titles that name engineering",
        [row for row in ours if NAMES_ENGINEERING.search(row[0])],
        reads=False,
    )
    tell(f"{part}: other occupations read as other", list(of_others(rows)), reads=reads)


def labelled_titles() -> Iterator[tuple[str, str]]:
    with TITLES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["text"].strip():
                yield row["text"].strip(), row["label"]


def is_held(title: str) -> bool:
    """Whether the title is of the quarter that was not looked at."""
    return hashlib.blake2b(title.lower().encode()).digest()[0] % 4 == 3


def of_engineering(rows: Iterable[tuple[str, str]]) -> Iterator[Judged]:
    for title, occupation in rows:
        kind, families = occupations().get(occupation, ("other", ()))
        if kind == "engineering":
            role = read(title)
            yield title, f"{role}, labelled {occupation}", role != "other" and ("*" in families or role in families)


def of_others(rows: Iterable[tuple[str, str]]) -> Iterator[Judged]:
    for title, occupation in rows:
        if occupations().get(occupation, ("other", ()))[0] == "other":
            role = read(title)
            yield title, f"{role}, labelled {occupation}", role == "other"


@cache
def occupations() -> dict[str, tuple[str, tuple[str, ...]]]:
    """ESCO occupation → kind and the families it may be read as."""
    return {row["occupation"]: (row["kind"], tuple(row["families"].split("|"))) for row in table("roles_esco")}


def read(title: str) -> str:
    return (read_role(title) or Role.OTHER).value


def judged_roles(*, reads: bool) -> None:
    rows = table("roles_judged")
    for sample in ("first", "fresh"):
        for side in ("engineering", "other"):
            chosen = [row for row in rows if (row["sample"], row["read"]) == (sample, side)]
            tell(f"judged, {sample}: drawn as {side}, engineering or not", [is_right_trade(row) for row in chosen], reads=reads)
            tell(f"judged, {sample}: drawn as {side}, family", [is_right_family(row) for row in chosen], reads=False)


def is_right_trade(row: dict[str, str]) -> Judged:
    role = read(row["title"])
    sides = {"other" if family == "other" else "ours" for family in row["families"].split("|")}
    return row["title"], role, ("other" if role == "other" else "ours") in sides


def is_right_family(row: dict[str, str]) -> Judged:
    role = read(row["title"])
    return row["title"], role, role in row["families"].split("|")


def judged_levels() -> list[Judged]:
    read_as = ((row, (read_level(row["title"]) or "none")) for row in table("levels_judged"))
    return [(row["title"], str(level), level in row["levels"].split("|")) for row, level in read_as]


def table(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.tsv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE))


def tell(what: str, judged: list[Judged], *, reads: bool) -> None:
    right = sum(is_right for _, _, is_right in judged)
    print(f"{what}: {right} of {len(judged)}, {right / len(judged):.3f}")
    for title, role, is_right in judged if reads else ():
        if not is_right:
            print(f"    {title[:90]}  ->  {role}")


def cost(titles: list[str], rounds: int = 20) -> float:
    """Processor microseconds of reading role and level of one title not seen before."""
    best = float("inf")
    for _ in range(rounds):
        parse_title.cache_clear()
        began = time.process_time()
        for title in titles:
            read_role(title)
            read_level(title)
        best = min(best, time.process_time() - began)
    return best / len(titles) * 1e6


if __name__ == "__main__":
    sys.exit(main())
