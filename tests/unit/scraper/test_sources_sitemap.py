"""A sitemap as a board: which pages are jobs, indexes, gzip, and the job that stands in a page."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Parsed, Request
from services.scraper.sources.sitemap import called, looks_like_job
from shared.errors import UnreadableInput
from shared.posting import RawPosting

BOARD = "https://tideglass.example/sitemap.xml"
RECORDING = (Path(__file__).parents[2] / "recordings" / "sitemap.xml").read_bytes()
PAGE = (Path(__file__).parents[2] / "recordings" / "jsonld.html").read_bytes()
OPENING = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*entries: str, opening: str = f"<urlset {NAMESPACE}>") -> bytes:
    return f"{OPENING}{opening}{''.join(f'<url>{entry}</url>' for entry in entries)}</urlset>".encode()


def index(*urls: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"{OPENING}<sitemapindex {NAMESPACE}>{entries}</sitemapindex>".encode()


def read(body: bytes) -> Parsed:
    return source("sitemap").parse(body, BOARD)


def only(body: bytes) -> RawPosting:
    (posting,) = read(body).postings
    return posting


def fault(body: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read(body)
    return str(caught.value)


def listed(url: str = "https://tideglass.example/careers/data-engineer") -> RawPosting:
    return only(urlset(f"<loc>{url}</loc>"))


# ------------------------------------------------------------------------------------------------------------------ list


def test_the_jobs_of_a_site() -> None:
    answer = read(RECORDING)
    assert len(answer.postings) == RECORDING.count(b"/careers/") == 12
    assert all(posting.external_id == posting.url for posting in answer.postings)
    first = answer.postings[0]
    assert first.title == "Senior backend engineer readings"
    assert first.posted_at == datetime(2026, 9, 2, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/careers/go-engineer-411",
        "https://a.example/en/jobs/senior-go-engineer",
        "https://a.example/job/Singapore/Go-Engineer/R-1234",
        "https://a.example/company/open-positions/7781",
        "https://careers.a.example/go-engineer/411",
        "https://jobs.a.example/p/9f31-go-engineer",
        "https://a.example/stellenangebote/softwareentwickler-mwd",
        "https://a.example/jobs?id=411",
        "https://a.example/careers/opening?gh_jid=411",
        "https://a.example/emplois/ingenieur-logiciel/",
    ],
)
def test_what_looks_like_a_job(url: str) -> None:
    assert looks_like_job(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://a.example/careers",
        "https://a.example/careers/benefits",
        "https://a.example/careers/engineering",
        "https://a.example/careers/life-at-acme",
        "https://a.example/careers/blog/how-we-work",
        "https://a.example/jobs/locations/singapore-office",
        "https://a.example/blog/how-to-find-jobs-2026",
        "https://a.example/products/steve-jobs-poster-7",
        "https://a.example/jobs/search?page=2",
        "https://a.example/news?id=7",
    ],
)
def test_what_does_not(url: str) -> None:
    assert not looks_like_job(url)


def test_a_job_is_known_by_its_canonical_address_and_asked_at_its_own() -> None:
    found = only(urlset("<loc> https://A.example/jobs/go-7/?utm_source=x&amp;gh_jid=7#top </loc>"))
    assert found.external_id == "https://a.example/jobs/go-7?gh_jid=7"
    assert found.url == "https://A.example/jobs/go-7/?utm_source=x&gh_jid=7#top"


def test_a_day_that_all_pages_share_is_that_of_the_build_and_says_nothing() -> None:
    entries = [f"<loc>https://a.example/jobs/go-{n}</loc><lastmod>2026-11-0{n}</lastmod>" for n in (1, 2)]
    assert [posting.posted_at is None for posting in read(urlset(*entries)).postings] == [False, False]
    same = [entry.replace("-02<", "-01<") for entry in entries]
    assert [posting.posted_at for posting in read(urlset(*same)).postings] == [None, None]
    assert only(urlset(same[0])).posted_at == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "opening", ["<urlset>", '<urlset xmlns="http://www.google.com/schemas/sitemap/0.84">', f'<urlset xmlns:x="y" {NAMESPACE}>']
)
def test_any_namespace_or_none(opening: str) -> None:
    assert only(urlset("<loc>https://a.example/jobs/go-7</loc>", opening=opening)).title == "Go"


def test_pictures_and_translations_of_a_page_are_not_pages() -> None:
    extra = '<image:loc xmlns:image="i">https://a.example/jobs/x-9.png</image:loc><link href="https://a.example/de/jobs/go-7"/>'
    assert only(urlset(f"{extra}<loc>https://a.example/jobs/go-7</loc>")).url == "https://a.example/jobs/go-7"


def test_addresses_that_are_none() -> None:
    assert read(urlset("<loc>/jobs/go-7</loc>", "<loc>javascript:alert(7)//jobs/go-7</loc>", "<loc/>", "")).postings == ()


def test_gzip_is_unpacked_and_a_bomb_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(read(gzip.compress(RECORDING)).postings) == 12
    assert "cut short" in fault(gzip.compress(RECORDING)[:-20])
    assert "cannot be unpacked" in fault(b"\x1f\x8b" + b"x" * 50)
    monkeypatch.setattr("services.scraper.sources.sitemap.MAX_BODY", 1000)
    assert "holds more than 1,000 bytes" in fault(gzip.compress(b"<urlset>" + b" " * 1_000_000))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty body"),
        (b"<html><body>Not found</body></html>", "got a web page where a sitemap was expected"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "got <rss> where a sitemap was expected"),
        (RECORDING[:700], "truncated XML"),
        (b'<!DOCTYPE urlset [<!ENTITY a "b">]><urlset/>', "declares its own entities"),
        (b"Sitemap: https://a.example/sitemap.xml", "got plain text"),
    ],
)
def test_what_is_no_sitemap(body: bytes, words: str) -> None:
    assert words in fault(body)


def test_names_for_jobs_whose_page_was_not_read_yet() -> None:
    assert called("https://a.example/jobs/senior-go-engineer-411/") == "Senior go engineer"
    assert called("https://a.example/jobs/ing%C3%A9nieur_logiciel.html") == "Ingénieur logiciel"
    assert called("https://a.example/jobs/411") == "Jobs"
    assert called("https://a.example/4/1") == "https://a.example/4/1"


def test_it_knows_a_sitemaps_address() -> None:
    board_of = source("sitemap").board_of
    assert (
        board_of(urlsplit("https://a.example/x/job-sitemap-1.xml.gz?v=2#x")) == "https://a.example/x/job-sitemap-1.xml.gz?v=2"
    )
    assert board_of(urlsplit("https://a.example/feed.xml")) is None


# ----------------------------------------------------------------------------------------------------------------- index


def followed(*urls: str) -> list[str]:
    """The addresses asked after an index of `urls`, each answered with an empty sitemap."""
    kind = source("sitemap")
    request: Request | None = kind.first(BOARD)
    body, asked = index(*urls), []
    while request and (request := kind.next_request(request, body)):
        asked.append(request.url)
        body = urlset()
    return asked


def test_the_sitemaps_of_an_index_are_read_one_after_the_other() -> None:
    assert read(index("https://a.example/1.xml")).postings == ()
    assert followed("https://a.example/1.xml", "https://a.example/2.xml") == [
        "https://a.example/1.xml",
        "https://a.example/2.xml",
    ]
    assert source("sitemap").next_request(source("sitemap").first(BOARD), RECORDING) is None


def test_those_about_jobs_are_enough() -> None:
    urls = ["https://jobs.a.example/page-sitemap.xml", "https://jobs.a.example/job-sitemap.xml", "https://jobs.a.example/x.xml"]
    assert followed(*urls) == [urls[1]]
    assert followed(urls[0], urls[2]) == [urls[2]]


def test_an_index_in_an_index_is_not_followed() -> None:
    kind = source("sitemap")
    second = kind.next_request(kind.first(BOARD), index("https://a.example/sub.xml"))
    assert second is not None
    assert second.url == "https://a.example/sub.xml"
    assert kind.next_request(second, index(BOARD)) is None


def test_an_index_of_too_many_sitemaps() -> None:
    kind = source("sitemap")
    with pytest.raises(UnreadableInput, match="an index of 41 sitemaps, more than 40; watch the one with the jobs"):
        kind.next_request(kind.first(BOARD), index(*(f"https://a.example/{n}.xml" for n in range(41))))


# ---------------------------------------------------------------------------------------------------------------- detail


def page(*jobs: dict[str, object]) -> bytes:
    data = [{"@type": "JobPosting", "title": "Data Engineer", **job} for job in jobs]
    return f'<html><script type="application/ld+json">{json.dumps(data)}</script></html>'.encode()


def test_a_page_is_asked_as_a_page() -> None:
    kind = source("sitemap")
    assert kind.detail_request is not None
    request = kind.detail_request(listed(), kind.first(BOARD))
    assert request.url == "https://tideglass.example/careers/data-engineer"
    assert dict(request.headers)["Accept"].startswith("text/html")


def test_the_job_of_a_page_keeps_the_address_it_is_known_by() -> None:
    whole = source("sitemap").with_detail(page({"url": "https://apply.example/77", "datePosted": "2026-11-02"}), listed())
    assert (whole.title, whole.external_id, whole.url) == ("Data Engineer", listed().external_id, listed().url)
    assert (whole.company, whole.posted_at) == ("tideglass.example", datetime(2026, 11, 2, tzinfo=UTC))


def test_of_several_jobs_the_one_at_this_address() -> None:
    whole = source("sitemap").with_detail(PAGE, listed())
    assert (whole.title, whole.company, whole.requisition_id) == ("Data Engineer", "Tideglass", "TG-412")
    assert source("sitemap").with_detail(PAGE, listed("https://tideglass.example/jobs/x-9")).requisition_id == "TG-410"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><h1>Go Engineer</h1></html>", "no structured data about a job"),
        (b'<html><script type="application/ld+json">{"@type": "JobPosting"</script></html>', "broken JSON"),
        (RECORDING, "no structured data about a job"),
        (page({"title": ""}), "title: string should have at least 1 character"),
    ],
)
def test_a_page_without_a_job_is_an_error(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words):
        source("sitemap").with_detail(body, listed())


@pytest.mark.recorded
def test_recorded_pages_as_details(shared_data: Path) -> None:
    folder = shared_data / "data" / "feeds" / "jsonld"
    url = "https://jobs.neura-robotics.com/offer/manager-ecosystem-integration-certi/00df0928-b013-448c-b3dd-6c6fb80eadc2"
    whole = source("sitemap").with_detail((folder / "jobseek_jsonld_neura_robotics_manager.html").read_bytes(), listed(url))
    assert (whole.title, whole.url) == ("Manager Ecosystem Integration & Certification (Human)", url)
