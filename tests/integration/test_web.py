"""The web page over a real database: the way in, the way out, and everything that must not get in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from redis.asyncio import Redis
from selectolax.lexbor import LexborHTMLParser
from sqlmodel import select
from structlog.testing import capture_logs

from services.web import guard, rates, repository, site, subscribe
from services.web.app import build_routes, running
from shared.database import Database
from shared.events import SUBSCRIPTIONS
from shared.links import CONFIRM, MANAGE, UNSUBSCRIBE, Links
from shared.models import ScheduleRow, SubscriptionRow
from shared.profile import Profile, ProfileSkill
from shared.serving import Service, application
from shared.settings import Settings
from tests.papers import column, pdf

BASE = "http://joblark.example"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LINKS = Links(BASE, "thirty-two characters, none secret")
CV = """Mei Tan
Senior Backend Engineer, Singapore

8 years of building payment systems.

Harbour Pay, 2019 to 2026: services in Python and Go on Kubernetes, with PostgreSQL and Kafka.
Quayside, 2017 to 2019: Terraform and Redis on AWS.
"""
EMAIL = "mei@example.org"
WHEN = {"cadence": "weekly", "timezone": "Asia/Singapore", "weekday": "1", "hour": "9"}
PROFILE = Profile(skills=(ProfileSkill(skill="python", years=6), ProfileSkill(skill="go")), years=8)


class World:
    """What stands around the page: a clock that is set by hand, and a count of calls to publish."""

    def __init__(self) -> None:
        self.now = NOW
        self.told = 0
        self.publishing_fails = False
        self.publishing_hangs = False

    async def notify(self) -> None:
        self.told += 1
        if self.publishing_hangs:
            await asyncio.Event().wait()
        if self.publishing_fails:
            raise ConnectionError("no stream server for mei@example.org")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(database: Database, world: World) -> AsyncIterator[AsyncClient]:
    """A browser without cookies or redirects, at the application as a process serves it."""
    routes = build_routes(database, LINKS, world.notify, lambda: world.now)
    transport = ASGITransport(application(Service("web", routes=routes)), client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url=BASE) as client:
        yield client
        assert not client.cookies


async def rows(database: Database) -> Sequence[SubscriptionRow]:
    async with database.read() as session:
        return await repository.listing(session)


async def subscription(database: Database, state: str = repository.ACTIVE, **given: object) -> SubscriptionRow:
    """One that stands already, its event published."""
    async with database.begin() as session:
        row = await repository.create(session, email=EMAIL, profile=PROFILE, state=state, now=NOW, **given)
        row.published_at = NOW
    return row


async def current(database: Database, row: SubscriptionRow) -> SubscriptionRow:
    async with database.read() as session:
        return await repository.get(session, row.id or 0)


def path(link: str) -> str:
    return link.removeprefix(BASE)


def filled(page: Response) -> dict[str, list[str]]:
    """The fields of the page's last form, as a browser would send them."""
    return {name: [value for key, value in _fields(page) if key == name] for name, _ in _fields(page)}


def _fields(page: Response) -> Iterator[tuple[str, str]]:
    form = LexborHTMLParser(page.text).css("form")[-1]
    for node in form.css("input[name]"):
        if node.attributes.get("type") != "checkbox" or "checked" in node.attributes:
            yield node.attributes["name"] or "", node.attributes.get("value") or ""
    for node in form.css("textarea"):
        yield node.attributes["name"] or "", node.text().removeprefix("\n")
    for node in form.css("select"):
        chosen = node.css_first("option[selected]") or node.css_first("option")
        yield node.attributes["name"] or "", chosen.attributes.get("value") or ""


async def read(client: AsyncClient, cv: str = CV, **fields: str) -> Response:
    data = {"email": EMAIL, **WHEN, **fields}
    return await client.post("/preview", data=data, files={"cv": (None, cv)})


def code(page: Response) -> str:
    """The stable code that an error shows."""
    tree = LexborHTMLParser(page.text)
    alert = tree.css_first("[role=alert]")
    return (alert.attributes["data-code"] if alert else tree.css_first("code").text()) or ""


# ------------------------------------------------------------------------------------------------------- the way in


async def test_from_a_pasted_cv_to_a_confirmed_subscription(client: AsyncClient, database: Database, world: World) -> None:
    landing = await client.get("/")
    assert landing.status_code == 200
    assert 'name="cv"' in landing.text

    preview = await read(client)
    assert preview.status_code == 200
    fields = filled(preview)
    assert {"python", "kubernetes", "postgresql", "kafka", "redis", "aws", "terraform"} <= set(fields["skill"])
    assert "PostgreSQL" in preview.text
    assert fields["email"] == [EMAIL]
    assert (fields["timezone"], fields["weekday"], fields["hour"]) == (["Asia/Singapore"], ["1"], ["9"])
    assert await rows(database) == []

    fields["skill"].remove("kafka")
    answer = await client.post("/subscribe", data={**fields, "years": "9", "level": "staff", "workplace": ["remote"]})
    assert answer.status_code == 200
    assert "Look in your inbox" in answer.text
    [row] = await rows(database)
    profile = Profile.model_validate(row.profile)
    assert (row.email, row.state, row.timezone, row.weekday, row.hour) == (EMAIL, "pending", "Asia/Singapore", 1, 9)
    assert "python" in profile.skill_names
    assert "kafka" not in profile.skill_names
    assert (profile.years, profile.level, profile.workplaces) == (9, "staff", ("remote",))
    assert (row.published_at, world.told) == (None, 1)
    assert (
        "Harbour Pay, 2019 to 2026: services in Python and Go on Kubernetes, with PostgreSQL and Kafka.\nQuayside"
        not in str(row)
    )

    link = path(LINKS.confirm(row.id or 0))
    assert 'method="post"' in (await client.get(link)).text
    assert (await current(database, row)).state == "pending"
    confirmed = await client.post(link)
    assert "every Tuesday at 09:00" in confirmed.text
    assert LINKS.manage(row.id or 0) in confirmed.text
    after = await current(database, row)
    assert (after.state, after.confirmed_at, after.revision) == ("active", NOW, 2)
    assert world.told == 2


async def test_the_answer_does_not_tell_whether_an_address_is_known(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    unknown = await client.post("/subscribe", data=fields)
    await subscription(database)
    known = await client.post("/subscribe", data=fields)
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert dict(known.headers) == dict(unknown.headers)


async def test_asking_twice_is_one_subscription_and_later_owes_the_mail_again(
    client: AsyncClient, database: Database, world: World
) -> None:
    fields = filled(await read(client))
    await client.post("/subscribe", data=fields)
    await client.post("/subscribe", data=fields)
    assert [row.revision for row in await rows(database)] == [1]
    world.now += timedelta(hours=1)
    await client.post("/subscribe", data=fields)
    assert [(row.revision, row.changed_at) for row in await rows(database)] == [(2, world.now)]


async def test_one_address_may_have_several_subscriptions(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    await client.post("/subscribe", data=fields)
    await client.post("/subscribe", data={**fields, "skill": ["python"]})
    assert len(await rows(database)) == 2


async def test_a_skill_may_be_added_by_name(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    await client.post("/subscribe", data={**fields, "skill": ["python"], "more": "rust, Prometheus"})
    [row] = await rows(database)
    assert Profile.model_validate(row.profile).skill_names == {"python", "rust", "prometheus"}


async def test_places_left_alone_stay_and_others_are_read(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    assert "Singapore" in fields["places"][0]
    await client.post("/subscribe", data={**fields, "places": f"{fields['places'][0]}; Berlin, DE"})
    [row] = await rows(database)
    places = Profile.model_validate(row.profile).places
    assert {place.country for place in places} == {"SG", "DE"}
    assert "Berlin" in {place.city for place in places}


async def test_an_event_that_cannot_be_published_now_does_not_undo_the_change(
    client: AsyncClient, database: Database, world: World
) -> None:
    world.publishing_fails = True
    with capture_logs() as logs:
        answer = await client.post("/subscribe", data=filled(await read(client)))
    assert answer.status_code == 200
    assert [row.published_at for row in await rows(database)] == [None]
    assert EMAIL not in str(logs)


async def test_a_stream_server_that_hangs_does_not_hang_the_page(
    client: AsyncClient, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "PUBLISH_SECONDS", 0)
    world.publishing_hangs = True
    row = await subscription(database)
    assert (await client.post(path(LINKS.unsubscribe(row.id or 0)))).status_code == 200
    assert (await current(database, row)).state == "ended"


async def test_as_a_service_it_publishes_each_change_and_what_others_wrote(
    settings: Callable[..., Settings], valkey_url: str, database: Database
) -> None:
    config = settings(database_url=database.url.render_as_string(hide_password=False), redis_url=valkey_url, base_url=BASE)
    by_command_line = await subscription(database)
    async with database.begin() as session:
        session.add(by_command_line)
        by_command_line.published_at = None
    async with running(config) as service, Redis.from_url(valkey_url) as redis:
        assert await redis.xread({SUBSCRIPTIONS: 0}, count=1, block=30_000)
        transport = ASGITransport(application(service))
        async with AsyncClient(transport=transport, base_url=BASE) as client:
            link = Links(BASE, config.signing_secret).unsubscribe(by_command_line.id or 0)
            assert (await client.post(path(link))).status_code == 200
            assert (await client.get("/healthz")).status_code == 200
        assert await redis.xlen(SUBSCRIPTIONS) == 2
    assert (await current(database, by_command_line)).published_at is not None


# ---------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("cv", ["", "   \n\n", "I like long walks and gardening."])
async def test_a_cv_without_skills_is_refused_and_nobody_invented(client: AsyncClient, database: Database, cv: str) -> None:
    page = await read(client, cv)
    assert page.status_code == 422
    assert "paste" in LexborHTMLParser(page.text).css_first("[role=alert]").text()
    assert EMAIL in page.text
    assert await rows(database) == []


async def test_a_cv_of_5_mb_is_refused_in_words(client: AsyncClient) -> None:
    page = await read(client, "Python and Go. " * 350_000)
    assert (page.status_code, code(page)) == (422, "cv_too_long")
    assert "paste the part" in page.text


@pytest.mark.parametrize(("path", "size"), [("/preview", 11_000_000), ("/subscribe", 1_100_000)])
async def test_a_body_too_large_for_its_page_is_refused_in_words(client: AsyncClient, path: str, size: int) -> None:
    page = await client.post(path, files={"file": ("cv.pdf", b"%PDF-1.7" + b"0" * size)})
    assert (page.status_code, code(page)) == (413, "too_large")
    assert "Paste the part" in page.text


# ---------------------------------------------------------------------------------------------------- a CV as a file


async def upload(client: AsyncClient, body: bytes, name: str = "cv.pdf", cv: str = "") -> Response:
    return await client.post("/preview", data={"email": EMAIL, **WHEN, "cv": cv}, files={"file": (name, body)})


PDF = pdf([column(["Mei Tan", "Senior Backend Engineer, Singapore", "Python, Go and PostgreSQL", "Looking for contract work"])])


@pytest.mark.parametrize(
    ("name", "body"),
    [("cv.pdf", PDF), ("LinkedIn.PDF.txt", PDF), ("cv.txt", CV.encode()), ("cv.html", f"<html><body>{CV}".encode())],
)
async def test_a_file_is_read_by_its_content_as_a_pasted_text_is(
    client: AsyncClient, database: Database, name: str, body: bytes
) -> None:
    page = await upload(client, body, name)
    assert page.status_code == 200
    fields = filled(page)
    assert {"python", "postgresql"} <= set(fields["skill"])
    assert (fields["role"], fields["level"], fields["places"]) == (["backend"], ["senior"], ["Singapore, SG"])
    answer = await client.post("/subscribe", data=fields)
    assert answer.status_code == 200
    [row] = await rows(database)
    assert row.profile["role"] == "backend"


async def test_a_file_goes_before_the_text_and_no_file_is_none(client: AsyncClient) -> None:
    assert "rust" not in filled(await upload(client, PDF, cv="Rust, Kafka and Redis"))["skill"]
    assert "rust" in filled(await upload(client, b"", name="", cv="Rust, Kafka and Redis"))["skill"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (pdf([[]], extra="/XObject << /Im1 9 0 R >>"), "profile_scanned"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "profile_damaged"),
        (b"\x89PNG\r\n", "profile_format"),
        (b"PK\x03\x04...", "profile_damaged"),
        (b"I like dogs.", "profile_without_skills"),
        (b"a" * 10_000_001, "profile_too_long"),
    ],
    ids=["scanned", "damaged", "picture", "cut Word", "no CV", "large"],
)
async def test_a_file_that_cannot_be_read_says_what_to_do(
    client: AsyncClient, database: Database, body: bytes, expected: str
) -> None:
    page = await upload(client, body)
    assert (page.status_code, code(page)) == (422, expected)
    assert "paste" in LexborHTMLParser(page.text).css_first("[role=alert]").text()
    assert EMAIL in page.text
    assert await rows(database) == []


async def test_a_rush_of_files_is_answered_with_patience(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "WAIT", 0)
    monkeypatch.setattr(site, "READERS", 0)
    routes = build_routes(database, LINKS, world.notify, lambda: world.now)
    transport = ASGITransport(application(Service("web", routes=routes)), client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url=BASE) as client:
        page = await upload(client, PDF)
    assert (page.status_code, code(page)) == (503, "readers_busy")


async def test_what_a_cv_says_is_wanted_is_shown_and_can_be_taken_back(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client, f"{CV}\nLooking for contract work, 500 EUR/day."))
    assert (fields["employment"], fields["pay"]) == (["contract"], ["keep"])
    await client.post("/subscribe", data=fields)
    await client.post("/subscribe", data={**fields, "employment": [], "pay": "", "email": "ana@example.org"})
    kept, taken_back = await rows(database)
    assert (kept.profile["employments"], kept.profile["pay_floor"]["low"]) == (["contract"], 130_000)
    assert (taken_back.profile["employments"], taken_back.profile["pay_floor"]) == ([], None)


async def test_a_body_that_says_nothing_of_its_size_is_measured(client: AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"cv=" + b"a" * 65_536

    page = await client.post("/preview", content=endless(), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (page.status_code, code(page)) == (413, "too_large")


async def test_a_cv_a_little_too_long_is_refused_by_its_length(client: AsyncClient) -> None:
    page = await read(client, "Python " * 28_572)
    assert (page.status_code, code(page)) == (422, "cv_too_long")


async def test_a_body_that_drips_is_given_up(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0)
    page = await read(client)
    assert (page.status_code, code(page)) == (408, "too_slow")


async def test_a_script_in_a_cv_is_only_text(client: AsyncClient) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>"
    page = await read(client, f"{bad} Python engineer {bad}\n- {bad} Python, Go and PostgreSQL {bad}\n{CV}")
    tree = LexborHTMLParser(page.text)
    assert [node.attributes["src"] for node in tree.css("script")] == ["/static/zone.js"]
    assert tree.css("img[onerror]") == []
    refused = await read(client, bad)
    assert "&lt;script&gt;" in refused.text
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize(
    "email", ["", "ana", "a@b.c\nBcc: x@example.org", "a@example.org\r\nBcc: x@example.org", "a@example.org,b@example.org"]
)
async def test_an_address_that_is_none_is_refused_on_both_pages(client: AsyncClient, database: Database, email: str) -> None:
    page = await read(client, email=email)
    assert (page.status_code, code(page)) == (422, "email_invalid")
    page = await client.post("/subscribe", data={**filled(await read(client)), "email": email})
    assert (page.status_code, code(page)) == (422, "email_invalid")
    assert await rows(database) == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("places", "Singapore; Zzyzx-upon-Tron", "place_unknown"),
        ("timezone", "Mars/Olympus", "timezone_invalid"),
        ("timezone", "../../etc/passwd", "timezone_invalid"),
        ("weekday", "7", "weekday_invalid"),
        ("hour", "24", "hour_invalid"),
        ("cadence", "hourly", "cadence_invalid"),
        ("level", "emperor", "level_invalid"),
        ("role", "<b>", "role_invalid"),
        ("years", "many", "years_invalid"),
        ("years", "nan", "years_invalid"),
        ("years", "1e9", "years_invalid"),
        ("more", "zzyzx-tron", "skill_unknown"),
        ("skill", "made up", "skills_missing"),
        ("rule", "country:SG and contry:MY", "rule_field"),
        ("rule", "(" * 2_001, "rule_too_long"),
        ("unknown", "perhaps", "unknown_invalid"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_the_rest_kept(
    client: AsyncClient, database: Database, field: str, value: str, expected: str
) -> None:
    page = await client.post("/subscribe", data={**filled(await read(client)), field: value})
    assert (page.status_code, code(page)) == (422, expected)
    assert filled(page)["email"] == [EMAIL]
    assert await rows(database) == []


async def test_a_profile_that_is_not_ours_is_refused(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    [sealed] = fields["profile"]
    foreign = Links(BASE, "another installation's own secret").seal(PROFILE.model_dump_json())
    for forged in ("", PROFILE.model_dump_json(), sealed[:-1], sealed + "A", foreign, LINKS.seal("[]")):
        page = await client.post("/subscribe", data={**fields, "profile": forged})
        assert (page.status_code, code(page)) == (422, "form_invalid")
    assert await rows(database) == []


async def test_what_breaks_databases_and_parsers_is_taken_for_text(
    client: AsyncClient, database: Database, world: World
) -> None:
    odd = f"{CV}\x00\x1b[31m\u202e\ud83d Python".encode("utf-8", "surrogatepass")
    parts = [("cv", odd), ("email", EMAIL.encode()), *((name, value.encode()) for name, value in WHEN.items())]
    for charset in ("utf-8", "utf-7", "raw_unicode_escape", "rot13", "no-such"):
        body = b"".join(b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in parts)
        kind = f"multipart/form-data; boundary=b; charset={charset}"
        page = await client.post("/preview", content=body + b"--b--\r\n", headers={"Content-Type": kind})
        assert page.status_code == 200
        world.now += timedelta(days=1)
        stored = await client.post("/subscribe", data={**filled(page), "places": "Berlin\x00"})
        assert stored.status_code == 200
    assert "\x00" not in str([row.profile for row in await rows(database)])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="cv"; filename="a"\r\n\r\nPython\r\n--b--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"x=%d" % n for n in range(2000))),
        ("application/json", b'{"cv": "Python"}'),
        ("text/plain", b"\xff\xfe\x00"),
    ],
)
@pytest.mark.parametrize("page", ["/preview", "/subscribe"])
async def test_a_body_that_is_no_form_is_a_page_and_never_a_fault(
    client: AsyncClient, page: str, kind: str, body: bytes
) -> None:
    answer = await client.post(page, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert code(answer)


async def test_a_robot_that_fills_every_field_is_thanked_and_forgotten(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    assert fields["website"] == [""]
    person = await client.post("/subscribe", data={**fields, "skill": ["redis"]})
    robot = await client.post("/subscribe", data={**fields, "website": "https://spam.example"})
    assert (robot.status_code, robot.text) == (person.status_code, person.text)
    assert len(await rows(database)) == 1


async def test_one_address_is_not_written_to_again_and_again(client: AsyncClient, database: Database, world: World) -> None:
    fields = filled(await read(client))
    skills = [{**fields, "skill": [skill]} for skill in ("python", "aws", "redis", "kafka")]
    answers = [await client.post("/subscribe", data=data) for data in skills]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (code(answers[-1]), answers[-1].headers["retry-after"]) == ("too_often", "1200")
    assert len(await rows(database)) == 3
    world.now += timedelta(seconds=1200)
    assert (await client.post("/subscribe", data=skills[-1])).status_code == 200


async def test_one_client_cannot_ask_for_ever(client: AsyncClient) -> None:
    answers = [await read(client) for _ in range(rates.READINGS_PER_CLIENT.burst + 1)]
    assert [answer.status_code for answer in answers].count(200) == rates.READINGS_PER_CLIENT.burst
    assert answers[-1].status_code == 429


# -------------------------------------------------------------------------------------------------------- one's own


async def test_the_own_page_shows_the_profile_and_hides_the_address(client: AsyncClient, database: Database) -> None:
    row = await subscription(database, timezone="Asia/Singapore")
    page = await client.get(path(LINKS.manage(row.id or 0)))
    assert "Python" in page.text
    assert "every Monday at 08:00" in page.text
    assert "m•••@example.org" in page.text
    assert EMAIL not in page.text


async def test_the_next_digest_is_shown_once_the_notifier_has_planned_it(client: AsyncClient, database: Database) -> None:
    row = await subscription(database, timezone="Asia/Singapore")
    link = path(LINKS.manage(row.id or 0))
    assert "the next one" not in (await client.get(link)).text
    planned = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # the 23rd in Singapore
    async with database.begin() as session:
        session.add(ScheduleRow(subscription_id=row.id or 0, next_digest_at=planned, revision=row.revision))
    assert "23 November" in (await client.get(link)).text
    await client.post(link, data={"action": "pause"})
    assert "23 November" not in (await client.get(link)).text


async def test_times_can_be_changed_and_only_a_change_makes_a_revision(
    client: AsyncClient, database: Database, world: World
) -> None:
    row = await subscription(database)
    link = path(LINKS.manage(row.id or 0))
    world.now += timedelta(days=1)
    new = {"cadence": "monthly", "timezone": "Europe/Berlin", "weekday": "4", "hour": "18"}
    for _ in range(2):
        answer = await client.post(link, data=new)
        assert answer.status_code == 303
        assert "Saved" in (await client.get(link + answer.headers["location"])).text
    after = await current(database, row)
    assert (after.cadence, after.timezone, after.weekday, after.hour) == ("monthly", "Europe/Berlin", 4, 18)
    assert (after.revision, after.changed_at, after.published_at) == (2, world.now, None)


async def test_wrong_times_are_named_and_nothing_is_changed(client: AsyncClient, database: Database) -> None:
    row = await subscription(database)
    page = await client.post(path(LINKS.manage(row.id or 0)), data={**WHEN, "timezone": "Mars/Olympus"})
    assert (page.status_code, code(page)) == (422, "timezone_invalid")
    assert (await current(database, row)).revision == 1


RULE = 'country:SG and (skill:go or skill:python)\nand not company:"Acme"'


async def test_a_rule_is_stored_as_it_was_typed_and_is_part_of_what_a_subscription_is(
    client: AsyncClient, database: Database
) -> None:
    fields = filled(await read(client))
    assert (fields["rule"], fields["unknown"]) == ([""], ["keep"])
    await client.post("/subscribe", data={**fields, "rule": f" {RULE} ", "unknown": "drop"})
    await client.post("/subscribe", data={**fields, "rule": RULE, "unknown": "drop"})
    assert [(row.rule, row.keep_unknown, row.revision) for row in await rows(database)] == [(RULE, False, 1)]
    await client.post("/subscribe", data=fields)
    assert [(row.rule, row.keep_unknown) for row in await rows(database)] == [(RULE, False), ("", True)]


async def test_a_rule_that_is_wrong_is_shown_with_the_place(client: AsyncClient, database: Database) -> None:
    fields = filled(await read(client))
    page = await client.post("/subscribe", data={**fields, "rule": "country:SG and <b>:MY"})
    assert (page.status_code, code(page)) == (422, "rule_syntax")
    tree = LexborHTMLParser(page.text)
    assert tree.css_first("[role=alert] pre").text() == "country:SG and <b>:MY\n               ^"
    assert "column 16" in tree.css_first("[role=alert] p").text()
    assert filled(page)["rule"] == ["country:SG and <b>:MY"]
    assert await rows(database) == []


async def test_the_rule_can_be_changed_and_is_shown_as_it_is_understood(
    client: AsyncClient, database: Database, world: World
) -> None:
    row = await subscription(database, cadence="weekly", timezone="Asia/Singapore", weekday=1, hour=9)
    link = path(LINKS.manage(row.id or 0))
    assert "Understood as" not in (await client.get(link)).text
    answer = await client.post(link, data={**WHEN, "rule": "skill:golang or skill:k8s", "unknown": "drop"})
    assert answer.status_code == 303
    after = await current(database, row)
    assert (after.rule, after.keep_unknown, after.revision) == ("skill:golang or skill:k8s", False, 2)
    assert world.told == 1
    page = await client.get(link)
    assert "<code>skill:(Go, Kubernetes)</code>" in page.text
    assert '<option value="drop" selected>' in page.text

    refused = await client.post(link, data={**WHEN, "rule": "skil:go", "unknown": "keep"})
    assert (refused.status_code, code(refused)) == (422, "rule_field")
    assert "skil:go</textarea>" in refused.text
    assert (await current(database, row)).revision == 2
    await client.post(link, data=WHEN)
    assert (await current(database, row)).rule == "skill:golang or skill:k8s"
    await client.post(link, data={**WHEN, "rule": "", "unknown": "keep"})
    assert ((await current(database, row)).rule, (await current(database, row)).keep_unknown) == ("", True)


async def test_a_stored_rule_that_is_understood_no_more_says_so_and_can_be_mended(
    client: AsyncClient, database: Database
) -> None:
    row = await subscription(database)
    async with database.begin() as session:
        (await repository.get(session, row.id or 0)).rule = "skill:forgotten-framework"
    page = await client.get(path(LINKS.manage(row.id or 0)))
    assert (page.status_code, code(page)) == (200, "rule_value")
    assert (await client.post(path(LINKS.manage(row.id or 0)), data={"action": "pause"})).status_code == 303


async def test_pause_resume_and_leave(client: AsyncClient, database: Database) -> None:
    row = await subscription(database)
    link = path(LINKS.manage(row.id or 0))
    states = []
    for action in ("resume", "pause", "pause", "resume", "leave", "leave", "resume"):
        assert (await client.post(link, data={"action": action})).status_code == 303
        states.append((await current(database, row)).state)
    assert states == ["active", "paused", "paused", "active", "ended", "ended", "ended"]
    assert (await current(database, row)).revision == 4
    page = await client.get(link)
    assert "has ended" in page.text
    assert "<form" not in page.text
    refused = await client.post(link, data=WHEN)
    assert (refused.status_code, code(refused)) == (409, "subscription_ended")


async def test_a_confirmation_cannot_bring_back_what_was_left(client: AsyncClient, database: Database, world: World) -> None:
    row = await subscription(database, state=repository.PENDING)
    link = path(LINKS.confirm(row.id or 0))
    for _ in range(2):
        await client.post(link)
    assert (await current(database, row)).revision == 2
    await client.post(path(LINKS.unsubscribe(row.id or 0)))
    assert "has ended" in (await client.post(link)).text
    assert "has ended" in (await client.get(link)).text
    assert (await current(database, row)).state == "ended"


# ------------------------------------------------------------------------------------------------------- the way out


@pytest.mark.parametrize("state", ["pending", "active", "paused", "ended"])
@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ],
    ids=["urlencoded", "multipart", "empty", "broken"],
)
async def test_one_click_ends_it_in_one_request_and_again(
    client: AsyncClient, database: Database, state: str, body: dict[str, object]
) -> None:
    row = await subscription(database, state=state)
    for _ in range(2):
        answer = await client.post(path(LINKS.unsubscribe(row.id or 0)), **body)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    after = await current(database, row)
    assert (after.state, after.revision) == ("ended", 1 if state == "ended" else 2)
    assert (after.ended_at is not None) or state == "ended"


async def test_a_mail_provider_is_never_told_to_come_back_later(client: AsyncClient, database: Database) -> None:
    row = await subscription(database)
    answers = [await client.post(path(LINKS.unsubscribe(row.id or 0))) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("state", ["pending", "active", "paused", "ended"])
async def test_nothing_that_only_looks_changes_anything(
    client: AsyncClient, database: Database, world: World, state: str
) -> None:
    row = await subscription(database, state=state)
    for make in (LINKS.confirm, LINKS.manage, LINKS.unsubscribe):
        for method in ("GET", "HEAD", "OPTIONS"):
            await client.request(method, path(make(row.id or 0)))
    after = await current(database, row)
    assert (after.state, after.revision, after.published_at, world.told) == (state, 1, NOW, 0)


async def test_a_forged_link_is_not_told_from_an_unknown_one(client: AsyncClient, database: Database) -> None:
    row = await subscription(database)
    purposes = {CONFIRM: LINKS.confirm, MANAGE: LINKS.manage, UNSUBSCRIBE: LINKS.unsubscribe}
    pages = {MANAGE: "subscription"}
    for purpose, make in purposes.items():
        place = f"/{pages.get(purpose, purpose)}/"
        good = path(make(row.id or 0)).removeprefix(place)
        others = [path(other(row.id or 0)).rpartition("/")[2] for name, other in purposes.items() if name != purpose]
        foreign = path(getattr(Links(BASE, "x" * 32), make.__name__)(row.id or 0)).removeprefix(place)
        unknown = path(make(10**12)).removeprefix(place)
        tokens = [unknown, *others, foreign, good[:-1], good + "x", "1", "%00", "é", "a" * 5000]
        answers = [await client.request(method, place + token) for method in ("GET", "POST") for token in tokens]
        seen = {(answer.status_code, answer.text, tuple(sorted(answer.headers.items()))) for answer in answers}
        assert len(seen) == 1
        assert answers[0].status_code == 404
    assert (await current(database, row)).revision == 1


# ------------------------------------------------------------------------------------------------------------- house


@pytest.mark.parametrize(
    "address", ["/", "/nothing-here", "/confirm/forged", "/static/joblark.css", "/preview", "/static/../app.py"]
)
async def test_every_answer_carries_the_headers_that_protect_it(client: AsyncClient, address: str) -> None:
    headers = (await client.get(address)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")
    assert headers["cache-control"] == ("no-cache" if address.endswith(".css") else "no-store")


async def test_head_answers_like_get_without_a_body(client: AsyncClient) -> None:
    answer = await client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(client: AsyncClient, database: Database) -> None:
    row = await subscription(database)
    links = [path(make(row.id or 0)) for make in (LINKS.confirm, LINKS.manage, LINKS.unsubscribe)]
    for page in [await client.get(address) for address in ("/", "/nothing", *links)] + [await read(client)]:
        tree = LexborHTMLParser(page.text)
        used = [node.attributes.get("src") or node.attributes.get("href") for node in tree.css("[src], link[href]")]
        assert all(address and address.startswith("/static/") for address in used)
        assert tree.css("[style], style, [onclick], [onload]") == []
        assert all(node.text() == "" for node in tree.css("script"))
        assert {(await client.get(address or "")).status_code for address in used} == {200}


async def test_the_wrong_method_is_a_page_with_a_code(client: AsyncClient) -> None:
    answer = await client.get("/preview")
    assert (answer.status_code, code(answer)) == (405, "method_not_allowed")


async def test_a_fault_is_a_page_without_its_trace_and_a_log_line_without_the_address(
    client: AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"no room for {EMAIL}")

    fields = filled(await read(client))
    monkeypatch.setattr(repository, "create", broken)
    with capture_logs() as logs:
        answer = await client.post("/subscribe", data=fields)
    assert (answer.status_code, code(answer)) == (500, "fault")
    assert "RuntimeError" not in answer.text
    assert [entry["error"] for entry in logs if entry["event"] == "page_failed"] == ["RuntimeError"]
    assert EMAIL not in str(logs)


async def test_a_database_that_is_away_is_said_so(
    client: AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = path(LINKS.manage(1))
    await database.close()
    monkeypatch.setattr(database, "engine", Database("postgresql+asyncpg://nobody@127.0.0.1:1/none").engine)
    answer = await client.get(link)
    assert (answer.status_code, code(answer)) == (503, "database_away")


async def test_nobody_is_named_in_the_logs(client: AsyncClient, database: Database) -> None:
    with capture_logs() as logs:
        await client.post("/subscribe", data=filled(await read(client)))
        [row] = await rows(database)
        await client.post(path(LINKS.confirm(row.id or 0)))
        await client.post(path(LINKS.unsubscribe(row.id or 0)))
    assert [entry["event"] for entry in logs].count("subscription_changed") == 2
    assert EMAIL not in str(logs)
    assert LINKS.manage(row.id or 0).rpartition("/")[2] not in str(logs)


async def test_health_and_metrics_stay_reachable_beside_the_pages(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).json()["service"] == "web"


async def test_the_operator_may_subscribe_twice_without_doubling(database: Database) -> None:
    first, second = [await subscription(database) for _ in range(2)]
    assert (first.id, second.id, second.revision) == (first.id, first.id, 1)
    async with database.read() as session:
        assert [row.id for row in await repository.find_by_email(session, "MEI@example.org")] == [first.id]
        assert (await session.exec(select(SubscriptionRow))).one().confirmed_at == NOW
