"""How well the eleven real CVs are read, against what a person who read them wrote down: `python tests/benchmarks/profiles.py`.

`profiles_judged.tsv` has a line per file: role, level, years, country, city, and the eight skills one would name first. Of
values between `|` each is right; an empty cell means that the CV does not say, and reading one there is wrong. Years are right
within one year or 15 %. Skills count twice: found at all, and among the first twelve shown.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from shared.profile import Profile  # noqa: E402
from shared.reading.profile import read_profile_file  # noqa: E402
from shared.reading.skills import find_skills  # noqa: E402

RESUMES = ROOT.parent / "shared" / "data" / "profiles" / "jsonresume"
JUDGED = HERE / "profiles_judged.tsv"
TODAY = date(2026, 11, 21)
SHOWN = 12


def main() -> int:
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in judged():
        for field, good, words in compared(row, read(row["file"])):
            asked[field] += 1
            right[field] += good
            if not good:
                sys.stdout.write(f"{row['file']:9} {field}: {words}\n")
    for field, count in asked.items():
        sys.stdout.write(f"{field:16} {right[field]:3} of {count:3}  {right[field] / count:.2f}\n")
    return 0


def judged() -> list[dict[str, str]]:
    with JUDGED.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def read(name: str) -> Profile:
    return read_profile_file(name, (RESUMES / name).read_bytes(), today=TODAY)


def compared(row: dict[str, str], profile: Profile) -> Iterator[tuple[str, bool, str]]:
    """Each field, whether it was read as a person reads it, and both readings."""
    place = profile.places[0] if profile.places else None
    given = {"role": profile.role, "level": profile.level, "country": place and place.country, "city": place and place.city}
    for field, value in given.items():
        yield field, (value or "") in row[field].split("|"), f"{value or 'unknown'}, not {row[field] or 'unknown'}"
    yield "years", _near(profile.years, row["years"]), f"{profile.years}, not {row['years'] or 'unknown'}"
    names = [skill.skill for skill in profile.skills]
    for wanted in row["skills"].split("|"):
        skill = next((hit.skill for hit in find_skills(f"skills: {wanted}")), wanted)
        yield "skill found", skill in names, skill
        if skill in names:
            yield "skill first", skill in names[:SHOWN], f"{skill} is number {names.index(skill) + 1} of {len(names)}"


def _near(years: float | None, wanted: str) -> bool:
    return abs(years - float(wanted)) <= max(1, 0.15 * float(wanted)) if years and wanted else bool(years) == bool(wanted)


if __name__ == "__main__":
    sys.exit(main())
