"""Remote, hybrid or on site: told by the place, the title, and phrases of the text that speak of the job."""

import pytest

from shared.posting import Workplace
from shared.reading.workplace import read_workplace

REMOTE, HYBRID, ONSITE = Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE


@pytest.mark.parametrize(
    ("strings", "workplace"),
    [
        (["Remote - US"], REMOTE),
        (["Berlin", "Remote"], REMOTE),  # one office of several
        (["Berlin (Hybrid)", "Germany (Remote)"], REMOTE),
        (["Hybrid - Singapore"], HYBRID),
        (["São Paulo (Híbrido)"], HYBRID),
        (["Remote or hybrid, Berlin"], REMOTE),
        (["Hybrid/Remote"], REMOTE),
        (["London (on-site)"], ONSITE),
        (["Singapore, not remote"], ONSITE),
        (["USA (Everywhere)"], REMOTE),
        (["Poland", "Ireland"], REMOTE),  # several countries, no city
        (["EMEA"], REMOTE),
        (["Poland"], None),
        (["Poland", "Berlin"], None),
        (["California", "Texas"], None),
        (["Singapore"], None),
        ([], None),
    ],
)
def test_told_by_the_place(strings: list[str], workplace: Workplace | None) -> None:
    assert read_workplace(strings) is workplace


@pytest.mark.parametrize(
    ("title", "workplace"),
    [
        ("Backend Engineer (Remote)", REMOTE),
        ("Backend Engineer - Remote, Europe", REMOTE),
        ("Remote Backend Engineer", REMOTE),
        ("Backend Engineer | Hybrid", HYBRID),
        ("Backend Engineer (On-site)", ONSITE),
        ("Remote Sensing Scientist", None),
        ("Engineer, Remote Patient Monitoring", None),
        ("Engineer - Hybrid Cloud", None),
        ("Onsite Coordinator", None),
        ("Engineer", None),
    ],
)
def test_told_by_the_title(title: str, workplace: Workplace | None) -> None:
    assert read_workplace(["Berlin"], title=title) is workplace


@pytest.mark.parametrize(
    ("text", "workplace"),
    [
        ("This is a fully remote position.", REMOTE),
        ("Location: Remote (must live in Ohio)", REMOTE),
        ("We are a globally distributed company.", REMOTE),
        ("We are a remote-first company.", REMOTE),
        ("The role is based in London or remotely in the UK.", REMOTE),
        ("Hybrid out of our office, or fully remote, anywhere in Canada.", REMOTE),
        ("This is a work from home position.", REMOTE),
        ("This role is hybrid: three days in our office.", HYBRID),
        ("Type: Hybrid, 3x per week", HYBRID),
        ("Come to our Soho office 2-3 days a week: 2-3 days a week in our Soho office.", HYBRID),
        ("A remote-first company with a hybrid work model in Dublin.", HYBRID),
        ("We work 5 days a week in the office.", ONSITE),
        ("This role is on-site. Our benefits: a remote-first culture.", ONSITE),
        ("We have an in-person culture.", ONSITE),
        ("Join us! #LI-Remote", REMOTE),
        ("Remote OK", REMOTE),
        ("フルリモート", REMOTE),
        ("100% Homeoffice", REMOTE),
        ("Homeoffice 2 Tage", HYBRID),
        ("Zwei bis drei Tage im Büro, 2-3 Tage pro Woche Home-Office.", HYBRID),
        ("2 jours par semaine de télétravail", HYBRID),
        ("in office 3x/week", HYBRID),
        ("You'll work from our Berlin office five days a week.", ONSITE),
        ("You'll work from our Berlin office three days a week.", HYBRID),
        ("Fully remote team. #LI-Hybrid", HYBRID),
    ],
)
def test_told_by_the_text(text: str, workplace: Workplace) -> None:
    assert read_workplace(["Berlin"], text) is workplace


@pytest.mark.parametrize(
    "text",
    [
        "You manage remote sites and distributed databases.",
        "This is not a remote position.",
        "You have experience in a fully remote team.",
        "You will not like it here if you prefer a remote-first environment.",
        "Enjoy 1-2 weeks fully remote per year.",
        "Work from anywhere for up to 60 days a year.",
        "This role is a hybrid of analyst and engineer.",
        "The interview takes place on site, and there is a gym in the office.",
        "Support in-person or remote offices.",
        "We give you money for your home office.",
        "Please mention where you found us, such as RemoteOK.",
    ],
)
def test_what_speaks_of_something_else(text: str) -> None:
    assert read_workplace(["Berlin"], text) is None


def test_the_place_beats_the_text() -> None:
    assert read_workplace(["Remote"], "This role is on-site.") is REMOTE
    assert read_workplace(["Berlin (on-site)"], "We are a remote-first company.") is ONSITE


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "bait",
    [
        "remote ",
        "in office ",
        "5 days a week ",
        "this is a ",
        "location: ",
        "(remote",
        "work from home ",
        "hybrid, ",
        "not ",
        "\n",
        "🏝️",
    ],
)
def test_hostile_texts_end_soon(bait: str) -> None:
    read_workplace([bait * 100_000] * 300, bait * 1_000_000, title=bait * 100_000)
