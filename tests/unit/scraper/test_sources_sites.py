"""Boards that are a site of their own: names, whole hosts, and what is none."""

from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source


@pytest.mark.parametrize(
    ("name", "board", "url"),
    [
        ("recruitee", "Acme", "https://acme.recruitee.com/api/offers/"),
        ("recruitee", "jobs.acme.example", "https://jobs.acme.example/api/offers/"),
        ("personio", "acme", "https://acme.jobs.personio.de/xml?language=en"),
        ("personio", "acme.jobs.personio.com", "https://acme.jobs.personio.com/xml?language=en"),
        ("teamtailor", "acme", "https://acme.teamtailor.com/jobs.rss?offset=0&per_page=100"),
        ("teamtailor", "acme.na.teamtailor.com", "https://acme.na.teamtailor.com/jobs.rss?offset=0&per_page=100"),
        ("pinpoint", "acme", "https://acme.pinpointhq.com/postings.json"),
        ("pinpoint", "127.0.0.1:80/x?y#z", "https://127.0.0.1%3A80%2Fx%3Fy%23z/postings.json"),
        ("pinpoint", "you@acme.example", "https://you%40acme.example/postings.json"),
    ],
)
def test_a_name_is_a_host_and_nothing_else(name: str, board: str, url: str) -> None:
    assert source(name).first(board).url == url


@pytest.mark.parametrize(
    ("name", "address", "board"),
    [
        ("recruitee", "https://acme.recruitee.com/o/engineer", "acme"),
        ("recruitee", "https://ACME.recruitee.com", "acme"),
        ("recruitee", "https://www.recruitee.com/features", None),
        ("recruitee", "https://api.recruitee.com/c/1", None),
        ("recruitee", "https://recruitee.com/", None),
        ("recruitee", "https://acme.recruitee.com.evil.example/", None),
        ("personio", "https://acme.jobs.personio.de/job/1?language=de", "acme"),
        ("personio", "https://acme.jobs.personio.com/", "acme.jobs.personio.com"),
        ("personio", "https://acme.personio.de/login", None),
        ("teamtailor", "https://acme.teamtailor.com/jobs/1-engineer", "acme"),
        ("teamtailor", "https://acme.na.teamtailor.com/jobs", "acme.na.teamtailor.com"),
        ("teamtailor", "https://www.teamtailor.com/en/", None),
        ("pinpoint", "https://acme.pinpointhq.com/en/postings/1", "acme"),
        ("pinpoint", "https://www.pinpointhq.com/", None),
    ],
)
def test_a_site_is_recognised(name: str, address: str, board: str | None) -> None:
    assert source(name).board_of(urlsplit(address)) == board
