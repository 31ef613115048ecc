"""Which postings are one opening: evidence by evidence, then the decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scraper.openings import Evidence, Member, assign, canonical_url, read_evidence, same_job, stored_evidence
from services.scraper.openings.about import about_the_job
from services.scraper.openings.links import job_address
from services.scraper.openings.texts import likeness, signature
from services.scraper.openings.titles import places_named, title_key
from shared.posting import Facts, Place, Posting
from tests.factories import posting

DUTIES = """We look for somebody who designs, builds and runs the services that {what}.
What you will do:
- Own a service from the first sketch to the pager, with two colleagues who review what you write
- Take slow queries apart, and put indexes where they earn their keep
- Write down decisions so that people who join next year can follow them
- Help support to answer what only the code can answer
Requirements:
- Years of writing software that other people depend on, in Go or a language like it
- A sound idea of transactions, isolation and what happens when a disk fills up
- Patience with old code, and the wish to leave it better than it was found
"""
LEDGERS, SEARCH = "move money between ledgers", "find a parcel among millions by half of its number, in any spelling"
OTHER = """Our laboratory needs a person who keeps microscopes calibrated and samples labelled.
You prepare slides each morning, log temperatures of four freezers, order reagents before they run out, and train visitors
in the use of the centrifuge. A certificate in histology is welcome; steady hands and legible writing are what we insist on.
"""
PERKS = """Benefits:
- Salary of {pay} a year, pension, and {days} days of vacation
- Private health insurance
"""


def job(external_id: str = "1", text: str = DUTIES.format(what=LEDGERS), **given: Any) -> Posting:
    """A posting with a text long enough to be compared, in the city of `place`."""
    place = given.pop("place", "Singapore")
    facts = Facts(places=(Place(city=place),) if place else ())
    usual = {"location": place, "facts": facts, "description": text, "title": "Backend Engineer"}
    return posting(external_id, **{**usual, **given})


def openings(*postings: Posting, known: tuple[Member, ...] = ()) -> list[str]:
    """The keys of postings, board after board, each board read after those before it."""
    seen, keys = list(known), []
    for each in postings:
        evidence = read_evidence(each)
        keys.append(assign([evidence], seen)[each.external_id])
        seen.append(Member(evidence, keys[-1], listed=True))
    return keys


def are_one(*postings: Posting) -> bool:
    return len(set(openings(*postings))) == 1


def alike(one: str, other: str) -> float:
    found = likeness(signature(one, ()), signature(other, ()))
    assert found is not None
    return found.alike


# ------------------------------------------------------------------------------------------------------------- titles


@pytest.mark.parametrize(
    "title",
    [
        "Senior Software Engineer",
        "Sr. Software Engineer",
        "Software Engineer, Senior",
        "Senior Software Engineer (Remote)",
        "Senior Software Engineer - Singapore",
        "Singapore – Senior Software Engineer",
        "Senior Software Engineer (m/f/d)",
        "Senior Software Engineer (all genders) [R-20417]",
        "Senior Software Engineer, Austin, TX",
        "Senior Software Engineer | Lumenworks",
        "Senior Software Engineer (Hybrid in Berlin)",
        "Senior Software Engineer, Full-time",
        "Senior Software Engineer #1042",
    ],
)
def test_one_title_however_it_is_dressed_up(title: str) -> None:
    assert title_key(title, (), "Lumenworks Pte. Ltd.") == "engineer senior software"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Engineer II", "Engineer III"),
        ("Engineer", "Senior Engineer"),
        ("C++ Developer", "C# Developer"),
        ("Engineer, AI", "Engineer"),
        ("Software Engineer, Mobile", "Software Engineer"),
        ("Intern, Summer 2026", "Intern, Summer 2027"),
        ("Engineer (Contract)", "Engineer"),
        ("Engineer in Test", "Engineer"),
    ],
)
def test_level_trade_and_year_tell_titles_apart(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


def test_two_and_ii_are_one_level() -> None:
    assert title_key("Engineer II") == title_key("Engineer 2")


def test_a_town_that_no_table_knows_is_known_from_the_location() -> None:
    assert title_key("Technician - Little Hollow, OH", ("Little Hollow, Ohio",)) == "technician"
    assert places_named("Technician - Little Hollow, OH", ("Little Hollow, Ohio",)) == {"little", "hollow", "oh"}


@pytest.mark.parametrize("title", ["Remote", "Singapore", "(m/w/d)", "12345", "—"])
def test_a_title_that_is_nothing_else_stays(title: str) -> None:
    assert title_key(title)


# -------------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.acme.example/jobs/7/?utm_source=x&gh_jid=7&ref=y", "https://acme.example/jobs/7?gh_jid=7"),
        ("HTTP://Acme.example:80//jobs/7#apply-now", "https://acme.example/jobs/7"),
        ("https://acme.example/job?b=2&a=1&lever-source%5B%5D=Board", "https://acme.example/job?a=1&b=2"),
        ("https://jobs.acme.example/x/7/apply", "https://jobs.acme.example/x/7"),
        ("https://acme.example/apply", "https://acme.example/apply"),
        ("https://acme.example/jobs#en/job/211124/?utm_medium=share", "https://acme.example/jobs#en/job/211124"),
        ("https://acme.wd1.myworkdayjobs.com/en-US/Site/job/R_1?source=x", "https://acme.wd1.myworkdayjobs.com/Site/job/R_1"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://acme.example:99999/", "https://acme.example:99999/"),
    ],
)
def test_a_canonical_url_keeps_what_tells_jobs_apart(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_a_canonical_url_is_canonical() -> None:
    url = "https://www.Acme.example/de/jobs/7/?jobId=8&utm_campaign=z#9"
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@given(st.text(max_size=80).map(lambda text: f"https://{text}") | st.text(max_size=80))
def test_any_text_has_a_canonical_form(url: str) -> None:
    assert isinstance(job_address(url), str)
    assert canonical_url(canonical_url(url)) == canonical_url(url)


def test_greenhouse_and_ashby_jobs_are_known_by_their_number_wherever_they_are_embedded() -> None:
    greenhouse = [
        "https://job-boards.greenhouse.io/acme/jobs/4781381?gh_src=1",
        "https://boards.greenhouse.io/embed/job_app?for=acme&token=4781381",
        "https://acme.example/careers?gh_jid=4781381&utm_source=x",
    ]
    ashby = [
        "https://jobs.ashbyhq.com/Acme%20Co/324af8fa-cab0-47b2-908c-f26fbd54d668/application",
        "https://acme.example/careers?ashby_jid=324AF8FA-cab0-47b2-908c-f26fbd54d668#open",
    ]
    assert {job_address(url) for url in greenhouse} == {"greenhouse:4781381"}
    assert {job_address(url) for url in ashby} == {"ashby:324af8fa-cab0-47b2-908c-f26fbd54d668"}


# -------------------------------------------------------------------------------------------------------------- texts


def test_pay_benefits_and_places_do_not_count() -> None:
    here = DUTIES.format(what=LEDGERS) + "This role is based in Singapore, hybrid.\n" + PERKS.format(pay="SGD 120,000", days=18)
    there = DUTIES.format(what=LEDGERS) + "You can work from Berlin.\n" + PERKS.format(pay="EUR 80,000", days=30)
    assert alike(here, there) > 0.95


def test_a_sentence_about_the_place_does_not_take_its_paragraph_along() -> None:
    kept = about_the_job("You build ledgers. The role is hybrid, in two offices. You answer for them.\n" * 3)
    assert kept.splitlines()[0] == "you build ledgers."
    assert "you answer for them." in kept
    assert "hybrid" not in kept


def test_another_team_is_another_text() -> None:
    assert alike(DUTIES.format(what=LEDGERS), DUTIES.format(what=SEARCH)) < 0.95
    assert alike(DUTIES.format(what=LEDGERS), OTHER) < 0.1


def test_short_texts_excerpts_and_other_signatures_say_nothing() -> None:
    whole = DUTIES.format(what=LEDGERS)
    long, short = signature(whole + OTHER, ()), signature(" ".join(whole.split()[:40]), ())
    assert signature("Go engineer wanted.", ()) is None
    assert short is not None
    assert likeness(long, short) is None
    assert likeness(long, b"\x00" + (long or b"")[1:]) is None


def test_a_language_that_is_asked_for_is_noticed() -> None:
    found = likeness(
        signature(DUTIES.format(what=LEDGERS), ()), signature(DUTIES.format(what=LEDGERS) + "Fluent German.\n", ())
    )
    assert found is not None
    assert not found.languages


# ----------------------------------------------------------------------------------------------------------- decision


def test_one_job_in_several_cities_is_one_opening() -> None:
    assert are_one(job("1"), job("2", place="Berlin"), job("3", place="Austin", title="Backend Engineer - Austin, TX"))


def test_twins_of_two_teams_stay_apart() -> None:
    assert not are_one(job("1"), job("2", DUTIES.format(what=SEARCH), place="Berlin"))
    assert not are_one(job("1", department="Ledgers"), job("2", department="Search"))


def test_markets_of_remote_jobs_stay_apart() -> None:
    emea, amer = (
        job(market, place=None, title=f"Support Engineer ({market})", location="Remote") for market in ("EMEA", "AMER")
    )
    assert not are_one(emea, amer)


def test_a_job_that_wants_another_language_is_another_job() -> None:
    german = DUTIES.format(what=LEDGERS) + "- Fluent German\n"
    assert not are_one(job("1"), job("2", german, place="Berlin"))


def test_levels_and_companies_are_not_mixed() -> None:
    assert not are_one(job("1"), job("2", title="Senior Backend Engineer"))
    assert not are_one(job("1"), job("2", company="Quillstone", place="Berlin", board="quillstone"))


def test_a_collector_tells_the_same_job_in_its_own_cut() -> None:
    cut = "Lumenworks is hiring!\n" + DUTIES.format(what=LEDGERS).replace("\n- ", " ")
    copy = job("9", cut, source="collector", board="all", company="Lumenworks Pte. Ltd.", url=None, aggregator=True)
    assert are_one(job("1"), copy)


def test_an_agencys_copy_is_known_by_its_text_and_place() -> None:
    agency = {"source": "lever", "board": "hollis", "company": "Hollis & Ward", "url": "https://hollis.example/7"}
    assert are_one(job("1"), job("7", **agency))
    assert not are_one(job("1"), job("7", place="Berlin", **agency))


def test_one_requisition_is_one_opening_if_title_or_text_agree() -> None:
    first = job("1", requisition_id="R-1042")
    assert are_one(first, job("2", "", place="Berlin", requisition_id="r1042"))
    assert are_one(first, job("3", title="Payments Engineer", requisition_id="R-1042"))
    assert not are_one(first, job("4", OTHER, title="Laboratory Assistant", requisition_id="R-1042"))
    assert not are_one(first, job("5", OTHER, requisition_id="R-1042"))


@pytest.mark.parametrize("number", ["TBD", "See opening", "1", None])
def test_words_are_no_requisition(number: str | None) -> None:
    assert not are_one(job("1", "", requisition_id=number), job("2", "", requisition_id=number))


def test_one_link_is_one_opening_on_any_board() -> None:
    link = "https://acme.example/careers?gh_jid=4781381"
    listed = {"source": "listings", "board": "a/b", "company": "Lumen Works", "aggregator": True, "text": ""}
    assert are_one(job("1", url=link), job("2", url="https://boards.greenhouse.io/lumenworks/jobs/4781381", **listed))
    assert not are_one(job("1", url=link), job("3", url=link, title="Laboratory Assistant", **listed))


def test_without_a_text_the_same_title_is_not_enough() -> None:
    assert not are_one(job("1", ""), job("2", ""))
    assert not are_one(job("1", ""), job("2", "", place="Berlin"))


def test_an_excerpt_joins_the_only_opening_it_can_be_of() -> None:
    excerpt = {"text": "We look for somebody who…", "source": "collector", "board": "all", "url": None, "aggregator": True}
    twin = job("2", DUTIES.format(what=SEARCH))
    assert are_one(job("1"), job("9", **excerpt))
    assert are_one(job("9", **excerpt), job("1"))
    assert len(set(openings(job("1"), twin, job("9", **excerpt)))) == 3
    assert len(set(openings(job("9", **excerpt), job("1"), twin))) == 2
    assert len(set(openings(job("1"), job("8", **excerpt), job("9", **excerpt)))) == 2
    assert not are_one(job("1"), job("9", **{**excerpt, "place": "Berlin"}))


def test_a_posting_joins_no_opening_that_has_another_text() -> None:
    first, other = job("1", requisition_id="R-1042"), job("2", OTHER, place="Berlin")
    known = tuple(Member(read_evidence(each), "k", listed=True) for each in (first, other))
    assert openings(job("3", requisition_id="R-1042"), known=known) != ["k"]


def test_the_closest_opening_is_chosen() -> None:
    near, same = job("1", DUTIES.format(what="move money between many ledgers")), job("2", place="Berlin", department="Other")
    keys = openings(near, same, job("3", place="Austin", source="lever", url=None))
    assert keys[2] == keys[1]


def test_postings_of_one_poll_find_each_other() -> None:
    evidence = [read_evidence(job(str(number), place=place)) for number, place in enumerate(("Singapore", "Berlin", "Austin"))]
    assert len(set(assign(evidence, ()).values())) == 1


def test_what_the_database_keeps_is_the_same_evidence() -> None:
    one = job("1", requisition_id="R-1042", department="Ledgers")
    evidence = read_evidence(one)
    assert stored_evidence(one.model_dump(mode="json", exclude_none=True), evidence.columns()) == evidence


def test_an_edited_posting_stays_the_same_job_unless_title_and_text_are_others() -> None:
    def edited(**given: Any) -> bool:
        return same_job(read_evidence(job("1")), read_evidence(job("1", **given)))

    assert edited(title="Senior Backend Engineer")
    assert edited(text=OTHER)
    assert edited(title="Payments Developer")
    assert not edited(title="Laboratory Assistant", text=OTHER)
    assert not same_job(read_evidence(job("1", "")), read_evidence(job("1", "", title="Laboratory Assistant")))
    assert same_job(read_evidence(job("1", "")), read_evidence(job("1", "", title="Backend Developer")))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from((LEDGERS, SEARCH)), st.booleans()), max_size=12))
def test_every_posting_has_one_opening_and_the_same_one_each_time(rows: list[tuple[str, str, bool]]) -> None:
    postings = [
        job(str(number), DUTIES.format(what=what) if told else "", title=f"Engineer {title}")
        for number, (title, what, told) in enumerate(rows)
    ]
    evidence: list[Evidence] = [read_evidence(each) for each in postings]
    keys = assign(evidence, ())
    assert keys.keys() == {each.external_id for each in postings}
    assert keys == assign(evidence, ())
    for one, key in keys.items():
        assert {rows[int(other)][:2] for other, same in keys.items() if same == key} == {rows[int(one)][:2]}
