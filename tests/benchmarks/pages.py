"""How well a pasted job is read: `python tests/benchmarks/pages.py`.

Real titles, companies, places and texts (the recorded search on two boards, and Hacker News) are put into the frames that sites
put around them, as somebody would copy them; what is read is compared with what was put in. A frame is invented, so this
measures names and titles, not sites. `--wrong` prints what was read differently.
"""

import ast
import csv
import gzip
import io
import random
import sys
from collections import Counter
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from shared.errors import UnreadableInput  # noqa: E402
from shared.reading.company import company_key  # noqa: E402
from shared.reading.page import read_page  # noqa: E402
from shared.reading.places import read_places  # noqa: E402

BOARDS = ROOT.parent / "shared" / "data" / "bulk" / "same_search_three_boards"
TODAY = date(2026, 11, 21)
SEED, EACH = 20261121, 300

LINKEDIN = """Skip to main content
{company} logo
{company}
Share
Show more options
{title}
{place} · 2 weeks ago · Over 100 applicants
Promoted by hirer · Responses managed off LinkedIn
Full-time
Apply
Save
About the job
{text}
Set alert for similar jobs
People also viewed
Senior Something Else
Other Company
Elsewhere, TX
"""
INDEED = """Skip to main content
Home
Company reviews
{title}
{company}
3.9
{place}
Full-time
Apply now
Job details
Here’s how the job details align with your profile.
Job type
Full-time
Location
{place}
Full job description
{text}
Report job
"""
CAREERS = """<!doctype html><html><head><title>{title} | {company} Careers</title><meta property="og:title" content="{title}">
</head><body><nav><a>Products</a><a>Pricing</a></nav><header><h1>{title}</h1><p>{place}</p></header><main><p>{text}</p></main>
<footer>© 2026 {company}. All rights reserved. <a>Privacy</a></footer></body></html>"""
FRAMES = {"linkedin": LINKEDIN, "indeed": INDEED, "careers page": CAREERS}


def main(arguments: list[str]) -> int:
    jobs = recorded()
    if not jobs:
        print("needs the recorded boards beside the repository")
        return 1
    for name, frame in FRAMES.items():
        counts: Counter[str] = Counter()
        for job in jobs:
            wrong = differences(frame, job)
            counts.update({"all": 1, **dict.fromkeys(wrong, 1)})
            if wrong and "--wrong" in arguments:
                print(f"  {name}: {job['title']!r} {job['company']!r} {job['place']!r} -> {wrong}")
        right = ", ".join(f"{part} {1 - counts[part] / counts['all']:.3f}" for part in ("title", "company", "place", "refused"))
        print(f"{name}: {counts['all']} pages; right: {right} (refused: share that was not)")
    return 0


def differences(frame: str, job: dict[str, str]) -> dict[str, str]:
    """What was read otherwise than it was put in."""
    try:
        found = read_page(frame.format(**job), today=TODAY)
    except UnreadableInput as error:
        return {"refused": str(error)}
    wrong = {}
    if found.title != job["title"]:
        wrong["title"] = found.title
    if company_key(found.company) != company_key(job["company"]):
        wrong["company"] = str(found.company)
    if read_places([found.location or ""])[:1] != read_places([job["place"]])[:1]:
        wrong["place"] = str(found.location)
    return wrong


def recorded() -> list[dict[str, str]]:
    """Jobs with every part known, at random, each company once."""
    found: dict[str, dict[str, str]] = {}
    for board in ("linkedin", "glassdoor"):
        file = BOARDS / f"{board}_data_scientist.csv.gz"
        if file.is_file():
            text = gzip.decompress(file.read_bytes()).decode(errors="replace")
            for row in csv.DictReader(io.StringIO(text)):
                job = {"title": row["Name"].strip(), "company": row["Company"].strip(), "place": row["Location"].strip()}
                job["text"] = _text(row["Description"])
                if all(job.values()) and len(job["text"]) > 600:
                    found.setdefault(company_key(job["company"]), job)
    jobs = [found[key] for key in sorted(found)]
    return random.Random(SEED).sample(jobs, min(EACH, len(jobs)))


def _text(cell: str) -> str:
    """The LinkedIn column is the Python list of the text's pieces."""
    try:
        pieces = ast.literal_eval(cell) if cell.startswith("[") else [cell]
    except (ValueError, SyntaxError):
        pieces = [cell]
    return "\n".join(piece.strip() for piece in pieces)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
