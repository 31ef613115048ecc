"""Where a job is, read from its text: from labels and from sentences that say where one has to be, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.posting import Place, RawPosting
from shared.reading.place_text import places_of_text
from shared.reading.posting import read_posting, read_where

PROSE = "Palmtree builds ledgers for harbours.\n\nYou will write services and look after them."


def countries(text: str) -> set[str | None]:
    said = places_of_text(text)
    return {place.country or place.region for place in said.places} if said else set()


@pytest.mark.parametrize(
    ("line", "country"),
    [
        ("Location: Berlin, Germany", "DE"),
        ("**Location:** Lagos, Nigeria (hybrid)", "NG"),
        ("- Locations: Tampa, FL", "US"),
        ("Based in: Singapore", "SG"),
        ("Office: Amsterdam", "NL"),
        ("Where: Remote (Canada)", "CA"),
        ("Standort: München", "DE"),
        ("Arbeitsort: Wien", "AT"),
        ("Lieu : Lyon, France", "FR"),
        ("Lieu de travail : Paris", "FR"),
        ("Ubicación: Madrid, España", "ES"),
        ("勤務地：東京", "JP"),
        ("📍 Toronto, Canada", "CA"),
        ("📍 Location: Dublin, Ireland", "IE"),
        ("Location\n- Las Vegas, NV (Onsite)", None),
        ("Location:\n- Las Vegas, NV (Onsite)", "US"),
        ("Location: Berlin or remote within 2 hours of CET", "DE"),
        ("Location: Remote (offshore, and willing to work US hours)", None),
        ("Location: Remote, US time zones", None),
        ("Location: In person", None),
        ("Office: three days a week", None),
    ],
)
def test_labels_at_the_top(line: str, country: str | None) -> None:
    assert countries(f"Backend Engineer\n{line}\n\n{PROSE}") == ({country} if country else set())


def test_a_vague_label_counts_only_at_the_top() -> None:
    below = f"{PROSE}\n" + "We meet on Mondays.\n" * 12
    assert countries(f"{below}Office: Lisbon, Portugal") == set()
    assert countries(f"{below}Location: Lisbon, Portugal") == {"PT"}


@pytest.mark.parametrize(
    ("sentence", "country"),
    [
        ("This role is remote but you must be located in the United States.", "US"),
        ("Applicants must be based in the UK and speak English.", "GB"),
        ("You need to currently reside in Brazil.", "BR"),
        ("Candidates should live in or near New York City.", "US"),
        ("This is remote, but only for candidates based in Germany or Austria.", "AT DE"),
        ("The position is fully remote within Canada.", "CA"),
        ("Remote (Poland), full-time", "PL"),
        ("Remote from anywhere in India.", "IN"),
        ("We are open to remote candidates located in the U.S. or Canada.", "CA US"),
        ("This role is based in Nairobi.", "KE"),
        ("The engineering position will be located in our Manila office.", "PH"),
        ("This is an in-person role in San Francisco.", "US"),
        ("You work from our Berlin office three days a week.", "DE"),
        ("We meet three days a week in our Lisbon hub.", "PT"),
        ("You are willing to relocate to Zurich, Switzerland.", "CH"),
        ("Team members live within commuting distance of our San Francisco or Seattle hubs.", "US"),
        ("US only", "US"),
        ("(Poland only)", "PL"),
        ("A London-based role with some travel.", "GB"),
        ("You are legally authorized to work in the United States without sponsorship.", "US"),
        ("You have the right to work in Australia.", "AU"),
        ("You must be a U.S. citizen.", "US"),
    ],
)
def test_sentences_that_say_where_one_has_to_be(sentence: str, country: str) -> None:
    assert countries(f"{PROSE}\n{sentence}\n") == set(country.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Palmtree is headquartered in San Francisco with offices in London.",
        "We are a company based in Paris.",
        "Our team works remotely across Europe.",
        "If you are based in California, please read our privacy notice.",
        "For roles based in Colorado, the pay is $100,000.",
        "You need not be based in Germany.",
        "We host gatherings at our Toronto office.",
        "You will collaborate with colleagues in our Boston office.",
        "You will overlap with remote US time zones.",
        "Remote-first, with customers in Japan.",
        "You must be based in a place with good internet.",
        "Work with customers in Spain, France and Italy.",
        "Read only replicas, Python only.",
    ],
)
def test_what_says_nothing_about_the_job(sentence: str) -> None:
    assert countries(f"{PROSE}\n{sentence}\n") == set()


def test_the_words_are_quoted() -> None:
    text = f"{PROSE}\nApplicants must be based in the Netherlands, and speak Dutch."
    said = places_of_text(text)
    assert said is not None
    assert text[said.start : said.end] == "Netherlands"


def read(**given: object) -> RawPosting:
    raw = {"source": "lever", "board": "palmtree", "external_id": "1", "title": "Backend Engineer"}
    return RawPosting.model_validate(raw | {"description": f"{PROSE}\nYou must be based in Germany."} | given)


def test_the_text_counts_where_the_field_names_no_country() -> None:
    germany = (Place(country="DE"),)
    for location in (None, "Remote", "Remote - Europe"):
        assert read_posting(read(location=location)).facts.places == germany
    assert read_where(read(location="Remote")) == (germany, "Germany")


def test_the_field_wins() -> None:
    assert read_where(read(location="Lagos, Nigeria"))[0][0].country == "NG"
    assert read_where(read(location="Remote - APAC")) == ((Place(region="APAC"),), "Remote - APAC")
    assert read_where(read(description=PROSE)) == ((), "")


@given(st.text(max_size=400))
def test_no_text_fails(text: str) -> None:
    said = places_of_text(f"Location: {text}\nmust be based in {text}")
    assert said is None or said.places


@pytest.mark.parametrize(
    "bait",
    ["must be based in ", "remote in A ", "Location: ", "- - - ", "A & B ", "(", "US-based ", "\n\n\n", " ", " ,", "\t-"],
)
def test_hostile_texts_end(bait: str) -> None:
    """Within the time that any test has: where blanks could be counted in two ways, these took hours."""
    places_of_text("This role is remote in A" + bait * (100_000 // len(bait)) + "!")
