"""Feeds in general: RSS 2.0, RSS 1.0 and Atom."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest

from services.scraper.sources import source
from services.scraper.sources.rss import employer, named
from shared.errors import UnreadableInput
from shared.posting import Employment, Pay, RawPosting, Workplace

RSS = source("rss")
BOARD = "https://jobs.quillmark.example/feed.xml"
NAMES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:j="urn:j"'


def body(*items: str, feed: str = "Jobs at Quillmark") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMES}><channel><title>{feed}</title>{inside}</channel></rss>'.encode()


def job(inside: str, feed: str = "Jobs at Quillmark") -> RawPosting:
    return RSS.parse(body(f"<title>Go Engineer</title><guid>1</guid>{inside}", feed=feed), BOARD).postings[0]


def test_the_plain_facts() -> None:
    found = job(
        "<link>https://jobs.quillmark.example/1</link><pubDate>Wed, 18 Nov 2026 09:00:00 GMT</pubDate>"
        "<category>Engineering</category><category>Go</category>"
        f"<description>{escape('<p>Fish &amp; servers</p>')}</description>"
    )
    assert (found.external_id, found.title, found.company) == ("1", "Go Engineer", "Quillmark")
    assert (found.url, found.department, found.description) == (
        "https://jobs.quillmark.example/1",
        "Engineering",
        "Fish & servers",
    )
    assert found.posted_at == datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def test_the_whole_text_is_preferred_to_the_summary() -> None:
    whole = "<content:encoded><![CDATA[<p>All of it &amp; more</p>]]></content:encoded>"
    assert job(f"<description>In short</description>{whole}").description == "All of it & more"


def test_an_atom_feed() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Quillmark Careers</title><entry>
      <id>tag:quillmark.example,2026:7</id><title type="html">R&amp;amp;D Engineer</title>
      <link rel="enclosure" href="https://quillmark.example/flyer.pdf"/>
      <link rel="alternate" href="https://quillmark.example/jobs/7"/>
      <updated>2026-11-18T10:00:00+01:00</updated><category term="Research"/>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Read &lt;T&gt;</p><ul><li>Go</li></ul></div></content>
    </entry></feed>"""
    (found,) = RSS.parse(atom.encode(), BOARD).postings
    assert (found.external_id, found.title, found.company) == ("tag:quillmark.example,2026:7", "R&D Engineer", "Quillmark")
    assert (found.url, found.department) == ("https://quillmark.example/jobs/7", "Research")
    assert found.posted_at == datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    assert found.description == "Read <T>\n\n- Go"


def test_a_feed_of_rss_1_0() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Careers at Quillmark</title></channel>
      <item><title>Go Engineer</title><link>https://quillmark.example/jobs/7</link><dc:date>2026-11-18</dc:date></item></rdf:RDF>"""
    (found,) = RSS.parse(rdf.encode(), BOARD).postings
    assert (found.external_id, found.company) == ("https://quillmark.example/jobs/7", "Quillmark")
    assert found.posted_at == datetime(2026, 11, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("", None),
        ('<guid isPermaLink="false">https://x.example/no</guid>', None),
        ("<link>https://x.example/7</link>", "https://x.example/7"),
    ],
)
def test_a_guid_is_a_link_only_where_it_is_one(inside: str, url: str | None) -> None:
    item = f"<title>Go Engineer</title>{inside or '<guid>not-an-address</guid>'}"
    assert RSS.parse(body(item), BOARD).postings[0].url == url
    assert job("<guid>second</guid>").external_id == "1"
    permanent = "<title>Go Engineer</title><guid>https://x.example/8</guid>"
    assert RSS.parse(body(permanent), BOARD).postings[0].url == "https://x.example/8"


def test_elements_that_others_added_do_not_hide_the_feed_s_own() -> None:
    assert job("<j:title>Somebody else</j:title><j:location>Oslo</j:location>").title == "Go Engineer"
    assert RSS.parse(body("<j:title>Theirs</j:title><title>Ours</title><guid>1</guid>"), BOARD).postings[0].title == "Ours"
    assert job("<j:location>Oslo</j:location>").location == "Oslo"


@pytest.mark.parametrize(
    ("inside", "place"),
    [
        ("<j:city>Oslo</j:city><j:country>Norway</j:country>", "Oslo, Norway"),
        ("<region>Europe Only</region><state>Delaware</state>", "Europe Only"),
        ("", None),
    ],
)
def test_places(inside: str, place: str | None) -> None:
    assert job(inside).location == place


def test_remote_is_a_place_or_a_status() -> None:
    assert job("<j:location>Remote</j:location>").workplace is Workplace.REMOTE
    assert job("<remoteStatus>hybrid</remoteStatus>").workplace is Workplace.HYBRID


def test_pay_and_kind_in_elements_of_their_own() -> None:
    found = job(
        "<j:minimumSalary>65</j:minimumSalary><j:maximumSalary>85</j:maximumSalary><j:salaryCurrency>USD</j:salaryCurrency>"
        "<j:salaryInterval>Hour</j:salaryInterval><j:jobtype>Part-Time</j:jobtype>"
    )
    assert (found.pay, found.employment) == (Pay(low=135200, high=176800, currency="USD"), Employment.PART_TIME)


@pytest.mark.parametrize(
    ("title", "company", "role"),
    [
        ("Backend Engineer at Acme", "Acme", "Backend Engineer"),
        ("Lead Developer @ Harbour & Sons", "Harbour & Sons", "Lead Developer"),
        ("Acme: Backend Engineer", "Acme", "Backend Engineer"),
        ("Engineering: Backend Developer", None, "Engineering: Backend Developer"),
        ("Sales: Account Manager", None, "Sales: Account Manager"),
        ("London: Data Engineer", None, "London: Data Engineer"),
        ("Data Engineer at London", None, "Data Engineer at London"),
        ("Staff Engineer at Scale", None, "Staff Engineer at Scale"),
        ("How we work at Acme", None, "How we work at Acme"),
    ],
)
def test_a_company_is_read_from_a_title_only_where_it_is_clear(title: str, company: str | None, role: str) -> None:
    assert named(title) == (company, role)


@pytest.mark.parametrize(
    ("feed", "company"),
    [
        ("Jobs at Acme", "Acme"),
        ("Acme – Careers", "Acme"),
        ("Acme's Jobs", "Acme"),
        ("Example Public Agency", "Example Public Agency"),
        ("Remote jobs", None),
        ("Latest jobs", None),
        ("Engineering jobs", None),
        ("We Work Remotely: Sales and Marketing Jobs", None),
        ("", None),
    ],
)
def test_a_feed_is_by_a_company_or_about_a_subject(feed: str, company: str | None) -> None:
    assert employer(feed) == company


def test_the_company_of_a_board() -> None:
    assert RSS.company(body(feed="Acme Careers")) == "Acme"


def test_an_entry_without_a_title_costs_itself() -> None:
    answer = RSS.parse(body("<guid>7</guid>", "<title>Go Engineer</title><guid>8</guid>"), BOARD)
    assert [drop.external_id for drop in answer.unreadable] == ["7"]
    assert len(answer.postings) == 1


def test_a_window_on_what_is_new_is_never_all() -> None:
    assert RSS.window


def test_what_is_no_feed_is_a_clear_error() -> None:
    with pytest.raises(UnreadableInput, match="no feed: the document is 'urlset'"):
        RSS.parse(b"<urlset><url/></urlset>", BOARD)
    with pytest.raises(UnreadableInput, match="got JSON where XML was expected"):
        RSS.parse(b'{"items": []}', BOARD)


@pytest.mark.parametrize(
    ("board", "url", "asked"),
    [
        (BOARD, None, BOARD),
        ("jobs.quillmark.example/feed", None, "https://jobs.quillmark.example/feed"),
        ("quillmark", BOARD, BOARD),
    ],
)
def test_a_board_is_an_address_or_a_short_name_with_one(board: str, url: str | None, asked: str) -> None:
    assert RSS.first(board, url).url == asked


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://x.example/jobs.rss", True),
        ("https://x.example/feed/", True),
        ("https://x.example/atom.xml?lang=en", True),
        ("https://x.example/careers", False),
        ("https://x.example/feedback", False),
        ("ftp://x.example/jobs.rss", False),
    ],
)
def test_addresses_that_look_like_a_feed_s(address: str, known: bool) -> None:
    assert RSS.board_of(urlsplit(address)) == (address if known else None)


@pytest.mark.recorded
def test_every_recorded_feed(shared_data: Path) -> None:
    feeds = shared_data / "data/feeds"
    for file, jobs in [("misc/neogov_omoji.xml", 2), ("misc/feed_michaeldinhmai.rss", 3), ("weworkremotely/ikevinxie.xml", 4)]:
        content = (feeds / file).read_bytes()
        answer = RSS.parse(content, BOARD)
        assert len(answer.postings) == content.count(b"<item>") == jobs
        assert not answer.dropped
        assert all(job.title and job.url and job.posted_at and job.description and job.location for job in answer.postings)
    (first, second) = RSS.parse((feeds / "misc/neogov_omoji.xml").read_bytes(), BOARD).postings
    assert (first.company, first.location, first.pay) == (
        "Example Public Agency",
        "Atlanta, Georgia",
        Pay(low=135000, high=175000, currency="USD"),
    )
    assert second.workplace is Workplace.REMOTE
    assert "Five years of enterprise systems leadership." in first.description
