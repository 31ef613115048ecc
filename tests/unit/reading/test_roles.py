"""Titles become a role family and a level."""

import pytest

from shared.posting import Level, Role
from shared.reading.roles import read_level, read_role, read_years


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Backend Software Engineer", Role.BACKEND),
        ("Software Engineer - Infrastructure", Role.INFRASTRUCTURE),
        ("Site Reliability Engineer", Role.INFRASTRUCTURE),
        ("Full-Stack Engineer", Role.FULLSTACK),
        ("Sr. Android Developer", Role.MOBILE),
        ("Data Scientist", Role.DATA),
        ("Machine Learning Infrastructure Engineer", Role.ML),
        ("Cloud Security Engineer", Role.SECURITY),
        ("QA Automation Engineer", Role.QA),
        ("Firmware Engineer", Role.EMBEDDED),
        ("Engineering Manager, Payments", Role.MANAGEMENT),
        ("VP of Engineering", Role.MANAGEMENT),
        ("Senior Software Engineer, Platform", Role.INFRASTRUCTURE),
        ("Member of Technical Staff", Role.ENGINEERING),
        ("Senior Software Engineer, Sales Platform", Role.ENGINEERING),
        ("Backend Engineer, Machine Learning Platform", Role.BACKEND),
        ("Account Executive, Developer Tools", Role.OTHER),
        ("Recruiter, Engineering", Role.OTHER),
        ("Sales Engineer", Role.OTHER),
        ("Solutions Engineer", Role.OTHER),
        ("Product Manager, Backend", Role.OTHER),
        ("Product Designer", Role.OTHER),
        ("Mechanical Engineer", Role.OTHER),
        ("Chief of Staff", Role.OTHER),
        ("Happiness Ninja", Role.OTHER),
    ],
)
def test_role_of_title(title: str, role: Role) -> None:
    assert read_role(title) is role


def test_department_refines_only_a_plain_title() -> None:
    assert read_role("Software Engineer", "Data Platform") is Role.DATA
    assert read_role("Software Engineer", "Platform") is Role.INFRASTRUCTURE
    assert read_role("Software Engineer", "Engineering, Product & Design") is Role.ENGINEERING
    assert read_role("Frontend Engineer", "Data Platform") is Role.FRONTEND
    assert read_role("Account Manager", "Engineering") is Role.OTHER
    assert read_role("  ") is None


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Software Engineer Intern", Level.INTERN),
        ("New Grad Software Engineer", Level.JUNIOR),
        ("Graduate Engineer", Level.JUNIOR),
        ("Software Engineer I", Level.JUNIOR),
        ("Software Engineer II", Level.MID),
        ("SWE III", Level.SENIOR),
        ("Senior Software Engineer I", Level.SENIOR),
        ("Senior/Staff Engineer", Level.SENIOR),
        ("Senior Staff Engineer", Level.STAFF),
        ("Lead Engineer", Level.STAFF),
        ("Principal Engineer", Level.PRINCIPAL),
        ("Director, Engineering", Level.MANAGER),
        ("Head of Engineering", Level.MANAGER),
        ("Member of Technical Staff", None),
        ("International Internal Tools Engineer", None),
        ("Software Engineer", None),
    ],
)
def test_level_of_title(title: str, level: Level | None) -> None:
    assert read_level(title) is level


def test_level_of_a_plain_title_is_what_the_years_asked_for_stand_for() -> None:
    assert read_level("Software Engineer", "5+ years of experience with services") is Level.SENIOR
    assert read_level("Software Engineer", "1 year of professional experience") is Level.JUNIOR
    assert read_level("Junior Software Engineer", "5+ years of experience") is Level.JUNIOR


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5+ years of experience, 2+ years working with Go", 5),
        ("3-5 years experience", 3),
        ("at least four years of professional work", 4),
        ("in business for 20 years of experience", None),
        ("founded 3 years ago", None),
        ("", None),
    ],
)
def test_years_asked_for(text: str, years: float | None) -> None:
    assert read_years(text) == years
