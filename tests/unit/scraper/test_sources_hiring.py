"""Posts that say "we are hiring", in the many ways people write them."""

import pytest

from services.scraper.sources.base.hiring import MAX_PIECES, names_role, read_post
from shared.posting import Employment, Pay, Workplace

REMOTE, HYBRID, ONSITE = Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE
TEXT = "\n\nWe make boats that swim by themselves."


@pytest.mark.parametrize(
    ("line", "company", "title", "places", "workplace"),
    [
        (
            "Quillmark | Senior Backend Engineer | Remote (Europe) | Full-time",
            "Quillmark",
            "Senior Backend Engineer",
            ("Remote (Europe)",),
            REMOTE,
        ),
        (
            "Quillmark (YC S21) | NYC - hybrid | https://quillmark.example | Staff SRE | VISA",
            "Quillmark",
            "Staff SRE",
            ("NYC - hybrid",),
            HYBRID,
        ),
        (
            "Quillmark (https://quillmark.io) | ONSITE | Oslo, Norway | Data Engineer, ML Engineer",
            "Quillmark",
            "Data Engineer, ML Engineer",
            ("ONSITE", "Oslo, Norway"),
            ONSITE,
        ),
        ("quillmark.io | Multiple roles | London/New York", "quillmark.io", "Multiple roles", ("London/New York",), None),
        ("Tide — Mobile Engineer (iOS) — Remote (Americas)", "Tide", "Mobile Engineer (iOS)", ("Remote (Americas)",), REMOTE),
        ("Pliant / Backend Engineer / Remote (EU) / Full-time", "Pliant", "Backend Engineer", ("Remote (EU)",), REMOTE),
        ("40G - Full-time Remote | Technical Program Manager", "40G", "Technical Program Manager", ("Remote",), REMOTE),
        ("Senior DevOps Engineer | 100% Remote | Canada", None, "Senior DevOps Engineer", ("100% Remote", "Canada"), REMOTE),
        ("Hiring: Tide | Analyst | Remote", "Tide", "Analyst", ("Remote",), REMOTE),
        ("London - Systems Engineer - Remote", None, "Systems Engineer", ("London", "Remote"), REMOTE),
        ("Tide | Full-Time Montreal | Developer", "Tide", "Developer", ("Montreal",), None),
        ("Tide (Remote US) | Developer", "Tide", "Developer", ("Remote US",), REMOTE),
        ("Tide | Engineers | $5M raised | AI | Visa Sponsorship in Berlin", "Tide", "Engineers", (), None),
    ],
)
def test_the_first_line_in_any_order(
    line: str, company: str | None, title: str, places: tuple[str, ...], workplace: Workplace | None
) -> None:
    found = read_post(line + TEXT)
    assert found
    assert (found.company, found.title, found.places, found.workplace) == (company, title, places, workplace)


@pytest.mark.parametrize(
    ("said", "workplace"),
    [
        ("ONSITE or REMOTE (US)", REMOTE),
        ("HYBRID / ONSITE", HYBRID),
        ("ONSITE+PART REMOTE", HYBRID),
        ("On-Site / Remote (Hybrid)", HYBRID),
        ("Berlin, no remote", None),
        ("Berlin, on-site, not remote", ONSITE),
        ("In-person in Oslo", ONSITE),
        ("WORK FROM HOME", REMOTE),
    ],
)
def test_ways_of_working(said: str, workplace: Workplace | None) -> None:
    found = read_post(f"Tide | Engineer | {said}")
    assert found
    assert found.workplace is workplace


@pytest.mark.parametrize(
    ("said", "pay"),
    [
        ("$160k–$180k ($210k for senior band) + Equity", Pay(low=160000, high=180000, currency="USD")),
        ("£80,010–£88,900 + stock", Pay(low=80010, high=88900, currency="GBP")),
        ("€45-65K", Pay(low=45000, high=65000, currency="EUR")),
        ("140k - 180k USD + benefits", Pay(low=140000, high=180000, currency="USD")),
        ("105,000 - 135,000 USD / year", Pay(low=105000, high=135000, currency="USD")),
        ("Up to $140k CAD", Pay(high=140000, currency="CAD")),
        ("$200K+ base", Pay(low=200000, currency="USD")),
        ("$60-120/hour", Pay(low=124800, high=249600, currency="USD")),
        ("150-200k", None),
        ("$16M raised", None),
        ("Series B ($100,000k)", None),
        ("0.25%-2%", None),
        ("3 days/week", None),
        ("35-80L INR", None),
        ("$50", None),
    ],
)
def test_pay(said: str, pay: Pay | None) -> None:
    found = read_post(f"Tide | Engineer | {said} | Remote")
    assert found
    assert found.pay == pay


@pytest.mark.parametrize(
    ("said", "employment"),
    [
        ("Full-time", Employment.FULL_TIME),
        ("FT", Employment.FULL_TIME),
        ("Contract", Employment.CONTRACT),
        ("part time", Employment.PART_TIME),
        ("Full-time or Contract", None),
        ("Remote", None),
    ],
)
def test_kinds_of_employment(said: str, employment: Employment | None) -> None:
    found = read_post(f"Tide | Engineer | Oslo | {said}")
    assert found
    assert found.employment is employment


def test_roles_are_found_in_the_text_when_the_first_line_has_none() -> None:
    found = read_post(
        "Tide | ONSITE | Oslo\nWe want a Senior Backend Engineer and a product designer.\nsee x.io/backend-engineer"
    )
    assert found
    assert found.title == "Senior Backend Engineer, product designer"


def test_the_first_line_is_the_title_of_last_resort() -> None:
    found = read_post("Tide | ONSITE | Oslo\nCome and see.")
    assert found
    assert found.title == "Tide | ONSITE | Oslo"


def test_facts_may_stand_below_the_first_line_or_go_on_there() -> None:
    below = read_post("At Tide, we build boats.\nOslo | In-office | Full-time | $130,000 - $175,000\nStaff Data Engineer")
    assert below
    assert (below.company, below.places, below.workplace) == ("Tide", ("Oslo", "In-office"), ONSITE)
    assert below.pay == Pay(low=130000, high=175000, currency="USD")
    goes_on = read_post("Tide | https://tide.example\n| Multiple roles | Oslo (ONSITE)")
    assert goes_on
    assert (goes_on.title, goes_on.places) == ("Multiple roles", ("Oslo (ONSITE)",))


@pytest.mark.parametrize(
    "text",
    [
        "Hi! Tide is looking for a Staff Data Engineer to help us.",
        "We’re hiring three senior engineers. Fully remote.",
        "Tide's Platform Team Is Growing!\nSenior Engineers, three of them.",
    ],
)
def test_prose_is_a_job_when_it_says_that_somebody_is_wanted(text: str) -> None:
    assert read_post(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * *",
        "[flagged]",
        "> Tide | Engineer | Remote\nDo you still look for people?",
        "@tide do you support remote work from Turkey please?",
        "Is having an account a requirement to apply for this job?",
        "Not gonna lie, this is the kind of work that makes the internet the hostile place that it is today :(",
        "In addition to the search tools mentioned above, feel free to use mine. It has everything.",
        "Location: Nigeria (Remote)\nRemote: Yes\nWilling to relocate: No\nTechnologies: React",
        "SEEKING WORK | Full-stack engineer | Remote",
    ],
)
def test_talk_is_no_job(text: str) -> None:
    assert read_post(text) is None


@pytest.mark.parametrize(("text", "role"), [("Staff Engineer", True), ("Head of Data", True), ("Acme Inc", False), ("", False)])
def test_names_of_roles(text: str, role: bool) -> None:
    assert names_role(text) is role


@pytest.mark.parametrize(
    "piece", ["|", "a|", " - ", "(", "$1k-", "senior ", "a.", " We", "https://", "\n|", "is a ", "x" * 40 + "."]
)
def test_a_post_made_to_be_slow_costs_no_more_than_its_limits(piece: str) -> None:
    """Work that grew with the square of the length would keep this test for minutes."""
    found = read_post(piece * (100_000 // len(piece)))
    assert found is None or len(found.places) <= MAX_PIECES
