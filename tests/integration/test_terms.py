"""No handler of the matcher puts a job on a shortlist whose source forbids showing its jobs in mails."""

from collections.abc import Callable, Iterable

import pytest
from sqlmodel import select

from services.matcher.handlers import Matcher
from services.scraper.sources import sources
from shared.database import Database
from shared.events import PostingFound, SubscriptionChanged
from shared.models import MatchRow
from shared.posting import Posting
from shared.profile import Profile
from shared.reading.posting import read_posting
from shared.settings import Settings
from tests.answers import list_answer
from tests.factories import NOW, board_row, found, posting_row, profile, subscription_row

UNMAILABLE = [name for name, known in sources().items() if not known.terms.mail]


def jobs(name: str) -> list[Posting]:
    """The source's recorded jobs, all of them in a place and a trade that the profile below is looking for."""
    wanted = {"role": profile().role, "level": profile().level, "places": profile().places}
    read = [read_posting(raw) for raw in list_answer(name).postings]
    return [job.model_copy(update={"facts": job.facts.model_copy(update=wanted)}) for job in read]


def allowed(postings: Iterable[Posting]) -> list[Posting]:
    return [job.model_copy(update={"mailable": True}) for job in postings]


class Line:
    """A matcher, one subscription that knows every skill the postings name, and the rows that the scraper writes."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.matcher = database, Matcher(database, settings, now=lambda: NOW)

    async def subscribe(self, postings: Iterable[Posting]) -> None:
        who = knows_all(postings)
        async with self.database.begin() as session:
            await session.merge(subscription_row(1, who, revision=1, state="active", changed_at=NOW))

    async def store(self, postings: Iterable[Posting], revision: int = 1) -> list[PostingFound]:
        """Write them as the scraper does, and give the events."""
        numbered = list(enumerate(postings, start=1))
        async with self.database.begin() as session:
            for id_, job in numbered:
                await session.merge(posting_row(id_, job, revision=revision))
        return [found(id_, revision, job) for id_, job in numbered]

    async def shortlisted(self) -> set[int]:
        async with self.database.read() as session:
            return set((await session.exec(select(MatchRow.posting_id))).all())


def knows_all(postings: Iterable[Posting]) -> Profile:
    return profile(*sorted({mention.skill for job in postings for mention in job.facts.skills}))


@pytest.fixture
async def line(database: Database, settings: Callable[..., Settings]) -> Line:
    async with database.begin() as session:
        session.add(board_row(id=1))
    return Line(database, settings(shortlist_size=50, match_threshold=0.0))


@pytest.mark.parametrize("name", UNMAILABLE)
async def test_new_jobs_are_screened_and_kept_out(line: Line, name: str) -> None:
    postings = jobs(name)
    await line.subscribe(postings)
    await line.matcher.on_postings_found(await line.store(postings))
    assert await line.shortlisted() == set()


@pytest.mark.parametrize("name", UNMAILABLE)
async def test_a_new_subscription_does_not_get_them_either(line: Line, name: str) -> None:
    postings = jobs(name)
    await line.store(postings)
    await line.subscribe(postings)
    await line.matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=1)])
    assert await line.shortlisted() == set()


@pytest.mark.parametrize("name", UNMAILABLE)
async def test_they_are_taken_off_when_their_terms_become_known(line: Line, name: str) -> None:
    postings = jobs(name)
    await line.subscribe(postings)
    await line.matcher.on_postings_found(await line.store(allowed(postings)))
    assert await line.shortlisted() == set(range(1, len(postings) + 1)), "these are jobs that would be mailed"
    await line.matcher.on_postings_found(await line.store(postings, revision=2))
    assert await line.shortlisted() == set()


@pytest.mark.parametrize("name", UNMAILABLE)
async def test_the_same_jobs_would_fill_a_new_subscription(line: Line, name: str) -> None:
    postings = allowed(jobs(name))
    await line.store(postings)
    await line.subscribe(postings)
    await line.matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=1)])
    assert await line.shortlisted() == set(range(1, len(postings) + 1))
