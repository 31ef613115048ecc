"""Scraper, matcher and notifier killed at random, again and again, while postings and digests flow.

A run can be repeated with the seed that it prints: `JOBLARK_E2E_SEED=… pytest tests/e2e/test_kill.py -s`.
"""

import asyncio
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlmodel import col, select

from shared.database import Database
from shared.models import DeliveryRow, MailRow, MatchRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import score
from tests.e2e import flow
from tests.e2e.boards import BoardServer
from tests.e2e.catcher import PatientCatcher
from tests.e2e.line import Line, eventually

pytestmark = pytest.mark.timeout(400)

KILLS = 30
BOARDS, JOBS_PER_BOARD = 20, 100
READERS, WATCHERS = 200, 20
READER_GROUPS, WATCHER_GROUPS = range(30), range(30, 34)
SHORTLIST = 40
"""Readers' groups have 40 jobs each, so their lists never overflow; watchers' groups have 200, so theirs do."""
LANES = 4
"""Mails that one notifier has in hand at once: the default of JOBLARK_MAIL_CONCURRENCY."""


@dataclass
class Killer:
    """Kills one service after another, and starts it again at once, as a supervisor would."""

    line: Line
    catcher: PatientCatcher
    random: random.Random
    kills: list[tuple[str, float]] = field(default_factory=list)

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(self.random.uniform(0.4, 1.8))
            name = self.random.choice(("scraper", "matcher", "notifier"))
            if name == "notifier" and self.random.random() < 0.5:
                await self._wait_for_data()
            self.line.kill(name)
            self.kills.append((name, time.time()))
            self.line.start(name)

    async def _wait_for_data(self) -> None:
        """So that kills do fall between the start of DATA and its answer, which is a short time of a mail's life."""
        self.catcher.began.clear()
        for _ in range(100):
            if self.catcher.began.is_set():
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(self.random.uniform(0.0, 0.06))

    def of(self, name: str) -> list[float]:
        return [at for killed, at in self.kills if killed == name]


@pytest.fixture
def catcher():
    server = PatientCatcher(delay=(0.005, 0.05))
    server.start()
    yield server
    server.stop(no_assert=True)


@pytest.fixture
def kill_line(make_line, servers, catcher):
    return make_line(smtp_port=catcher.port, shortlist_size=SHORTLIST, **servers)


async def test_nothing_is_lost_or_done_twice_when_processes_are_killed(kill_line, boards, catcher, capsys):
    seed = int(os.environ.get("JOBLARK_E2E_SEED") or random.randrange(1_000_000))
    with capsys.disabled():
        print(f"\nJOBLARK_E2E_SEED={seed}")  # noqa: T201 - with it, this run can be had again
    line, killer = kill_line, Killer(kill_line, catcher, random.Random(seed))
    async with line.inside() as (database, streams):
        groups = [READER_GROUPS[n % 30] for n in range(READERS)] + [WATCHER_GROUPS[n % 4] for n in range(WATCHERS)]
        rows = await flow.scheduled(line, database, streams, groups)
        readers, watchers = rows[:READERS], rows[READERS:]
        addresses = _fill(boards)
        killing = asyncio.create_task(killer.forever())
        await _flow(database, addresses, readers, killer)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await flow.finished(database, streams, READERS)
        with capsys.disabled():
            print(await _summary(database, killer, catcher))  # noqa: T201 - how many kills hit what
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS_PER_BOARD)
        await _every_due_digest_came_once(database, readers, catcher, killer)
        await _shortlists_are_what_they_should_be(database, readers, watchers)
        await flow.nothing_is_left(streams)


def _fill(boards: BoardServer) -> list[str]:
    """Addresses of boards of a hundred jobs: two for each group of readers, ten for each group of watchers."""
    groups = [*READER_GROUPS, *READER_GROUPS, *(list(WATCHER_GROUPS) * 10)]
    assert len(groups) == JOBS_PER_BOARD
    return [flow.fill(boards, board, groups) for board in range(BOARDS)]


async def _flow(database: Database, addresses: list[str], readers: Sequence[SubscriptionRow], killer: Killer) -> None:
    """Boards and digests fall due little by little, for as long as it takes to kill often enough."""
    first, rest = addresses[:4], addresses[4:]
    for number, address in enumerate(first):
        await flow.watch(database, number, address)
    matched = len(first) * JOBS_PER_BOARD
    await eventually(lambda: flow.counted(database, ScreeningRow, matched), "the first boards are not matched")
    done = len(killer.kills)
    for step in range(20):
        if step < len(rest):
            await flow.watch(database, len(first) + step, rest[step])
        await flow.make_due(database, readers[step * 10 : step * 10 + 10])
        enough = done + (step + 1) * max(1, (KILLS - done) / 20)
        await eventually(lambda enough=enough: len(killer.kills) >= enough, "no kills any more")
    await eventually(lambda: len(killer.kills) >= KILLS, "no kills any more")


async def _summary(database: Database, killer: Killer, catcher: PatientCatcher) -> str:
    states = Counter(mail.state for mail in await flow.mails(database))
    kills = Counter(name for name, _ in killer.kills)
    arrived = f"{catcher.data_starts} times DATA, {len(catcher.arrivals)} mails came"
    return f"{len(killer.kills)} kills {dict(kills)}; ledger {dict(states)}; {arrived}"


async def _every_due_digest_came_once(
    database: Database, readers: Sequence[SubscriptionRow], catcher: PatientCatcher, killer: Killer
) -> None:
    mails = {mail.subscription_id: mail for mail in await flow.mails(database)}
    assert sorted(mails) == [row.id for row in readers]  # one digest for each that was due, and for nobody else
    assert max(Counter(arrival.message_id for arrival in catcher.arrivals).values()) == 1
    came = Counter(arrival.recipient for arrival in catcher.arrivals)
    assert max(came.values()) == 1
    for row in readers:
        assert mails[row.id].state in ("sent", "unknown"), mails[row.id]
        assert came[row.email] or mails[row.id].state == "unknown", mails[row.id]
    await _unknowns_are_explained(database, mails, killer)


async def _unknowns_are_explained(database: Database, mails: dict[int, MailRow], killer: Killer) -> None:
    """DATA began at most once for each mail; where it is not known how that ended, the notifier was killed meanwhile."""
    async with database.read() as session:
        begun = (await session.exec(select(DeliveryRow).where(col(DeliveryRow.data_at).is_not(None)))).all()
    assert max(Counter(delivery.mail_id for delivery in begun).values()) == 1
    started = {delivery.mail_id: delivery.data_at.timestamp() for delivery in begun if delivery.data_at}
    victims: dict[float, list[int]] = defaultdict(list)
    for mail in mails.values():
        if mail.state == "unknown":
            assert mail.id in started, mail
            kill = min((at for at in killer.of("notifier") if at >= started[mail.id]), default=None)
            assert kill is not None, f"nobody was killed after DATA of mail {mail.id} began"
            victims[kill].append(mail.id)
    assert all(len(ids) <= LANES for ids in victims.values()), victims


async def _shortlists_are_what_they_should_be(
    database: Database, readers: Sequence[SubscriptionRow], watchers: Sequence[SubscriptionRow]
) -> None:
    """Equal to scoring everything afresh, without what a digest has shown."""
    async with database.read() as session:
        postings = {row.id: row for row in (await session.exec(select(PostingRow))).all()}
        shown = set((await session.exec(select(SentRow.subscription_id, SentRow.opening_key))).all())
        listed: dict[int, dict[int, float]] = defaultdict(dict)
        for match in (await session.exec(select(MatchRow))).all():
            listed[match.subscription_id][match.posting_id] = match.score
    best = _best(list(postings.values()), {str(row.profile): row.profile for row in (*readers, *watchers)})
    for row in (*readers, *watchers):
        fresh = [(-value, id_) for id_, value in best[str(row.profile)] if (row.id, postings[id_].opening_key) not in shown]
        held = sorted((-value, id_) for id_, value in listed[row.id].items())  # a list may be a tenth too long
        assert held[:SHORTLIST] == sorted(fresh)[:SHORTLIST], row.id
    assert all(len(listed[row.id]) >= SHORTLIST for row in watchers)


def _best(postings: list[PostingRow], profiles: dict[str, dict[str, object]]) -> dict[str, list[tuple[int, float]]]:
    """For each profile, the postings (by id) that reach the threshold, with their scores."""
    read = [(row.id, Posting.model_validate(row.posting), row.first_seen_at) for row in postings]
    found = {}
    for key, given in profiles.items():
        profile = Profile.model_validate(given)
        scores = [(id_, score(posting, profile, first_seen_at=seen).score) for id_, posting, seen in read]
        found[key] = [(id_, value) for id_, value in scores if value >= 50.0]
    return found
