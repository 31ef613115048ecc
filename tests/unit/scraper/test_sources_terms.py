"""What sources ask of those who show their jobs is kept up to the mail: who is credited, where links lead, what is never sent.

That no handler of the matcher lets such a job onto a shortlist is in `tests/integration/test_terms.py`.
"""

from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.notifier.digest import Candidate, Digest
from services.notifier.kinds import kind_called
from services.notifier.listing import Sighting, listing_of
from services.notifier.render import Rendered, render
from services.scraper.sources import source, sources
from shared.posting import Posting
from shared.reading.posting import read_posting
from shared.scoring import SHIPPED
from tests.answers import board_of, list_answer
from tests.factories import NOW, posting
from tests.feeds import ANSWERS
from tests.week import digest_from, letter

CREDITED = [name for name, known in sources().items() if known.terms.attribution]
LINKED = [name for name, known in sources().items() if known.terms.link_back]
UNMAILABLE = [name for name, known in sources().items() if not known.terms.mail]
UNBOUND = [name for name in sources() if name not in {*CREDITED, *LINKED, *UNMAILABLE}]
HOSTS = {
    "adzuna": "www.adzuna.*",
    "arbeitnow": "www.arbeitnow.com",
    "hackernews": "news.ycombinator.com",
    "himalayas": "himalayas.app",
    "jobicy": "jobicy.com",
    "remoteok": "remoteok.com",
    "remotive": "remotive.com",
    "weworkremotely": "weworkremotely.com",
}
"""Where the pages of sources are that ask for a link back. Adzuna has a site in each country."""


def jobs(name: str) -> list[Posting]:
    return [read_posting(raw) for raw in list_answer(name).postings]


def candidate(what: Posting, id_: int = 1, opening_key: str = "", score: float = 90.0) -> Candidate:
    """An open candidate, although what boards said one day may have had its last day since."""
    seen = Sighting(id_, 1, opening_key or f"{what.source}-{what.external_id}", NOW, NOW)
    open_still = what.model_copy(update={"valid_through": None})
    return Candidate(listing_of(open_still, seen, SHIPPED), score, is_local=True)


def digest(*candidates: Candidate) -> Digest:
    return digest_from(*candidates, size=1_000, per_company=1_000)


def mailed(*candidates: Candidate) -> Rendered:
    return render("digest", kind_called("digest").context(letter(digest(*candidates))))


def is_of(name: str, url: str | None) -> bool:
    """Whether `url` leads to a page of the source's own."""
    host = urlsplit(url or "").hostname or ""
    wanted = HOSTS[name]
    return host.startswith(wanted[:-1]) if wanted.endswith("*") else host == wanted


def test_the_terms_that_are_known() -> None:
    assert UNMAILABLE == ["remotive"]
    assert {"adzuna", "arbeitnow", "himalayas", "jobicy", "remoteok", "remotive", "weworkremotely"} <= {*CREDITED}
    assert sorted(HOSTS) == sorted(LINKED)
    assert {name for name in UNBOUND if sources()[name].terms.polls_per_day} == set()
    assert all(sources()[name].terms.page.startswith("https://") for name in {*CREDITED, *LINKED, *UNMAILABLE})


# ------------------------------------------------------------------------------------------------------- never in a mail


@pytest.mark.parametrize("name", UNMAILABLE)
def test_no_job_of_theirs_is_chosen_for_a_digest(name: str) -> None:
    found = jobs(name)
    allowed = [job.model_copy(update={"mailable": True}) for job in found]
    assert len(found) >= 4
    assert digest(*map(candidate, found)) == Digest()
    assert len(digest(*map(candidate, allowed)).entries) == len(allowed), "they are kept out for their terms and nothing else"


@pytest.mark.parametrize("name", UNMAILABLE)
def test_the_employers_own_posting_of_the_same_opening_is_sent_without_them(name: str) -> None:
    theirs, own = candidate(jobs(name)[0], 1, "one", score=99.0), candidate(posting("2"), 2, "one", score=60.0)
    (entry,) = digest(theirs, own).entries
    assert (entry.posting_ids, entry.url) == ((2,), posting("2").url)
    assert (entry.title, entry.attribution) == (posting("2").title, "")


@pytest.mark.parametrize("name", UNMAILABLE)
def test_they_are_still_kept_out_once_stored_and_read_back(name: str) -> None:
    for job in jobs(name):
        stored = Posting.model_validate(job.model_dump(mode="json", exclude_none=True))
        assert not stored.mailable
        assert not Posting.model_validate_json(job.model_dump_json()).mailable
        assert digest(candidate(stored)) == Digest()


# ---------------------------------------------------------------------------------------------------- credit, and the link


@pytest.mark.parametrize("name", [name for name in CREDITED if name not in UNMAILABLE])
def test_credit_is_printed_beside_each_job(name: str) -> None:
    words = f"listed by {source(name).terms.attribution}"
    for job in jobs(name):
        mail = mailed(candidate(job))
        assert " ".join(mail.text.split()).count(words) == unescape(mail.html).count(words) == 1


@pytest.mark.parametrize("name", UNBOUND)
def test_others_are_not_credited(name: str) -> None:
    mail = mailed(*(candidate(job, id_) for id_, job in enumerate(jobs(name))))
    assert "listed by" not in mail.text + mail.html


@pytest.mark.parametrize("name", LINKED)
def test_links_lead_to_the_sources_own_page(name: str) -> None:
    for job in jobs(name):
        assert is_of(name, job.url)
        (entry,) = digest(candidate(job.model_copy(update={"mailable": True}))).entries
        assert entry.url == job.url


@pytest.mark.parametrize("name", [name for name in LINKED if name not in UNMAILABLE])
def test_the_mail_has_that_link(name: str) -> None:
    job = jobs(name)[0]
    mail = mailed(candidate(job))
    assert job.url in mail.text.split()
    assert f'href="{job.url}"' in unescape(mail.html)


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.recorded
def test_recorded_links_lead_there_too(name: str, shared_data: Path) -> None:
    for file in ANSWERS[name]:
        body = (shared_data / "data" / "feeds" / file).read_bytes()
        assert [job.url for job in source(name).parse(body, board_of(name)).postings if not is_of(name, job.url)] == [], file
