"""A CV tells of a person; what it does not tell stays unknown, and nobody is invented."""

import json
from datetime import date

import pytest

from shared.errors import UnreadableInput
from shared.posting import Employment, Level, Pay, Place, Role, Workplace
from shared.profile import Profile, Standing
from shared.reading.html import plain_text
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
        (b"%PDF-1.7 ...", "profile_damaged"),
        (b"PK\x03\x04...", "profile_damaged"),
        (bytes(range(256)) * 10, "profile_binary"),
        (b"Go " * 2_000_000, "profile_too_long"),
        (b"[" * 100_000, "profile_without_skills"),
        (b'{"a":' * 30_000, "profile_broken_json"),
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
    assert read_profile("Go developer\nGo, Kafka. " + line * (190_000 // len(line)), today=TODAY).skills


# ------------------------------------------------------------------------------------------------- what a skill rests on

LIVES = """Ana Ruiz
Senior Backend Engineer (Go)
Lisbon, Portugal

Summary
Professionally since 2012. In my current role I have come to know Terraform well. I have read about Haskell.

Experience
Senior Backend Engineer — Redis Labs (03/2019 - Present)
- Ledgers in Kafka

Developer — Palmtree
Jan 2014 - Feb 2019
- Shops in PHP

Education
Software Engineering — Instituto de Cosas (2008-09 - 2013-06)
Thesis on OCaml

Skills
Python (6 years), Rust, Docker

Interests
Synthesizers, and a little Prolog on Sundays when it rains outside"""


def told(profile: Profile, name: str) -> tuple[float | None, int | None, Standing | None]:
    return next((one.years, one.last_used, one.standing) for one in profile.skills if one.skill == name)


def test_each_skill_knows_how_it_is_evidenced() -> None:
    profile = read_profile(LIVES, today=TODAY)
    assert told(profile, "go")[2] is Standing.HEADLINE
    assert told(profile, "kafka") == (pytest.approx(7.7, abs=0.1), 2026, Standing.USED)
    assert told(profile, "php") == (5.1, 2019, Standing.USED)
    assert told(profile, "python") == (6.0, None, Standing.LISTED)
    assert told(profile, "rust") == (None, None, Standing.LISTED)
    assert told(profile, "ocaml") == (None, None, Standing.MENTIONED)


def test_what_is_said_of_the_current_role_belongs_to_it() -> None:
    assert told(read_profile(LIVES, today=TODAY), "terraform") == (pytest.approx(7.7, abs=0.1), 2026, Standing.USED)


def test_a_company_that_is_called_like_a_skill_is_no_use_of_it() -> None:
    assert told(read_profile(LIVES, today=TODAY), "redis") == (None, None, Standing.MENTIONED)


def test_every_hit_keeps_its_place_in_the_text() -> None:
    text = plain_text(LIVES)
    for one in read_profile(LIVES, today=TODAY).skills:
        assert one.start is not None
        assert text[one.start : one.end].strip()
        assert text[one.start : one.end] in one.evidence


def test_studies_are_no_years_of_work_and_since_is() -> None:
    profile = read_profile(LIVES, today=TODAY)
    assert profile.years == 14
    assert read_profile(LIVES.replace("Professionally since 2012. ", ""), today=TODAY).years == pytest.approx(12.8, abs=0.1)


def test_what_one_would_name_first_comes_first() -> None:
    names = [one.skill for one in read_profile(LIVES, today=TODAY).skills]
    assert names.index("kafka") < names.index("php")
    assert names.index("python") < names.index("ocaml")


# ------------------------------------------------------------------------------------------------------------- wishes


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Looking for remote contract work.", {"workplaces": (Workplace.REMOTE,), "employments": (Employment.CONTRACT,)}),
        ("Seeking a full-time role, hybrid or on-site.", {"employments": (Employment.FULL_TIME,)}),
        ("Not looking for contract work.", {"employments": ()}),
        ("Helped clients looking for remote work.", {"workplaces": ()}),
        ("Open to remote.", {"workplaces": ()}),
        ("Open to remote or hybrid.", {"workplaces": (Workplace.HYBRID, Workplace.REMOTE)}),
        ("Open to contract or permanent roles.", {"employments": (Employment.CONTRACT, Employment.FULL_TIME)}),
        ("Looking for staff roles.", {"level": Level.STAFF}),
        ("Looking for an internship.", {"level": Level.INTERN, "employments": (Employment.INTERNSHIP,)}),
        ("Rate limiting is my hobby.", {"pay_floor": None, "employments": ()}),
        ("Looking for contracts, €500/day.", {"pay_floor": Pay(low=130_000, currency="EUR")}),
    ],
)
def test_what_is_looked_for_is_read_where_it_is_said_outright(words: str, expected: dict[str, object]) -> None:
    profile = read_profile(f"Ana Ruiz\nBackend Developer\n{words}\n\nSkills\nGo, Kafka, Redis", today=TODAY)
    assert {name: getattr(profile, name) for name in expected} == expected


def test_places_one_would_go_to_come_behind_where_one_is() -> None:
    profile = read_profile("Go developer, Kafka, based in Lisbon. Open to relocating to Berlin or Munich.", today=TODAY)
    assert [place.city for place in profile.places] == ["Lisbon", "Berlin", "Munich"]


def test_a_title_with_a_place_behind_it() -> None:
    assert [place.city for place in read_profile("Go developer in Berlin. Kafka, too.").places] == ["Berlin"]
    assert read_profile("Senior developer in Java and Kafka.").places == ()


# ------------------------------------------------------------------------------------------------ nothing is invented


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "Backend Engineer\nAbout the role\nWe are looking for you.\nRequirements\n- 5 years of Go\nBenefits\n- Dental",
            "profile_is_posting",
        ),
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 40, "profile_without_skills"),
        (
            "Boil water and go. Python-shaped pasta with a redis of tomatoes, then let it all rest. " * 20,
            "profile_without_skills",
        ),
    ],
    ids=["posting", "lorem ipsum", "recipe"],
)
def test_what_is_no_cv_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableInput) as refusal:
        read_profile(text)
    assert refusal.value.code == code


def test_a_cv_that_quotes_postings_words_is_read() -> None:
    text = f"{LIVES}\nRequirements engineering. We are looking for equal opportunity. Join us. Benefits\nApply now"
    assert read_profile(text, today=TODAY).role is Role.BACKEND


def test_a_role_is_not_guessed_from_two_skills() -> None:
    assert read_profile("React, Redux").role is None


def test_front_end_and_back_end_alike_are_full_stack() -> None:
    assert read_profile("React, CSS, HTML, Redux, Django, PHP, PostgreSQL, Go").role is Role.FULLSTACK


# ---------------------------------------------------------------------------------------------------------- other shapes


def test_a_fresh_resume() -> None:
    document = {
        "info": {"label": "Full-Stack Developer"},
        "location": {"city": "Los Angeles", "region": "California", "country": "US"},
        "employment": {
            "summary": "3 years of web development experience",
            "history": [
                {
                    "position": "Software Engineer",
                    "employer": "Acme",
                    "start": "2020-01",
                    "end": "2023-01",
                    "keywords": ["React"],
                }
            ],
        },
        "skills": {"sets": [{"name": "Web", "skills": ["Go", "Kafka"]}]},
    }
    profile = read_json_resume(document, today=TODAY)
    assert (profile.role, profile.headline, profile.years) == (Role.FULLSTACK, "Full-Stack Developer", 3.0)
    assert profile.places == (Place(city="Los Angeles", region="California", country="US"),)
    assert told(profile, "react") == (3.0, 2023, Standing.USED)
    assert told(profile, "go")[2] is Standing.LISTED


@pytest.mark.parametrize(
    ("dates", "years"),
    [
        ("Januar 2020 – heute", 6.8),
        ("juillet 2021 à décembre 2023", 2.4),
        ("marzo de 2018 - actualidad", 8.7),
        ("2020/01 – 2022/01", 2.0),
        ("Sept. 2020 – Sept. 2021", 1.0),
    ],
)
def test_dates_of_other_languages(dates: str, years: float) -> None:
    profile = read_profile(f"Ana\nBackend Engineer\n\nBackend Engineer bei Acme\n{dates}\nGo und Kafka", today=TODAY)
    assert profile.years == pytest.approx(years, abs=0.1)


def test_a_headline_far_above_is_no_title_of_the_first_job() -> None:
    cv = "Senior Backend Engineer, Singapore\n\n8 years of building payment systems.\n\nAcme, 2019 to 2024: Go and Kafka."
    profile = read_profile(f"{cv}\n\nLooking for remote work.", today=TODAY)
    assert (profile.headline, profile.years) == ("Senior Backend Engineer, Singapore", 8)
    assert profile.workplaces == (Workplace.REMOTE,)


@pytest.mark.parametrize(
    ("wish", "workplaces"),
    [
        ("Looking for backend work, in Singapore or remote.", ()),
        ("Looking for remote or Singapore-based roles.", ()),
        ("Looking for fully remote backend roles.", (Workplace.REMOTE,)),
    ],
)
def test_what_is_named_as_an_alternative_rules_nothing_out(wish: str, workplaces: tuple[Workplace, ...]) -> None:
    text = (
        f"Mira Okonjo\nSenior Backend Engineer, Singapore. Nine years of services.\n\nSkills: Go, Kafka, PostgreSQL.\n{wish}\n"
    )
    profile = read_profile(text)
    assert profile.workplaces == workplaces
    assert [place.country for place in profile.places] == ["SG"]
    assert profile.headline == "Senior Backend Engineer, Singapore"


@pytest.mark.parametrize(
    ("text", "workplaces", "employments"),
    [
        ("Python backend engineer remote", ["remote"], []),
        ("Platform / SRE engineer, remote (cloud / Kubernetes)", ["remote"], []),
        ("Backend engineer. Go, Kafka.\nRemote, full-time", ["remote"], ["full_time"]),
        ("Freelance Java developer, on-site or hybrid", ["onsite", "hybrid"], ["contract"]),
        ("iOS engineer, Swift, Oslo or remote", [], []),
        ("Senior backend engineer, Go, not remote", [], []),
        ("Backend engineer, worked remotely on contracts, Python", [], []),
        ("Remote sensing engineer, Python", [], []),
        ("Solidity smart contract developer", [], []),
        ("Hybrid mobile app developer, Ionic", [], []),
        ("Backend developer of B2B SaaS, Go", [], []),
    ],
)
def test_a_line_or_two_without_any_job_are_a_wish(text: str, workplaces: list[str], employments: list[str]) -> None:
    profile = read_profile(text, today=TODAY)
    assert ([*profile.workplaces], [*profile.employments]) == (workplaces, employments)


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("Looking for Go jobs in Singapore", ["Singapore"]),
        ("Backend engineer, Python, on-site or hybrid in Singapore", ["Singapore"]),
        ("Backend engineer with 5 years of Go in Singapore", ["Singapore"]),
        ("ML engineer in Berlin or Munich, PyTorch", ["Berlin", "Munich"]),
        ("Engineer specialised in Spring Boot, in Austin", ["Austin"]),
        ("Backend engineer, Go, not in Germany", []),
        ("Python engineer, experience in Java and Go", []),
    ],
)
def test_where_a_wish_is_for(text: str, cities: list[str]) -> None:
    assert [place.city for place in read_profile(text, today=TODAY).places] == cities


def test_a_job_that_was_remote_is_no_wish() -> None:
    text = "Ana Ruiz\nBackend Engineer, remote\n\nAcme, Backend Engineer, 2019 - 2024\nGo, Kafka, remote"
    assert read_profile(text, today=TODAY).workplaces == ()


def test_a_cv_with_skills_alone_is_no_wish() -> None:
    tools = "Go, Kafka, Redis, PostgreSQL, Docker, Kubernetes, Terraform, Python, Java, Scala, Rust, C++, Ruby, PHP, Perl"
    text = f"Ana Ruiz\nBackend Engineer, remote\n\nSkills\n{tools}\n{tools.replace('Go', 'Elixir')}\n"
    assert read_profile(text, today=TODAY).workplaces == ()


# ------------------------------------------------------------------------------------------------- short and plain CVs


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Senior Go engineer in Singapore, 8 years, want remote", 8),
        ("10 years of Go, backend engineer", 10),
        ("Backend engineer, 10 years. Go", 10),
        ("8 years in Go and Kafka, backend engineer", 8),
        ("Backend engineer\nOver a decade of backend experience in Go", 10),
        ("Compiler engineer in Paris. C++, LLVM, Rust. 5 yrs.", 5),
        ("Backend engineer in Go. Currently a teacher for 10 years.", None),
        ("Backend engineer in Go. Started this 10 years ago.", None),
        ("Go developer\n\nSoftware Engineer, Acme, 2021 - 2024\nGo\n\nPython, 12 years", 3.0),
    ],
)
def test_years_that_are_said_without_the_word_experience(text: str, years: float | None) -> None:
    assert read_profile(text, today=TODAY).years == years


def test_a_student_with_one_internship_is_an_intern() -> None:
    text = "Student\nComputer Science\nSkills: Python, C, Java\nInternship at Palmtree Jun 2025 - Aug 2025, Go backend"
    profile = read_profile(text, today=TODAY)
    assert (profile.level, profile.headline) == (Level.INTERN, "")


def test_technologies_and_a_field_of_study_are_no_titles() -> None:
    cv = "Ana Ruiz\nComputer Science\nDocker, Jenkins\n\nBackend Developer\nAcme\n2020 - 2022\nDocker, Jenkins\nJava, Spring"
    profile = read_profile(cv, today=TODAY)
    assert (profile.headline, profile.role) == ("Backend Developer", Role.BACKEND)


def test_a_plain_engineer_is_an_engineer() -> None:
    assert read_profile("Software Engineer\nJava and Spring").role is Role.ENGINEERING
    assert read_profile("Software Engineer\nDjango, Flask, PostgreSQL, Kafka, Redis").role is Role.BACKEND


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        ("Title: Software Engineer", "Software Engineer"),
        ("**Senior Platform Engineer** · Berlin, Germany · lena@example.org", "Senior Platform Engineer · Berlin, Germany"),
        ("# Backend Engineer", "Backend Engineer"),
        ("Backend Engineer | +65 9123 4567 | mei@example.org", "Backend Engineer"),
    ],
)
def test_a_headline_is_the_words_alone(line: str, headline: str) -> None:
    profile = read_profile(f"Lena Vogt\n{line}\n\nSkills: Go, Kafka", today=TODAY)
    assert profile.headline == headline


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("I don't know Java. I love Python and Django.", {"python", "django"}),
        ("No Java please. Go and Kafka.", {"go", "kafka"}),
        ("I have never used PHP or Ruby; Python daily.", {"python"}),
        ("No experience with AWS, but Azure.", {"azure"}),
        ("I’m not familiar with React, Vue or Angular. Django.", {"django"}),
        ("Python, no PHP, Java", {"python", "java"}),
        ("Not only Java but Python too.", {"java", "python"}),
        ("I haven't used Java since 2015. Python.", {"java", "python"}),
        ("I don't know about you, but I love Python.", {"python"}),
        ("Python developer (Go Sharks!)", {"python"}),
        ("I do not know Java, yet.\nSkills: Java, Python", {"java", "python"}),
    ],
)
def test_what_is_denied_is_not_known(text: str, known: set[str]) -> None:
    assert read_profile(text).skill_names == known


def test_the_footer_of_a_page_is_no_work() -> None:
    text = "Ana\n\nBackend Engineer, Acme\n2021 - now\nGo\n\nBuilt with Next.js and Tailwind, hosted on Vercel\n© 2026 Ana"
    profile = read_profile(text, today=TODAY)
    assert told(profile, "go")[0] == 5.8
    assert told(profile, "next.js")[:2] == (None, None)


def test_what_a_project_was_built_with_is_no_footer() -> None:
    profile = read_profile("Ana\n\nBackend Engineer, Acme\n2021 - now\nPayments\nBuilt with Go and Kafka", today=TODAY)
    assert told(profile, "kafka")[0] == 5.8


def test_a_broken_json_resume_says_where() -> None:
    with pytest.raises(UnreadableInput, match=r"^cv\.json: this JSON résumé is broken \(line 2, column \d+") as refusal:
        read_profile_file("cv.json", b'{"basics": {"label": "Developer",\n "summary": Go and Kafka}}')
    assert refusal.value.code == "profile_broken_json"
