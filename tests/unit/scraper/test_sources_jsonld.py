"""Structured data in web pages: everything that employers do to `JobPosting`, and pages that only look like it."""

import html
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scraper.sources import source
from services.scraper.sources.base import Parsed
from services.scraper.sources.base import page as pages
from services.scraper.sources.jsonld import canonical
from shared.errors import UnreadableInput
from shared.posting import Employment, Pay, RawPosting, Workplace

BOARD = "https://careers.tideglass.example/jobs"
JOB: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Go Engineer",
    "url": "https://tideglass.example/jobs/7",
    "hiringOrganization": {"@type": "Organization", "name": "Tideglass"},
}


def script(data: object) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def read(*blocks: object) -> Parsed:
    page = f"<!DOCTYPE html><html><head><title>Jobs</title>{''.join(map(script, blocks))}</head><body>…</body></html>"
    return source("jsonld").parse(page.encode(), BOARD)


def job(**fields: object) -> RawPosting:
    (posting,) = read({**JOB, **fields}).postings
    return posting


def fault(body: bytes | str) -> str:
    with pytest.raises(UnreadableInput) as caught:
        source("jsonld").parse(body.encode() if isinstance(body, str) else body, BOARD)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------ where it stands in a page


@pytest.mark.parametrize(
    "block",
    [
        JOB,
        [JOB],
        [{"@type": "WebSite"}, JOB],
        {"@context": "https://schema.org", "@graph": [{"@type": "Organization", "name": "Other"}, JOB]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": JOB}]},
        {"@type": "WebPage", "mainEntity": JOB},
        {**JOB, "@type": ["Thing", "JobPosting"]},
        {**JOB, "@type": "http://schema.org/JobPosting"},
        f"<![CDATA[{json.dumps(JOB)}]]>",
        f"\n//<![CDATA[\n{json.dumps(JOB)}\n//]]>\n",
        f"/* <![CDATA[ */ {json.dumps(JOB)} /* ]]> */",
        f"<!-- {json.dumps(JOB)} -->",
        html.escape(json.dumps(JOB)),
        json.dumps(JOB) + ";",
        json.dumps(JOB).replace("}}", "},}"),
    ],
    ids=lambda block: str(block)[:30],
)
def test_a_job_is_found_however_it_is_put(block: object) -> None:
    (found,) = read(block).postings
    assert (found.title, found.company, found.url) == ("Go Engineer", "Tideglass", "https://tideglass.example/jobs/7")


def test_raw_line_breaks_and_tabs_in_a_text() -> None:
    broken = json.dumps({**JOB, "description": "One|Two|Three"}).replace("|", "\n\t")
    (found,) = read(broken).postings
    assert [line.strip() for line in found.description.splitlines()] == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    "tag",
    [
        '<script type="application/ld+json" nonce="x">',
        "<SCRIPT TYPE='application/ld+json'>",
        "<script id=a type=application/ld+json>",
        '<script data-note="1 > 0" type="application/ld+json; charset=utf-8">',
    ],
)
def test_the_script_tag_as_people_write_it(tag: str) -> None:
    page = f"<p>Our jobs</p>{tag}{json.dumps(JOB)}</script>"
    assert len(source("jsonld").parse(page.encode(), BOARD).postings) == 1


def test_a_job_in_a_comment_or_in_another_script_is_none() -> None:
    page = f"<html><!-- {script(JOB)} --><script>var x = {json.dumps(script(JOB).replace('</', '<_'))}</script></html>"
    assert "no structured data about a job" in fault(page)


def test_several_blocks_and_one_that_is_broken() -> None:
    answer = read(JOB, '{"@type": "JobPosting", "title": ', {**JOB, "url": "https://tideglass.example/jobs/8"})
    assert [posting.external_id[-1] for posting in answer.postings] == ["7", "8"]
    assert [(lost.external_id, lost.withdrawn) for lost in answer.dropped] == [(None, False)]
    assert "broken JSON in the page's structured data" in answer.dropped[0].reason


def test_a_page_whose_only_block_is_broken_says_so() -> None:
    assert "jsonld:https://careers.tideglass.example/jobs: broken JSON" in fault(f"<html>{script('{')}</html>")


def test_json_without_a_page_around_it() -> None:
    (found,) = source("jsonld").parse(json.dumps({"items": [{"_jobposting": JOB}]}).encode(), BOARD).postings
    assert found.title == "Go Engineer"
    assert "truncated JSON at byte" in fault(json.dumps(JOB)[:-9])


def test_a_page_in_an_old_encoding() -> None:
    page = f'<html><meta charset="iso-8859-1">{script(json.dumps({**JOB, "title": "Ingénieur"}, ensure_ascii=False))}</html>'
    (found,) = source("jsonld").parse(page.encode("latin-1"), BOARD).postings
    assert found.title == "Ingénieur"


def test_a_page_that_does_not_end_is_incomplete() -> None:
    whole = f"<html><head>{script(JOB)}{script({**JOB, 'url': 'https://tideglass.example/jobs/8'})}</head><body></body></html>"
    assert source("jsonld").parse(whole.encode(), BOARD).complete
    for end in range(1, len(whole) - 7):
        try:
            assert not source("jsonld").parse(whole[:end].encode(), BOARD).complete or "</body" in whole[:end]
        except UnreadableInput:
            assert whole[:end].count("</script") == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><body><h1>Careers</h1></body></html>", "no structured data about a job in this page"),
        (f"<html>{script({'@type': 'Organization', 'name': 'Acme'})}</html>", "no structured data about a job"),
        ("<html><script type='application/ld+json'></script></html>", "no structured data about a job"),
        ("Join us! Send your CV.", "got plain text where a web page was expected: no structured data in it"),
        ("", "empty body"),
        (b"\x1f\x8b\x08\x00", "still gzip-compressed"),
    ],
)
def test_a_page_without_a_job_is_a_clear_error(body: bytes | str, words: str) -> None:
    assert words in fault(body)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_BLOCKS", 2)
    assert "more than 2 blocks" in fault("<html>" + script(JOB) * 3 + "</html>")
    monkeypatch.setattr(pages, "MAX_PAGE", 10)
    assert "more than the 10 that are read" in fault("<html>" + script(JOB))
    monkeypatch.undo()
    assert "nested too deep" in fault(f"<html>{script('[' * 50_000)}</html>")
    assert "more than" in fault(f"<html>{script('[' * 200_000)}</html>")


# --------------------------------------------------------------------------------------------------------- the job itself


def test_keys_in_pascal_case() -> None:
    (found,) = read(
        {
            "@type": "JobPosting",
            "Title": "Go Engineer",
            "DatePosted": "2026-10-02",
            "HiringOrganization": {"Name": "Tideglass"},
            "JobLocation": {"Address": {"AddressLocality": "Singapore", "AddressCountry": "SG"}},
            "BaseSalary": {"Currency": "SGD", "Value": {"MinValue": 9000, "MaxValue": 12000, "UnitText": "MONTH"}},
        }
    ).postings
    assert (found.title, found.company, found.location) == ("Go Engineer", "Tideglass", "Singapore, SG")
    assert found.posted_at == datetime(2026, 10, 2, tzinfo=UTC)
    assert found.pay == Pay(low=108_000, high=144_000, currency="SGD")


def test_entities_left_in_texts() -> None:
    found = job(
        title="R&amp;D Engineer", hiringOrganization={"name": "Harbour &amp; Pine"}, url="https://a.example/j?a=1&copy=2"
    )
    assert (found.title, found.company, found.url) == ("R&D Engineer", "Harbour & Pine", "https://a.example/j?a=1&copy=2")


@pytest.mark.parametrize("said", ["Tideglass", {"name": "Tideglass"}, [{"name": "Tideglass"}], {"@value": "Tideglass"}])
def test_the_company_however_it_is_said(said: object) -> None:
    assert job(hiringOrganization=said).company == "Tideglass"


def test_the_company_stands_elsewhere_in_the_page() -> None:
    organization = {"@type": "Organization", "@id": "https://tideglass.example/#us", "name": "Tideglass"}
    pointing = {**JOB, "hiringOrganization": {"@id": "https://tideglass.example/#us"}}
    for blocks in ([{"@graph": [organization, pointing]}], [pointing, organization]):
        assert read(*blocks).postings[0].company == "Tideglass"
    circle = {"@id": "https://tideglass.example/#us", "@type": "Organization", "hiringOrganization": {"@id": "x"}}
    assert read(pointing, circle).postings[0].company == "careers.tideglass.example"


def test_a_job_without_company_or_address_is_found_where_it_was_read() -> None:
    found = job(hiringOrganization=None, url=None)
    assert (found.company, found.url) == ("careers.tideglass.example", BOARD)
    assert job(url="/jobs/7?lang=en").url == "https://careers.tideglass.example/jobs/7?lang=en"
    assert job(url="javascript:apply()").url is None


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({"address": {"addressLocality": "Oslo", "addressRegion": "Oslo", "addressCountry": "NO"}}, ("Oslo, NO",)),
        ({"address": {"addressLocality": "Oslo", "addressCountry": {"@type": "Country", "name": "Norway"}}}, ("Oslo, Norway",)),
        ({"address": {"addressLocality": "Oslo", "addressCountry": {"name": ["NO", "NO"]}}}, ("Oslo, NO",)),
        ({"address": "8 Marina Link, Singapore"}, ("8 Marina Link, Singapore",)),
        ({"name": "Christ Church, BB"}, ("Christ Church, BB",)),
        ("Bergen, Norway", ("Bergen, Norway",)),
        ([{"address": {"addressLocality": "Oslo"}}, {"address": {"addressLocality": "Bergen"}}], ("Oslo", "Bergen")),
        ([{"address": [{"addressLocality": "Oslo"}]}], ("Oslo",)),
        (None, ()),
        ([None, 7, {"address": 9}], ("7", "9")),
    ],
)
def test_places(places: object, expected: tuple[str, ...]) -> None:
    assert job(jobLocation=places).locations == expected


def test_places_that_share_one_address_are_told_by_their_names() -> None:
    wrong = {"addressLocality": "Sunnyvale", "addressCountry": "US"}
    places = [{"name": name, "address": wrong} for name in ("Bellevue, WA", "Austin, TX")]
    assert job(jobLocation=places).locations == ("Bellevue, WA", "Austin, TX")
    assert job(jobLocation=places[:1]).locations == ("Sunnyvale, US",)


def test_a_remote_job_is_where_its_applicants_may_be() -> None:
    office = {"address": {"addressLocality": "Bergen", "addressCountry": "NO"}}
    allowed = [{"@type": "Country", "name": "Singapore"}, {"@type": "Country", "name": "NO"}]
    found = job(jobLocation=office, jobLocationType="TELECOMMUTE", applicantLocationRequirements=allowed)
    assert (found.workplace, found.locations) == (Workplace.REMOTE, ("Singapore", "NO"))
    anywhere = job(jobLocation=office, jobLocationType=["TELECOMMUTE"])
    assert (anywhere.workplace, anywhere.locations) == (Workplace.REMOTE, ("Bergen, NO",))
    assert job(jobLocation={"@type": "VirtualLocation"}).workplace is Workplace.REMOTE
    assert job(jobLocation=office, applicantLocationRequirements=allowed).locations == ("Bergen, NO",)
    assert job(jobLocation=office).workplace is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("FULL_TIME", Employment.FULL_TIME),
        ("Full-time", Employment.FULL_TIME),
        (["FULL_TIME"], Employment.FULL_TIME),
        (["FULL_TIME", "CONTRACTOR"], Employment.CONTRACT),
        ("FULL_TIME, INTERN", Employment.INTERNSHIP),
        (["FULL_TIME", "PART_TIME"], None),
        (["CONTRACTOR", "TEMPORARY"], None),
        (["OTHER"], None),
        (None, None),
    ],
)
def test_employment_types(said: object, kind: Employment | None) -> None:
    assert job(employmentType=said).employment is kind


@pytest.mark.parametrize(
    ("said", "annual"),
    [
        ({"currency": "SGD", "value": {"minValue": 7000, "maxValue": 10_000, "unitText": "MONTH"}}, (84_000, 120_000)),
        ({"currency": "SGD", "unitText": "MONTH", "value": {"minValue": 7000, "maxValue": 10_000}}, (84_000, 120_000)),
        ({"currency": "SGD", "unitText": "YEAR", "minValue": "84,000", "maxValue": "120,000.00"}, (84_000, 120_000)),
        ({"currency": "SGD", "value": {"value": 90_000, "unitText": "YEAR"}}, (90_000, 90_000)),
        ({"currency": "SGD", "value": 90_000, "unitText": "YEAR"}, (90_000, 90_000)),
        ([{"currency": "SGD", "value": [{"minValue": "45.5", "unitText": "HOUR"}]}], (94_640, None)),
        ({"currency": "SGD", "value": {"minValue": 7000, "maxValue": 10_000}}, None),
        ({"currency": "SGD", "value": {"minValue": "7.000-9.000", "unitText": "MONTH"}}, None),
        ({"currency": "S$", "value": {"minValue": 7000, "unitText": "MONTH"}}, None),
        (90_000, None),
        ("competitive", None),
    ],
)
def test_pay(said: object, annual: tuple[float, float | None] | None) -> None:
    assert job(baseSalary=said).pay == (annual and Pay(low=annual[0], high=annual[1], currency="SGD"))


def test_the_currency_may_stand_at_the_job() -> None:
    salary = {"value": {"value": 90_000, "unitText": "YEAR"}}
    assert job(baseSalary=salary, salaryCurrency="SGD").pay == Pay(low=90_000, high=90_000, currency="SGD")


def test_dates_requisition_department_and_language() -> None:
    found = job(
        datePosted="2026-10-02T13:07:44-07:00",
        validThrough="2026-12-31T23:59:59+08:00",
        identifier={"@type": "PropertyValue", "name": "Tideglass", "value": "TG-7"},
        jobCategory="Finance &amp; Accounting",
        inLanguage={"@type": "Language", "name": "en"},
    )
    assert found.posted_at == datetime(2026, 10, 2, 20, 7, 44, tzinfo=UTC)
    assert (found.valid_through, found.requisition_id) == (date(2026, 12, 31), "TG-7")
    assert (found.department, found.language) == ("Finance & Accounting", "en")
    assert job(identifier="TG-8").requisition_id == "TG-8"
    assert job(identifier=9).requisition_id == "9"


def test_the_text_is_put_together_from_its_pieces() -> None:
    found = job(
        description="<p>The role</p>",
        responsibilities="Listen to harbours",
        qualifications=["Go", "Patience"],
        skills={"@type": "DefinedTerm", "name": "PostgreSQL"},
        experienceRequirements={"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 36},
        jobBenefits="<p>The role</p>",
    )
    assert found.description == (
        "The role\n\nResponsibilities\n\nListen to harbours\n\nQualifications\n\n- Go\n- Patience\n\nSkills\n\nPostgreSQL"
    )


def test_escaped_markup_and_escaped_line_breaks_in_a_text() -> None:
    assert job(description="&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;").description == "One\n\nTwo"
    assert job(description=r"One\n\nTwo\r\nThree").description == "One\n\nTwo\nThree"


# ------------------------------------------------------------------------------------------------- what a job is known by


def test_a_job_is_known_by_its_address() -> None:
    plain = job().external_id
    assert plain == "https://tideglass.example/jobs/7"
    assert job(url="HTTPS://Tideglass.example/jobs/7/?utm_source=feed#apply").external_id == plain
    assert job(title="Renamed", description="Rewritten").external_id == plain


def test_jobs_at_one_address_stay_apart_and_keep_their_ids() -> None:
    page = [{**JOB, "url": "https://tideglass.example/jobs", "title": title} for title in ("One", "Two")]
    first, second = (posting.external_id for posting in read(page).postings)
    assert first != second
    assert [posting.external_id for posting in read(page[::-1]).postings] == [second, first]


def test_an_identifier_that_is_the_companys_does_not_melt_jobs_into_one() -> None:
    page = [{**JOB, "url": None, "identifier": {"value": "tideglass"}, "title": title} for title in ("One", "Two")]
    assert len(read(page).postings) == 2


def test_the_same_job_twice_in_a_page_is_one() -> None:
    answer = read(JOB, JOB)
    assert (len(answer.postings), answer.repeated, answer.complete) == (1, 1, True)


def test_canonical_keeps_what_tells_pages_apart() -> None:
    assert canonical("https://A.example/jobs/?gh_jid=7&utm_medium=x#top") == "https://a.example/jobs?gh_jid=7"
    assert canonical("https://a.example/#/jobs/7") == "https://a.example/#/jobs/7"


def test_a_board_is_an_address_with_or_without_its_scheme() -> None:
    kind = source("jsonld")
    assert kind.first("https://a.example/careers?x=1").url == kind.first("a.example/careers?x=1").url
    assert kind.first("http://a.example/").url == "http://a.example/"
    assert dict(kind.first("a.example").headers)["Accept"].startswith("text/html")


# ------------------------------------------------------------------------------------------------------------- recorded

REAL = {
    "jobseek_jsonld_meta_software_engineer.html": ("Meta",),
    "jobseek_jsonld_neura_robotics_manager.html": ("Neura Robotics GmbH",),
    "nxydis_gildan_openpositions.html": ("Gildan", "Gildan", "Gildan"),
}
"""Pages with `JobPosting`s, found by reading the 33 files; the others have none, though six have empty or other blocks."""


@pytest.mark.recorded
def test_recorded_pages_with_jobs(shared_data: Path) -> None:
    for name, companies in REAL.items():
        body = (shared_data / "data" / "feeds" / "jsonld" / name).read_bytes()
        answer = source("jsonld").parse(body, BOARD)
        titles = re.findall(r'"@type":\s*"JobPosting",\s*"title":\s*"([^"]+)"', body.decode())
        assert [posting.title for posting in answer.postings] == titles
        assert tuple(posting.company for posting in answer.postings) == companies
        assert not answer.dropped
        assert answer.complete
        assert all(posting.posted_at and posting.locations for posting in answer.postings)


@pytest.mark.recorded
def test_recorded_pages_without_jobs(shared_data: Path) -> None:
    files = sorted((shared_data / "data" / "feeds" / "jsonld").glob("*.html"))
    others = [file for file in files if file.name not in REAL]
    assert len(others) == len(files) - len(REAL) >= 30
    for file in others:
        assert "no structured data" in fault(file.read_bytes()), file.name


@pytest.mark.recorded
def test_what_a_recorded_page_says(shared_data: Path) -> None:
    folder = shared_data / "data" / "feeds" / "jsonld"
    (meta,) = source("jsonld").parse((folder / "jobseek_jsonld_meta_software_engineer.html").read_bytes(), BOARD).postings
    assert len(meta.locations) == 9
    assert meta.employment is Employment.FULL_TIME
    assert "Responsibilities" in meta.description
    assert "Qualifications" in meta.description
    (neura,) = source("jsonld").parse((folder / "jobseek_jsonld_neura_robotics_manager.html").read_bytes(), BOARD).postings
    assert "\\n" not in neura.description
    assert "</" not in neura.description
    gildan = source("jsonld").parse((folder / "nxydis_gildan_openpositions.html").read_bytes(), BOARD).postings
    assert [posting.requisition_id for posting in gildan] == ["2026-52508", "2026-50078", "2026-df-324"]


# --------------------------------------------------------------------------------------------------------------- hostile

RECORDING = (Path(__file__).parents[2] / "recordings" / "jsonld.html").read_bytes()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@id", "@type", "name", "value"]), inner),
    max_leaves=8,
)


def held(body: bytes) -> None:
    fault = "jsonld: none"
    try:
        answer = source("jsonld").parse(body, BOARD)
    except UnreadableInput as error:
        fault = str(error)
    else:
        assert all(posting.model_dump_json() for posting in answer.postings)
    assert fault.startswith("jsonld:")
    assert "\n" not in fault


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_page_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(RECORDING)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=5))
    held(bytes(body))


@given(values=st.dictionaries(st.sampled_from([*JOB, "jobLocation", "baseSalary", "employmentType", "identifier"]), VALUES))
@settings(max_examples=200, deadline=None)
def test_a_job_with_anything_anywhere_is_read_or_refused(values: dict[str, Any]) -> None:
    held(f"<html>{script([{**JOB, **values}, JOB])}</html>".encode(errors="replace"))


@pytest.mark.parametrize(
    "piece", ["<script>", "<!--", "<a b='", "<script type=application/ld+json>", "&#123;", "[", '{"a":', "<a "]
)
def test_a_page_made_to_be_slow_is_answered_at_once(piece: str) -> None:
    held(f"<html>{piece * (2_000_000 // len(piece))}".encode())
    held(f"<html>{script(piece * (2_000_000 // len(piece)))}</html>".encode())
