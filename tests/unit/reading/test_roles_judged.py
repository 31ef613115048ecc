"""Role and level against hundreds of real titles that people judged: the lists stand beside the benchmarks."""

import csv
from pathlib import Path

import pytest

from shared.posting import Role
from shared.reading.roles import read_level, read_role

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def _table(name: str) -> list[dict[str, str]]:
    with (BENCHMARKS / f"{name}.tsv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE))


def _role(title: str) -> str:
    return (read_role(title) or Role.OTHER).value


@pytest.mark.parametrize("side", ["engineering", "other"])
def test_titles_of_company_boards_are_read_as_a_person_reads_them(side: str) -> None:
    rows = [row for row in _table("roles_judged") if row["read"] == side]
    wrong = [row["title"] for row in rows if _role(row["title"]) not in row["families"].split("|")]
    assert len(rows) >= 220
    assert len(wrong) <= 0.03 * len(rows), wrong


def test_levels_are_read_as_a_person_reads_them() -> None:
    rows = _table("levels_judged")
    wrong = [row["title"] for row in rows if (read_level(row["title"]) or "none") not in row["levels"].split("|")]
    assert len(rows) >= 150
    assert len(wrong) <= 0.02 * len(rows), wrong


@pytest.mark.recorded
def test_occupations_that_people_gave_to_titles(shared_data: Path) -> None:
    families = {row["occupation"]: (row["kind"], row["families"].split("|")) for row in _table("roles_esco")}
    with (shared_data / "data/labelled/title_norm/jobbert_v1_titles.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"].strip()]
    developers = [row for row in rows if row["label"] == "software developer"]
    others = [row for row in rows if families.get(row["label"], ("other", []))[0] == "other"]
    assert sum(_role(row["text"]) != "other" for row in developers) >= 0.88 * len(developers)
    assert sum(_role(row["text"]) == "other" for row in others) >= 0.985 * len(others)
