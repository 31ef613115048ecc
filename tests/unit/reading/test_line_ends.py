"""A CV pasted as one line tells the same as the CV itself."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.posting import Level, Place, Role
from shared.reading.line_ends import with_line_ends
from shared.reading.profile import read_profile
from shared.reading.written_titles import written_titles

TODAY = date(2026, 11, 21)
SINGAPORE = (Place(city="Singapore", country="SG"),)
DATES_LAST = """Mei Tan
Principal Software Engineer
Singapore | mei@example.org | +65 9123 4567

SUMMARY
I build ledgers that do not lose a cent. They run in three countries.

WORK EXPERIENCE
Principal Software Engineer — Harbour Pay (2016-04-11 to present)
Member of the Ledger team
- Moved two billion rows from Oracle to PostgreSQL.
- Wrote the settlement engine in Go.
Senior Backend Developer — Quayside (2010-09 to 2016-03)
Member of the Search team
- Ran Elasticsearch for a marketplace.
Software Engineer — Juniper Shipping (2003-06 to 2010-08)
- Tracked containers in C++.

EDUCATION
Computer Science — University of Somewhere (1999 to 2003)

SKILLS
Go, PostgreSQL, Kafka, Terraform"""
DATES_FIRST = """For a living I build backend systems, and preferably ones that wake nobody up at night.
I have moved house more often than I have rewritten a parser, which says something about both.

2023 — NOW
Software Engineer
HARBOUR PAY · SINGAPORE
Backend engineer of the chat team, working on Kafka consumers that carry millions of conversations.

2019 — 2023
Senior Software Engineer
QUAYSIDE · JAKARTA
Led the backend team and moved billions of rows out of MySQL into something that scales.

2014 — 2018
BACHELOR OF ENGINEERING, INFORMATICS
UNIVERSITY OF SOMEWHERE"""
BULLETED = """Ana Ruiz
Backend Engineer @ Palmtree
Singapore

About
I am an engineer who enjoys ledgers. I like to run what I write.

Experience

• Backend Engineer at Palmtree
Jul 2022 - Present · 4 yrs
• Built settlement pipelines in Go and Kafka.
• Ran PostgreSQL for all of it.

• Software Engineer Intern at Juniper
Aug 2021 - Mar 2022 · 8 mos
• Evaluated object detection models in Python.

Skills
Go, Kafka, PostgreSQL, Terraform"""
PLAIN_HEADINGS = """Ravi Menon
Bengaluru, Karnataka, India | ravi@example.org
Professional Summary
Platform engineer who likes calm pagers.
Experience
Platform Engineer, Paylah
January 2021 - Present
Bengaluru
Runs Kubernetes and Terraform for forty teams
DevOps Engineer, Farmly
June 2017 - December 2020
Built CI/CD on Jenkins and AWS
Education
B.Tech, Computer Science, IIT Somewhere
2013 - 2017
Technical Skills
Kubernetes, Terraform, AWS, Go, Python"""
GERMAN = """Max Mustermann
Softwareentwickler
München
Berufserfahrung
03/2019 – heute
Softwareentwickler, Siemens
Java, Spring Boot und Kubernetes, und viel Freude an guter Architektur im Team
08/2015 – 02/2019
Werkstudent, BMW
C++ für Steuergeräte, dazu Werkzeuge in Python für die Kollegen
Ausbildung
2010 – 2015
Informatik, TU München"""
LAYOUTS = pytest.mark.parametrize(
    "cv",
    [DATES_LAST, DATES_FIRST, BULLETED, PLAIN_HEADINGS, GERMAN],
    ids=["dates last", "dates first", "bulleted", "plain headings", "german"],
)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@LAYOUTS
def test_a_cv_on_one_line_tells_what_it_tells_on_many(cv: str) -> None:
    one, many = read_profile(flat(cv), today=TODAY), read_profile(cv, today=TODAY)
    assert one.model_dump(exclude={"skills", "role"}) == many.model_dump(exclude={"skills", "role"})
    told = {(skill.skill, skill.years, skill.standing) for skill in many.skills}
    assert len({(skill.skill, skill.years, skill.standing) for skill in one.skills} & told) >= 0.9 * len(told)


def test_what_a_cv_on_one_line_tells() -> None:
    profile = read_profile(flat(DATES_LAST), today=TODAY)
    assert (profile.role, profile.level, profile.places) == (Role.BACKEND, Level.PRINCIPAL, SINGAPORE)
    assert profile.years == pytest.approx(23.3, abs=0.2)
    assert profile.headline == "Principal Software Engineer"
    assert {skill.skill: skill.years for skill in profile.skills}["elasticsearch"] == 5.5


@LAYOUTS
def test_lines_that_are_there_are_left_alone(cv: str) -> None:
    assert with_line_ends(cv) == cv


@pytest.mark.parametrize(
    "text",
    [
        "Senior Go engineer in Singapore, 8 years, want remote, at least 120k SGD",
        "I am a backend engineer. " + "I have built many services in Go, and I run them too. " * 8,
    ],
    ids=["short", "no structure"],
)
def test_a_paragraph_stays_one(text: str) -> None:
    assert with_line_ends(text) == text


@given(st.lists(st.sampled_from(flat(f"{DATES_LAST} {DATES_FIRST} {BULLETED}").split(" ")), max_size=300).map(" ".join))
def test_only_blanks_become_line_ends(text: str) -> None:
    broken = with_line_ends(text)
    assert len(broken) == len(text)
    assert broken.replace("\n", " ") == text


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("of the Kindle team Software Development Engineer II — Acme", ["Software Development Engineer II"]),
        ("Software Engineer I love computers", ["Software Engineer"]),
        ("Software engineer with a taste", ["Software engineer"]),
        ("- Redux Senior Javascript Developer — Acme", ["Senior Javascript Developer"]),
        ("Freelance Full Stack Web (JS) Developer I'm", ["Freelance Full Stack Web (JS) Developer"]),
        ("I'm a software engineer at heart", []),
        ("AI Software Engineer Intern at Acme", ["AI Software Engineer Intern"]),
    ],
)
def test_titles_in_running_text(text: str, titles: list[str]) -> None:
    assert [text[title.start : title.end] for title in written_titles(text, 0, len(text))] == titles


@pytest.mark.parametrize(
    "bait", ["2020 - 2021 ", "Senior Engineer 2020 - 2021 ", "WORK EXPERIENCE ", "Acme Co — ", "(2020 - ", "Aaa. Bbb. ", "• "]
)
@pytest.mark.timeout(30)
def test_the_longest_line_ends_soon(bait: str) -> None:
    text = "Go developer. Go, Kafka. 2019 - 2020 " + bait * (190_000 // len(bait))
    assert len(with_line_ends(text)) == len(text)
