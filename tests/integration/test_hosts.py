"""Hosts' budgets shared between scrapers, on the embedded Valkey and on Redis; and without either."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from services.embedded.valkey import ValkeyServer
from services.scraper.hosts import KEY, Hosts, host_of
from services.scraper.turns import FAILURES
from shared.errors import Postponed

HOST = "boards.example"


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[tuple[Hosts, Hosts]]:
    """Two scrapers on one server."""
    one, other = Hosts.at(redis_url), Hosts.at(redis_url)
    yield one, other
    await one.close()
    await other.close()


async def postponed(hosts: Hosts, host: str = HOST, gap: float = 0.01) -> Postponed:
    with pytest.raises(Postponed) as caught:
        await hosts.turn(host, gap)
    return caught.value


async def test_scrapers_share_one_budget(two: tuple[Hosts, Hosts]) -> None:
    gap, count, begun = 0.02, 30, list[float]()

    async def ask(hosts: Hosts) -> None:
        await hosts.turn(HOST, gap)
        begun.append(time.monotonic())

    start = time.monotonic()
    await asyncio.gather(*(ask(two[n % 2]) for n in range(count)))
    assert len(begun) == count
    for n, moment in enumerate(sorted(begun)):  # the n-th never goes out before its slot
        assert moment - start >= n * gap - 0.005


async def test_hosts_do_not_wait_for_each_other(two: tuple[Hosts, Hosts]) -> None:
    await two[0].turn("slow.example", 60)
    async with asyncio.timeout(5):
        await two[1].turn("quick.example", 60)


async def test_one_scraper_learns_from_the_other_that_a_host_rests(two: tuple[Hosts, Hosts]) -> None:
    one, other = two
    for _ in range(FAILURES):
        await one.report(HOST, well=False)
    error = await postponed(other)
    assert (error.code, error.retry) == ("host_resting", True)
    assert error.retry_after == pytest.approx(300, abs=2)
    await other.report(HOST, well=True)
    await one.turn(HOST, 0.01)


async def test_anybody_may_look_how_hosts_stand(two: tuple[Hosts, Hosts]) -> None:
    for _ in range(FAILURES):
        await two[0].report(HOST, well=False)
    seen = await two[1].look([HOST, "other.example"])
    assert seen[HOST].rest == 300
    assert seen["other.example"].rest == 0
    assert await Hosts.at("unix:///nowhere").look([HOST]) == {}


async def test_one_scraper_learns_from_the_other_that_a_host_wants_to_be_left_alone(two: tuple[Hosts, Hosts]) -> None:
    one, other = two
    await one.report(HOST, well=True, hold=3600)
    error = await postponed(other)
    assert error.code == "host_busy"
    assert error.retry_after == pytest.approx(3600, abs=2)


async def test_what_is_kept_of_a_host_goes_away_by_itself(two: tuple[Hosts, Hosts], redis_url: str) -> None:
    await two[0].turn(HOST, 0.01)
    async with Redis.from_url(redis_url) as client:
        assert 86_400 < await client.ttl(KEY + HOST) <= 2 * 86_400


@pytest.mark.parametrize(
    "found", ["", "[]", "null", '{"free_at": {}}', '{"free_at": "soon"}', '{"of another version": 1}', "{"]
)
async def test_a_state_that_cannot_be_read_is_begun_anew(two: tuple[Hosts, Hosts], redis_url: str, found: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set(KEY + HOST, found)
    await two[0].turn(HOST, 0.01)
    await two[0].report(HOST, well=True, hold=60)
    assert (await postponed(two[1])).code == "host_busy"


async def test_without_redis_a_process_keeps_to_the_budget_by_itself() -> None:
    hosts = Hosts.at("unix:///nowhere/at/all")
    for _ in range(FAILURES):
        await hosts.report(HOST, well=False)
    assert (await postponed(hosts)).code == "host_resting"
    await hosts.report(HOST, well=True, hold=60)
    assert (await postponed(hosts)).code == "host_busy"
    await hosts.close()


async def test_redis_may_go_and_come_back(valkey: ValkeyServer) -> None:
    now = [1000.0]
    hosts = Hosts.at(valkey.url, clock=lambda: now[0])
    await hosts.report(HOST, well=True, hold=3600)
    assert (await postponed(hosts)).code == "host_busy"
    valkey.stop()
    await hosts.turn(HOST, 0.01)  # known to nobody else for now, and not waited for
    valkey.start()
    now[0] += 60
    assert (await postponed(hosts)).code == "host_busy"
    await hosts.close()


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Boards.Example/acme", "boards.example"),
        ("http://boards.example.:80/acme", "boards.example"),
        ("https://boards.example:8443/", "boards.example:8443"),
        ("http://[2606:4700::1]/", "2606:4700::1"),
    ],
)
def test_a_host_has_one_name(url: str, host: str) -> None:
    assert host_of(url) == host
