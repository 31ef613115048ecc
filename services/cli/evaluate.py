"""`joblark evaluate`: how well the score ranks postings that a person has judged, beside a plain baseline."""

import json as json_module
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from services.cli import files
from services.cli.given import given_in
from services.cli.show import Json, err, out, progress, table
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from services.cli.given import Given
    from services.matcher.evaluation import Estimate, Floats
    from shared.profile import Profile

MISSING = 'no baseline: it needs scikit-learn; install Joblark with it, as in: pip install "joblark[eval]"'
HIGHEST_GRADE = 20
"""A gain of 2^20 is a million times that of a 1: more is a slip, and would overflow in the end."""
WORDS = {"true": 1, "yes": 1, "y": 1, "false": 0, "no": 0, "n": 0}


def add_to(cli: typer.Typer) -> None:
    cli.command(rich_help_panel="Try")(evaluate)


def evaluate(
    profile: Annotated[str, typer.Option(help="A CV, as for `joblark match`; - reads standard input.")],
    labels: Annotated[
        str,
        typer.Option(help="Postings, one JSON object a line, each with a `label`: true or false, or a grade from 0 upwards."),
    ],
    json: Json = False,
) -> None:
    """Measure how well the score ranks judged postings: AUC, precision and NDCG with 95 % intervals, beside TF-IDF.

    A label above 0 is a yes for AUC and precision; NDCG takes grades. The intervals are bootstrap intervals with a fixed seed.
    """
    from shared.reading.profile import read_profile_file

    body = files.read(profile)
    person, given = read_profile_file(profile, body, today=datetime.now(UTC).date()), given_in(labels)
    given, judged = _judged(given, labels)
    if not (judged > 0).any() or not (judged <= 0).any():
        message = f"{labels}: there must be postings with a label of yes and of no; here are {len(judged)} of one kind"
        raise UnreadableInput(message, code="labels_one_sided")
    rows = measured(judged, scores_of(person, given), baseline_of(words_of(body, person), given))
    table(rows if json else [_line(row) for row in rows], as_json=json)
    if not json:
        out.print(f"\n{len(judged)} postings, {int((judged > 0).sum())} labelled yes. Intervals: 95 %.")
    if "tfidf" not in rows[0]:
        err.print(f"[yellow]{MISSING.replace('[', chr(92) + '[')}[/]", soft_wrap=True)


def scores_of(person: "Profile", given: "list[Given]") -> "Floats":
    """Our score of each posting."""
    import numpy as np

    from shared.scoring import score

    with progress() as bar:
        return np.array([score(one.posting, person).score for one in bar.track(given, description="scoring")])


def baseline_of(profile: str, given: "list[Given]") -> "Floats | None":
    """The TF-IDF likeness of each posting's title and text and the words of a profile; `None` without scikit-learn."""
    from services.matcher.baseline import tfidf_cosine

    texts = [f"{one.posting.title}\n{one.posting.description}" for one in given]
    try:
        return tfidf_cosine(profile, texts)
    except ImportError:
        return None


def words_of(body: bytes, person: "Profile") -> str:
    """The words of a CV: every text in a JSON Resume, a page without its markup; of other formats what was read of them."""
    from shared.reading.html import plain_text

    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "\n".join([person.headline, *(f"{skill.skill} {skill.evidence}" for skill in person.skills)])
    try:
        return "\n".join(_texts(json_module.loads(text)))
    except (ValueError, RecursionError):
        return plain_text(text)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _judged(given: "list[Given]", file: str) -> "tuple[list[Given], Floats]":
    """The postings that have a label, and their grades. Says how many have none; raises `UnreadableInput` where none has."""
    import numpy as np

    grades = [grade_of(one.said.get("label")) for one in given]
    judged = [(one, grade) for one, grade in zip(given, grades, strict=True) if grade is not None]
    lacking = [one.id for one, grade in zip(given, grades, strict=True) if grade is None]
    wanted = f"a label is true, false or a number from 0 to {HIGHEST_GRADE}"
    if not judged:
        raise UnreadableInput(f"{file}: no posting has a label; {wanted}", code="label_unreadable")
    if lacking:
        told = f"{file}: {len(lacking)} left out without a label, as posting {lacking[0]}; {wanted}"
        err.print(f"[yellow]{escape(told)}[/]", soft_wrap=True)
    return [one for one, _ in judged], np.array([grade for _, grade in judged])


def grade_of(said: Any) -> float | None:
    """What a label says: true and yes are 1. `None` where it says nothing."""
    if isinstance(said, str):
        said = WORDS.get(said.strip().lower(), said)
    try:
        grade = float(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return grade if math.isfinite(grade) and 0 <= grade <= HIGHEST_GRADE else None


def measured(judged: "Floats", ours: "Floats", theirs: "Floats | None") -> list[dict[str, Any]]:
    """A row for each metric: ours and the baseline with their intervals, and the difference on the same draws."""
    from services.matcher.evaluation import METRICS, difference, estimate, resamples

    draws, rows = list(resamples(len(judged))), []
    with progress() as bar:
        for name, metric in bar.track(METRICS.items(), description="measuring", total=len(METRICS)):
            row = {"metric": name, **_columns("joblark", estimate(metric, judged, ours, draws))}
            if theirs is not None:
                row |= _columns("tfidf", estimate(metric, judged, theirs, draws))
                row |= _columns("difference", difference(metric, judged, ours, theirs, draws))
            rows.append(row)
    return rows


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """A row for people: `0.857 [0.793, 0.912]`."""
    names = [name for name in row if f"{name}_low" in row]
    return {"metric": row["metric"]} | {
        name: f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]" for name in names
    }


def _columns(name: str, found: "Estimate") -> dict[str, float]:
    value, low, high = (round(number, 4) for number in found)
    return {name: value, f"{name}_low": low, f"{name}_high": high}
