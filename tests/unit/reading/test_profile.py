"""A CV tells of a person; what it does not tell stays unknown, and nobody is invented."""

import json
from datetime import date

import pytest

from shared.errors import UnreadableInput
from shared.posting import Level, Place, Role
from shared.profile import Profile
from shared.reading.profile import MAX_PROFILE, read_json_resume, read_profile, read_profile_file

TODAY = date(2026, 11, 21)
PORTFOLIO = """Mira Tan builds quiet systems

Backend Engineer @ Palmtree

01 — Experience

Backend Engineer

@ Palmtree

Apr 2022 — Present

Singapore

Owns the ledger service: sharding, retries, observability.

GoKafkaPostgreSQL

Software Engineering Intern · Ads

Juniper

May 2020 — Aug 2020

London

ReactTypeScript

02 — Side work

Keyboard firmware in Rust, at home.

Open to staff backend roles."""

RESUME_BELOW = """I build backend systems and have lived in many places.

2024 — NOW
Software Engineer ● ACTIVE
PALMTREE · SINGAPORE

Backend engineer of the chat team, working on message queues that carry millions of conversations for users everywhere.

2020 — 2024
Senior Software Engineer
JUNIPER · JAKARTA

Led the backend team and moved billions of rows out of MySQL.

2014 — 2018
BACHELOR OF ENGINEERING, INFORMATICS
UNIVERSITY OF SOMEWHERE"""


def skill(profile: Profile, name: str) -> tuple[float | None, int | None]:
    return next((found.years, found.last_used) for found in profile.skills if found.skill == name)


def test_a_portfolio_page() -> None:
    profile = read_profile(PORTFOLIO, today=TODAY)
    assert (profile.role, profile.level) == (Role.BACKEND, Level.STAFF)
    assert profile.places == (Place(city="Singapore", country="SG"),)
    assert profile.headline == "Backend Engineer @ Palmtree"
    assert profile.years == pytest.approx(4.6, abs=0.1)
    assert skill(profile, "go") == (pytest.approx(4.6, abs=0.1), 2026)
    assert skill(profile, "react")[1] == 2020
    assert skill(profile, "rust") == (None, None)
    assert next(found.evidence for found in profile.skills if found.skill == "kafka") == "GoKafkaPostgreSQL"


def test_titles_below_their_dates() -> None:
    profile = read_profile(RESUME_BELOW, today=TODAY)
    assert (profile.role, profile.level) == (Role.BACKEND, Level.SENIOR)
    assert profile.places == (Place(city="Singapore", country="SG"),)
    assert profile.years == pytest.approx(6.8, abs=0.2)
    assert skill(profile, "mysql") == (4.0, 2024)


def test_without_a_date_of_today_a_current_job_lasts_until_the_newest_date_known() -> None:
    assert read_profile(RESUME_BELOW).years == 4.0


def test_where_a_person_is_based_is_said_outright_before_all() -> None:
    profile = read_profile(
        "Jakarta\nGo developer\nBased in\nSingapore\nSenior Engineer at Acme, London\n2020 - 2022", today=TODAY
    )
    assert profile.places == (Place(city="Singapore", country="SG"),)


def test_a_bare_list_of_skills_is_a_profile() -> None:
    profile = read_profile("Go, Kafka, PostgreSQL")
    assert profile.skill_names == {"go", "kafka", "postgresql"}
    assert (profile.role, profile.level, profile.years, profile.places) == (Role.BACKEND, None, None, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "profile_empty"),
        (" \n\t", "profile_empty"),
        ("x" * (MAX_PROFILE + 1), "profile_too_long"),
        ("\x00\x01\x02" * 50, "profile_binary"),
        ("I cook and I am a team player with communication skills.", "profile_without_skills"),
        ("🙂" * 1000, "profile_without_skills"),
    ],
)
def test_what_is_no_profile_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableInput) as refusal:
        read_profile(text)
    assert refusal.value.code == code


RESUME = {
    "basics": {"label": "Backend Developer", "summary": "Likes Redis.", "location": {"city": "Singapore", "countryCode": "SG"}},
    "work": [
        {"position": "Senior Developer", "name": "Palmtree", "startDate": "2020-01-01", "highlights": ["Moved to Kafka"]},
        {"position": "Web Developer", "name": "Juniper", "startDate": "2016-01-01", "endDate": "2020-01-01", "summary": "PHP"},
    ],
    "skills": [{"name": "Databases", "keywords": ["PostgreSQL", "ClickHouse"]}],
}


def test_json_resume() -> None:
    profile = read_json_resume(RESUME, today=TODAY)
    assert (profile.role, profile.level, profile.headline) == (Role.BACKEND, Level.SENIOR, "Backend Developer")
    assert profile.places == (Place(city="Singapore", country="SG"),)
    assert {"redis", "kafka", "php", "postgresql", "clickhouse"} <= profile.skill_names
    assert skill(profile, "php") == (4.0, 2020)


@pytest.mark.parametrize("broken", [{"basics": 5, "work": {"a": 1}, "skills": ["Go", None]}, {"work": [{"startDate": 7}]}, {}])
def test_a_json_resume_of_wrong_types_is_refused_not_crashed_on(broken: dict[str, object]) -> None:
    with pytest.raises(UnreadableInput):
        read_json_resume(broken)


def test_files_are_told_apart_by_content() -> None:
    assert read_profile_file("cv.txt", json.dumps(RESUME).encode(), today=TODAY) == read_json_resume(RESUME, today=TODAY)
    assert read_profile_file("cv", "Café Zürich — Go, Kafka".encode("latin-1", "replace")).skill_names == {"go", "kafka"}
    assert read_profile_file("cv", "\ufeffGo, Kafka".encode()).skill_names == {"go", "kafka"}
    assert read_profile_file("cv", "Go, Kafka".encode("utf-16")).skill_names == {"go", "kafka"}
    assert read_profile_file("cv.json", b"{Go, Kafka: not json").skill_names == {"go", "kafka"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"%PDF-1.7 ...", "profile_format"),
        (b"PK\x03\x04...", "profile_format"),
        (bytes(range(256)) * 10, "profile_binary"),
        (b"Go " * 2_000_000, "profile_too_long"),
        (b"[" * 100_000, "profile_without_skills"),
        (b'{"a":' * 30_000, "profile_without_skills"),
    ],
)
def test_files_that_cannot_be_read_name_themselves_and_the_reason(body: bytes, code: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^cv\.bin: ") as refusal:
        read_profile_file("cv.bin", body)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "line", ["2020 - ", "Go developer 2020 - 2021\n", "open to senior ", "based in ", "Jan 2020 to Present\n", "<b>"]
)
@pytest.mark.timeout(30)
def test_the_longest_profiles_end_soon(line: str) -> None:
    assert read_profile("Go, Kafka. " + line * (190_000 // len(line)), today=TODAY).skills
