"""A whole posting is read: sections weigh skills, and what the board states wins."""

from datetime import date

import pytest

from shared.posting import Employment, Level, Pay, Place, Posting, RawPosting, Role, Strength, Workplace
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


def test_the_text_tells_what_the_board_leaves_open() -> None:
    text = (
        "Our client is looking for an engineer to build the services of a bank in the city with you and with us.\n"
        "Requirements\n- 5+ years of experience building software\n- We are not able to sponsor work visas.\n"
        "This is a 12 month contract role.\nSalary: $8,000 - $10,000 monthly\nApply by 30 November."
    )
    facts = read(description=text, location="Singapore", posted_at="2026-10-16T00:00:00Z").facts
    assert facts.pay == Pay(low=96_000, high=120_000, currency="SGD")
    assert (facts.years, facts.employment, facts.language) == (5, Employment.CONTRACT, "en")
    assert (facts.sponsorship, facts.agency, facts.closes_on) == (False, True, date(2026, 11, 30))


def test_pay_may_stand_in_the_title_alone() -> None:
    assert read(title="Engineer | $75.00 - $90.00/hour").facts.pay == Pay(low=156_000, high=187_200, currency="USD")


def test_the_boards_language_and_last_day_win() -> None:
    facts = read(language="de-DE", valid_through=date(2027, 1, 31), description="Apply by 30 November 2026.").facts
    assert (facts.language, facts.closes_on) == ("de", date(2027, 1, 31))


def test_unknown_stays_unknown() -> None:
    facts = read(description="We are hiring.").facts
    assert (facts.level, facts.workplace, facts.employment, facts.places, facts.pay) == (None, None, None, (), None)
    assert (facts.years, facts.language, facts.sponsorship, facts.agency, facts.closes_on) == (None, None, None, None, None)


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
    "description",
    ["experience with " * 6_000, "Go " * 33_000, "A:" * 50_000, "\n" * 100_000, "must " * 20_000, "a plus " * 14_000],
)
@pytest.mark.timeout(20)
def test_the_longest_descriptions_end_soon(description: str) -> None:
    assert read(description=description[:100_000]).facts.role is Role.ENGINEERING
