"""How well remote work is read: `python tests/benchmarks/remote.py`, against what employers stated on recorded Ashby boards.

Only the title, the strings for places and the text are read. `isRemote` is true for remote and for hybrid jobs on boards
that also state a `workplaceType` (18 of 18 hybrid jobs among the recorded single boards), and often false for hybrid jobs on
the older boards measured here: a hybrid job neither agrees nor disagrees with it. So the agreement is that of *remote* with
true and of *on site* with false. What it would be with hybrid counted as not remote, and with silence counted as not
remote too, is printed beside it.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from shared.posting import Workplace  # noqa: E402
from shared.reading.workplace import read_workplace  # noqa: E402
from tests.benchmarks.recorded import ashby_boards  # noqa: E402

BAR = 0.93
WORDS = re.compile(r"remote|hybrid|anywhere|wherever|distributed|from home|home[- ]based|wfh|virtual|everywhere", re.IGNORECASE)


def main() -> int:
    found: Counter[tuple[bool, Workplace | None]] = Counter()
    wordless = 0
    for job in (job for _, body in ashby_boards() for job in json.loads(body)["jobs"] if job.get("isRemote") is not None):
        places = [office["location"] for office in (job, *(job["secondaryLocations"] or ())) if office["location"]]
        text = job["descriptionPlain"] or ""
        found[job["isRemote"], read_workplace(places, text, title=job["title"])] += 1
        wordless += job["isRemote"] and not WORDS.search(" ".join((job["title"], *places, text)))
    report(found, wordless)
    return 0


def report(found: Counter[tuple[bool, Workplace | None]], wordless: int) -> None:
    for stated in (True, False):
        print(f"isRemote {stated!s:5}", {str(mode or "unknown"): found[stated, mode] for mode in (*Workplace, None)})
    clear = found[True, Workplace.REMOTE] + found[False, Workplace.ONSITE]
    unclear = found[False, Workplace.REMOTE] + found[True, Workplace.ONSITE]
    hybrid = {stated: found[stated, Workplace.HYBRID] for stated in (True, False)}
    unknown = {stated: found[stated, None] for stated in (True, False)}
    total = sum(found.values())
    print(f"remote or on site: {clear + unclear} of {total}, agreement {clear / (clear + unclear):.4f} (bar {BAR})")
    answered = clear + unclear + sum(hybrid.values())
    print(f"with hybrid as not remote: {answered} of {total}, agreement {(clear + hybrid[False]) / answered:.4f}")
    print(f"with hybrid as either: {answered} of {total}, agreement {(clear + sum(hybrid.values())) / answered:.4f}")
    strictest = clear + hybrid[False] + unknown[False]
    print(f"unknown: {sum(unknown.values())}; with unknown and hybrid as not remote: agreement {strictest / total:.4f}")
    print(f"isRemote is true and no word in title, places or text says so: {wordless}, {wordless / total:.4f} of all")


if __name__ == "__main__":
    sys.exit(main())
