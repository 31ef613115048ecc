"""How often engineering postings name each skill: `python -m shared.reading.measure < raw.jsonl > data/skill_frequencies.tsv`.

One posting a line with `title` and `description`; postings that are not engineering are left out.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from shared.posting import Role
from shared.reading.roles import read_role
from shared.reading.skills import find_skills


def measured(postings: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Share of the engineering postings that name each skill at least once, most frequent first."""
    counts: Counter[str] = Counter()
    total = 0
    for posting in postings:
        if read_role(posting["title"], posting.get("department")) not in (None, Role.OTHER):
            total += 1
            counts.update({hit.skill for hit in find_skills(f"{posting['title']}\n{posting['description']}")})
    return {skill: count / total for skill, count in counts.most_common()}


def main() -> None:
    """Read postings from standard input, write the table to standard output."""
    sys.stdout.write("skill\tfrequency\n")
    for skill, share in measured(json.loads(line) for line in sys.stdin).items():
        sys.stdout.write(f"{skill}\t{share:.5f}\n")


if __name__ == "__main__":
    main()
