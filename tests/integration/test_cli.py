"""What others script against: the commands' output, keys, types and exit codes. Each is run as a process of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from services.cli.main import build

JOBLARK = Path(sys.executable).with_name("joblark")
SAMPLES = Path(__file__).parents[2] / "services" / "embedded" / "samples"
BOARD = SAMPLES / "boards" / "greenhouse.lumenworks.json"
CV = SAMPLES / "people" / "mei-tan.txt"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("boards", "list", given=…, NAME=…)`: one command, in a folder and with settings of its own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}

    def command(*words: object, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {**ours, "JOBLARK_DATA_DIR": str(tmp_path / "var"), "COLUMNS": "160", "NO_COLOR": "1", **settings}
        return subprocess.run(
            [JOBLARK, *map(str, words)],
            input=given,
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )

    return command


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refusal(done: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The one line on stderr; asserts that there is nothing else."""
    assert done.returncode == exit_code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


# -------------------------------------------------------------------------------------------------------- sources parse

TYPES = {
    "source": str,
    "board": str,
    "external_id": str,
    "title": str,
    "company": str | None,
    "url": str | None,
    "location": str | None,
    "description": str,
    "posted_at": str | None,
}


@pytest.mark.parametrize("file", sorted((SAMPLES / "boards").iterdir()), ids=lambda file: file.name.split(".")[0])
def test_parse_prints_one_posting_a_line_with_the_promised_keys(run, file):
    source, board = file.name.split(".")[:2]
    found = rows(run("sources", "parse", source, file, "--board", board, "--json"))
    assert len(found) >= 10
    for row in found:
        assert {name: type(row[name]) for name in TYPES if not isinstance(row[name], TYPES[name])} == {}
        assert (row["source"], row["board"]) == (source, board)
        assert row["title"].strip()
        assert not re.search(r"</?(p|li|ul|div|br|strong)\b", row["description"])
        assert row["posted_at"] is None or datetime.fromisoformat(row["posted_at"])
        assert row["valid_through"] is None or date.fromisoformat(row["valid_through"])
    assert any(row["description"] for row in found)


def test_what_is_unknown_is_null(run, tmp_path):
    (tmp_path / "one.json").write_text('{"jobs": [{"id": 1, "title": "Engineer"}]}')
    (row,) = rows(run("sources", "parse", "greenhouse", "one.json", "--board", "acme", "--json"))
    assert (row["url"], row["location"], row["posted_at"], row["description"]) == (None, None, None, "")


def test_parse_reads_standard_input(run):
    found = rows(run("sources", "parse", "greenhouse", "-", "--board", "acme", "--json", given=BOARD.read_text()))
    assert {row["board"] for row in found} == {"acme"}


def test_parse_without_json_is_a_table_for_people(run):
    done = run("sources", "parse", "greenhouse", BOARD, "--board", "lumenworks")
    assert done.returncode == 0
    assert "Senior Backend Engineer, Payments Core" in done.stdout
    assert re.search(r"\d+ postings", done.stdout)


def test_what_was_dropped_goes_to_stderr_and_leaves_the_rest_alone(run, tmp_path):
    (tmp_path / "two.json").write_text('{"jobs": [{"id": 1, "title": "Engineer"}, {"id": 2, "title": ["no"]}]}')
    done = run("sources", "parse", "greenhouse", "two.json", "--board", "acme", "--json")
    assert [row["external_id"] for row in rows(done)] == ["1"]
    assert re.fullmatch(r"dropped 2: .+", done.stderr.strip())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty body"),
        (b"<!doctype html><html><body>Senior Engineer, Singapore</body></html>", "no structured data"),
        (b'{"jobs": [{"id": 1, "title": "En', "truncated JSON"),
        (b"Senior Engineer in Singapore, apply now", "no structured data"),
        (bytes(range(256)), "JSON was expected"),
        (b"[" * 100_000, ""),
        (b'{"jobs": {"a": 1}}', "no list of jobs"),
    ],
    ids=["empty", "html", "truncated", "text", "binary", "deep", "no list"],
)
def test_a_file_that_cannot_be_read_is_one_line_that_names_it(run, tmp_path, content, words):
    (tmp_path / "answer.json").write_bytes(content)
    said = refusal(run("sources", "parse", "greenhouse", "answer.json", "--board", "acme", "--json"), 2)
    assert words in said
    assert "greenhouse:acme" in said or "answer.json" in said


def test_a_file_that_is_not_there_is_one_line_that_names_it(run):
    assert "nowhere.json" in refusal(run("sources", "parse", "greenhouse", "nowhere.json", "--board", "a", "--json"), 2)


def test_a_source_that_is_not_there_is_one_line_that_names_those_that_are(run):
    said = refusal(run("sources", "parse", "monster", BOARD, "--board", "a", "--json"), 1)
    assert "greenhouse" in said


@pytest.mark.recorded
def test_the_posting_among_the_seeds_is_a_clear_error(run, shared_data):
    (seed,) = (shared_data / "seeds").glob("002_*")
    for source in ("greenhouse", "lever", "ashby", "themuse"):
        assert "no structured data" in refusal(run("sources", "parse", source, seed, "--board", "x", "--json"), 2)


# ---------------------------------------------------------------------------------------------------- match and profile

POSTINGS = (
    {"id": "far", "title": "Registered Nurse", "description": "You care for patients in our clinic."},
    {"id": 7, "title": "Senior Backend Engineer", "description": "Requirements\n- Go\n- gRPC\n- MySQL\n- Kafka"},
    {"id": None, "title": "Android Engineer", "description": "Kotlin and Jetpack Compose.", "location": None},
)


@pytest.fixture
def postings(tmp_path: Path) -> Path:
    path = tmp_path / "postings.jsonl"
    path.write_text("\n".join(map(json.dumps, POSTINGS)) + "\n\n")
    return path


def test_match_prints_every_posting_best_first_with_the_promised_keys(run, postings):
    found = rows(run("match", "--profile", CV, "--postings", postings, "--json"))
    assert found[0]["id"] == 7
    assert {str(row["id"]) for row in found} == {"far", "7", "None"}
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    for row in found:
        assert set(row) == {"id", "score", "matched", "missing", "reasons"}
        assert 0 <= row["score"] <= 100
        assert all(isinstance(row[name], list) for name in ("matched", "missing", "reasons"))
        assert all(isinstance(word, str) for name in ("matched", "missing", "reasons") for word in row[name])
    assert {"go", "grpc", "mysql", "kafka"} <= set(found[0]["matched"])
    assert found[0]["reasons"]


def test_top_is_the_only_thing_that_shortens_it(run, postings):
    assert len(rows(run("match", "--profile", CV, "--postings", postings, "--json", "--top", "2"))) == 2
    many = "\n".join(json.dumps({"id": number, **POSTINGS[1], "title": f"Engineer {number}"}) for number in range(300))
    postings.write_text(many)
    assert len(rows(run("match", "--profile", CV, "--postings", postings, "--json"))) == 300


def test_match_reads_what_parse_prints(run, tmp_path):
    parsed = run("sources", "parse", "greenhouse", BOARD, "--board", "lumenworks", "--json")
    (tmp_path / "parsed.jsonl").write_text(parsed.stdout)
    found = rows(run("match", "--profile", CV, "--postings", "parsed.jsonl", "--json"))
    assert len(found) == len(rows(parsed))
    assert {row["id"] for row in found} == {row["external_id"] for row in rows(parsed)}
    again = run("match", "--profile", CV, "--postings", "-", "--json", given=parsed.stdout)
    assert rows(again) == found  # the same input, the same scores


NO_POSTINGS = [
    ("{not json", "line 1: not a JSON object"),
    ("[1, 2]", "number 1: not a JSON object"),
    ('{"title": "Engineer"}', "line 1: it has no description"),
    ('{"title": "Engineer", "description": null}', "line 1: it has no description"),
    ('{"description": "Go"}', "line 1: it has no title"),
    ('{"title": " ", "description": "Go"}', "line 1: it has no title"),
]


@pytest.mark.parametrize(("line", "words"), NO_POSTINGS)
def test_a_file_without_a_posting_is_refused(run, postings, line, words):
    postings.write_text(line + "\n")
    assert words in refusal(run("match", "--profile", CV, "--postings", postings, "--json"), 2)


def test_lines_that_are_no_posting_are_left_out_and_told(run, postings):
    postings.write_text(json.dumps(POSTINGS[0]) + '\nnot json\n{"title": "Engineer"}\n')
    done = run("match", "--profile", CV, "--postings", postings, "--json")
    assert len(rows(done)) == 1
    assert "2 of 3 left out: line 2: not a JSON object; line 3: it has no description" in done.stderr


def test_postings_are_read_as_people_write_them(run, tmp_path):
    """A list, ids that are numbers, several places, kinds in words, a line separator, and fields that say nothing."""
    text = "We write Go.\u2028Postgres too."
    loose = {"id": 7, "title": "Backend Engineer", "description": text, "location": ["Singapore", "Berlin, Germany"]}
    kinds = {"workplace": "On-site", "employment": "Full-time", "pay": "plenty", "posted_at": "last week"}
    (tmp_path / "list.json").write_text(json.dumps([loose | kinds, {**loose, "id": 8, "title": "x" * 900}], indent=2))
    (tmp_path / "lines.jsonl").write_text(json.dumps(loose | kinds, ensure_ascii=False) + "\n")
    for file, count in (("list.json", 2), ("lines.jsonl", 1)):
        done = run("posting", "read", file, "--json")
        read = rows(done)
        assert len(read) == count
        facts = read[0]["facts"]
        assert [place["country"] for place in facts["places"]] == ["SG", "DE"]
        assert (facts["workplace"], facts["employment"], facts["pay"]) == ("onsite", "full_time", None)
        assert "read without fields that say nothing to us: pay (1), posted_at (1)" in done.stderr


def test_profile_read_prints_the_profile(run):
    (profile,) = rows(run("profile", "read", CV, "--json"))
    assert {"headline", "skills", "role", "level", "years", "places", "workplaces", "employments", "pay_floor"} <= set(profile)
    assert {"go", "grpc", "mysql", "kafka"} <= {skill["skill"] for skill in profile["skills"]}
    assert (profile["role"], profile["level"]) == ("backend", "senior")
    assert profile["places"][0]["country"] == "SG"
    assert "Mei Tan" not in json.dumps(profile["skills"])


@pytest.mark.parametrize(
    ("cv", "code"),
    [("", "profile_empty"), ("I like dogs and long walks.", "profile_without_skills"), ("Go " * 100_000, "profile_too_long")],
    ids=["empty", "nothing", "long"],
)
def test_a_cv_that_cannot_be_read_is_one_line_and_never_an_invented_person(run, cv, code):
    assert f"({code})" in refusal(run("profile", "read", "-", "--json", given=cv), 2)


# -------------------------------------------------------------------------------------- pasted jobs, explained, and judged

PASTED = """Skip to main content
Backend Engineer Intern
Kestrel Bank
Singapore
4 days ago
Apply now
Responsibilities
- You settle payments in Go, with Kafka between the services of Kestrel Bank
- You are currently pursuing a degree in computer science, and want to learn how banks work
Job ID: KB-77
Similar jobs
Rust Engineer
"""


def test_a_pasted_job_is_read_as_a_posting(run, tmp_path):
    (tmp_path / "job.txt").write_text(PASTED)
    (row,) = rows(run("posting", "read", "job.txt", "--json"))
    assert (row["title"], row["company"], row["location"]) == ("Backend Engineer Intern", "Kestrel Bank", "Singapore")
    assert (row["requisition_id"], row["facts"]["level"]) == ("KB-77", "intern")
    assert {"go", "kafka"} <= {mention["skill"] for mention in row["facts"]["skills"]}
    assert "Rust" not in row["description"]
    assert "Kestrel Bank" in run("posting", "read", "-", given=PASTED).stdout


def test_a_saved_page_is_read_from_its_structured_data(run, tmp_path):
    page = Path(__file__).parents[1] / "recordings" / "jsonld.html"
    found = rows(run("posting", "read", page, "--json"))
    assert found
    assert all(row["title"] and row["description"] and "page.invalid" not in json.dumps(row) for row in found)


@pytest.mark.parametrize(("given", "code"), [("", "posting_empty"), ("Backend Engineer\nSingapore", "posting_without_text")])
def test_what_is_no_job_is_refused(run, given, code):
    assert f"({code})" in refusal(run("posting", "read", "-", given=given), 2)


def test_a_pasted_job_is_matched_and_its_score_taken_apart(run, tmp_path):
    (tmp_path / "job.txt").write_text(PASTED)
    (row,) = rows(run("match", "--profile", CV, "--postings", "job.txt", "--json"))
    (told,) = rows(run("match", "--profile", CV, "--postings", "job.txt", "--explain", row["id"], "--json"))
    assert told["score"] == row["score"] < told["threshold"]
    assert told["in_digest"] is False
    assert "an internship" in told["verdict"]
    parts = {part["part"]: part for part in told["parts"]}
    assert parts["place"]["value"] == 1.0
    assert "Backend Engineer Intern" in parts["level"]["posting"]
    skills = {skill["skill"]: skill for skill in told["skills"]}
    assert skills["kafka"]["credit"] == 1.0
    assert "Kafka" in skills["kafka"]["posting"]
    assert "kafka" in skills["kafka"]["profile"].lower()
    shown = run("match", "--profile", CV, "--postings", "job.txt", "--explain", "-").stdout
    assert "not in a digest" in shown
    assert refusal(run("match", "--profile", CV, "--postings", "job.txt", "--explain", "other"), 1)


def judged(*labels: Any) -> str:
    texts = ("Go, gRPC, MySQL and Kafka", "You care for patients", "Kotlin and Jetpack Compose", "Go services on Kubernetes")
    titles = ("Senior Backend Engineer", "Registered Nurse", "Android Engineer", "Backend Engineer")
    jobs = [{"title": title, "description": text} for title, text in zip(titles, texts, strict=True)]
    return "\n".join(json.dumps({"id": n, **jobs[n % 4], "label": label}) for n, label in enumerate(labels))


def test_evaluate_measures_ours_beside_a_baseline(run, tmp_path):
    pytest.importorskip("sklearn")
    (tmp_path / "labels.jsonl").write_text(judged(True, False, False, True))
    found = {row["metric"]: row for row in rows(run("evaluate", "--profile", CV, "--labels", "labels.jsonl", "--json"))}
    assert list(found) == ["AUC", "precision@5", "precision@10", "precision@20", "NDCG@10", "NDCG"]
    assert found["AUC"]["joblark"] == found["NDCG@10"]["joblark"] == 1.0
    for row in found.values():
        assert row["tfidf_low"] <= row["tfidf"] <= row["tfidf_high"]
        assert row["difference"] == pytest.approx(row["joblark"] - row["tfidf"], abs=2e-4)
    graded = judged(3, 0, 0.5, 2)
    assert "TF-IDF" in run("evaluate", "--help").stdout
    assert "4 postings, 3 labelled yes" in run("evaluate", "--profile", CV, "--labels", "-", given=graded).stdout


def test_evaluate_without_scikit_learn_says_how_to_get_it(run, tmp_path):
    (tmp_path / "sklearn.py").write_text("raise ImportError('not here')")
    done = run("evaluate", "--profile", CV, "--labels", "-", "--json", given=judged(1, 0), PYTHONPATH=str(tmp_path))
    assert "tfidf" not in rows(done)[0]
    assert 'pip install "joblark[eval]"' in done.stderr


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ((True, True), "labels_one_sided"),
        ((), "label_unreadable"),
        ((-1, "perhaps"), "label_unreadable"),
    ],
)
def test_labels_that_measure_nothing_are_refused(run, labels, code):
    assert f"({code})" in refusal(run("evaluate", "--profile", CV, "--labels", "-", given=judged(*labels)), 2)


def test_labels_in_words_count_and_what_has_none_is_told(run):
    done = run("evaluate", "--profile", CV, "--labels", "-", given=judged("Yes", "0", "no", True, None, "perhaps"))
    assert "4 postings, 2 labelled yes" in done.stdout
    assert "2 left out without a label" in done.stderr


# ------------------------------------------------------------------------------------------------- every command there is


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    below = getattr(command, "commands", {})
    return [(path, command), *(found for name, one in below.items() for found in _commands(one, (*path, name)))]


COMMANDS = _commands(typer.main.get_command(build()))
LISTINGS = [path for path, _ in COMMANDS if path and path[-1] in ("list", "doctor", "poll", "match")]


def test_the_commands_are_those_that_were_promised():
    names = {" ".join(path) for path, command in COMMANDS if not getattr(command, "commands", {})}
    promised = (
        "demo; up; run; migrate; doctor; subscribe; match; profile read; sources list; sources parse; boards add; boards list; "
        "boards poll; boards remove; digest preview; digest send; dead-letters list; dead-letters show; dead-letters replay; "
        "dead-letters drop; posting read; evaluate"
    )
    assert set(promised.split("; ")) <= names


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) or "joblark" for path, _ in COMMANDS])
def test_every_command_explains_itself_and_each_option(run, path, command):
    done = run(*path, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert command.help or path == ()
    options = [one for one in command.params if isinstance(one, click.Option) and one.name not in _TYPERS_OWN]
    unexplained = [one.opts[-1] for one in options if len((one.help or "").split()) < 2]
    assert unexplained == []


_TYPERS_OWN = ("install_completion", "show_completion", "help")


@pytest.mark.parametrize("path", LISTINGS, ids=" ".join)
def test_every_listing_can_speak_json(path):
    command = dict(COMMANDS)[path]
    assert any("--json" in one.opts for one in command.params), path


@pytest.mark.parametrize("words", [("sources", "list"), ("boards", "list"), ("subscriptions", "list"), ("mails", "list")])
def test_a_listing_prints_nothing_but_json(run, words):
    run("migrate")
    done = run(*words, "--json")
    for row in rows(done):
        assert isinstance(row, dict)
    assert done.stderr == "" or done.stdout == ""


def test_a_wrong_word_is_exit_2_without_a_traceback(run):
    for words in (["nonsense"], ["boards", "nonsense"], ["match"], ["run", "nonsense"], ["boards", "list", "--nonsense"]):
        done = run(*words)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_is_named(run):
    assert "JOBLARK_PORT" in refusal(run("boards", "list", JOBLARK_PORT="many"), 2)


def test_a_database_that_is_not_migrated_is_one_line_that_says_what_to_do(run):
    assert "joblark migrate" in refusal(run("boards", "list", "--json"), 1)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["boards", "add", "greenhouse"], "board_name", 2),
        (["boards", "add", "monster:acme"], "source_unknown", 1),
        (["boards", "poll", "greenhouse:nobody"], "board_not_found", 1),
        (["boards", "remove", "greenhouse:nobody"], "board_not_found", 1),
        (["digest", "preview", "nobody@example.org"], "subscription_unknown", 1),
        (["digest", "send"], "not_now", 1),
        (["subscribe", "--email", "nobody", "--profile", str(CV)], "", 2),
        (["subscribe", "--email", "a@example.org", "--profile", str(CV), "--timezone", "Mars/Olympus"], "timezone_invalid", 2),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_line_with_a_stable_code(run, words, code, exit_code):
    run("migrate")
    assert code in refusal(run(*words), exit_code)


def test_a_board_is_added_once_and_can_be_removed_and_added_again(run):
    run("migrate")
    assert run("boards", "add", "greenhouse:acme").returncode == 0
    assert "(board_exists)" in refusal(run("boards", "add", "greenhouse:acme"), 1)
    assert run("boards", "remove", "greenhouse:acme").returncode == 0
    assert rows(run("boards", "list", "--json")) == []
    assert run("boards", "add", "greenhouse:acme").returncode == 0
    (row,) = rows(run("boards", "list", "--json"))
    assert (row["board"], row["jobs"], row["problem"]) == ("greenhouse:acme", 0, None)


# ----------------------------------------------------------------------------------------------------------------- rule

RULED = """\
{"id": 1, "title": "Python Engineer", "company": "Acme", "location": "Singapore", "description": "We write Python."}
{"id": 2, "title": "Engineer", "company": "Lumenworks", "location": "Berlin", "description": "We write Python."}
{"id": 3, "title": "Engineer", "location": "Remote", "description": "We write Python."}
"""


def test_a_rule_is_explained_and_counted(run):
    (found,) = rows(
        run("rule", "check", "country:sg and (skill:python3 or title:cook)", "--posting", "-", "--json", given=RULED)
    )
    assert found == {
        "rule": "country:SG and (skill:Python or title:cook)",
        "predicates": [
            {"asks": "country:SG", "yes": 1, "no": 1, "unknown": 1},
            {"asks": "skill:Python", "yes": 3, "no": 0, "unknown": 0},
            {"asks": "title:cook", "yes": 0, "no": 3, "unknown": 0},
        ],
        "postings": 3,
        "kept": 2,
        "dropped": 1,
        "unknown": 1,
    }
    done = run("rule", "check", "country:sg", "--posting", "-", "--drop-unknown", given=RULED)
    assert "3 postings: 1 kept, 2 dropped; 1 of the dropped do not say enough to tell" in done.stdout


def test_a_rule_without_postings_is_explained(run):
    (found,) = rows(run("rule", "check", "not skill:k8s", "--json"))
    assert found == {"rule": "not skill:Kubernetes", "predicates": [{"asks": "skill:Kubernetes"}]}
    assert "skill:Kubernetes" in run("rule", "check", "not skill:k8s").stdout
    assert "every job passes" in run("rule", "check", "").stdout


@pytest.mark.parametrize("words", [("rule", "check"), ("subscribe", "--email", "a@example.org", "--profile", CV, "--rule")])
def test_a_rule_that_is_wrong_is_shown_with_the_place(run, words):
    run("migrate")
    done = run(*words, "country:SG and contry:MY", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "country:SG and contry:MY",
        "               ^",
        "joblark: the rule, column 16: there is no field “contry”; did you mean country:? (rule_field)",
    ]


def test_a_subscription_has_a_rule_that_can_be_changed(run):
    run("migrate")
    who = ("--email", "a@example.org", "--profile", CV)
    (row,) = rows(run("subscribe", *who, "--rule", "country:SG", "--drop-unknown", "--json"))
    assert (row["rule"], row["unknown"]) == ("country:SG", "drop")
    assert run("subscriptions", "rule", "a@example.org", "skill:go").returncode == 0
    (row,) = rows(run("subscriptions", "list", "--json"))
    assert (row["rule"], row["unknown"]) == ("skill:go", "keep")


# --------------------------------------------------------------------------------------------------------------- doctor


def test_the_doctor_says_what_is_wrong_and_what_to_do(run):
    done = run("doctor", "--json", JOBLARK_REDIS_URL="redis://127.0.0.1:1/0", JOBLARK_SMTP_PORT="1")
    assert done.returncode == 1
    found = {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {"redis", "database", "mail server", "secret"}
    assert not any(row["well"] for row in found.values())
    assert all(row["advice"] and "\n" not in row["found"] for row in found.values())
    assert "joblark migrate" in found["database"]["advice"]


def test_the_doctor_is_content_when_all_is_well(run, valkey_url, smtp_catcher):
    servers = {"JOBLARK_REDIS_URL": valkey_url, "JOBLARK_SMTP_PORT": str(smtp_catcher.port)}
    assert run("migrate", "--create-secret").returncode == 0
    found = rows(run("doctor", "--json", **servers))
    assert {row["what"]: row["well"] for row in found} == dict.fromkeys(("redis", "database", "mail server", "secret"), True)
    table = run("doctor", **servers)
    assert table.returncode == 0
    assert "mail server" in table.stdout
    weak = run("doctor", "--json", **servers, JOBLARK_SECRET="short")
    assert weak.returncode == 1
    assert [json.loads(line)["what"] for line in weak.stdout.splitlines() if not json.loads(line)["well"]] == ["secret"]


def test_no_secret_is_ever_shown(run):
    secret = "a very secret secret that nobody should ever see"
    done = run("doctor", "--json", JOBLARK_SECRET=secret, JOBLARK_REDIS_URL="redis://:hunter2@127.0.0.1:1/0")
    assert secret not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
