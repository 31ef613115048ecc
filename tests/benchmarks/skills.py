"""How well skills are read from real postings and résumés: `python tests/benchmarks/skills.py`.

Recall: technologies that YC postings and JSON Résumés list as such, read back from that very text. Precision: mentions that a
person looked at with some 60 characters on either side (`skills_judged.tsv`: where it is, the skill, `right` or `wrong`; how
much it is wanted). `tuned` ones were judged first and what was wrong with them was mended; the `held out` ones were drawn
afterwards with other seeds, and what they say is the honest number: judged as it was then, right or wrong. Informative: what
annotators of SkillSpan marked as knowledge of IT.
"""

import ast
import csv
import gzip
import hashlib
import json
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from services.scraper.sources import source  # noqa: E402
from shared.reading.html import plain_text  # noqa: E402
from shared.reading.sections import passages, strength_at  # noqa: E402
from shared.reading.skills import SkillHit, find_skills  # noqa: E402
from tests.benchmarks.recorded import ashby_boards  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
BAR = 0.95


def main() -> int:
    """Prints every measure; fails when a bar is missed."""
    csv.field_size_limit(10**8)
    recalls = [report("recall, YC", read_back(yc_lists())), report("recall, JSON Resume", read_back(resume_lists()))]
    report("SkillSpan, tech (no bar)", read_back(skillspan()))
    return 0 if all(recall >= BAR for recall in recalls) and judged() else 1


def report(name: str, found: dict[bool, Counter[str]]) -> float:
    read, missed = found[True].total(), found[False].total()
    often = ", ".join(f"{words} {times}" for words, times in found[False].most_common(12))
    print(f"{name}: {read} of {read + missed} = {read / (read + missed):.3f}; most often missed: {often}")
    return read / (read + missed)


def read_back(texts: Iterable[tuple[str, list[tuple[int, str]]]]) -> dict[bool, Counter[str]]:
    """Whether each phrase of a text (with where it starts) is touched by a mention, by phrase."""
    found: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for text, phrases in texts:
        hits = find_skills(text)
        for start, phrase in phrases:
            found[any(hit.start < start + len(phrase) and hit.end > start for hit in hits)][phrase] += 1
    return found


def yc_lists() -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The title and skills of each YC posting; the skills that are technologies, where they stand."""
    ignored = not_technologies()
    with gzip.open(DATA / "bulk" / "yc_job_postings.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            text = f"{row['title']}\n{row['skills']}"
            names = [name.strip() for name in row["skills"].split(";") if name.strip() and name.strip() not in ignored]
            yield text, list(_placed(text, names, text.find("\n")))


def resume_lists() -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each group of skills of each résumé, written as our reader writes it."""
    ignored = not_technologies()
    for file in sorted((DATA / "profiles").glob("*/*.json")):
        document = json.loads(file.read_text())
        for group in document.get("skills", ()) if "basics" in document else ():
            names = group.get("keywords") or [group["name"]]
            text = f"{group.get('name', '')}\n{', '.join(names)}"
            yield text, list(_placed(text, [name for name in names if name not in ignored], text.find("\n")))


def skillspan() -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Sentences of IT postings with the spans annotated as knowledge, which are not all technologies."""
    for line in (DATA / "labelled" / "skill_extraction" / "skillspan_dev.json").read_text().splitlines():
        row = json.loads(line)
        if row["source"] == "tech":
            yield " ".join(row["tokens"]), _spans(row["tokens"], row["tags_knowledge"])


def _spans(tokens: list[str], tags: list[str]) -> list[tuple[int, str]]:
    spans: list[tuple[int, str]] = []
    start = 0
    for token, tag in zip(tokens, tags, strict=True):
        if tag == "B":
            spans.append((start, token))
        elif tag == "I" and spans:
            spans[-1] = (spans[-1][0], f"{spans[-1][1]} {token}")
        start += len(token) + 1
    return spans


def _placed(text: str, names: list[str], start: int) -> Iterator[tuple[int, str]]:
    for name in names:
        start = text.index(name, start)
        yield start, name
        start += len(name)


def not_technologies() -> frozenset[str]:
    """What the lists name that is no technology, by hand."""
    return frozenset((HERE / "skills_not_technologies.tsv").read_text().splitlines()[1:])


def judged() -> bool:
    """Prints how the judged mentions are read today; whether enough of those held out were right."""
    texts = {_digest(text): text for text in postings()}
    with (HERE / "skills_judged.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    hits = {
        digest: {(hit.start, hit.skill): hit for hit in find_skills(text)}
        for digest, text in texts.items()
        if digest in {row["text"] for row in rows}
    }
    for sample in ("tuned", "held out"):
        of_sample = [row for row in rows if row["sample"] == sample]
        kept = [row for row in of_sample if (int(row["start"]), row["skill"]) in hits.get(row["text"], {})]
        print(f"precision, {sample}: as judged {_share(of_sample)}; of those still read {_share(kept)}")
    strengths([row for row in rows if row["sample"] == "strength"], texts, hits)
    held_out = [row["verdict"] == "right" for row in rows if row["sample"] == "held out"]
    return bool(held_out) and sum(held_out) >= BAR * len(held_out)


def _share(rows: list[dict[str, str]]) -> str:
    right = sum(row["verdict"] == "right" for row in rows)
    return f"{right} of {len(rows)} = {right / max(1, len(rows)):.3f}"


def strengths(rows: list[dict[str, str]], texts: dict[str, str], hits: dict[str, dict[tuple[int, str], SkillHit]]) -> None:
    """Prints how often a mention is read as wanted as much as a person found."""
    read = []
    for row in rows:
        hit = hits.get(row["text"], {}).get((int(row["start"]), row["skill"]))
        if hit:
            read.append((row["strength"], _strength(texts[row["text"]], hit)))
    wrong = Counter(pair for pair in read if pair[0] != pair[1])
    print(f"strength: {len(read) - wrong.total()} of {len(read)} as judged; wrong (judged, read): {dict(wrong)}")


def _strength(text: str, hit: SkillHit) -> str:
    lines = passages(text)
    found = strength_at(text, lines[bisect_right([line.start for line in lines], hit.start) - 1], hit.start)
    return found.value if found else "silent"


def postings() -> Iterator[str]:
    """The texts the judged mentions stand in."""
    ashby = source("ashby")
    for name, body in ashby_boards():
        yield from (raw.description for raw in ashby.parse(body, name).postings)
    for file in sorted((DATA / "feeds").glob("*/*")):
        if (
            file.parent.name in ("themuse", "lever", "greenhouse", "arbeitnow", "remotive", "usajobs")
            and "shape_" not in file.name
        ):
            yield from _fed(file)
    yield from (plain_text(json.loads(line).get("text") or "") for line in (DATA / "bulk" / "singapore_postings.jsonl").open())
    yield from (
        row["job_description"] for row in json.loads(gzip.decompress((DATA / "bulk" / "mcf_jobs.json.gz").read_bytes()))
    )
    for file in sorted((DATA / "bulk" / "same_search_three_boards").glob("*.csv.gz")):
        with gzip.open(file, "rt", newline="") as table:
            yield from (_joined(row["Description"]) for row in csv.DictReader(table))


def _fed(file: Path) -> Iterator[str]:
    try:
        yield from (raw.description for raw in source(file.parent.name).parse(file.read_bytes(), "x").postings)
    except Exception as error:  # a recording in another shape than the feed's own
        print(f"skipped {file.name}: {type(error).__name__}", file=sys.stderr)


def _joined(text: str) -> str:
    return "\n".join(ast.literal_eval(text)) if text.startswith(("['", '["')) else text


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
