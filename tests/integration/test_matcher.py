"""The matcher's handlers on real databases: every shortlist is what scoring says, whatever happens in whatever order."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.matcher.handlers import Matcher
from services.matcher.keeping import kept
from shared import scoring
from shared.database import Database
from shared.events import DigestSent, PostingClosed, PostingFound, SubscriptionChanged
from shared.models import ArrivalsRow, BarRow, MatchRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow
from shared.posting import Level, Posting, Role
from shared.profile import Profile
from shared.rule import PostingView
from shared.scoring import Offer
from shared.settings import Settings
from tests.factories import (
    BERLIN,
    NOW,
    SINGAPORE,
    board_row,
    facts,
    found,
    mail_row,
    opening_of,
    posting,
    posting_row,
    profile,
    subscription_row,
)

SIZE, THRESHOLD = 3, 50.0


class World:
    """The rows that other services write, and a look at the matcher's."""

    def __init__(self, database: Database, make: Callable[[], Matcher]) -> None:
        self.database, self.make = database, make
        self.matcher = make()
        self.clock = NOW

    async def publish(self, id_: int, what: Posting | None = None, revision: int = 1) -> PostingFound:
        """Write a posting (again) as the scraper does, and give the event."""
        published = int(self.clock.timestamp() * 1000)
        row = posting_row(id_, what or posting(str(id_)), external_id=str(id_), revision=revision, published_ms=published)
        async with self.database.begin() as session:
            await session.merge(row)
        return found(id_, revision, what)

    async def find(self, id_: int, what: Posting | None = None, revision: int = 1) -> None:
        await self.matcher.on_postings_found([await self.publish(id_, what, revision)])

    async def close(self, id_: int) -> None:
        async with self.database.begin() as session:
            row = await session.get_one(PostingRow, id_)
            row.closed_at = NOW

    async def subscribe(
        self, id_: int, who: Profile | None = None, revision: int = 1, state: str = "active"
    ) -> SubscriptionChanged:
        """Write a subscription (again) as the web page does, and give the event."""
        self.clock += timedelta(minutes=5)
        row = subscription_row(id_, who, revision=revision, state=state, changed_at=self.clock)
        async with self.database.begin() as session:
            await session.merge(row)
        return SubscriptionChanged(subscription_id=id_, revision=revision)

    async def shortlists(self) -> dict[int, dict[int, float]]:
        """By subscription and posting the scores, once everything that arrived has been entered."""
        await self.matcher.enter_waiting(self.clock)
        async with self.database.read() as session:
            assert not (await session.exec(select(ArrivalsRow))).all()
            rows = (await session.exec(select(MatchRow))).all()
        lists: dict[int, dict[int, float]] = {}
        for row in rows:
            lists.setdefault(row.subscription_id, {})[row.posting_id] = row.score
        return lists

    async def bars(self) -> dict[int, float]:
        await self.matcher.enter_waiting(self.clock)
        async with self.database.read() as session:
            return {row.subscription_id: row.bar for row in (await session.exec(select(BarRow))).all()}

    async def screenings(self) -> Sequence[ScreeningRow]:
        async with self.database.read() as session:
            ordered = select(ScreeningRow).order_by(col(ScreeningRow.posting_id), col(ScreeningRow.revision))
            return (await session.exec(ordered)).all()


@pytest.fixture(params=["entered at once", "entered later"])
async def world(
    database: Database, settings: Callable[..., Settings], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> World:
    """Where matches are entered later, each waits in a part of its own until somebody looks."""
    if request.param == "entered later":
        monkeypatch.setattr("services.matcher.handlers.AT_ONCE", 0)
        monkeypatch.setattr("shared.arrivals.PART", 1)
    config = settings(shortlist_size=SIZE, match_threshold=THRESHOLD)
    async with database.begin() as session:
        session.add(board_row(id=1))
    world: World

    def make() -> Matcher:
        return Matcher(database, config, now=lambda: world.clock)

    world = World(database, make)
    return world


GRADES = (
    (Level.SENIOR, Role.BACKEND),
    (Level.STAFF, Role.BACKEND),
    (Level.STAFF, Role.INFRASTRUCTURE),
    (Level.PRINCIPAL, Role.INFRASTRUCTURE),
    (Level.PRINCIPAL, Role.FULLSTACK),
)


def worth(grade: int) -> Posting:
    """A posting that fits the usual profile, the less the higher its grade (0 to 4)."""
    level, role = GRADES[grade]
    return posting(f"worth {'x' * (grade + 1)}", facts=facts("go", "postgresql", level=level, role=role))


def score_of(what: Posting, who: Profile | None = None) -> float:
    return scoring.score(what, who or profile()).score


def test_the_grades_of_these_tests_are_matches_and_all_different() -> None:
    scores = [score_of(worth(grade)) for grade in range(len(GRADES))]
    assert scores == sorted(set(scores), reverse=True)
    assert scores[-1] >= THRESHOLD


async def test_a_posting_reaches_those_it_fits(world: World) -> None:
    await world.subscribe(1)
    await world.subscribe(2, profile("cuda", "verilog"))
    await world.find(10)
    assert await world.shortlists() == {1: {10: score_of(posting("10"))}}
    (screening,) = await world.screenings()
    assert (screening.posting_id, screening.subscriptions, screening.shortlisted) == (10, 2, 1)


async def test_a_posting_found_twice_is_screened_once(world: World) -> None:
    await world.subscribe(1)
    event = await world.publish(10)
    await world.matcher.on_postings_found([event, event])
    once = await world.shortlists()
    async with world.database.begin() as session:
        await session.delete(await session.get_one(MatchRow, (1, 10)))
    await world.matcher.on_postings_found([event])
    assert once == {1: {10: score_of(posting("10"))}}
    assert await world.shortlists() == {}, "nothing was done the second time"
    assert len(await world.screenings()) == 1


async def test_an_edit_scores_again_and_removes_where_it_no_longer_fits(world: World) -> None:
    await world.subscribe(1)
    await world.subscribe(2, profile("cuda", "verilog"))
    await world.find(10)
    edited = posting("10", "cuda", "verilog")
    await world.find(10, edited, revision=2)
    assert await world.shortlists() == {2: {10: score_of(edited, profile("cuda", "verilog"))}}
    await world.find(10, revision=1)
    assert list(await world.shortlists()) == [2], "an older revision that comes late changes nothing"
    assert [(row.revision, row.shortlisted) for row in await world.screenings()] == [(1, 1), (2, 1)]


async def test_of_several_revisions_in_a_batch_the_last_counts(world: World) -> None:
    await world.subscribe(1)
    events = [found(10), await world.publish(10, posting("10", "cuda"), 2), await world.publish(10, worth(1), 3)]
    await world.matcher.on_postings_found(events)
    assert await world.shortlists() == {1: {10: score_of(worth(1))}}


async def test_what_is_closed_leaves_every_shortlist(world: World) -> None:
    for subscription_id in (1, 2):
        await world.subscribe(subscription_id)
    for posting_id in (10, 11):
        await world.find(posting_id)
    await world.close(10)
    for _ in range(2):
        await world.matcher.on_postings_closed([PostingClosed(posting_id=10)])
    assert {id_: list(held) for id_, held in (await world.shortlists()).items()} == {1: [11], 2: [11]}


async def test_what_was_closed_before_it_was_handled_is_not_shortlisted(world: World) -> None:
    await world.subscribe(1)
    event = await world.publish(10)
    await world.close(10)
    await world.matcher.on_postings_found([event])
    assert await world.shortlists() == {}


async def test_a_closing_that_comes_late_does_not_take_off_what_is_listed_again(world: World) -> None:
    await world.subscribe(1)
    await world.find(10)
    await world.close(10)
    await world.find(10, revision=2)
    await world.matcher.on_postings_closed([PostingClosed(posting_id=10)])
    assert list((await world.shortlists())[1]) == [10]


async def test_a_shortlist_keeps_the_best_and_the_bar_is_the_last_ones_score(world: World) -> None:
    await world.subscribe(1)
    kept: dict[int, float] = {}
    for posting_id, grade in enumerate([4, 2, 3, 1, 4, 0, 2], start=10):
        await world.find(posting_id, worth(grade))
        kept[posting_id] = score_of(worth(grade))
        best = sorted(kept.items(), key=lambda pair: (-pair[1], pair[0]))[:SIZE]
        assert (await world.shortlists())[1] == dict(best)
        assert await world.bars() == {1: best[-1][1] if len(best) == SIZE else 0.0}


async def test_a_posting_below_the_bar_writes_nothing(world: World) -> None:
    await world.subscribe(1)
    for posting_id in (10, 11, 12):
        await world.find(posting_id, worth(0))
    assert set(await world.bars()) == {1}
    await world.find(13, worth(4))
    assert (await world.screenings())[-1].shortlisted == 0


async def test_a_subscription_committed_before_a_posting_is_handled_is_considered(world: World) -> None:
    await world.find(9)
    await world.subscribe(1)  # its own event is still on its way
    await world.find(10)
    assert list((await world.shortlists())[1]) == [10]


async def test_a_new_subscription_is_filled_from_what_is_open(world: World) -> None:
    for posting_id, grade in ((10, 1), (11, 0), (12, 2), (13, 3)):
        await world.find(posting_id, worth(grade))
    await world.find(14)
    await world.close(14)
    event = await world.subscribe(1)
    for _ in range(2):
        await world.matcher.on_subscriptions_changed([event])
        assert await world.shortlists() == {1: {11: score_of(worth(0)), 10: score_of(worth(1)), 12: score_of(worth(2))}}
        assert await world.bars() == {1: score_of(worth(2))}


async def test_an_edited_profile_starts_afresh(world: World) -> None:
    await world.matcher.on_subscriptions_changed([await world.subscribe(1)])
    await world.find(10)
    await world.find(11, posting("11", "cuda", "verilog"))
    assert list((await world.shortlists())[1]) == [10]
    await world.matcher.on_subscriptions_changed([await world.subscribe(1, profile("cuda", "verilog"), revision=2)])
    assert list((await world.shortlists())[1]) == [11]
    await world.find(12)
    assert list((await world.shortlists())[1]) == [11]


@pytest.mark.parametrize("state", ["ended", "paused", "pending"])
async def test_who_is_not_active_leaves(world: World, state: str) -> None:
    await world.matcher.on_subscriptions_changed([await world.subscribe(1)])
    await world.find(10)
    event = await world.subscribe(1, revision=2, state=state)
    await world.find(11)
    assert list((await world.shortlists())[1]) == [10], "not considered any more"
    await world.matcher.on_subscriptions_changed([event])
    assert await world.shortlists() == {}


async def test_a_subscription_that_is_not_there_does_no_harm(world: World) -> None:
    await world.matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=404, revision=1)])
    assert await world.shortlists() == {}


async def sent(world: World, what: Posting, posting_id: int) -> None:
    """The notifier's ledger says that subscription 1 was shown this."""
    async with world.database.begin() as session:
        await session.merge(mail_row(1, state="sent"))
        session.add(SentRow(subscription_id=1, opening_key=opening_of(what), posting_id=posting_id, mail_id=1, sent_at=NOW))


async def test_what_was_sent_never_comes_back(world: World) -> None:
    event = await world.subscribe(1)
    await world.matcher.on_subscriptions_changed([event])
    await world.find(10)
    await sent(world, posting("10"), 10)
    await world.matcher.on_digests_sent([DigestSent(mail_id=1, subscription_id=1, posting_ids=(10,))])
    assert await world.shortlists() == {}
    again = posting("10").model_copy(update={"external_id": "reposted", "location": "Berlin"})
    await world.find(20, again)
    assert await world.shortlists() == {}, "a re-post under another id"
    await world.find(10, posting("10", title="Senior Backend Engineer (m/f/d)"), revision=2)
    await world.matcher.on_subscriptions_changed([event])
    assert 20 not in (await world.shortlists()).get(1, {}), "nor when the shortlist is made afresh"


async def test_what_changes_while_matches_wait_to_be_entered_is_not_undone_by_it(world: World) -> None:
    """A profile is edited, somebody leaves, a posting closes, another is shown: each time with all of it still to enter."""
    for subscription_id in (1, 2, 3):
        await world.subscribe(subscription_id)
    for posting_id in (10, 11, 12):
        await world.find(posting_id)
    edited = await world.subscribe(2, profile("cuda", "verilog"), revision=2)
    left = await world.subscribe(3, revision=2, state="ended")
    await world.matcher.on_subscriptions_changed([edited, left])
    await world.close(11)
    await world.matcher.on_postings_closed([PostingClosed(posting_id=11)])
    await sent(world, posting("12"), 12)
    await world.matcher.on_digests_sent([DigestSent(mail_id=1, subscription_id=1, posting_ids=(12,))])
    assert await world.shortlists() == {1: {10: score_of(posting("10"))}}


async def test_no_more_waits_than_there_is_room_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.matcher.handlers.MOST_WAITING", 2)
    for subscription_id in (1, 2, 3):
        await world.subscribe(subscription_id)
    for posting_id in range(10, 16):
        await world.find(posting_id)
        assert world.matcher.waiting <= 2 + 3, "and what the last one brought"
    assert {id_: len(held) for id_, held in (await world.shortlists()).items()} == {1: SIZE, 2: SIZE, 3: SIZE}


async def test_a_digest_sent_lowers_the_bar(world: World) -> None:
    for subscription_id in (1, 2):
        await world.subscribe(subscription_id)
    for posting_id in (10, 11, 12):
        await world.find(posting_id, worth(0))
    assert await world.bars() == dict.fromkeys((1, 2), score_of(worth(0)))
    for _ in range(2):
        await world.matcher.on_digests_sent([DigestSent(mail_id=1, subscription_id=1, posting_ids=(10, 11))])
    assert await world.bars() == {1: 0.0, 2: score_of(worth(0))}
    await world.find(13, worth(2))
    assert {id_: set(held) for id_, held in (await world.shortlists()).items()} == {1: {12, 13}, 2: {10, 11, 12}}


def some_posting(chance: random.Random) -> Posting:
    skills = chance.sample(("go", "postgresql", "kafka", "rust", "java", "react"), 3)
    level, place = chance.choice((Level.SENIOR, Level.STAFF, None)), chance.choice(((SINGAPORE,), (BERLIN,), ()))
    what = facts(*skills, role=chance.choice((Role.BACKEND, Role.FULLSTACK)), level=level, places=place)
    return posting("".join(chance.choices("abcdefgh", k=12)), facts=what)


async def test_two_matchers_on_one_database_stay_exact(world: World) -> None:
    """Replicas share the work at random; each shortlist is the best of what is open, as one matcher would have made it."""
    chance = random.Random(7)
    replicas = [world.make(), world.make()]
    people = {1: profile(), 2: profile("java", "react"), 3: profile("kafka", "rust", "go"), 4: profile(places=(BERLIN,))}
    for id_, who in people.items():
        await chance.choice(replicas).on_subscriptions_changed([await world.subscribe(id_, who)])
    postings = {id_: some_posting(chance) for id_ in range(10, 60)}
    for id_, what in postings.items():
        world.clock += timedelta(seconds=40)
        await chance.choice(replicas).on_postings_found([await world.publish(id_, what)])
        if id_ == 30:
            people[2] = profile("go", "kafka")
            await chance.choice(replicas).on_subscriptions_changed([await world.subscribe(2, people[2], revision=2)])
    scores = {who: {id_: score_of(what, people[who]) for id_, what in postings.items()} for who in people}
    expected = {
        who: dict(sorted(((i, s) for i, s in mine.items() if s >= THRESHOLD), key=lambda pair: (-pair[1], pair[0]))[:SIZE])
        for who, mine in scores.items()
    }
    assert await world.shortlists() == expected
    assert await world.bars() == {who: min(mine.values()) for who, mine in expected.items()}


async def test_replicas_hear_of_each_others_bars(world: World) -> None:
    one, other = world.make(), world.make()
    await world.subscribe(1)
    await other.on_postings_found([await world.publish(9, posting("9", "cuda"))])  # it has read the subscription
    await one.on_postings_found([await world.publish(id_, worth(0)) for id_ in (10, 11, 12)])
    await other.on_postings_found([await world.publish(13, worth(4))])
    assert set((await world.shortlists())[1]) == {10, 11, 12}, "what was below a bar that another had raised is cut off again"
    await one.on_postings_found([await world.publish(14, worth(4))])
    await one.enter_waiting(world.clock)  # it knows the bar from having raised it
    world.clock += timedelta(days=1)
    await one.on_digests_sent([DigestSent(mail_id=1, subscription_id=1, posting_ids=(10, 11, 12))])
    await other.on_postings_found([await world.publish(15, worth(4))])
    assert list((await world.shortlists())[1]) == [15]


async def test_a_failing_batch_leaves_nothing_half_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.subscribe(1)
    events = [await world.publish(10), await world.publish(11)]
    real, calls = world.matcher.index.screen, []

    def dies_at_the_second(offer: Offer, view: PostingView) -> object:
        calls.append(offer)
        if len(calls) == 2:
            raise RuntimeError("out of memory")
        return real(offer, view)

    monkeypatch.setattr(world.matcher.index, "screen", dies_at_the_second)
    with pytest.raises(RuntimeError):
        await world.matcher.on_postings_found(events)
    assert (await world.shortlists(), await world.screenings()) == ({}, [])
    await world.matcher.on_postings_found(events)
    assert set((await world.shortlists())[1]) == {10, 11}


async def test_a_restarted_matcher_goes_on_where_the_last_one_was(world: World) -> None:
    await world.subscribe(1)
    for posting_id in (10, 11, 12):
        await world.find(posting_id, worth(0))
    assert set(await world.bars()) == {1}
    world.matcher = world.make()
    await world.find(13, worth(4))
    assert (await world.screenings())[-1].shortlisted == 0
    assert set((await world.shortlists())[1]) == {10, 11, 12}
    async with world.database.read() as session:
        assert (await session.exec(select(SubscriptionRow.revision))).all() == [1]


async def test_a_matcher_goes_on_from_the_index_it_left_on_disk(
    world: World, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    config = settings(shortlist_size=SIZE, match_threshold=THRESHOLD, matcher_snapshot=tmp_path / "matcher.index")
    world.make = lambda: Matcher(world.database, config, now=lambda: world.clock)
    first = world.matcher = world.make()
    for id_ in (1, 2):
        await world.subscribe(id_)
    await world.find(10)
    async with kept(first.index, first.refresh, config.matcher_snapshot):
        pass
    await world.subscribe(2, profile("cuda", "verilog"), revision=2)
    await world.subscribe(3)
    second = world.matcher = world.make()
    assert len(second.index) == 2, "read from disk"
    await world.find(11)
    assert {id_: set(held) for id_, held in (await world.shortlists()).items()} == {1: {10, 11}, 2: {10}, 3: {11}}
