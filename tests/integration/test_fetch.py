"""The fetcher against a real server that misbehaves in every way we could think of."""

import asyncio
import gzip
import ssl
import subprocess
import tomllib
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.scraper.fetch import Fetcher, Page, Validators
from services.scraper.gate import Manners, shown, user_agent
from services.scraper.guard import Guard, Resolve
from services.scraper.sources.base import Request
from shared.errors import FetchError

LIMIT = 1_000_000
BODY = b'{"jobs": []}'

Answering = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request as the server saw it, and the bytes it answers with."""

    def __init__(self, head: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.line, _, rest = head.partition("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest.split("\r\n"))}
        self.body, self._writer = body, writer

    @property
    def path(self) -> str:
        return self.line.split()[1]

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        named = {"Content-Length": str(len(body)), "Connection": "close"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        await self.raw(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)


@asynccontextmanager
async def server(
    answer: Answering, at: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, list[Exchange]]]:
    """A server on a free loopback port that gives every request to `answer`, then hangs up. It has no robots.txt."""
    seen: list[Exchange] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n")
            length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
            exchange = Exchange(head, await reader.readexactly(length), writer)
            if exchange.path == "/robots.txt":
                await exchange.answer(404)
            else:
                seen.append(exchange)
                await answer(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up, as it should on some of these
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, at, port, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://{at}:{listening.sockets[0].getsockname()[1]}", seen
    finally:
        listening.close()


def loopback(
    seconds: float = 20, allowed: str = "127.0.0.0/8", resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
) -> Fetcher:
    """A fetcher that may read from this machine."""
    manners = Manners(Guard([ip_network(allowed)], resolve), gap=0.0001)
    return Fetcher("Joblark/test (+tests)", seconds, LIMIT, manners, tls)


async def fetched(url: str, validators: Validators | None = None, seconds: float = 20, **request: object) -> Page:
    async with loopback(seconds) as fetcher:
        return await fetcher.fetch(Request(url, **request), validators)  # type: ignore[arg-type]


async def refused(url: str, seconds: float = 20) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetched(url, seconds=seconds)
    return caught.value


async def test_an_answer_comes_with_what_is_needed_to_ask_again() -> None:
    async with server(lambda x: x.answer(200, BODY, ETag='W/"7"', Last_Modified="Sat, 21 Nov 2026 01:00:00 GMT")) as (
        url,
        seen,
    ):
        page = await fetched(f"{url}/board")
    assert page == Page(200, BODY, Validators('W/"7"', "Sat, 21 Nov 2026 01:00:00 GMT"), False, f"{url}/board")
    assert seen[0].headers["user-agent"] == "Joblark/test (+tests)"
    assert seen[0].headers["accept"] == "application/json"
    assert "if-none-match" not in seen[0].headers


async def test_unchanged_is_told_by_304_and_keeps_the_validators() -> None:
    known = Validators('"7"', "Sat, 21 Nov 2026 01:00:00 GMT")
    async with server(lambda x: x.answer(304, ETag='"8"')) as (url, seen):
        page = await fetched(url, known)
    assert page.not_modified
    assert page.validators == Validators('"8"', known.last_modified)
    assert (seen[0].headers["if-none-match"], seen[0].headers["if-modified-since"]) == (known.etag, known.last_modified)


async def test_304_to_a_question_without_validators_is_an_error() -> None:
    async with server(lambda x: x.answer(304)) as (url, _):
        error = await refused(url)
    assert (error.code, error.status) == ("fetch_status", 304)


async def test_a_request_with_json_is_posted() -> None:
    async with server(lambda x: x.answer(200, BODY)) as (url, seen):
        await fetched(url, method="POST", json={"limit": 20})
    assert seen[0].line.startswith("POST ")
    assert seen[0].body.replace(b" ", b"") == b'{"limit":20}'


async def test_gzip_is_unpacked() -> None:
    async with server(lambda x: x.answer(200, gzip.compress(BODY), Content_Encoding="gzip")) as (url, _):
        assert (await fetched(url)).body == BODY


@pytest.mark.parametrize("body", [b"", b"<!doctype html><h1>Careers</h1>"])
async def test_an_empty_or_foreign_body_is_handed_on_for_the_source_to_judge(body: bytes) -> None:
    async with server(lambda x: x.answer(200, body, Content_Type="text/html")) as (url, _):
        assert (await fetched(url)).body == body


async def test_a_body_shorter_than_announced_is_not_an_answer() -> None:
    async with server(lambda x: x.answer(200, BODY, Content_Length="500")) as (url, _):
        error = await refused(url)
    assert (error.code, error.retry) == ("fetch_incomplete", True)


async def test_a_chunked_body_that_breaks_off_is_not_an_answer() -> None:
    async def broken(exchange: Exchange) -> None:
        await exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2")

    async with server(broken) as (url, _):
        assert (await refused(url)).code == "fetch_incomplete"


async def test_gzip_that_breaks_off_is_not_an_answer() -> None:
    half = gzip.compress(BODY * 100)[:-20]
    async with server(lambda x: x.answer(200, half, Content_Encoding="gzip")) as (url, _):
        error = await refused(url)
    assert (error.code, error.retry) == ("fetch_encoding", True)


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
async def test_a_packing_we_did_not_ask_for_or_cannot_undo_is_an_error(encoding: str) -> None:
    async with server(lambda x: x.answer(200, BODY, Content_Encoding=encoding)) as (url, _):
        assert (await refused(url)).code == "fetch_encoding"


async def test_something_that_is_not_http() -> None:
    async with server(lambda x: x.raw(b"220 mail.example.org ESMTP\r\n")) as (url, _):
        assert (await refused(url)).code == "fetch_incomplete"


async def test_a_hundred_megabytes_announced_are_not_read() -> None:
    async with server(lambda x: x.answer(200, b"[", Content_Length="100000000")) as (url, _):
        error = await refused(url)
    assert (error.code, error.retry) == ("fetch_too_large", False)


async def test_a_hundred_megabytes_unannounced_are_cut_at_the_limit() -> None:
    sent = 0

    async def flood(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1600):
            await exchange.raw(b"10000\r\n" + b" " * 65_536 + b"\r\n")
            sent += 65_536
        await exchange.raw(b"0\r\n\r\n")

    async with server(flood) as (url, _):
        assert (await refused(url)).code == "fetch_too_large"
    assert sent < 50_000_000


async def test_a_gzip_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
    assert len(bomb) < LIMIT
    tracemalloc.start()
    async with server(lambda x: x.answer(200, bomb, Content_Encoding="gzip")) as (url, _):
        assert (await refused(url)).code == "fetch_too_large"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * LIMIT


async def test_a_slow_drip_is_cut_off_at_the_deadline() -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            await exchange.raw(b" ")
            await asyncio.sleep(0.02)

    async with server(drip) as (url, _):
        error = await refused(url, seconds=0.3)
    assert (error.code, error.retry) == ("fetch_timeout", True)


async def test_a_server_that_never_answers() -> None:
    async with server(lambda x: asyncio.sleep(5)) as (url, _):
        assert (await refused(url, seconds=0.2)).code == "fetch_timeout"


async def test_nobody_there() -> None:
    async with server(lambda x: x.answer()) as (url, _):
        pass
    error = await refused(f"{url}/v1/boards/acme?api_key=hunter2")
    assert (error.code, error.retry) == ("fetch_unreachable", True)
    assert "/v1/boards/acme" in str(error)
    assert "hunter2" not in str(error)


async def test_a_redirect_is_followed_without_losing_the_question() -> None:
    async def moved(exchange: Exchange) -> None:
        if exchange.path == "/old":
            await exchange.answer(301, Location="/new", Set_Cookie="visitor=1")
        else:
            await exchange.answer(200, BODY)

    async with server(moved) as (url, seen):
        page = await fetched(f"{url}/old", Validators('"7"'))
    assert (page.url, page.body) == (f"{url}/new", BODY)
    assert seen[1].headers["if-none-match"] == '"7"'
    assert "cookie" not in seen[1].headers


async def test_a_redirect_loop_ends() -> None:
    async with server(lambda x: x.answer(302, Location=x.path + "a")) as (url, seen):
        error = await refused(f"{url}/")
    assert (error.code, error.retry) == ("fetch_redirects", False)
    assert len(seen) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
async def test_a_redirect_out_of_http_is_refused(target: str) -> None:
    async with server(lambda x: x.answer(302, Location=target)) as (url, _):
        assert (await refused(url)).code == "fetch_redirects"


@pytest.mark.parametrize("target", ["http://[bad", "http://127.0.0.1:notaport/", "//"])
async def test_a_redirect_to_nonsense_is_an_error_of_ours(target: str) -> None:
    async with server(lambda x: x.answer(302, Location=target)) as (url, _):
        assert (await refused(url)).code.startswith("fetch_")


@pytest.mark.parametrize(
    ("status", "code", "retry"),
    [
        (404, "board_gone", False),
        (410, "board_gone", False),
        (400, "fetch_status", False),
        (401, "fetch_status", False),
        (403, "fetch_status", True),
        (429, "fetch_status", True),
        (500, "fetch_status", True),
        (503, "fetch_status", True),
    ],
)
async def test_an_error_status_says_whether_to_try_again(status: int, code: str, *, retry: bool) -> None:
    async with server(lambda x: x.answer(status, b"sorry")) as (url, _):
        error = await refused(url)
    assert (error.code, error.retry, error.status, error.retry_after) == (code, retry, status, None)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        ("999999999", 86_400, 86_400),
        ("in an hour", 3500, 3601),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
)
async def test_the_wait_a_server_asks_for(header: str, low: float, high: float) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wish = in_an_hour if header == "in an hour" else header
    async with server(lambda x: x.answer(429, Retry_After=wish)) as (url, _):
        error = await refused(url)
    assert error.retry_after is not None
    assert low <= error.retry_after <= high


@pytest.mark.parametrize("header", ["soon", "-5", "²", ""])
async def test_a_wait_that_cannot_be_read_is_none(header: str) -> None:
    async with server(lambda x: x.raw(f"HTTP/1.1 503 No\r\nRetry-After: {header}\r\n\r\n".encode())) as (url, _):
        assert (await refused(url)).retry_after is None


async def test_a_validator_that_could_not_be_sent_back_is_not_kept() -> None:
    async with server(lambda x: x.answer(200, BODY, ETag='"' + "x" * 600 + '"', Last_Modified="gestern früh")) as (url, _):
        assert (await fetched(url)).validators == Validators()


@pytest.mark.parametrize("url", ["", "not an address", "file:///etc/passwd", "http://", "http://a:b:c/"])
async def test_an_address_that_cannot_be_asked(url: str) -> None:
    error = await refused(url)
    assert error.code in {"fetch_redirects", "fetch_unreachable"}
    assert not error.retry


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 0), ({"Cache_Control": "max-age=900"}, 900), ({"Cache_Control": "no-store"}, 0)]
)
async def test_how_long_the_answer_stays_as_it_is(headers: dict[str, str], seconds: float) -> None:
    async with server(lambda x: x.answer(200, BODY, **headers)) as (url, _):
        assert (await fetched(url)).fresh_for == seconds
    async with server(lambda x: x.answer(304, **headers)) as (url, _):
        assert (await fetched(url, Validators('"7"'))).fresh_for == seconds


async def test_one_fetcher_serves_many_boards_at_once() -> None:
    async with server(lambda x: x.answer(200, x.path.encode())) as (url, _), loopback() as fetcher:
        pages = await asyncio.gather(*(fetcher.fetch(Request(f"{url}/{n}")) for n in range(50)))
    assert [page.body for page in pages] == [f"/{n}".encode() for n in range(50)]


def test_an_address_in_a_log_tells_no_secret() -> None:
    shown_url = shown("https://me:secret@api.example.org:8443/v1/jobs?page=2&api_key=hunter2#x\r\nX: y")
    assert shown_url == "https://api.example.org:8443/v1/jobs?…"


def test_we_introduce_ourselves_with_our_version_and_a_contact() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    number = ".".join(project["version"].split(".")[:2])
    assert user_agent("jobs@example.org\r\nX: y é") == f"Joblark/{number} (+jobs@example.org X: y)"


# ------------------------------------------------------------------------------------------------- where we may connect


async def forbidden(url: str, fetcher: Fetcher) -> str:
    async with fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(Request(url))
    assert (caught.value.code, caught.value.retry) == ("fetch_forbidden", False)
    return str(caught.value)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.0.0.1."]
)
async def test_this_machine_is_not_read_unless_it_is_allowed(host: str) -> None:
    async with server(lambda x: x.answer(200, BODY)) as (url, seen):
        await forbidden(url.replace("127.0.0.1", host), Fetcher("Joblark/test", 20, LIMIT))
    assert seen == []


async def test_a_redirect_into_the_inner_network_is_refused_on_its_hop() -> None:
    async with server(lambda x: x.answer(200, BODY), at="127.0.0.2") as (inner, seen):  # noqa: SIM117 - it must listen first
        async with server(lambda x: x.answer(302, Location=f"{inner}/latest/meta-data")) as (url, asked):
            told = await forbidden(url, loopback(allowed="127.0.0.1/32"))
    assert len(asked) == 1
    assert seen == []
    assert "127.0.0.2" in told


async def test_a_robots_txt_that_redirects_into_the_inner_network_is_refused_too() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "boards.example" else ["10.0.0.1"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://inner.example/\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        told = await forbidden(f"http://boards.example:{port}/jobs", loopback(resolve=resolve))
    assert "inner.example leads to 10.0.0.1" in told


async def test_a_name_that_changes_its_mind_leads_nowhere_else() -> None:
    """Rebinding: a name that is public when it is checked and inner when it is connected to."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "127.0.0.2"]

    async def by_address(exchange: Exchange) -> None:
        await exchange.answer(200, exchange.headers["host"].encode())

    async with server(by_address) as (url, outer):
        port = int(url.rpartition(":")[2])
        async with server(by_address, at="127.0.0.2", port=port) as (_, inner):
            name = f"http://boards.example:{port}/jobs"
            async with loopback(allowed="127.0.0.1/32", resolve=rebinding) as fetcher:
                with pytest.raises(FetchError) as caught:  # robots.txt closes its connection, so the board is looked up anew
                    await fetcher.fetch(Request(name))
    assert caught.value.code == "fetch_forbidden"
    assert (len(outer), len(inner), asked) == (0, 0, ["boards.example"] * 2)


async def test_what_was_checked_is_what_is_connected_to_under_its_own_name() -> None:
    lookups: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        lookups.append(host)
        return ["127.0.0.9", "127.0.0.1"]  # nobody listens on the first

    async with server(lambda x: x.answer(200, x.headers["host"].encode())) as (url, seen):
        port = url.rpartition(":")[2]
        async with loopback(resolve=resolve) as fetcher:
            page = await fetcher.fetch(Request(f"http://boards.example:{port}/jobs"))
    assert page.body == f"boards.example:{port}".encode()
    assert len(seen) == 1
    assert lookups == ["boards.example"] * 2  # one connection for robots.txt, one for the board; one look each


async def test_a_name_that_is_none() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    async with loopback(resolve=resolve) as fetcher:
        with pytest.raises(FetchError, match="Name or service not known") as caught:
            await fetcher.fetch(Request("https://boards.example/"))
    assert caught.value.code == "fetch_unreachable"


async def test_a_login_in_an_address_is_refused_and_not_told() -> None:
    told = await forbidden("http://boards.example:hunter2@127.0.0.1/", loopback())
    assert "hunter2" not in told


async def test_an_address_as_long_as_a_page_is_none() -> None:
    assert (await refused("http://127.0.0.1/" + "a" * 5000)).code == "fetch_redirects"


async def test_no_proxy_of_the_environment_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(lambda x: x.answer(200, BODY)) as (url, _), server(lambda x: x.answer(502)) as (proxy, asked):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        assert (await fetched(url)).body == BODY
    assert asked == []


async def test_an_access_key_does_not_follow_a_redirect_to_another_host() -> None:
    key = (("Accept", "application/json"), ("Authorization-Key", "hunter2"))
    async with server(lambda x: x.answer(200, BODY), at="127.0.0.2") as (other, seen):  # noqa: SIM117
        async with server(lambda x: x.answer(302, Location="/b" if x.path == "/a" else other)) as (url, first):
            await fetched(f"{url}/a", headers=key)
    assert [exchange.headers.get("authorization-key") for exchange in (*first, *seen)] == ["hunter2", "hunter2", None]
    assert seen[0].headers["accept"] == "application/json"
    assert seen[0].headers["user-agent"] == "Joblark/test (+tests)"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for boards.example, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=boards.example -addext subjectAltName=DNS:boards.example"
    )
    subprocess.run([*make.split(), "-keyout", str(path), "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.mark.parametrize(("name", "good"), [("boards.example", True), ("other.example", False)])
async def test_tls_asks_for_the_name_and_not_for_the_address(certificate: Path, name: str, *, good: bool) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    asked: list[str | None] = []
    ours.sni_callback = lambda _, wanted, __: asked.append(wanted)
    trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
    async with server(lambda x: x.answer(200, BODY), tls=ours) as (url, _), loopback(resolve=resolve, tls=trusting) as fetcher:
        request = Request(url.replace("127.0.0.1", name))
        if good:
            assert (await fetcher.fetch(request)).body == BODY
        else:
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(request)
            assert caught.value.code == "fetch_unreachable"
    assert set(asked) == {name}
