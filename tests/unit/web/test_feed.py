"""The Atom feed: whatever the texts, what comes out can be parsed and says the same."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from services.web.feed import Sent, atom, changed_at

ATOM = "{http://www.w3.org/2005/Atom}"
NOW = datetime(2026, 11, 21, 8, 0, 0, 500_000, tzinfo=UTC)
ADDRESS, IDENTITY = "https://jobs.example.org/feed/token", "https://jobs.example.org/feed/1"


def sent(text: str = "Engineer", url: str | None = "https://jobs.example.com/1", key: str = "a") -> Sent:
    return Sent(key=key, title=text, company=text, location=text, url=url, attribution=text, sent_at=NOW)


@given(st.text(), st.one_of(st.none(), st.text(), st.text().map("https://".__add__)))
@example("\x00\ud800\ufffe]]></feed>", "https://jobs.example.com/\x00\ud800?a=b&c=<d>")
def test_any_text_gives_a_feed_that_can_be_parsed(text: str, url: str | None) -> None:
    feed = ElementTree.fromstring(atom(ADDRESS, IDENTITY, [sent(text, url)], NOW))
    assert feed.tag == f"{ATOM}feed"
    assert len(feed.findall(f"{ATOM}entry")) == 1
    links = [link.attrib["href"] for link in feed.iter(f"{ATOM}link")]
    assert all(link.startswith(("https://", "http://")) for link in links)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1))
def test_what_xml_can_carry_comes_through_unchanged(text: str) -> None:
    feed = ElementTree.fromstring(atom(ADDRESS, IDENTITY, [sent(text)], NOW))
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == f"{text} at {text}"


def test_ids_stay_when_the_address_or_the_words_change() -> None:
    one, two = (
        ElementTree.fromstring(atom(address, IDENTITY, [sent(text)], NOW)) for address, text in ((ADDRESS, "a"), ("b:c", "d"))
    )
    ids = [[node.text for node in feed.iter(f"{ATOM}id")] for feed in (one, two)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert all(id_ and id_.startswith("urn:uuid:") for id_ in ids[0])


def test_times_are_those_of_rfc_3339_and_a_feed_without_entries_has_one() -> None:
    assert changed_at([], NOW) == NOW
    feed = ElementTree.fromstring(atom(ADDRESS, IDENTITY, [], NOW))
    assert feed.findtext(f"{ATOM}updated") == "2026-11-21T08:00:00Z"
