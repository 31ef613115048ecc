"""Whether work visas are sponsored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading.sponsorship import read_sponsorship


@pytest.mark.parametrize(
    "text",
    [
        "Visa sponsorship available",
        "- Visa Sponsorship\n- Medical insurance",
        "We can sponsor visas to Germany; for any other country, you need to have existing right to work.",
        "Visa sponsorship: We do sponsor visas! However, we aren't able to sponsor visas for every role.",
        "We sponsor visas and handle all relocation.",
        "Acme will provide H-1B sponsorship for this role.",
        "Acme | Founding Engineer | Full-time | ONSITE | VISA | https://acme.example",
        "Relocation support, including finding a flat and visa assistance.",
        "EP sponsorship: we will sponsor your employment pass.",
    ],
)
def test_offered(text: str) -> None:
    assert read_sponsorship(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "We cannot sponsor visas at this time.",
        "We are unable to provide visa sponsorship for this position.",
        "You must be authorized to work in the US without sponsorship, now or in the future.",
        "This role is not eligible for visa sponsorship.",
        "Visa Sponsorship not provided",
        "Not able to sponsor work pass; open to local candidates.",
        "Acme does not currently offer visa sponsorship for this role",
        "We don’t sponsor visas at the moment.",
        "US citizens only",
        "Must be a U.S. citizen with a clearance.",
        "U.S. citizenship is required.",
        "Singaporeans/PR only",
        "Singaporean only!",
        "Candidates able to work legally in Singapore (Singapore Citizens or Permanent Residents).",
        "Able to work in Singapore after graduation without visa sponsorship.",
    ],
)
def test_refused(text: str) -> None:
    assert read_sponsorship(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "You build a business case to secure executive sponsorship.",
        "Company-sponsored lunches and employer-sponsored health insurance",
        "We sponsor PyCon and local events.",
        "Customers include Visa, Mastercard and American Express.",
        "Must be legally authorized to work in the United States.",
        "US Citizens & all other parties authorized to work in the US are encouraged to apply.",
        "Will you now or in the future require sponsorship for a visa?",
        "We value good citizens of the web; AI agents are first-class citizens.",
        "Mentorship, sponsorship and growth",
    ],
)
def test_not_said(text: str) -> None:
    assert read_sponsorship(text) is None


@given(st.text(alphabet="sponrvia tcuz.!?\n|'’", max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert read_sponsorship(text) in (None, True, False)


@pytest.mark.parametrize(
    "text", ["sponsor " * 12_000, "not " * 25_000 + "sponsor", "visa " * 20_000, "us citizens or " * 6_000]
)
@pytest.mark.timeout(20)
def test_bait_ends_soon(text: str) -> None:
    read_sponsorship(text)
