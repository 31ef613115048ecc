"""The kind of employment in titles, after labels, in plain statements and in the cells of a headline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.posting import Employment
from shared.reading.employment import read_employment


@pytest.mark.parametrize(
    ("title", "employment"),
    [
        ("Backend Intern", Employment.INTERNSHIP),
        ("Finance Operations (Working Student)", Employment.INTERNSHIP),
        ("Praktikum im Sales Development", Employment.INTERNSHIP),
        ("Engineer, Part-Time", Employment.PART_TIME),
        ("Technical Sourcer (Contract)", Employment.CONTRACT),
        ("Freelance Persian Linguist", Employment.CONTRACT),
        ("Designer (Contract-to-Hire)", Employment.CONTRACT),
        ("Success Manager (Seasonal)", Employment.TEMPORARY),
        ("Développeur CDI (H/F)", Employment.FULL_TIME),
        ("Entwickler (Vollzeit)", Employment.FULL_TIME),
        ("International Tax Manager", None),
        ("Product Designer, B2B", None),
        ("Senior Contract & QA Analyst", None),
        ("Contracts Manager", None),
        ("Contract Counsel", None),
        ("Early-Stage Sales Lead", None),
        ("Engineer (Full-time or Part-time)", None),
    ],
)
def test_titles(title: str, employment: Employment | None) -> None:
    assert read_employment(title) is employment


@pytest.mark.parametrize(
    ("text", "employment"),
    [
        ("Employment type: Contract", Employment.CONTRACT),
        ("Job Type\nFull Time\nEducation", Employment.FULL_TIME),
        ("Job Types: Part-time, Contract", Employment.PART_TIME),
        ("**Employment Type:** Full-time", Employment.FULL_TIME),
        ("Vertragsart: unbefristet", Employment.FULL_TIME),
        ("Type de contrat : CDD", Employment.CONTRACT),
        ("Contract Type: Full-Time (Berlin) OR Contract (Remote)", None),
        ("Job Type: Permanent / Contract", None),
        ("Please note that this is a contract position with an immediate start.", Employment.CONTRACT),
        ("This is a 12 month fixed term contract with the potential to stay.", Employment.CONTRACT),
        ("This is a full-time, exempt role.", Employment.FULL_TIME),
        ("In this part-time role you answer mail.", Employment.PART_TIME),
        ("This is an unpaid internship with opportunity for growth.", Employment.INTERNSHIP),
        ("Acme | Backend Engineer | Full-time | Berlin", Employment.FULL_TIME),
        ("Acme | Backend Engineer | Contract | Remote", Employment.CONTRACT),
        ("Type: Permanent, Full time", Employment.FULL_TIME),
        ("About us\n12 months contract\nWe serve banks.", Employment.CONTRACT),
        ("This is a 6 month FTC in our London team.", Employment.CONTRACT),
        ("Permanent role", Employment.FULL_TIME),
        ("We offer a permanent position.", Employment.FULL_TIME),
        ("Festanstellung, Vollzeit", Employment.FULL_TIME),
        ("Unbefristete Festanstellung in Vollzeit", Employment.FULL_TIME),
        ("Lyon\nCDI\nNous cherchons", Employment.FULL_TIME),
        ("CDD 6 mois", Employment.CONTRACT),
        ("正社員", Employment.FULL_TIME),
        ("Our customers sign 12 month contracts.", None),
        ("We signed a 12 month contract with a bank.", None),
        ("Full-time employees get benefits", None),
        ("We sign contracts with banks", None),
        ("For full-time positions, we offer comprehensive benefits", None),
        ("The role will be supported by additional part-time staff", None),
        ("In this 10-week part-time course, students learn", None),
        ("permanent effect, temporary files, contractor management", None),
    ],
)
def test_texts(text: str, employment: Employment | None) -> None:
    assert read_employment("Engineer", text) is employment


def test_the_title_comes_before_the_text() -> None:
    assert read_employment("Engineer (Contract)", "Job type: Full-time") is Employment.CONTRACT


@given(st.text(alphabet="fultime-parcn: |\nthisa()/", max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert read_employment(text, text) in (None, *Employment)


@pytest.mark.parametrize("text", ["this is a " * 10_000, "full-time " * 10_000, "| contract " * 9_000, "job type:\n" * 10_000])
@pytest.mark.timeout(20)
def test_bait_ends_soon(text: str) -> None:
    read_employment("Engineer", text)
