"""The family: discovery, requests, limits, cleaning, and what an answer that cannot be read is called."""

import json
from pathlib import Path

import pytest

from services.scraper.sources import registry, source, sources
from services.scraper.sources.base import Draft, Dropped, Parsed, Source, Wire, employment, joined, moment, pay, rows, workplace
from services.scraper.sources.base import answer as answers
from services.scraper.sources.base import source as source_module
from shared.errors import NotFound, UnreadableInput
from shared.posting import MAX_DESCRIPTION, Employment, Pay, RawPosting, Workplace, words
from tests.answers import board_of, detail_answer, keys_of, list_answer, list_file
from tests.fields import OUT_OF_DATE, PAGE, sources_table

DEMO = ["ashby", "greenhouse", "lever", "themuse"]
"""Their recordings are as large as the boards of the demo."""
DETAILED = [name for name, known in sources().items() if known.detail_request]

EVERY = ("title", "company", "location", "locations", "url", "posted_at", "description")
LATER = "comes with the job's details"
UNSAID: dict[str, dict[str, str]] = {
    "bamboohr": {"posted_at": LATER, "description": LATER},
    "pinpoint": {"posted_at": "is nowhere in its answers"},
    "sitemap": {**dict.fromkeys(EVERY[1:4], "stands in the page, and a sitemap has only addresses"), "description": LATER},
    "smartrecruiters": {"description": LATER},
    "oracle": {"description": LATER},
    "workday": {
        "location": "is only counted where there are several",
        "locations": "are only counted where there are several",
        "posted_at": "is relative to an unknown day",
        "description": LATER,
    },
}
"""What a source's list cannot say, or not of every job, and why. Whatever else there is must be there in every recording."""

SHORT: dict[str, str] = {
    "adzuna": "shows the first 500 characters",
    "listings": "has no texts: season, degrees and the word on visas stand in",
}
"""Lists whose texts are shorter than a job's text usually is."""

WITHHELD: dict[str, str] = {
    "hackernews": "not every direct answer to a thread offers a job",
    "listings": "keeps what has ended or is hidden",
}
"""Sources whose recording has what readers are not to see."""


class Job(Wire):
    id: str
    title: str
    hidden: bool = False
    text: str = ""
    page_link: str | None = None
    city: str | None = None


def posting(job: Job, board: str) -> Draft | Dropped:
    if job.hidden:
        return Dropped(job.id, "hidden", withdrawn=True)
    if job.title == "trap":
        raise KeyError("an adapter's slip")
    return Draft(external_id=job.id, title=job.title, description=job.text, url=job.page_link, location=job.city)


PLAIN = Source(name="plain", title="Plain", url="https://plain.example/{board}/jobs", job=Job, items=rows, posting=posting)


def parsed(*jobs: object) -> Parsed:
    return PLAIN.parse(json.dumps(jobs).encode(), "acme")


def only(**job: object) -> RawPosting:
    return parsed({"id": 1, "title": "Engineer", **job}).postings[0]


def fault(body: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        PLAIN.parse(body, "acme")
    return str(caught.value)


# ---------------------------------------------------------------------------------------------------------- discovery


def test_the_sources_are_found_in_their_folder() -> None:
    named = """greenhouse lever ashby smartrecruiters workable recruitee personio workday teamtailor bamboohr pinpoint oracle
        themuse mycareersfuture careersgov arbeitnow jobicy himalayas remotive remoteok weworkremotely adzuna usajobs hackernews
        rss jsonld sitemap listings"""
    assert set(named.split()) <= sources().keys()
    assert all(found.name == name for name, found in sources().items())


def test_two_sources_of_one_name_stop_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"second\.py: there is another source called 'plain'"):
        registry([("first", PLAIN), ("second", PLAIN)])


def test_a_module_without_a_source_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"forgetful\.py declares no SOURCE"):
        registry([("forgetful", None)])


def test_an_unknown_name_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(NotFound, match="did you mean greenhouse") as caught:
        source("Grenhouse")
    assert caught.value.code == "source_unknown"
    with pytest.raises(NotFound, match=f"there are: {', '.join(sources())}"):
        source("xxxxxxxx")


def test_the_page_of_sources_says_what_they_declare() -> None:
    assert sources_table() in PAGE.read_text(), OUT_OF_DATE


# ---------------------------------------------------------------------------------------------------------- recordings


@pytest.mark.parametrize("name", sources())
def test_every_source_has_a_recording_that_reads_completely(name: str) -> None:
    answer = list_answer(name)
    assert answer.complete
    assert not answer.unreadable
    assert bool(answer.dropped) == (name in WITHHELD)
    assert len({job.external_id for job in answer.postings}) == len(answer.postings) >= (12 if name in DEMO else 4)


@pytest.mark.parametrize("name", sources())
def test_every_job_of_a_recording_says_all_that_its_source_can_say(name: str) -> None:
    known, unsaid = source(name), UNSAID.get(name, {})
    jobs = list_answer(name).postings
    for job in jobs:
        assert (job.source, job.board) == (name, known.example)
        assert (job.attribution, job.mailable) == (known.terms.attribution, known.terms.mail)
        assert [field for field in EVERY if field not in unsaid and not getattr(job, field)] == []
        assert "description" in unsaid or name in SHORT or 700 <= len(job.description) <= 2500
        assert "<" not in job.description
        assert "&amp;" not in job.description
    assert [field for field in unsaid if all(getattr(job, field) for job in jobs)] == [], "it can say that after all"
    assert name not in SHORT or max(len(job.description) for job in jobs) < 700


def test_sources_without_texts_have_details() -> None:
    assert [name for name, unsaid in UNSAID.items() if LATER in unsaid.values() and name not in DETAILED] == []


@pytest.mark.parametrize("name", DETAILED)
def test_details_tell_the_rest_of_a_listed_job(name: str) -> None:
    known, body = source(name), detail_answer(name)
    listed = list_answer(name).postings
    (job, whole) = next(pair for job in listed for pair in [(job, known.with_detail(body, job))] if alike(*pair))
    assert [field for field in EVERY if not getattr(whole, field)] == []
    assert 700 <= len(whole.description) <= 2500
    assert "<" not in whole.description
    assert (whole.source, whole.board, whole.external_id) == (name, job.board, job.external_id)


def alike(job: RawPosting, other: RawPosting) -> bool:
    """Whether two are called the same; a sitemap knows titles only from addresses."""
    return words(job.title) == words(other.title)


@pytest.mark.parametrize("name", DETAILED)
def test_each_job_is_asked_for_at_an_address_of_its_own(name: str) -> None:
    known, listed = source(name), list_answer(name).postings
    first = known.first(board_of(name))
    assert known.detail_request is not None
    asked = {known.detail_request(job, first).url for job in listed}
    assert len(asked) == len(listed)
    assert all(url.startswith("https://") and url != first.url and "{" not in url for url in asked)


@pytest.mark.parametrize("name", sources())
def test_every_source_asks_its_example_over_https(name: str) -> None:
    known = source(name)
    assert known.title
    request = known.first(board_of(name), keys=keys_of(known))
    assert request.url.startswith("https://")
    assert not any("{" in text for text in (request.url, *(value for _, value in request.headers)))


@pytest.mark.parametrize("name", [name for name, known in sources().items() if known.keys])
def test_a_source_that_needs_a_key_says_where_to_put_it(name: str) -> None:
    with pytest.raises(UnreadableInput, match=f"{name} needs an access key: set {name}.* in JOBLARK_SOURCE_KEYS") as caught:
        source(name).first(board_of(name))
    assert caught.value.code == "source_key_missing"


@pytest.mark.parametrize("name", sources())
@pytest.mark.parametrize(
    "body",
    [b"", b"Skip to main content. Backend Engineer. Apply now!", b"<!DOCTYPE html><html><body>Careers</body></html>"],
    ids=["nothing", "words", "a page"],
)
def test_every_source_says_what_came_in_place_of_its_answer(name: str, body: bytes) -> None:
    kind = {".json": "JSON", ".xml": "(XML|a web page|a sitemap)", ".html": "a web page"}[list_file(name).suffix]
    own = "no structured data about a job in this page" if name == "jsonld" else "never"
    fault = f"^{name}:acme: (empty body|got (plain text|an HTML page|a web page) where {kind} was expected.*|{own})$"
    with pytest.raises(UnreadableInput, match=fault) as caught:
        source(name).parse(body, "acme")
    assert ("empty body" in str(caught.value)) == (not body)


@pytest.mark.parametrize("name", [name for name in sources() if list_file(name).suffix == ".xml"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'<?xml version="1.0"?><careers><vacancy/></careers>', "careers"),
        (b'<?xml version="1.0"?><rss><channel><item><tit', "truncated XML at byte"),
        (b'<?xml version="1.0"?>\n<a></b>', "broken XML in line 2"),
        (b"\x1f\x8b\x08\x00\x00\x00", "gzip"),
    ],
)
def test_a_source_of_xml_says_what_is_wrong_with_it(name: str, body: bytes, words: str) -> None:
    with pytest.raises(UnreadableInput, match=f"^{name}:acme: .*{words}"):
        source(name).parse(body, "acme")


def test_the_adapter_shown_in_the_docs_works() -> None:
    page = (Path(__file__).parents[3] / "docs" / "adding-a-source.md").read_text()
    shown: dict[str, Source] = {}
    exec(page.split("```python\n")[1].split("```")[0], shown)
    answer = b'{"jobs": [{"id": 1, "title": "Engineer", "office": {"city": "Oslo"}, "publishedAt": "2026-01-01"}]}'
    (job,) = shown["SOURCE"].parse(answer, "lumenworks").postings
    assert (job.source, job.company, job.location, job.posted_at and job.posted_at.year) == (
        "acmejobs",
        "lumenworks",
        "Oslo",
        2026,
    )


# ----------------------------------------------------------------------------------------------------------- requests


def test_the_board_is_written_into_the_address() -> None:
    assert PLAIN.first("Acme & Co/2").url == "https://plain.example/Acme%20%26%20Co%2F2/jobs"


def test_another_address_replaces_the_usual_one() -> None:
    assert PLAIN.first("acme", "http://127.0.0.1:8080/jobs.json").url == "http://127.0.0.1:8080/jobs.json"
    assert PLAIN.first("acme", "https://eu.plain.example/{board}?a={b}").url == "https://eu.plain.example/acme?a={b}"


@pytest.mark.parametrize("board", ["", "  ", "a\r\nHost: b", "x" * 201, " acme"])
def test_a_board_without_a_proper_name_is_refused(board: str) -> None:
    with pytest.raises(UnreadableInput, match="plain: a board's name is one line"):
        PLAIN.first(board)


def test_there_is_no_second_page_unless_the_source_says_so() -> None:
    assert PLAIN.next_request(PLAIN.first("acme"), b"[]") is None


# ------------------------------------------------------------------------------------------------------ broken answers


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "plain:acme: empty body"),
        (b" \n\t ", "empty body"),
        (b"<!DOCTYPE html><html><body>Careers at Acme</body></html>", "got an HTML page where JSON was expected"),
        (b"\xef\xbb\xbf<html>", "got an HTML page"),
        (b'<?xml version="1.0"?><rss></rss>', "got an XML page"),
        (b"Skip to main content. Backend Engineer. Apply now!", "got plain text where JSON was expected: no structured data"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "got binary data"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "still gzip-compressed"),
        (b'[{"id": 1, "title": "Engin', "truncated JSON at byte 26"),
        (b'[{"id": 1, "title": "Engineer"}, ', "truncated JSON at byte 33"),
        (b'[{"id": 1, "title": tru', "truncated JSON at byte 23"),
        ('[{"id": 1, "title": "né"}, {]'.encode(), "broken JSON at byte 29: expecting property name"),
        (b'[{"id": 1}] [{"id": 2}]', "broken JSON at byte 12: extra data"),
        (b"[" * 200_000, "nested too deep"),
        (b'[{"a":' * 100_000, "nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "number too long"),
        (b'{"error": "Job not found", "status": 404}', "no list of jobs: the answer has 'error', 'status'"),
        (b"null", "where JSON was expected"),
    ],
)
def test_a_broken_answer_is_named(body: bytes, words: str) -> None:
    assert words in fault(body)


def test_a_fault_is_told_on_one_line_with_exit_code_2() -> None:
    with pytest.raises(UnreadableInput) as caught:
        PLAIN.parse(b'{"a\\nb\\u001b[31m": 1}', "acme\nboard")
    assert str(caught.value).isprintable()
    assert caught.value.exit_code == 2


def test_limits_on_size_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_BODY", 50)
    assert "51 bytes, more than the 50" in fault(b"[" + b" " * 49 + b"]")
    monkeypatch.undo()
    monkeypatch.setattr(answers, "MAX_CONTAINERS", 10)
    assert "more than 10 objects" in fault(b"[" + b"{}," * 10 + b"{}]")
    monkeypatch.undo()
    monkeypatch.setattr(source_module, "MAX_JOBS", 3)
    assert "4 jobs in one answer, more than 3" in fault(b"[1,2,3,4]")


def test_a_slip_in_finding_the_jobs_is_an_unreadable_answer() -> None:
    careless = Source("careless", "Careless", "https://c.example/{board}", Job, lambda document: document["a"]["b"], posting)
    with pytest.raises(UnreadableInput, match=r"careless:acme: not in the shape of a Careless answer \(TypeError\)"):
        careless.parse(b'{"a": 7}', "acme")


def test_an_empty_board_is_not_an_error() -> None:
    assert parsed() == Parsed(())


# ------------------------------------------------------------------------------------------------------- odd single jobs


def test_one_malformed_job_among_a_hundred_costs_one_job() -> None:
    jobs: list[object] = [{"id": n, "title": f"Engineer {n}"} for n in range(100)]
    jobs[41] = {"id": 41, "title": None}
    answer = parsed(*jobs)
    assert len(answer.postings) == 99
    assert answer.dropped == answer.unreadable == (Dropped("41", "title: input should be a valid string"),)


@pytest.mark.parametrize(
    "odd", [None, 7, "job", [], {}, {"id": 5}, {"title": "x"}, {"id": 5, "title": " \n"}, {"id": {}, "title": "x"}]
)
def test_a_job_without_an_id_or_a_title_is_set_aside_with_a_reason(odd: object) -> None:
    (dropped,) = parsed(odd, {"id": 1, "title": "Engineer"}).dropped
    assert dropped.reason
    assert not dropped.withdrawn
    assert dropped.external_id == ("5" if isinstance(odd, dict) and odd.get("id") == 5 else None)


def test_what_is_no_number_is_no_id_either() -> None:
    answer = PLAIN.parse(b'[{"id": NaN, "title": "x"}, {"id": 2, "title": -Infinity}, {"id": 3, "title": "Engineer"}]', "acme")
    assert [job.external_id for job in answer.postings] == ["3"]


def test_a_slip_of_the_adapter_costs_one_job() -> None:
    answer = parsed({"id": 1, "title": "trap"}, {"id": 2, "title": "Engineer"})
    assert [job.external_id for job in answer.postings] == ["2"]
    assert answer.dropped == (Dropped("1", "KeyError while reading it"),)


def test_what_is_not_needed_may_be_malformed() -> None:
    assert only(text=["not", "text"], city={"name": 3}, page_link=False).description == ""


def test_when_no_job_can_be_read_the_format_has_changed() -> None:
    assert "none of 2 jobs can be read; the first: title: field required" in fault(b'[{"id": 1}, {"id": 2}]')


def test_jobs_that_the_board_keeps_back_are_no_fault() -> None:
    answer = parsed({"id": 1, "title": "Talent pool", "hidden": True})
    assert answer.postings == ()
    assert answer.dropped == (Dropped("1", "hidden", withdrawn=True),)
    assert answer.unreadable == ()


def test_the_same_job_twice_is_one_job() -> None:
    answer = parsed({"id": 1, "title": "First"}, {"id": "1", "title": "Again"}, {"id": 2, "title": "Other"})
    assert [job.title for job in answer.postings] == ["First", "Other"]
    assert answer.repeated == 1


def test_complete_means_as_many_as_were_claimed() -> None:
    posting_ = only()
    assert Parsed((posting_,)).complete
    assert Parsed((posting_,), (Dropped("2", "odd"),), stated=2).complete
    assert Parsed((posting_,), stated=2, repeated=1).complete
    assert not Parsed((posting_,), stated=2).complete


def test_pages_are_joined_into_one_answer() -> None:
    first, second = (
        parsed({"id": 1, "title": "A"}, {"id": 2, "title": "B"}),
        parsed({"id": 2, "title": "B"}, {"id": 3, "title": "C"}),
    )
    whole = joined([Parsed(first.postings, stated=4), Parsed(second.postings, stated=4)])
    assert [job.external_id for job in whole.postings] == ["1", "2", "3"]
    assert (whole.repeated, whole.stated, whole.complete) == (1, 4, True)
    assert not joined([Parsed(first.postings, stated=4)]).complete


# ------------------------------------------------------------------------------------------------------------- cleaning


def test_a_title_cannot_start_a_mail_header() -> None:
    assert only(title="Engineer\r\nBcc: all@example.org\n\nHi\x00\x1b[31m").title == "Engineer Bcc: all@example.org Hi [31m"


def test_invisible_and_direction_marks_are_taken_out() -> None:
    assert only(title="Eng\u200bineer \u202egnp.exe\u2066").title == "Engineer gnp.exe"


def test_half_a_character_does_not_cost_the_board() -> None:
    answer = PLAIN.parse(
        rb'[{"id": 1, "title": "A \ud83d \ud83d\ude00 \\ud83d"}, {"id": 2, "title": "caf' + b"\xe9" + b'"}]', "acme"
    )
    assert [job.title for job in answer.postings] == ["A \ufffd \U0001f600 \\ud83d", "caf\ufffd"]


def test_a_description_keeps_its_lines_and_loses_its_controls() -> None:
    assert only(text="One\r\ntwo\x00\x07\n\n- three\u2028four ").description == "One\ntwo\n\n- three\nfour"


def test_what_is_too_long_is_cut_and_not_lost() -> None:
    job = only(title="x" * 5000, text="word " * 100_000, city="y" * 900)
    assert (len(job.title), len(job.description), len(job.location or "")) == (500, MAX_DESCRIPTION - 1, 500)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://acme.example/jobs/1?gh_jid=1#apply", True),
        (" HTTP://acme.example/jobs/1 ", True),
        ("https://münchen.example/stellen/1", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://acme.example/\r\nBcc: x", False),
        ('https://acme.example/"><script>', False),
        ("https://" + "x" * 3000, False),
        ("/jobs/1", False),
        ("", False),
    ],
)
def test_only_a_web_address_becomes_a_link(link: str, *, kept: bool) -> None:
    assert only(page_link=link).url == (link.strip() if kept else None)


def test_locations_default_to_the_location_and_are_each_named_once() -> None:
    assert only(city=" Singapore\n").locations == ("Singapore",)
    draft = Draft(external_id="1", title="x", location="a", locations=["Oslo", None, " ", "Oslo ", "Bergen"])
    assert draft.posting("plain", "acme").locations == ("Oslo", "Bergen")


# ---------------------------------------------------------------------------------------------------------------- terms


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("On-Site", Workplace.ONSITE),
        ("onsite", Workplace.ONSITE),
        ("Hybrid (Travel-Required)", Workplace.HYBRID),
        ("Remote", Workplace.REMOTE),
        ("Flexible / Remote", Workplace.REMOTE),
        ("unspecified", None),
        ("Remote - Italy", None),
        ("", None),
        (None, None),
    ],
)
def test_words_for_the_workplace(words: str | None, meaning: Workplace | None) -> None:
    assert workplace(words) is meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Perm - Full-time", Employment.FULL_TIME),
        ("Regular Full Time (Salary)", Employment.FULL_TIME),
        ("FullTime", Employment.FULL_TIME),
        ("PartTime", Employment.PART_TIME),
        ("Contract (6 months)", Employment.CONTRACT),
        ("Full-time contract", Employment.CONTRACT),
        ("Fixed Term Contract", Employment.CONTRACT),
        ("Full-time Internship", Employment.INTERNSHIP),
        ("Intern", Employment.INTERNSHIP),
        ("Internal transfer", None),
        ("Temporary", Employment.TEMPORARY),
        ("Permanent / Contract", None),
        ("Permanent", None),
        (None, None),
    ],
)
def test_words_for_the_employment(words: str | None, meaning: Employment | None) -> None:
    assert employment(words) is meaning


@pytest.mark.parametrize(
    ("low", "high", "currency", "period", "annual"),
    [
        (80_000, 110_000, "GBP", "1 YEAR", (80_000, 110_000)),
        (7_000, 10_000, "sgd", "per-month-salary", (84_000, 120_000)),
        (45, None, "EUR", "1 HOUR", (93_600, None)),
        (1_000, 2_000, "USD", "1 WEEK", (52_000, 104_000)),
        (0, 90_000, "USD", "year", (None, 90_000)),
        (0, 0, "USD", "year", None),
        (110_000, 80_000, "USD", "year", None),
        (80_000, 90_000, "$", "year", None),
        (80_000, 90_000, None, "year", None),
        (80_000, 90_000, "USD", "one-time", None),
        (float("inf"), float("nan"), "USD", "year", None),
        (-5, 1e12, "USD", "year", None),
    ],
)
def test_pay_is_a_range_per_year(
    low: float | None, high: float | None, currency: str | None, period: str, annual: tuple[float | None, float | None] | None
) -> None:
    expected = annual and Pay(low=annual[0], high=annual[1], currency=(currency or "").upper())
    assert pay(low, high, currency, period) == expected


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2026-07-29T08:50:01-04:00", "2026-07-29T12:50:01+00:00"),
        ("2017-02-03T14:06:27.013653Z", "2017-02-03T14:06:27.013653+00:00"),
        ("2026-07-29T08:50:01", "2026-07-29T08:50:01+00:00"),
        ("2026-07-29", "2026-07-29T00:00:00+00:00"),
        (1711403416463, "2024-03-25T21:50:16.463000+00:00"),
        (1711403416, "2024-03-25T21:50:16+00:00"),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (1e300, None),
        (float("nan"), None),
        (0, None),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_in_utc(value: str | float | None, iso: str | None) -> None:
    found = moment(value)
    assert (found and found.isoformat()) == iso
