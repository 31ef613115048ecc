"""Skills are found where they are named, and only there."""

from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading import vocabulary
from shared.reading.skills import find_skills, frequency, is_ubiquitous, parents, related
from shared.reading.tables import parts, rows


def names(text: str) -> list[str]:
    return [hit.skill for hit in find_skills(text)]


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("C++, C#, C and .NET; Node.js, CI/CD and Go.", ["c++", "c#", "c", ".net", "node.js", "ci/cd", "go"]),
        (
            "Kubernetes (K8s), ASP.NET Core, node.js/TypeScript",
            ["kubernetes", "kubernetes", "asp.net core", "node.js", "typescript"],
        ),
        ("Languages: Go, R, C", ["go", "r", "c"]),
        ("python3, Java 17, HTML5, LLMs, REST APIs", ["python", "java", "html", "llm", "rest"]),
        ("Go-based services beside Kafka-based ones", ["go", "kafka"]),
        ("Our codebase is written in Go", ["go"]),
        ("- Go\n- Rust", ["go", "rust"]),
        ("使用Python和Go开发", ["python", "go"]),
        ("İSTANBUL İ Python", ["python"]),
    ],
)
def test_names_with_signs_and_short_names_are_found(text: str, skills: list[str]) -> None:
    assert names(text) == skills


@pytest.mark.parametrize(
    "text",
    [
        "Lead our R&D; R & D is fun",
        "Go above and beyond. Go to market with us, then go public.",
        "A Series C company with vitamin C in the kitchen",
        "React to change with a swift response; express yourself; no rest for us",
        "javascripty pythonic-ish goroutine",
        "see https://example.com/python/redis and @kafka.example",
        "embedded in our teams, a raft of options, excel at work",
    ],
)
def test_words_that_only_look_like_skills_are_not(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("glued", "skills"),
    [
        ("GoPythonMySQLRedisClickHouse", ["go", "python", "mysql", "redis", "clickhouse"]),
        ("TypeScriptReactJSPostgreSQL", ["typescript", "react", "postgresql"]),
        ("PythonDockerLLMs", ["python", "docker", "llm"]),
        ("KotlinProtocol BuffersgRPC", ["kotlin", "protocol buffers", "grpc"]),
        ("Ubuntu ServerDockerGrafana", ["ubuntu", "docker", "grafana"]),
        ("Stack: MySQLRedis and more", ["mysql", "redis"]),
    ],
)
def test_lists_that_lost_their_separators_are_taken_apart(glued: str, skills: list[str]) -> None:
    assert names(glued) == skills


def test_a_token_that_is_not_all_skills_is_left_alone() -> None:
    assert names("GoPythonista McGoRedis") == []


@given(st.text(max_size=300))
def test_hits_are_in_order_do_not_overlap_and_quote_the_text(text: str) -> None:
    hits = find_skills(text + " Go, Python and PostgreSQL")
    assert {"go", "python", "postgresql"} <= {hit.skill for hit in hits}
    assert all(left.end <= right.start for left, right in pairwise(hits))
    assert all((text + " Go, Python and PostgreSQL")[hit.start : hit.end] == hit.text for hit in hits)


@pytest.mark.parametrize("line", ["Go" * 3_000_000, "c" * 6_000_000, "Go, " * 2_000_000, "R & " * 2_000_000, "aA" * 3_000_000])
@pytest.mark.timeout(30)
def test_megabytes_on_one_line_are_read_in_bounded_time(line: str) -> None:
    find_skills(line)


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Puppet, Chef or Ansible", ["puppet", "chef", "ansible"]),
        ("Flink, Storm, Beam, Ray and Delta", ["apache flink", "apache storm", "apache beam", "ray", "delta lake"]),
        ("react, redux, flask, go, s3", ["react", "redux", "flask", "go", "amazon s3"]),
        ("Mocha, Chai, Karma", ["mocha", "chai", "karma"]),
        ("REACT, RUBY and PERL", ["react", "ruby", "perl"]),
        ("a chef, a storm and a ray of light with Kafka", ["kafka"]),
        ("Kafka\nMove fast with us", ["kafka"]),
        ("We build with Python. Chef wanted for our canteen", ["python"]),
    ],
)
def test_common_words_are_skills_in_a_list_of_technologies(text: str, skills: list[str]) -> None:
    assert names(text) == skills


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Windows Systems Engineer", ["windows", "infrastructure operations"]),
        ("Unity Engineer", ["unity"]),
        ("an active TS/SCI clearance", []),
        ("the operating system for dental offices", []),
        ("work authorization in the US", []),
        ("The Windows of opportunity; Unity in diversity", []),
        ("Apache Paimon, Iceberg and Hudi", ["apache paimon", "apache iceberg", "apache hudi"]),
        ("EKS, BigQuery, SAP S/4HANA", ["amazon eks", "bigquery", "sap"]),
        ("UVM, Vivado and AUTOSAR", ["uvm", "vivado", "autosar"]),
        ("Java with RxJava, RxSwift and RxJS", ["java", "rxjava", "rxswift", "rxjs"]),
        ("TDD, DDD and CQRS", ["test-driven development", "domain-driven design", "cqrs"]),
    ],
)
def test_fields_of_engineering_and_what_only_looks_like_them(text: str, skills: list[str]) -> None:
    assert names(text) == skills


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("3+ years of Go", "go"),
        ("6 yrs C", "c"),
        ("5+ years with Go in production", "go"),
        ("Strong Go experience", "go"),
        ("We use Go for our pipelines", "go"),
        ("We're a Go shop", "go"),
        ("written primarily in Go", "go"),
        ("You write Go every day", "go"),
        ("I have been programming in Go for 12 years", "go"),
        ("Go (5 years)", "go"),
        ("fluent in R", "r"),
        ("apps in Swift", "swift"),
        ("Express for APIs", "express"),
        ("built with Supabase", "supabase"),
        ("experience with Chef", "chef"),
        ("Chef for configuration management", "chef"),
        ("tools such as Slurm, Ray or Dask", "ray"),
        ("dashboards in BI tools (Hex, or like it)", "hex notebooks"),
        ("Puppet/Chef", "chef"),
        ("- Infra: Vault, Consul", "consul"),
        ("Goの経験", "go"),
        ("使用Go语言", "go"),
        ("10 Jahre Erfahrung mit Go", "go"),
    ],
)
def test_a_sentence_that_can_only_mean_a_skill_makes_one_of_a_word(text: str, skill: str) -> None:
    assert skill in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "Go for it! Be the go-to person. Go to our offices by train",
        "raised a Series C experience to remember",
        "5 years of C-level sponsors",
        "Head Chef experience in a busy kitchen",
        "a good understanding of Kong's sales processes",
        "companies such as Notion, with founders of Segment",
        "Linear algebra and 3 years of Epic growth",
        "Phoenix, Denver",
    ],
)
def test_a_sentence_that_may_mean_something_else_does_not(text: str) -> None:
    assert {"go", "c", "chef", "kong", "notion", "segment", "linear", "epic ehr", "boost", "phoenix"}.isdisjoint(names(text))


def test_halves_of_characters_are_no_obstacle() -> None:
    assert [(hit.skill, hit.start) for hit in find_skills("\udc80 Python \ud800, Go")] == [("python", 2), ("go", 12)]


TABLE = vocabulary.skills()


def test_the_table_holds_two_thousand_skills_and_more() -> None:
    assert len(TABLE) >= 2_000
    assert len(TABLE) == sum(row["kind"] != "phrase" for row in rows("skills")), "a name stands twice"


def test_no_spelling_means_two_things() -> None:
    owners: dict[str, set[str | None]] = {}
    for spelling in vocabulary.spellings():
        owners.setdefault(spelling.text.lower().replace("-", " "), set()).add(spelling.skill)
    assert {text: skills for text, skills in owners.items() if len(skills) > 1} == {}


def test_every_skill_can_be_read() -> None:
    assert TABLE.keys() - {spelling.skill for spelling in vocabulary.spellings()} == set()


def test_notes_kinds_and_ubiquity_are_known_words() -> None:
    assert {row["note"] for row in rows("skills")} == {"", "case", "context", "list", "aliases"}
    assert {row["ubiquity"] for row in rows("skills")} == {"", "ubiquitous"}
    assert all(row["kind"].isalpha() for row in rows("skills"))
    assert not any(row["aliases"] or row["parents"] for row in rows("skills") if row["kind"] == "phrase")


def test_parents_exist_and_run_in_no_circle() -> None:
    assert {parent for entry in TABLE.values() for parent in entry.parents} <= TABLE.keys()
    TopologicalSorter({skill: entry.parents for skill, entry in TABLE.items()}).prepare()


def test_relatives_are_mutual() -> None:
    assert [(skill, other) for skill in TABLE for other in related(skill) if skill not in related(other)] == []


def test_sharing_a_language_makes_no_relatives() -> None:
    assert "numpy" not in related("django")
    assert {"flask", "python", "django rest framework"} <= related("django")


def test_frequencies_and_roles_name_skills_of_the_table() -> None:
    assert {row["skill"] for row in rows("skill_frequencies")} <= TABLE.keys()
    assert {word for row in rows("role_skills") for cell in ("words", "skills") for word in parts(row[cell])} <= TABLE.keys()


def test_relations_frequency_and_ubiquity() -> None:
    assert "message queues" in parents("kafka")
    assert {"rabbitmq", "message queues"} <= related("kafka")
    assert "kafka" not in related("kafka")
    assert is_ubiquitous("git")
    assert not is_ubiquitous("kafka")
    assert 0 < frequency("rocketmq") < frequency("kafka") < frequency("python") < 1
    assert 0 < frequency("never heard of") < 0.01
