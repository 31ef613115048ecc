"""How well the matcher ranks, on every labelled set there is: `python tests/benchmarks/evaluation.py`.

Reads the labelled sets beside the repository and `evaluation_labels.tsv` (what three engineers would say of recorded postings,
labelled by hand: profile, source, board, id and label, no texts), and prints for each the metrics of `joblark evaluate`.
With `--list SET` it prints the postings of one set in our order instead, with parts, for reading why; with `--docs` the table
of `docs/matching.md`.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import numpy as np  # noqa: E402
from recorded import ashby_postings  # noqa: E402

from services.matcher.baseline import tfidf_cosine  # noqa: E402
from services.matcher.evaluation import METRICS, auc, difference, estimate, ndcg, precision, resamples  # noqa: E402
from services.scraper.sources import source  # noqa: E402
from shared.errors import UnreadableInput  # noqa: E402
from shared.match import Match  # noqa: E402
from shared.posting import Posting, RawPosting, Workplace  # noqa: E402
from shared.profile import Profile  # noqa: E402
from shared.reading.posting import read_posting  # noqa: E402
from shared.reading.profile import read_profile, read_profile_file  # noqa: E402
from shared.scoring import score  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
LABELS = HERE / "evaluation_labels.tsv"
TODAY = date(2026, 11, 21)


class Case(NamedTuple):
    """One person, the text they are known by, and postings with a grade each."""

    name: str
    profile: Profile
    text: str
    postings: list[Posting]
    labels: list[float]


def main(arguments: list[str]) -> int:
    wanted = "".join(name for name in arguments if not name.startswith("--"))
    tell = show if "--list" in arguments else document if "--docs" in arguments else report
    for case in cases():
        if case.name.startswith(wanted):
            tell(case, [score(posting, case.profile) for posting in case.postings])
    return 0


def cases() -> Iterator[Case]:
    for made in (jsonresume, hacker_news, by_hand):
        yield from made()


# ---------------------------------------------------------------------------------------------------------------- the sets


def jsonresume() -> Iterator[Case]:
    """100 postings for p16: 12 best (grade 2), 8 worst (0), the others 1, which reproduces its authors' NDCG@10 of 0.259.

    Three times: with the skills its authors extracted, with their names but not their keywords, and with the cut text alone.
    """
    folder = DATA / "labelled" / "jsonresume_eval"
    if not folder.is_dir():
        return
    jobs = json.loads((folder / "corpus.json").read_text())["jobs"]
    gold = json.loads((folder / "goldset.json").read_text())
    grades = {job["id"]: grade for grade, kind in ((2.0, "best"), (0.0, "worst")) for job in gold[kind]}
    profile, text = person("p16")
    for name, skills in (("skills", with_keywords), ("names", names_only), ("cut", lambda _: "")):
        postings = [read_posting(resume_job(job, skills(job["skills"]))) for job in jobs]
        yield Case(f"jsonresume-{name}", profile, text, postings, [grades.get(job["id"], 1.0) for job in jobs])


def with_keywords(skills: list[dict[str, Any]]) -> str:
    return "\n".join(f"- {skill['name']}: {', '.join(skill['keywords'])}" for skill in skills)


def names_only(skills: list[dict[str, Any]]) -> str:
    return "\n".join(f"- {skill['name']}" for skill in skills)


def resume_job(job: dict[str, Any], skills: str) -> RawPosting:
    workplaces = {"Full": Workplace.REMOTE, "Hybrid": Workplace.HYBRID, "None": Workplace.ONSITE}
    return RawPosting(
        source="jsonresume",
        board="eval",
        external_id=str(job["id"]),
        title=job["title"],
        company=job["company"],
        description="\n\nSkills\n\n".join(part for part in (job["description"], skills) if part),
        workplace=workplaces.get(job["remote"]),
    )


def hacker_news() -> Iterator[Case]:
    """Eight things people look for in one thread of Hacker News, each with the posts that somebody found relevant."""
    gold = DATA / "labelled" / "hn_jobs_gold_set_kbariotis.json"
    if not gold.is_file():
        return
    postings = [read_posting(raw) for raw in thread()]
    for number, query in enumerate(json.loads(gold.read_text()), 1):
        found = {str(id_) for id_ in query["matches"]}
        try:
            profile = read_profile(query["query"], today=TODAY)
        except UnreadableInput:
            continue
        labels = [float(posting.external_id in found) for posting in postings]
        yield Case(f"hn-{number} {query['query']}", profile, query["query"], postings, labels)


def by_hand() -> Iterator[Case]:
    """What the person of each CV would say of recorded postings."""
    if not (LABELS.is_file() and (DATA / "bulk").is_dir()):
        return
    rows = list(csv.DictReader(LABELS.open(), delimiter="\t"))
    known = {(raw.source, raw.board, raw.external_id): raw for raw in (*ashby_postings(), *thread())}
    for name in sorted({row["profile"] for row in rows}):
        profile, text = person(name)
        mine = [row for row in rows if row["profile"] == name]
        postings = [read_posting(known[row["source"], row["board"], row["external_id"]]) for row in mine]
        yield Case(f"hand-{name}", profile, text, postings, [float(row["label"]) for row in mine])


def person(name: str) -> tuple[Profile, str]:
    folder = DATA / "profiles" / "jsonresume"
    return read_profile_file(name, (folder / f"{name}.json").read_bytes(), today=TODAY), (folder / f"{name}.txt").read_text()


def thread() -> tuple[RawPosting, ...]:
    """The posts of one recorded thread of Hacker News."""
    recorded = DATA / "feeds" / "hn" / "hn_2025-12_kbariotis.json"
    return source("hackernews").parse(recorded.read_bytes(), "hn_2025-12").postings


# --------------------------------------------------------------------------------------------------------------- the tables


def report(case: Case, matches: list[Match]) -> None:
    labels, ours, theirs = measured(case, matches)
    draws = list(resamples(len(labels)))
    print(f"\n{case.name}: {len(labels)} postings, {int((labels == labels.max()).sum())} of the best grade")
    for name, metric in metrics(labels).items():
        mine, base = estimate(metric, labels, ours, draws), estimate(metric, labels, theirs, draws)
        more = difference(metric, labels, ours, theirs, draws)
        print(f"  {name:14} {shown(mine)}   TF-IDF {shown(base)}   difference {shown(more)}")
    if case.name.startswith("jsonresume"):
        print(f"  {best_and_worst(labels, ours)}")


def document(case: Case, matches: list[Match]) -> None:
    """A row for the documents: AUC with its interval (of the best against the rest), NDCG@10."""
    labels, ours, theirs = measured(case, matches)
    draws = list(resamples(len(labels)))
    yes = (labels == labels.max()).astype(float)
    cells = [case.name, str(len(labels)), str(int(yes.sum()))]
    cells += [shown(estimate(auc, yes, scores, draws)) for scores in (ours, theirs)]
    cells += [f"{ndcg(labels, scores, 10):.2f}" for scores in (ours, theirs)]
    print(f"| {' | '.join(cells)} |{' ' + best_and_worst(labels, ours) if labels.max() > 1 else ''}")


def measured(case: Case, matches: list[Match]) -> tuple[Any, Any, Any]:
    """The labels, our scores and the baseline's."""
    texts = [f"{posting.title}\n{posting.description}" for posting in case.postings]
    return np.array(case.labels), np.array([match.score for match in matches]), tfidf_cosine(case.text, texts)


def best_and_worst(labels: Any, ours: Any) -> str:
    order = np.argsort(-ours, kind="stable")
    best, worst = (labels[order][:50] == 2).sum(), (labels[order][:10] == 0).sum()
    return f"{best} of 12 best in the top 50, {worst} worst in the top 10"


def metrics(labels: Any) -> dict[str, Callable[..., float]]:
    """Where there are grades, AUC and precision are of the best grade against the rest."""
    if labels.max() <= 1:
        return dict(METRICS)
    best = labels.max()

    def of_best(metric: Callable[..., float]) -> Callable[..., float]:
        return lambda some, scores, **more: metric((some == best).astype(float), scores, **more)

    graded = {"NDCG@10": METRICS["NDCG@10"], "NDCG": ndcg}
    return {"AUC of best": of_best(auc), "AUC of worst": lambda some, scores: auc((some == 0).astype(float), -scores)} | {
        "best among 10": lambda some, scores: precision((some == best).astype(float), scores, 10),
    } | graded  # fmt: skip


def shown(estimate: Any) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def show(case: Case, matches: list[Match]) -> None:
    print(f"\n{case.name}: {case.profile.role} {case.profile.level} {case.profile.places}")
    rows = sorted(zip(matches, case.postings, case.labels, strict=True), key=lambda row: -row[0].score)
    for rank, (match, posting, label) in enumerate(rows, 1):
        parts = " ".join(f"{name[:2]}={'-' if part is None else f'{part:.2f}'}" for name, part in match.parts.items())
        facts = f"{posting.facts.role} {posting.facts.level} {posting.facts.workplace}"
        print(
            f"{rank:3} {label:.0f} {match.score:6.2f} {parts} | {posting.title[:60]} | {facts} | +{','.join(match.matched[:8])}"
            f" -{','.join(match.missing[:8])}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
