"""What the documents say is so: tables and the worked example are made from the code, commands and names exist.

`.venv/bin/python tests/unit/test_docs.py` writes the made parts anew.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import SecretStr
from typer.core import TyperGroup

from services.cli.main import build
from services.notifier.senders import connecting, replies, smtp
from shared.errors import OutcomeUnknown
from shared.posting import Level, RawPosting, Strength
from shared.reading.posting import read_posting
from shared.reading.profile import read_profile
from shared.scoring import offer_of, score, weights, wish_of
from shared.scoring.rarity import SHIPPED
from shared.settings import SECRETS, Settings

ROOT = Path(__file__).parents[2]
OF_THE_TESTS = {"JOBLARK_REQUIRE_DOCKER"}
COMMAND = ".venv/bin/python tests/unit/test_docs.py"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CV = """\
Tessa Lim
Backend engineer, based in Singapore

Senior Backend Engineer, Harbour & Pine, 2020 – 2026
Ledger services in Go and PostgreSQL, events over Kafka, all of it on Kubernetes.
"""
TITLE, COMPANY, PLACE = "Staff Backend Engineer, Ledger", "Lumenworks", "Singapore"
TEXT = """\
Requirements
- Several years of backend work in Go
- PostgreSQL and Kafka in production
- gRPC, Redis

Nice to have
- Rust
- Terraform
"""


# ------------------------------------------------------------------------------------------------------ the made parts


def settings_table() -> str:
    """Every setting as a row: variable, default, meaning."""
    rows = [_setting(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _setting(name: str, field: Any) -> str:
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    meaning = field.description + (f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else "")
    return f"| `JOBLARK_{name.upper()}` | {f'`{default}`' if str(default) else 'empty'} | {meaning} |"


def parts_table() -> str:
    """The parts of the score with their weights."""
    compared = {
        "skills": ("the skills the posting names with those the profile has", "the posting names no skill at all"),
        "role": ("backend, frontend, data, infrastructure…", "either is not said"),
        "level": ("rungs from intern to principal, and managers", "either is not said"),
        "place": ("country, region, city, remote", "the profile names no country, or the posting neither place nor workplace"),
        "pay": ("the top of the range with the least one asks for", "either is not said, or they are in two currencies"),
        "freshness": ("days from being posted to being seen first", "the board gives no date"),
    }
    rows = [f"| {name} | {weight:.2f} | {' | '.join(compared[name])} |" for name, weight in weights.WEIGHTS.items()]
    return "\n".join(["| part | weight | compares | unknown when |", "|---|---|---|---|", *rows])


def numbers_table() -> str:
    """The other numbers of the scorer."""
    one, two = (weights.level_fit(Level.SENIOR, other) for other in (Level.STAFF, Level.PRINCIPAL))
    strengths = ", ".join(f"{weights.STRENGTHS[kind]:g}" for kind in Strength)
    rows = {
        "a skill that is required, preferred, only mentioned; in the title": f"{strengths}; {weights.IN_TITLE}",
        "credit for a skill of yours, and for what it rests on": f"{weights.OWN / 10:g}, {weights.RESTS_ON / 10:g}",
        "share of the skills' weight that is full marks": (
            f"{weights.ENOUGH / 10:g}, and no less weight than {weights.LEAST / 10 / weights.POINTS:g}"
        ),
        "level: one rung off, two rungs off": f"{one:g}, {two:g}",
        "place: your city; your country, one of you names no city; remote for an office there": (
            f"{weights.SAME_CITY:g}; {weights.SAME_COUNTRY:g}; {weights.REMOTE_COUNTRY:g}"
        ),
        "place: another city of your state, of your country": f"{weights.SAME_REGION:g}, {weights.OTHER_CITY:g}",
        "place: remote within your region, from an unknown place": f"{weights.REMOTE_REGION:g}, {weights.REMOTE_SOMEWHERE:g}",
        "place: in person at an unknown place, elsewhere": f"{weights.SOMEWHERE:g}, {weights.ELSEWHERE:g}",
        "pay: the top of the range reaches what you ask for, or nearly; less is a broken deal": (
            f"1, from {100 * weights.NEARLY:g} % on {weights.NEARLY_FIT:g}"
        ),
        "freshness: posted days before we saw it": ", ".join(f"≤ {days}: {fit:g}" for days, fit in weights.FRESH_DAYS)
        + ", else 0",
        "what remains of a score when taking the job means moving": f"× {weights.MOVING:g}",
        "what remains when a deal is broken": f"× {weights.BROKEN:g}",
        "most that feedback moves a weight": f"× or ÷ {weights.STEP**weights.STEPS:g}, in {weights.STEPS} steps",
    }
    return "\n".join(["| what | number |", "|---|---|", *(f"| {what} | {number} |" for what, number in rows.items())])


def example() -> str:
    """A profile and a posting read and scored, with the arithmetic."""
    raw = RawPosting(
        source="greenhouse", board="example", external_id="1", title=TITLE, company=COMPANY, location=PLACE, description=TEXT
    )
    posting, profile = read_posting(raw), read_profile(CV)
    offer, wish, match = offer_of(posting), wish_of(profile), score(posting, profile)
    mentions = {mention.skill: mention for mention in posting.facts.skills}
    rows = [
        f"| {skill} | {SHIPPED[skill]:.2f} | {'in the title' if mentions[skill].in_title else mentions[skill].strength} "
        f"| {points} | {wish.credit.get(skill, 0)} | {points * wish.credit.get(skill, 0)} |"
        for skill, points in offer.asked.items()
    ]
    shared = sum(points * wish.credit.get(skill, 0) for skill, points in offer.asked.items())
    known = {name: part for name, part in match.parts.items() if part is not None}
    terms = " + ".join(f"{weights.WEIGHTS[name]:.2f} × {part:g}" for name, part in known.items())
    total = " + ".join(f"{weights.WEIGHTS[name]:.2f}" for name in known)
    level = f"The posting asks for {posting.facts.level}, the profile says {profile.level}: level {known['level']:.2f}."
    skills = f"Shared {shared:,} points of {offer.full_marks:,} for full marks: skills {known['skills']:.2f}."
    return "\n".join(
        [
            f"```\n{CV}```\n",
            f"against *{TITLE}* at {COMPANY}, {PLACE}:\n\n```\n{TEXT}```\n",
            "| skill | rarity | the posting wants it | points | credit | shared |\n|---|---|---|---|---|---|",
            *rows,
            f"\n{skills} {level} Role {known['role']:.2f}, place {known['place']:.2f}; pay and freshness are not known.\n",
            f"    100 × ({terms}) / ({total}) = {match.score:g}\n",
            (
                f"Reasons: {' · '.join(match.reasons)}. Missing: {', '.join(match.missing) or 'nothing'}. "
                f"Perhaps known: {', '.join(match.perhaps) or 'nothing'}."
            ),
        ]
    )


MADE: list[tuple[str, str, Callable[[], str]]] = [
    ("docs/settings.md", "settings", settings_table),
    ("docs/matching.md", "parts", parts_table),
    ("docs/matching.md", "numbers", numbers_table),
    ("docs/matching.md", "example", example),
]


def with_block(text: str, name: str, block: str) -> str:
    """`text` with `block` between the marks `begin NAME` and `end NAME`."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    assert text.count(begin) == text.count(end) == 1, f"the marks of {name} are not there exactly once"
    return text[: text.index(begin)] + f"{begin}{block}\n" + text[text.index(end) :]


def write_anew() -> None:
    for path, name, make in MADE:
        (ROOT / path).write_text(with_block((ROOT / path).read_text(), name, make()))


@pytest.mark.parametrize(("path", "name", "make"), MADE, ids=[name for _, name, _ in MADE])
def test_made_parts_say_what_the_code_does(path: str, name: str, make: Callable[[], str]) -> None:
    text = (ROOT / path).read_text()
    assert text == with_block(text, name, make()), f"{path} is out of date; run: {COMMAND}"


# ------------------------------------------------------------------------------------------------ what documents name


def _named(pattern: str) -> list[tuple[str, str]]:
    """(document, what `pattern` found) over all documents."""
    return [(path.name, found.group(1)) for path in DOCUMENTS for found in re.finditer(pattern, path.read_text(), re.MULTILINE)]


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert first is not None
    assert [line.partition("#")[0].strip() for line in first[1].splitlines()] == ["make demo", "make test"]


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = _named(r"(?:^    |`)make ([a-z-]+)")
    assert len(named) > 5
    assert [pair for pair in named if pair[1] not in targets] == []


def test_commands_and_their_options_exist() -> None:
    lines = _named(r"(?:`|exec (?:-T )?\w+ |\.venv/bin/)(joblark [a-z][^`\n#]*)")
    assert len(lines) > 20
    assert [(name, line, fault) for name, line in lines for fault in _faults(line.rstrip("\\ "))] == []


def _faults(line: str) -> Iterator[str]:
    """What is wrong with a command line as documents write it: unknown commands and options."""
    command: Any = typer.main.get_command(build())
    words = shlex.split(re.split(r" [<>|&]|\]", line)[0])[1:]
    while words and isinstance(command, TyperGroup) and not words[0].startswith("-"):
        word = words.pop(0)
        if word not in command.commands:
            yield f"no command {word}"
            return
        command = command.commands[word]
    options = {name for option in command.params for name in option.opts} | {"--help"}
    yield from (f"no option {word}" for word in words if word.startswith("--") and word.partition("=")[0] not in options)


def test_settings_exist() -> None:
    known = {f"JOBLARK_{name.upper()}" for name in Settings.model_fields} | {f"JOBLARK_{name.upper()}_FILE" for name in SECRETS}
    operators = [*DOCUMENTS, ROOT / ".env.example", ROOT / "docker-compose.yml", ROOT / "Dockerfile"]
    named = [(path.name, name) for path in operators for name in re.findall(r"JOBLARK_[A-Z_]*[A-Z]", path.read_text())]
    assert [pair for pair in named if pair[1] not in known | OF_THE_TESTS] == []


def test_files_named_in_the_text_exist() -> None:
    named = _named(r"`((?:services|shared|tests|requirements|docs)/[\w./-]+)(?![\w./<*-])")
    assert len(named) > 20
    assert [pair for pair in named if not (ROOT / pair[1]).exists()] == []


def test_every_code_of_the_mail_sender_is_explained() -> None:
    source = "".join(Path(module.__file__).read_text() for module in (smtp, connecting, replies))
    codes = {OutcomeUnknown.code, *re.findall(r"\b(?:smtp_[a-z]+_?[a-z]*|address_invalid)\b(?=[`\"])", source)}
    text = (ROOT / "docs" / "deliverability.md").read_text()
    assert len(codes) > 6
    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []


if __name__ == "__main__":
    write_anew()
