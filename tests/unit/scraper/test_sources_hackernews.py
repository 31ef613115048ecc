"""Hacker News "Who is hiring?", quirk by quirk."""

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Parsed, joined
from shared.errors import UnreadableInput
from shared.posting import RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
HN = source("hackernews")
OFFER = "Quillmark | Go Engineer | Remote (EU) | Full-time | €85k-€110k<p>We make books.\n- Go\n- Kafka<p>R&amp;D at x&#x2F;y"
THREAD = {"id": 1, "type": "story", "title": "Ask HN: Who is hiring? (November 2026)", "author": "whoishiring"}


def comment(number: int, text: str | None = OFFER, **fields: object) -> dict[str, Any]:
    created = {"created_at": "2026-11-02T15:01:12.000Z", "created_at_i": 1793631672}
    return {"id": number, "text": text, "parent_id": 1, "story_id": 1, "children": [], **created, **fields}


def tree(*children: object, **fields: object) -> bytes:
    return json.dumps({**THREAD, "children": children, **fields}).encode()


def parsed(document: object) -> Parsed:
    return HN.parse(json.dumps(document).encode(), "whoishiring")


def job(text: str = OFFER) -> RawPosting:
    return HN.parse(tree(comment(7, text)), "whoishiring").postings[0]


def test_the_plain_facts() -> None:
    found = job()
    assert (found.external_id, found.company, found.title) == ("7", "Quillmark", "Go Engineer")
    assert (found.location, found.workplace) == ("Remote (EU)", Workplace.REMOTE)
    assert found.url == "https://news.ycombinator.com/item?id=7"
    assert found.posted_at == datetime(2026, 11, 2, 15, 1, 12, tzinfo=UTC)
    assert found.description.endswith("We make books.\n- Go\n- Kafka\n\nR&D at x/y")


def test_the_first_request_names_the_threads_and_the_second_reads_the_newest_about_hiring() -> None:
    first = HN.first("whoishiring")
    assert first.url == "https://hn.algolia.com/api/v1/search_by_date?tags=story,author_whoishiring&hitsPerPage=5"
    threads = (RECORDINGS / "hackernews.threads.json").read_bytes()
    second = HN.next_request(first, threads)
    assert second
    assert second.url == "https://hn.algolia.com/api/v1/items/45990001"
    thread = (RECORDINGS / "hackernews.json").read_bytes()
    assert HN.next_request(second, thread) is None
    whole = joined([HN.parse(threads, "whoishiring"), HN.parse(thread, "whoishiring")])
    assert whole.complete
    assert len(whole.postings) == 6


def test_threads_alone_are_no_complete_answer() -> None:
    answer = HN.parse((RECORDINGS / "hackernews.threads.json").read_bytes(), "whoishiring")
    assert (answer.postings, answer.dropped, answer.complete) == ((), (), False)


@pytest.mark.parametrize(
    "title", ["Ask HN: Who wants to be hired? (November 2026)", "Ask HN: Freelancer? Seeking freelancer? (November 2026)"]
)
def test_the_threads_of_those_who_look_for_work_are_not_read(title: str) -> None:
    hits = {"hits": [{"objectID": "3", "title": title, "author": "whoishiring", "created_at": "2026-11-02T15:00:04Z"}]}
    with pytest.raises(UnreadableInput, match='no "Who is hiring'):
        parsed(hits)
    with pytest.raises(UnreadableInput, match='no "Who is hiring'):
        HN.next_request(HN.first("whoishiring"), json.dumps(hits).encode())
    with pytest.raises(UnreadableInput, match='not a "Who is hiring'):
        HN.parse(tree(comment(7), title=title), "3")


def test_a_thread_s_number_must_be_one() -> None:
    hits = {"hits": [{"objectID": "../../admin", "title": "Ask HN: Who is hiring? (May 2026)"}]}
    with pytest.raises(UnreadableInput):
        HN.next_request(HN.first("whoishiring"), json.dumps(hits).encode())


def test_replies_are_not_jobs() -> None:
    answer = HN.parse(tree(comment(7, children=[comment(8, parent_id=7)])), "whoishiring")
    assert [found.external_id for found in answer.postings] == ["7"]
    assert not answer.dropped


def test_deleted_comments_are_passed_over() -> None:
    answer = HN.parse(tree(comment(6, None), comment(7), comment(8, deleted=True), comment(9, dead=True)), "whoishiring")
    assert [found.external_id for found in answer.postings] == ["7"]
    assert answer.complete


def test_talk_is_set_aside_and_not_lost() -> None:
    answer = HN.parse(tree(comment(6, "Please answer those who write to you."), comment(7)), "whoishiring")
    assert [(drop.external_id, drop.withdrawn) for drop in answer.dropped] == [("6", True)]
    assert not answer.unreadable


def test_a_search_for_comments() -> None:
    hits = [
        {"objectID": "7", "comment_text": OFFER, "parent_id": 1, "story_id": 1, "story_title": "x", "title": None},
        {"objectID": "8", "comment_text": OFFER, "parent_id": 7, "story_id": 1},
    ]
    answer = parsed({"hits": hits})
    assert [found.external_id for found in answer.postings] == ["7"]
    assert not answer.complete


def test_a_saved_list_of_comments_and_items_of_the_site_s_own_api() -> None:
    assert len(parsed([{"id": 7, "text": OFFER, "time": 1764604912, "thread_id": 1}]).postings) == 1
    own = [
        {"id": 7, "by": "anna", "text": OFFER, "time": 1764604912, "parent": 1, "type": "comment", "kids": [8]},
        {"id": 8, "by": "ben", "text": OFFER, "time": 1764604913, "parent": 7, "type": "comment"},
        {"id": 9, "deleted": True, "parent": 1, "type": "comment"},
        None,
    ]
    (found,) = parsed(own).postings
    assert not parsed(own).dropped
    assert (found.external_id, found.posted_at) == ("7", datetime(2025, 12, 1, 16, 1, 52, tzinfo=UTC))


def test_a_board_of_one_thread() -> None:
    assert HN.first("45990001").url == "https://hn.algolia.com/api/v1/items/45990001"


def test_another_server_is_kept_for_the_second_request() -> None:
    first = HN.first("whoishiring", "http://127.0.0.1:8080/{board}")
    second = HN.next_request(first, (RECORDINGS / "hackernews.threads.json").read_bytes())
    assert second
    assert second.url == "http://127.0.0.1:8080/items/45990001"


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://news.ycombinator.com/user?id=whoishiring", "whoishiring"),
        ("https://news.ycombinator.com/submitted?id=whoishiring", "whoishiring"),
        ("https://news.ycombinator.com/item?id=45990001", "45990001"),
        ("https://news.ycombinator.com/user?id=somebody", None),
        ("https://news.ycombinator.com/jobs", None),
        ("https://example.com/item?id=1", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert HN.board_of(urlsplit(address)) == board


def test_its_terms() -> None:
    assert (HN.terms.attribution, HN.terms.link_back, HN.terms.mail) == ("Hacker News", True, True)
    assert job().attribution == "Hacker News"


NO_JOBS = {46109284, 46110326, 46110698, 46110703, 46111090, 46112272, 46112862, 46115587, 46128393, 46139219, 46207084}
"""The comments of the recorded thread that offer no job, read by a person: talk, questions, two people who look for work."""


@pytest.mark.recorded
def test_no_job_of_a_recorded_thread_is_lost(shared_data: Path) -> None:
    body = (shared_data / "data/feeds/hn/hn_2025-12_kbariotis.json").read_bytes()
    comments = json.loads(body)
    answer = HN.parse(body, "whoishiring")
    assert {int(found.external_id) for found in answer.postings} == {row["id"] for row in comments} - NO_JOBS
    assert {int(drop.external_id or 0) for drop in answer.dropped} == NO_JOBS
    assert not answer.unreadable
    assert len(answer.postings) == 358


@pytest.mark.recorded
def test_first_lines_of_a_recorded_thread(shared_data: Path) -> None:
    """Where a line has bars, its first piece names the company and what stands between them is put together again."""
    body = (shared_data / "data/feeds/hn/hn_2025-12_kbariotis.json").read_bytes()
    firsts = {
        str(row["id"]): html.unescape(re.sub("<[^>]+>", "", re.split("<p>|\n", row["text"])[0])) for row in json.loads(body)
    }
    found = HN.parse(body, "whoishiring").postings
    barred = [job for job in found if firsts[job.external_id].count("|") > 1]
    named = [job for job in barred if job.company and firsts[job.external_id].strip("* ").startswith(job.company[:12])]
    said_remote = [job for job in barred if re.search(r"\bREMOTE\b", firsts[job.external_id])]
    assert len(barred) > 300
    assert len(named) >= 0.98 * len(barred)
    assert sum(job.workplace in (Workplace.REMOTE, Workplace.HYBRID) for job in said_remote) == len(said_remote) > 60
    assert sum(bool(job.location) for job in found) >= 0.95 * len(found)
    assert sum(job.title == job.description.split("\n")[0] for job in found) <= 0.05 * len(found)


@pytest.mark.recorded
def test_a_recorded_search(shared_data: Path) -> None:
    body = (shared_data / "data/feeds/hn/algolia_2026-07_ikevinxie.json").read_bytes()
    hits = json.loads(body)["hits"]
    answer = HN.parse(body, "whoishiring")
    top = [row["objectID"] for row in hits if row["parent_id"] == row["story_id"]]
    assert [found.external_id for found in answer.postings] == top
    assert len(top) == 6
    assert not answer.dropped
