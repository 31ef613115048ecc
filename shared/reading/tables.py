"""The data files of this package: tab-separated, first line names the columns, read once when first needed."""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Every row of `data/<name>.tsv` as column → text; missing cells are empty."""
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, dialect="excel-tab", restval="", quoting=csv.QUOTE_NONE))


def parts(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, divided by `|`."""
    return tuple(part for part in cell.split("|") if part)
