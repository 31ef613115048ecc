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
        ("Software Engineer, Payments (Go)", Role.ENGINEERING),
        ("Senior Backend Engineer - Remote EMEA", Role.BACKEND),
        ("Forward Deployed Engineer", Role.ENGINEERING),
        ("Solutions Architect", Role.ENGINEERING),
        ("SDE-2", Role.ENGINEERING),
        ("Senior Java Full Stack Developer", Role.FULLSTACK),
        ("Senior .NET Developer", Role.BACKEND),
        ("Network Administrator", Role.INFRASTRUCTURE),
        ("Cyber Security Analyst", Role.SECURITY),
        ("SAP ABAP Consultant", Role.ENGINEERING),
        ("Test Lead", Role.QA),
        ("IT Manager", Role.MANAGEMENT),
        ("Director, Machine Learning", Role.MANAGEMENT),
        ("Research Scientist, Reward Models", Role.ML),
    ],
)
def test_role_of_title(title: str, role: Role) -> None:
    assert read_role(title) is role


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Sr Software Eng", Role.ENGINEERING),
        ("Software Dev II", Role.ENGINEERING),
        ("Snr. Dev", Role.ENGINEERING),
        ("Backend Eng (Payments)", Role.BACKEND),
        ("Mobile Dev", Role.MOBILE),
        ("Eng Manager, Billing", Role.MANAGEMENT),
        ("Mech Eng", Role.OTHER),
        ("Biz Dev Lead", Role.OTHER),
        ("Software (Development) Engineer in Test", Role.QA),
        ("Senior Software Engineer in Test, Payments", Role.QA),
        ("Software Engineer, Test", Role.QA),
        ("Engineer (Design for Test)", Role.ENGINEERING),
        ("Platform Team Lead", Role.INFRASTRUCTURE),
        ("Team Lead, Platform", Role.INFRASTRUCTURE),
        ("Sales Team Lead", Role.OTHER),
        ("Senior Production Engineer, Storage", Role.INFRASTRUCTURE),
        ("Composites Production Engineer", Role.OTHER),
        ("Production Engineer - Oil & Gas", Role.OTHER),
        ("Senior Full Stack (AEM)", Role.FULLSTACK),
        ("Java, Sales", Role.OTHER),
    ],
)
def test_short_forms_and_words_of_two_trades(title: str, role: Role) -> None:
    assert read_role(title) is role


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Développeuse back-end Java (H/F)", Role.BACKEND),
        ("Ingénieur logiciel", Role.ENGINEERING),
        ("Ingénieur commercial", Role.OTHER),
        ("Softwareentwickler:in (m/w/d)", Role.ENGINEERING),
        ("Datenbankadministrator", Role.INFRASTRUCTURE),
        ("Vertriebsingenieur", Role.OTHER),
        ("Maschinenbauingenieur", Role.OTHER),
        ("Ingeniera de datos", Role.DATA),
        ("Ingeniero civil", Role.OTHER),
        ("Engenheiro(a) de Software Pleno", Role.ENGINEERING),
        ("Softwareontwikkelaar", Role.ENGINEERING),
        ("Sviluppatore frontend", Role.FRONTEND),
        ("後端工程師", Role.BACKEND),
        ("前端开发工程师", Role.FRONTEND),
        ("データエンジニア", Role.DATA),
        ("セールスエンジニア", Role.OTHER),
        ("백엔드 개발자", Role.BACKEND),
    ],
)
def test_role_of_a_title_in_another_language(title: str, role: Role) -> None:
    assert read_role(title) is role


@pytest.mark.parametrize(
    "title",
    [
        "Mechanical Engineering Manager",
        "Civil Engineer",
        "Field Service Engineer",
        "HVAC Engineer",
        "Locomotive Engineer",
        "Facilities Engineer",
        "Process Engineer",
        "Manufacturing Test Engineer, PCBA",
        "Data Center Technician",
        "Technical Support Engineer",
        "Engineering Recruiter",
        "Software Product Manager",
        "AI Trainer - Java Developers",
        "Front End Manager",
        "Landscape Architect",
        "Business Developer",
        "CNC Programmer",
    ],
)
def test_other_peoples_engineers_are_not_ours(title: str) -> None:
    assert read_role(title) is Role.OTHER


@pytest.mark.parametrize(
    "title",
    [
        "Senior Software Engineer, Core Pricing",
        "Junior Software Engineer with Accounting Experience",
        "Core Pricing and Risk Platform - Senior C++ Developer",
        "Staff Engineer, Service Framework",
        "Customer Support Software Engineer",
        "Member of Technical Staff, Safety",
    ],
)
def test_what_the_work_is_about_does_not_make_it_another_job(title: str) -> None:
    assert read_role(title) is Role.ENGINEERING


def test_of_alternatives_one_that_is_ours_counts() -> None:
    assert read_role("Web Designer / Developer") is not Role.OTHER
    assert read_role("Web Designer") is Role.OTHER


def test_a_phrase_hides_the_words_inside_it() -> None:
    assert read_role("GPU Device Driver Engineer") is Role.EMBEDDED
    assert read_role("Bus Driver") is Role.OTHER
    assert read_role("Backend Engineer (Security Clearance)") is Role.BACKEND


def test_a_lead_is_a_manager_only_before_any_engineer_is_named() -> None:
    assert read_role("Senior Manager, Software Engineering") is Role.MANAGEMENT
    assert read_role("Software Engineer, Manager Tools") is Role.ENGINEERING


@pytest.mark.parametrize(
    "title", ["", " / ", "(((", "🚀" * 500, "ingenieur" * 100, "\u202edeveloper", "software engineering " * 5_000, "ガ" * 300]
)
def test_any_title_is_read(title: str) -> None:
    read_role(title, title)
    read_level(title)


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
        ("Software Engineer (L5)", Level.SENIOR),
        ("Backend Engineer (IC4)", Level.SENIOR),
        ("Staff Engineer, Back End (IC4)", Level.STAFF),
        ("Staff/Sr. Staff Engineer", Level.STAFF),
        ("Junior to Mid-Level Developer", Level.JUNIOR),
        ("Associate Software Engineer", Level.JUNIOR),
        ("Trainee Developer", Level.JUNIOR),
        ("Chief Architect", Level.PRINCIPAL),
        ("VP, Data", Level.MANAGER),
        ("Senior Product Manager", Level.SENIOR),
        ("Principal Member of Technical Staff", Level.PRINCIPAL),
        ("Werkstudent Softwareentwicklung (m/w/d)", Level.INTERN),
        ("Stagiaire développeur", Level.INTERN),
        ("Desarrollador Semi Senior", Level.MID),
        ("Engenheiro de Software Pleno", Level.MID),
        ("Leiter Softwareentwicklung", Level.MANAGER),
        ("シニアソフトウェアエンジニア", Level.SENIOR),
        ("資深後端工程師", Level.SENIOR),
        ("Software Engineer, Phase 1", None),
        ("Backend Engineer (5 YOE), Go", Level.SENIOR),
        ("Engineer (5)", None),
        ("Data Engineer - 6 month contract", None),
        ("Engineer (2 positions)", None),
        ("Senior Engineer, 4-8 years", Level.SENIOR),
        ("Reliability Engineer (4 to 8 Years)", Level.MID),
        ("Engineer 5", Level.STAFF),
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
        ("at least five years of experience", 5),
        ("3-5 YoE", 3),
        ("minimum 8 years' relevant background", 8),
        ("10+ yrs in Java", 10),
        ("Minimum of 3 (three) years", 3),
        ("Experience: 4 years", 4),
        ("0–2 years of experience", 0),
        ("5+ years leading teams", 5),
        ("mindestens 3 Jahre Berufserfahrung", 3),
        ("3 ans d'expérience", 3),
        ("5 años de experiencia", 5),
        ("3年以上の開発経験", 3),
        ("a 4 year degree in engineering", None),
        ("18 years old, with experience", None),
        ("$120,000 - $145,000/year by experience", None),
        ("in just two years we grew", None),
        ("vested over 4 years", None),
        ("10+ years as a company; 3+ years experience", 3),
        ("10+ years in business.", None),
        ("5+ years in business development", 5),
        ("Bachelor + 5 years or Master + 3", 5),
        (">5yrs exp", 5),
        ("≥ 3 years of Go", 3),
        ("5 YOE", 5),
    ],
)
def test_years_asked_for(text: str, years: float | None) -> None:
    assert read_years(text) == years
