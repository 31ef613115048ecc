"""Skills are found where they are named, and only there."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading import vocabulary
from shared.reading.skills import find_skills, frequency, is_ubiquitous, parents, related


def names(text: str) -> list[str]:
    return [hit.skill for hit in find_skills(text)]


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("C++, C#, C and .NET; Node.js, CI/CD and Go.", ["c++", "c#", "c", ".net", "node.js", "ci/cd", "go"]),
        ("Kubernetes (K8s), ASP.NET Core, node.js/TypeScript", ["kubernetes", "kubernetes", ".net", "node.js", "typescript"]),
        ("Languages: Go, R, C", ["go", "r", "c"]),
        ("python3, Java 17, HTML5, LLMs, REST APIs", ["python", "java", "html", "llm", "apis"]),
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


def test_the_table_is_consistent() -> None:
    table = vocabulary.skills()
    assert len(table) >= 450
    assert all(parent in table for entry in table.values() for parent in entry.parents)
    spelt = [(spelling.text.lower().replace("-", " "), spelling.skill) for spelling in vocabulary.spellings()]
    owners = {text: {skill for other, skill in spelt if other == text} for text, _ in spelt}
    assert {text: skills for text, skills in owners.items() if len(skills) > 1} == {}


def test_relations_frequency_and_ubiquity() -> None:
    assert "message queues" in parents("kafka")
    assert {"rabbitmq", "message queues"} <= related("kafka")
    assert "kafka" not in related("kafka")
    assert is_ubiquitous("git")
    assert not is_ubiquitous("kafka")
    assert 0 < frequency("rocketmq") < frequency("kafka") < frequency("python") < 1
    assert 0 < frequency("never heard of") < 0.01
