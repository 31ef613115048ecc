"""Remote OK, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from services.scraper.sources.remoteok import mended
from shared.posting import Pay, RawPosting, Workplace

LEGAL = {"last_updated": 1795132800, "legal": "API Terms of Service: please link back"}
JOB = {"id": "1141200", "position": "Go Engineer", "company": "Quillmark"}
REMOTEOK = source("remoteok")
ROBOT_TEST = (
    "<br/><br/>Please mention the word **STEADFAST** and tag R{tag} when applying to show you read the job post completely"
    " (#R{tag}). This is a beta feature to avoid spam applicants. Companies can search these words to find applicants that"
    " read this and see they're human."
)


def body(*jobs: object) -> bytes:
    return json.dumps([LEGAL, *jobs]).encode()


def job(**fields: object) -> RawPosting:
    return REMOTEOK.parse(body({**JOB, **fields}), "all").postings[0]


def test_the_legal_notice_is_no_job() -> None:
    answer = REMOTEOK.parse(body(JOB), "all")
    assert [found.title for found in answer.postings] == ["Go Engineer"]
    assert not answer.dropped
    assert not REMOTEOK.parse(body(), "all").postings


def test_an_answer_without_the_notice_loses_no_job() -> None:
    assert len(REMOTEOK.parse(json.dumps([JOB, {**JOB, "id": "2"}]).encode(), "all").postings) == 2


def test_the_plain_facts() -> None:
    found = job(
        company="Sable &amp; Finch",
        url="https://remoteOK.com/remote-jobs/go-engineer-1141200",
        date="2026-11-18T09:20:45+00:00",
        description="<p>Fish &amp; servers</p>",
    )
    assert (found.external_id, found.title, found.company) == ("1141200", "Go Engineer", "Sable & Finch")
    assert found.url == "https://remoteOK.com/remote-jobs/go-engineer-1141200"
    assert found.posted_at == datetime(2026, 11, 18, 9, 20, 45, tzinfo=UTC)
    assert (found.description, found.workplace) == ("Fish & servers", Workplace.REMOTE)


def test_the_date_may_only_be_seconds() -> None:
    assert job(epoch=1795132800).posted_at == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (60000, 100000, Pay(low=60000, high=100000, currency="USD")),
        (0, 0, None),
        (60000, 0, Pay(low=60000, currency="USD")),
        (None, None, None),
    ],
)
def test_no_pay_is_written_as_nought(low: object, high: object, expected: Pay | None) -> None:
    assert job(salary_min=low, salary_max=high).pay == expected


@pytest.mark.parametrize(
    ("location", "shown"), [("Krishnagiri, ", "Krishnagiri"), (", ", None), ("", None), ("Porto, Portugal", "Porto, Portugal")]
)
def test_a_place_may_end_in_a_comma(location: str, shown: str | None) -> None:
    assert job(location=location).location == shown


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("Caf\u00c3\u00a9 Z\u00c3\u00bcrich", "Café Zürich"),
        ("deadlines\u00e2\u0080\u00a6", "deadlines…"),
        ("\u00e2\u0080\u0094 we\u00e2\u0080\u0099re", "— we’re"),
        ("ship it \u00f0\u009f\u009a\u0080", "ship it 🚀"),
        ("\u00c2\u00a380k", "£80k"),
        ("café\u00a0» CAFÉ\u00a0: naïve São Paulo", "café\u00a0» CAFÉ\u00a0: naïve São Paulo"),
        ("日本語 – ünïcödé", "日本語 – ünïcödé"),
    ],
)
def test_letters_that_were_decoded_wrongly_are_mended_and_right_ones_left(stored: str, meant: str) -> None:
    assert mended(stored) == meant


def test_the_test_for_robots_is_taken_out_since_it_tells_our_address_and_changes_with_it() -> None:
    texts = {
        job(description=f"<p>Build boats.</p>{ROBOT_TEST.format(tag=tag)}").description
        for tag in ("MTc3LjE5MS45OS40MA==", "MjYwMDoxNzAyOjRjNzg6MWIwMDo3MTZiOmJjYjk6ZDkzMzpkNzdi")
    }
    assert texts == {"Build boats."}


def test_only_the_newest_are_listed_so_absence_says_nothing() -> None:
    assert REMOTEOK.window


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://remoteok.com/", "all"),
        ("https://remoteOK.com/api", "all"),
        ("https://remoteok.io/", "all"),
        ("https://remoteok.com/remote-jobs/go-engineer-1141200", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert REMOTEOK.board_of(urlsplit(address)) == board


def test_its_terms() -> None:
    assert (REMOTEOK.terms.attribution, REMOTEOK.terms.link_back, REMOTEOK.terms.mail) == ("Remote OK", True, True)
    assert job().attribution == "Remote OK"


@pytest.mark.recorded
def test_every_recorded_job(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/remoteok").iterdir()):
        raw = [row for row in json.loads(file.read_bytes()) if "legal" not in row]
        answer = REMOTEOK.parse(file.read_bytes(), "all")
        assert [(job.external_id, job.title) for job in answer.postings] == [(row["id"], row["position"]) for row in raw]
        assert not answer.dropped
        assert all(job.company and job.url and job.posted_at and job.description for job in answer.postings)
        assert not any("beta feature" in job.description or "\u00e2" in job.description for job in answer.postings)
