"""Where the person of a CV is, however the top of the page says it."""

from datetime import date

import pytest

from shared.posting import Place
from shared.reading.profile import read_profile

TODAY = date(2026, 11, 21)
REST = "\n\nSUMMARY\nEngineer.\n\nEXPERIENCE\nSoftware Engineer, Acme, 2018 - Present\nGo, Kafka\n"


def place(head: str) -> str | None:
    places = read_profile(head + REST, today=TODAY).places
    return places[0].city or places[0].country if places else None


@pytest.mark.parametrize(
    ("head", "city"),
    [
        ("Jane Doe\nPhone: +1 555 123 4567 | jane@example.com | github.com/jane | Austin, TX", "Austin"),
        ("Jane Doe\nAustin, TX | jane@example.com | +1 555 123 4567", "Austin"),
        ("Jane Doe\njane@example.com • Singapore • +65 9123 4567", "Singapore"),
        ("Jane Doe | Austin, TX | jane@example.com", "Austin"),
        ("Jane Doe\nSingapore 560123 | (+65) 8123 4567 | jane@example.com | linkedin.com/in/jane", "Singapore"),
        ("Jane Doe\nAddress: 10 Anson Road, #05-01, Singapore 079903", "Singapore"),
        ("JANE DOE — Software Engineer — London, UK", "London"),
        ("Jane Doe\n📍Paris   ✉️ jane@example.com  ☎ +33 6 12 34 56 78", "Paris"),
        ("**Senior Platform Engineer** · Berlin, Germany · lena@example.org", "Berlin"),
        ("Jane Doe\nLagos, Nigeria | tess@example.org | +234 803 123 4567", "Lagos"),
        ("Jane Doe\njane@example.com    Paris", "Paris"),
        ("Jane Doe\nAustin,TX|jane@example.com|555-123-4567", "Austin"),
        ("Jane Doe\n12 Main Street, Austin, TX 78701\njane@example.com", "Austin"),
        ("Jane Doe\nWohnort: München", "Munich"),
        ("Jane Doe\nBackend Engineer | Remote | Brazil", "BR"),
        ("Jordan Lee\nToronto, Canada", "Toronto"),
    ],
)
def test_the_place_at_the_top(head: str, city: str) -> None:
    assert place(head) == city


@pytest.mark.parametrize(
    "head",
    [
        "Jane Doe\nJava, Spring, Kafka",
        "Jane Doe\nElixir | Phoenix | Go",
        "Jane Doe\nI build ledgers — mostly in Go — for London fintechs who like them to be right every day of the year",
        "Jane Doe\njane@example.com | +1 555 123 4567",
    ],
)
def test_what_is_no_place(head: str) -> None:
    assert place(head) is None


def test_where_one_is_now_comes_before_where_one_would_go() -> None:
    profile = read_profile("Backend engineer, Go. Open to relocate to Berlin or Amsterdam. Currently in Lagos, Nigeria.")
    assert [one.city for one in profile.places] == ["Lagos", "Berlin", "Amsterdam"]


def test_a_framework_in_the_header_of_a_job_is_no_town() -> None:
    cv = "Ana\n\nBackend Developer, Acme\n2018 - Present\nJava (Spring), Docker\nLisbon\nOwned the shop."
    assert read_profile(cv, today=TODAY).places == (Place(city="Lisbon", country="PT"),)
