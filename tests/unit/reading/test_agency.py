"""Whether the advertiser hires for somebody else. The firms are invented, but for those of the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading.agency import read_agency


@pytest.mark.parametrize(
    "text",
    [
        "Our client is looking for an experienced infrastructure architect.",
        "The opportunity\n\nOur client, a fast-growing travel startup, is hiring an engineer.",
        "We are hiring a data scientist on behalf of our client in Leeds.",
        "We are seeking an analyst for one of our clients in Pomona.",
        "Palm Tree Pte Ltd\n\nEA License No: 19C9950",
        "Palm Tree (EA: 94C3609 / R22109942)",
        "Reg. No. R1987809\nPalm Tree Pte Ltd\nLicence no. 16S8112",
        "We are a leading global recruitment consultancy. The role: engineer.",
    ],
)
def test_texts_of_agencies(text: str) -> None:
    assert read_agency(text) is True


@pytest.mark.parametrize(
    "company",
    [
        "Palm Recruitment Pte. Ltd.",
        "PALM STAFFING SERVICES",
        "Robert Half",
        "Michael Page International",
        "Palm Search Partners, LLC",
    ],
)
def test_names_of_agencies(company: str) -> None:
    assert read_agency("", company) is True


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("", "Palm Consulting"),
        ("", "Hudson River Trading"),
        ("", "Palm Search Engines"),
        ("You work with our clients in order to solve their problems.", "Palm"),
        ("To protect our clients and their families, a background check is made.", "Palm"),
        ("Palm delivers excellent results for our clients, and analytics is part of it.", "Palm"),
        ("No recruitment agencies, please. We do not accept resumes from staffing firms.", "Palm"),
        ("You negotiate on behalf of the customer within Palm.", "Palm"),
        ("Valid DEA license required; license no later than June.", "Palm"),
        ("Our clients are organisations with ambitious missions.", "Palm"),
        ("", None),
    ],
)
def test_nothing_is_claimed_without_evidence(text: str, company: str | None) -> None:
    assert read_agency(text, company) is None


@given(st.text(alphabet="our clientsfbhaeg:0123456789\nR. ", max_size=300), st.text(max_size=40))
def test_any_text_is_read(text: str, company: str) -> None:
    assert read_agency(text, company) in (None, True)


@pytest.mark.parametrize(
    "text", ["our client " * 9_000, "ea licence " * 9_000, "on behalf of our " * 5_000, "we are a search " * 6_000]
)
@pytest.mark.timeout(20)
def test_bait_ends_soon(text: str) -> None:
    read_agency(text)
