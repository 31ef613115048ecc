"""`joblark doctor --mail` against a real name server on loopback, and our own page over real HTTP."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.notifier import dkim
from services.notifier.maildomain import Dns, Finding, State, examine, is_red, note, watch
from services.notifier.maildomain.live import post
from services.notifier.refusals import DOCTOR
from services.notifier.repository import switches
from shared.database import Database
from shared.errors import NotReady, UnreadableInput
from shared.serving import listening
from shared.settings import Settings
from tests.dns_server import NameServer, Zone, name_server

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LEAVES = "192.0.2.7"
DOMAIN = "jobs.lumenworks.org"


@pytest.fixture(scope="module")
def pem() -> str:
    return dkim.pem_of(dkim.new_key())


@dataclass
class World:
    """A mail domain in order, until a test changes something."""

    settings: Callable[..., Settings]
    zone: Zone
    server: NameServer
    given: dict[str, object]
    answers: dict[str, tuple[int, bool]] = field(default_factory=dict)
    status: int = 200
    redirects: bool = False
    posted: list[tuple[str, bytes]] = field(default_factory=list)

    async def post(self, url: str, form: bytes) -> tuple[int, bool]:
        self.posted.append((url, form))
        return self.status, self.redirects

    async def examine(self, **given: object) -> list[Finding]:
        self.server.zone = self.zone
        settings = self.settings(**{**self.given, **given})
        return await examine(settings, Dns(settings.dns_server), NOW, self.post)

    async def state(self, what: str, **given: object) -> tuple[State, str, str]:
        finding = next(finding for finding in await self.examine(**given) if finding.what.startswith(what))
        return finding.state, finding.found, finding.advice


@pytest.fixture
async def world(settings: Callable[..., Settings], pem: str) -> AsyncIterator[World]:
    given: dict[str, object] = {
        "mail_from": f"Joblark <digest@{DOMAIN}>",
        "mail_return_path": f"bounces@{DOMAIN}",
        "mail_postal": "Lumenworks, 1 Example Street",
        "mail_ips": LEAVES,
        "base_url": f"https://{DOMAIN}",
        "dkim_selector": "lark",
        "dkim_key": pem,
        "smtp_host": "mx.lumenworks.org",
    }
    signer = dkim.signers(settings(**given))[0]
    zone: Zone = {
        (DOMAIN, "MX"): ["10 mx.lumenworks.org."],
        (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.0/28 -all"', '"another=record"'],
        ("mx.lumenworks.org", "A"): [LEAVES],
        (signer.name, "TXT"): [" ".join(f'"{signer.record[i : i + 200]}"' for i in range(0, len(signer.record), 200))],
        ("_dmarc.lumenworks.org", "TXT"): ['"v=DMARC1; p=quarantine; rua=mailto:dmarc@lumenworks.org"'],
        ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.lumenworks.org."],
    }
    async with name_server(zone) as (server, address):
        yield World(settings, zone, server, {**given, "dns_server": address})


async def test_a_domain_in_order_is_green_throughout(world: World) -> None:
    found = await world.examine()
    assert [(finding.what, finding.found) for finding in found if finding.state is not State.GREEN] == []
    assert [finding.what.split()[0] for finding in found] == [
        "identity", "MX", "SPF", "DKIM", "DMARC", "PTR", "one-click", "sample"
    ]  # fmt: skip
    ((url, form),) = world.posted
    assert url.startswith(f"https://{DOMAIN}/unsubscribe/")
    assert form == b"List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("what", "record", "says", "state", "told"),
    [
        ("MX", (DOMAIN, "MX"), ["0 ."], State.RED, "takes no mail"),
        ("MX", (DOMAIN, "MX"), [], State.RED, "no address"),
        ("SPF", (DOMAIN, "TXT"), ['"v=spf1 ip4:198.51.100.1 -all"'], State.RED, "fail for"),
        ("SPF", (DOMAIN, "TXT"), ['"v=spf1 +all"'], State.RED, "anybody may send"),
        ("SPF", (DOMAIN, "TXT"), ['"v=spf1 -all"', '"v=spf1 +all"'], State.RED, "2 SPF records"),
        ("SPF", (DOMAIN, "TXT"), [], State.RED, "no SPF records"),
        ("SPF", (DOMAIN, "TXT"), ['"v=spf1 exists:%{i}.spf.example.org -all"'], State.YELLOW, "unknown"),
        ("DKIM", (f"lark._domainkey.{DOMAIN}", "TXT"), [], State.RED, "nothing is published"),
        ("DKIM", (f"lark._domainkey.{DOMAIN}", "TXT"), ['"v=DKIM1; p=MIIB"'], State.RED, "not our key"),
        ("sample", (f"lark._domainkey.{DOMAIN}", "TXT"), ['"v=DKIM1; p=MIIB"'], State.RED, "cannot be read"),
        ("DMARC", ("_dmarc.lumenworks.org", "TXT"), [], State.RED, "no policy"),
        ("PTR", ("7.2.0.192.in-addr.arpa", "PTR"), [], State.RED, "no name"),
        ("PTR", ("7.2.0.192.in-addr.arpa", "PTR"), ["dsl-7.example.net."], State.RED, "does not lead back"),
    ],
)
async def test_each_fault_is_found_and_says_what_to_do(
    world: World, what: str, record: tuple[str, str], says: list[str], state: State, told: str
) -> None:
    world.zone[record] = says
    found = await world.state(what)
    assert found[0] is state
    assert told in found[1]
    assert found[2]


async def test_a_key_that_is_not_ours_does_not_verify_our_sample(world: World) -> None:
    other = dkim.Signer(DOMAIN, "lark", dkim.new_key())
    world.zone[other.name, "TXT"] = [" ".join(f'"{other.record[i : i + 200]}"' for i in range(0, len(other.record), 200))]
    assert (await world.state("sample"))[:2] == (State.RED, "the published key is not the one that signs")


async def test_every_selector_is_looked_at(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "next.pem").write_text(dkim.pem_of(dkim.new_key("ed25519")))
    found = {finding.what: finding.state for finding in await world.examine(dkim_keys_dir=folder)}
    assert (found["DKIM lark"], found["DKIM next"]) == (State.GREEN, State.RED)
    assert (found["sample lark"], found["sample next"]) == (State.GREEN, State.RED)
    signer = dkim.signers(world.settings(**{**world.given, "dkim_keys_dir": folder}))[1]
    world.zone[signer.name, "TXT"] = [f'"{signer.record}"']
    found = {finding.what: finding.state for finding in await world.examine(dkim_keys_dir=folder)}
    assert found["sample next"] is State.GREEN


async def test_mail_that_is_not_signed_is_red(world: World) -> None:
    assert (await world.state("DKIM", dkim_key=""))[:2] == (State.RED, "mail is not signed")


async def test_a_signature_of_another_domain_is_not_aligned(world: World) -> None:
    assert "another domain" in (await world.state("DMARC", dkim_domain="example.net"))[1]
    world.zone["_dmarc.lumenworks.org", "TXT"] = ['"v=DMARC1; p=none; adkim=s"']
    assert (await world.state("DMARC", dkim_domain="lumenworks.org"))[0] is State.RED
    world.zone["_dmarc.lumenworks.org", "TXT"] = ['"v=DMARC1; p=none"']
    assert (await world.state("DMARC", dkim_domain="lumenworks.org"))[0] is State.GREEN


@pytest.mark.parametrize(
    ("status", "redirects", "told"), [(302, True, "a redirect"), (404, False, "answers 404"), (405, False, "answers 405")]
)
async def test_a_page_that_does_not_take_the_post_is_red(world: World, status: int, redirects: bool, told: str) -> None:
    world.status, world.redirects = status, redirects
    state, found, _ = await world.state("one-click")
    assert (state, told in found) == (State.RED, True)


async def test_links_that_are_not_https_are_red(world: World) -> None:
    assert (await world.state("one-click", base_url="http://127.0.0.1:8000"))[0] is State.RED


async def test_where_mail_leaves_from_is_guessed_and_then_never_red(world: World) -> None:
    world.zone["mx.lumenworks.org", "A"] = ["1.1.1.1"]
    found = {finding.what.split()[0]: finding.state for finding in await world.examine(mail_ips="")}
    assert (found["SPF"], found["PTR"]) == (State.YELLOW, State.YELLOW)


async def test_name_servers_that_are_silent_are_red_and_do_not_hang(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifier.maildomain.lookup.SECONDS", 0.2)
    world.server.silent = True
    found = {finding.what: finding for finding in await world.examine()}
    assert found["MX"].state is State.RED
    assert "no name server says" in found["MX"].found


def test_a_name_server_is_an_address(settings: Callable[..., Settings]) -> None:
    with pytest.raises(UnreadableInput, match="no name server"):
        Dns("127.0.0.1:dns")


async def test_a_real_post_is_answered_or_explained() -> None:
    async def take(request: Request) -> Response:
        body = await request.body()
        return Response(body) if "cookie" not in request.headers else Response(status_code=400)

    async def elsewhere(_: Request) -> Response:
        return RedirectResponse("/take", 303)

    app = Starlette(routes=[Route("/take", take, methods=["POST"]), Route("/elsewhere", elsewhere, methods=["POST"])])
    async with listening(app) as url:
        assert await post(f"{url}/take", b"List-Unsubscribe=One-Click") == (200, False)
        assert await post(f"{url}/elsewhere", b"") == (303, True)
        assert await post(f"{url}/take?get", b"") == (200, False)
    with pytest.raises(NotReady) as caught:
        await post(f"{url}/take", b"")
    assert caught.value.code == "page_unreachable"


async def test_the_verdict_is_kept_and_lets_go_what_waited(world: World, database: Database) -> None:
    world.zone[DOMAIN, "MX"] = []
    findings = await world.examine()
    assert is_red(findings)
    assert await note(database, findings, NOW) == "red"
    async with database.read() as session:
        row = await switches.get(session, DOCTOR)
    assert row is not None
    assert (row.value, row.reason) == ("red", f"MX {DOMAIN}")
    assert await note(database, findings, NOW, accept=True) == "accepted"


async def test_a_notifier_examines_by_itself_in_production_until_all_is_green_once(world: World, database: Database) -> None:
    async def verdict() -> str | None:
        async with database.read() as session:
            row = await switches.get(session, DOCTOR)
        return row.value if row else None

    await watch(database, world.settings(**world.given), NOW)
    assert await verdict() is None  # not in production
    safe = {"environment": "production", "contact": "ops@lumenworks.org", "smtp_security": "starttls", "secret": "s" * 40}
    production = world.settings(**{**world.given, **safe})
    await watch(database, production, NOW)
    assert await verdict() == "red"  # nobody answers at that https address
    await note(database, await world.examine(), NOW)
    asked = len(world.server.asked)
    await watch(database, production, NOW)
    assert (await verdict(), len(world.server.asked)) == ("green", asked)
