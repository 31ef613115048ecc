"""A whole posting is read: sections weigh skills, and what the board states wins."""

import pytest

from shared.posting import Employment, Level, Pay, Place, Posting, RawPosting, Role, Strength, Workplace
from shared.reading.employment import read_employment
from shared.reading.posting import read_posting
from shared.reading.workplace import read_workplace

DESCRIPTION = """About Palmtree
Palmtree serves banks. Our founders wrote Erlang and COBOL.

What you'll do
- Build services in Go
- Review dashboards in Grafana

REQUIREMENTS
- 4+ years of experience building backend systems
- PostgreSQL and Kafka
- Rust is a plus

Nice to have:
- Terraform

Benefits
- A Kotlin conference each year

Equal opportunity
We welcome everyone, also those who write Haskell."""


def read(**given: object) -> Posting:
    raw = {"source": "ashby", "board": "palmtree", "external_id": "1", "title": "Software Engineer", "description": DESCRIPTION}
    return read_posting(RawPosting.model_validate(raw | given))


def test_sections_and_sentences_say_how_much_a_skill_is_wanted() -> None:
    wanted = {mention.skill: mention.strength for mention in read().facts.skills}
    assert wanted["postgresql"] is wanted["kafka"] is wanted["backend"] is Strength.REQUIRED
    assert wanted["rust"] is wanted["terraform"] is Strength.PREFERRED
    assert wanted["go"] is wanted["grafana"] is Strength.MENTIONED
    assert not wanted.keys() & {"erlang", "cobol", "kotlin", "haskell"}


def test_mentions_quote_the_description_and_the_title() -> None:
    posting = read(title="Senior Kafka Engineer")
    for mention in posting.facts.skills:
        source = posting.title if mention.in_title else posting.description
        assert source[mention.start : mention.end] == mention.text
    assert next(mention for mention in posting.facts.skills if mention.skill == "kafka").in_title


def test_role_level_and_places_are_read() -> None:
    facts = read(location="Singapore", locations=("Singapore", "Remote - Japan"), department="Backend").facts
    assert (facts.role, facts.level) == (Role.BACKEND, Level.MID)
    assert facts.places == (Place(city="Singapore", country="SG"), Place(country="JP"))


def test_what_the_board_states_wins() -> None:
    pay = Pay(low=90_000, high=120_000, currency="SGD")
    facts = read(
        title="Software Engineer (Contract)",
        location="Remote",
        workplace=Workplace.ONSITE,
        employment=Employment.FULL_TIME,
        pay=pay,
    ).facts
    assert (facts.workplace, facts.employment, facts.pay) == (Workplace.ONSITE, Employment.FULL_TIME, pay)


def test_unknown_stays_unknown() -> None:
    facts = read(description="We are hiring.").facts
    assert (facts.level, facts.workplace, facts.employment, facts.places, facts.pay) == (None, None, None, (), None)


def test_the_posting_keeps_every_word_of_the_board() -> None:
    posting = read(url="https://jobs.example/1", requisition_id="R-1")
    assert (posting.url, posting.requisition_id, posting.description) == ("https://jobs.example/1", "R-1", DESCRIPTION)


@pytest.mark.parametrize(
    ("strings", "text", "workplace"),
    [
        (["Remote - US"], "", Workplace.REMOTE),
        (["Hybrid - Singapore"], "", Workplace.HYBRID),
        (["London (on-site)"], "", Workplace.ONSITE),
        (["New York Office (or Remote)"], "", Workplace.REMOTE),
        (["Singapore"], "Expect three days a week in our office.", Workplace.HYBRID),
        (["Singapore"], "This is a fully remote team. #LI-Hybrid", Workplace.HYBRID),
        (["Singapore"], "You manage remote sites and distributed databases.", None),
    ],
)
def test_workplace(strings: list[str], text: str, workplace: Workplace | None) -> None:
    assert read_workplace(strings, text) is workplace


@pytest.mark.parametrize(
    ("title", "text", "employment"),
    [
        ("Backend Intern", "", Employment.INTERNSHIP),
        ("Engineer, Part-Time", "", Employment.PART_TIME),
        ("Engineer", "Employment type: Contract", Employment.CONTRACT),
        ("Engineer", "We sign contracts with banks", None),
    ],
)
def test_employment(title: str, text: str, employment: Employment | None) -> None:
    assert read_employment(title, text) is employment


@pytest.mark.parametrize(
    "description",
    ["experience with " * 6_000, "Go " * 33_000, "A:" * 50_000, "\n" * 100_000, "must " * 20_000, "a plus " * 14_000],
)
@pytest.mark.timeout(20)
def test_the_longest_descriptions_end_soon(description: str) -> None:
    assert read(description=description[:100_000]).facts.role is Role.ENGINEERING
