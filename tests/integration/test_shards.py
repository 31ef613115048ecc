"""Matchers that each hold a part of the subscriptions: together they do what one would."""

from collections.abc import Callable

from sqlmodel import select

from services.matcher.handlers import Matcher
from shared.database import Database
from shared.events import SubscriptionChanged
from shared.models import MatchRow, ScreeningRow
from shared.settings import Settings
from tests.factories import NOW, found, posting, subscription_row

SHARDS = 3


async def shortlists(database: Database) -> set[tuple[int, int]]:
    async with database.read() as session:
        return {(row.subscription_id, row.posting_id) for row in await session.exec(select(MatchRow))}


async def test_every_subscription_is_matched_by_its_shard_and_no_other(
    database: Database, settings: Callable[..., Settings]
) -> None:
    async with database.begin() as session:
        session.add_all([subscription_row(id_) for id_ in range(1, 8)])
    matchers = [Matcher(database, settings(matcher_shard=f"{number}/{SHARDS}"), lambda: NOW) for number in range(SHARDS)]
    for matcher in matchers:
        await matcher.on_postings_found([found(1)])
    assert [len(matcher.index) for matcher in matchers] == [2, 3, 2]
    assert await shortlists(database) == {(id_, 1) for id_ in range(1, 8)}
    async with database.read() as session:
        screenings = list(await session.exec(select(ScreeningRow)))
    assert sorted((row.shard, row.subscriptions) for row in screenings) == [("0/3", 2), ("1/3", 3), ("2/3", 2)]


async def test_a_shard_that_is_late_with_an_edit_does_not_undo_what_another_did(
    database: Database, settings: Callable[..., Settings]
) -> None:
    async with database.begin() as session:
        session.add_all([subscription_row(id_) for id_ in (1, 2)])
    matchers = [Matcher(database, settings(matcher_shard=f"{number}/2"), lambda: NOW) for number in range(2)]
    for revision in (1, 2):
        for matcher in matchers:
            await matcher.on_postings_found([found(1, revision, posting("1"))])
    assert await shortlists(database) == {(1, 1), (2, 1)}


async def test_only_the_shard_that_holds_a_subscription_fills_its_shortlist(
    database: Database, settings: Callable[..., Settings]
) -> None:
    async with database.begin() as session:
        session.add(subscription_row(1))
        session.add(MatchRow(subscription_id=1, posting_id=9, score=99.0, match={}, matched_at=NOW))
    stranger = Matcher(database, settings(matcher_shard="0/2"), lambda: NOW)
    await stranger.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=1)])
    assert await shortlists(database) == {(1, 9)}
