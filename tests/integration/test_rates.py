"""Turns shared through a real Valkey and a real Redis: what the script answers is what `reckon` answers."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from redis.asyncio import Redis

from services.notifier.rates import HORIZON, Rates
from shared.settings import Settings

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DOMAINS = ("gmail.com", "googlemail.com", "hotmail.com", "example.org", "example.net")


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


class Hand:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("seed", range(5))
async def test_the_script_and_the_process_alone_reckon_the_same(
    client: Redis, settings: Callable[..., Settings], seed: int
) -> None:
    chance, clock = random.Random(seed), Hand()
    config = settings(
        mail_rates={"gmail.com": 7, "outlook.com": 0.3, "*": 50}, mail_per_second=11, mail_warmup_from=date(2026, 11, 23)
    )
    shared, alone = Rates(config, lambda: client, clock), Rates(config, None, clock)
    for _ in range(12):
        mails = [(f"x@{chance.choice(DOMAINS)}", chance.random() < 0.8) for _ in range(chance.randrange(40))]
        ours, theirs = await shared.turns(mails), await alone.turns(mails)
        assert [turn.later for turn in ours] == [turn.later for turn in theirs]
        for one, other in zip(ours, theirs, strict=True):
            assert abs(one.wait - other.wait) <= timedelta(milliseconds=2)
        clock.now += timedelta(seconds=chance.uniform(0, 9))


async def test_many_processes_share_one_rate(client: Redis, settings: Callable[..., Settings]) -> None:
    processes = [Rates(settings(mail_rates={"gmail.com": 10}), lambda: client, Hand()) for _ in range(4)]
    turns = [turn for rates in processes for turn in await rates.turns([("a@gmail.com", True)] * 5)]
    assert sorted(turn.wait / timedelta(milliseconds=1) for turn in turns) == [100 * n for n in range(20)]


async def test_redis_says_what_time_it_is_where_nobody_else_does(client: Redis, settings: Callable[..., Settings]) -> None:
    rates = Rates(settings(mail_rates={"gmail.com": 1}), lambda: client)
    first, second = await rates.turns([("a@gmail.com", True)] * 2)
    assert first.wait == timedelta(0)
    assert timedelta(milliseconds=999) <= second.wait <= timedelta(milliseconds=1001)


async def test_while_redis_is_away_the_rate_is_kept_alone(settings: Callable[..., Settings]) -> None:
    async with Redis.from_url("redis://127.0.0.1:9/0") as nobody:
        rates = Rates(settings(mail_rates={"gmail.com": 10}), lambda: nobody, Hand())
        turns = [turn for _ in range(3) for turn in await rates.turns([("a@gmail.com", True)] * 2)]
    assert [turn.wait / timedelta(milliseconds=1) for turn in turns] == [0, 100, 200, 300, 400, 500]


async def test_what_is_kept_is_forgotten_when_it_says_nothing_any_more(
    client: Redis, settings: Callable[..., Settings]
) -> None:
    rates = Rates(settings(mail_rates={"gmail.com": 1}), lambda: client)
    await rates.turns([("a@gmail.com", True)] * 40)
    lives = [await client.pttl(key) for key in await client.keys("{joblark:rates}*")]
    assert lives
    assert all(0 < life <= 60_000 for life in lives)
    assert timedelta(seconds=60) > HORIZON
