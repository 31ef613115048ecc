"""Providers' webhooks with real signatures, made here: what is believed reaches the stream, what is not reaches nothing."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx2 import ASGITransport, AsyncClient, Response
from structlog.testing import capture_logs

from services.web import webhooks
from services.web.app import build_routes, running
from services.web.webhooks.fetching import fetch
from services.web.webhooks.memory import once
from shared.address import address_hash
from shared.database import Database
from shared.errors import FetchError
from shared.events import RETURNS, Event, MailReturned, parse_event
from shared.links import Links
from shared.serving import Service, application
from shared.settings import Settings
from shared.streams import Streams
from tests.certificates import START, certificate, for_localhost, rsa_key
from tests.returned import MAIL, NOW, SECRET, recording

TOPIC = "arn:aws:sns:ap-southeast-1:123456789012:joblark-returns"
SNS = "https://sns.ap-southeast-1.amazonaws.com"
CERTIFICATE = f"{SNS}/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem"
SUBSCRIBE = f"{SNS}/?Action=ConfirmSubscription&TopicArn={quote(TOPIC, safe='')}&Token=2336412f37"
LOGIN, MAILGUN_KEY = "joblark:a long password", "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
SENDGRID_PUBLIC = base64.b64encode(
    SENDGRID_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
MEI = address_hash("mei.tan@harbour.example")
Call = tuple[str, dict[str, str], bytes]
"""Provider, headers, body."""


class World:
    """What stands around the webhooks: a clock, the addresses that are fetched, and a real Redis that may be away."""

    def __init__(self, streams: Streams) -> None:
        self.streams, self.now = streams, NOW
        self.pages: dict[str, bytes | FetchError] = {CERTIFICATE: certificate("sns.amazonaws.com", START), SUBSCRIBE: b"<ok/>"}
        self.fetched: list[str] = []
        self.redis_is_away = False
        self.client: AsyncClient

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        page = self.pages.get(url, FetchError("not there", status=404, retry=False))
        if isinstance(page, FetchError):
            raise page
        return page

    async def publish(self, events: Sequence[Event]) -> Any:
        if self.redis_is_away:
            raise ConnectionError("Connection refused by somewhere, for mei.tan@harbour.example")
        return await self.streams.publish(events)

    async def call(self, call: Call) -> Response:
        provider, headers, body = call
        return await self.client.post(f"/webhooks/{provider}", headers=headers, content=body)

    async def told(self) -> list[MailReturned]:
        """What is on the stream; only `MailReturned` may be."""
        events = [parse_event(fields[b"__data__"]) for _, fields in await self.streams.client.xrange(RETURNS)]
        return [event for event in events if isinstance(event, MailReturned)]


@pytest.fixture
async def world(
    sqlite_url: str, redis_url: str, settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """All four providers configured, unless the test is given others."""
    all_four = {
        "ses_topic": TOPIC,
        "postmark_webhook": LOGIN,
        "sendgrid_webhook_key": SENDGRID_PUBLIC,
        "mailgun_signing_key": MAILGUN_KEY,
    }
    config = settings(redis_url=redis_url, secret=SECRET, **getattr(request, "param", all_four))
    async with Streams(config).connected() as streams, Database.opened(sqlite_url) as database:
        world = World(streams)

        async def nothing() -> None:
            return None

        desk = webhooks.Desk(config, world.publish, once(streams), world.fetch, lambda: world.now)
        links = Links("http://joblark.example", SECRET)
        routes = build_routes(database, links, nothing, lambda: world.now, hooks=webhooks.routes(desk))
        transport = ASGITransport(application(Service("web", routes=routes)))
        async with AsyncClient(transport=transport, base_url="http://joblark.example") as world.client:
            yield world


# --------------------------------------------------------------------------------------------- calls as providers make


def ses(name: str = "ses-bounce-permanent", version: str = "2", **changed: Any) -> Call:
    """An SNS notification with a SES report in it. `changed` fields are changed before it is signed."""
    given = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": recording(f"{name}.json").decode(),
        "Timestamp": "2026-11-16T00:04:13.031Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"{SNS}/?Action=Unsubscribe",
        **changed,
    }
    fields = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{given[name]}\n" for name in fields if given.get(name) is not None)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
    signature = base64.b64encode(rsa_key().sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()
    body = {"Signature": signature, **{name: value for name, value in given.items() if value is not None}}
    return "ses", {"content-type": "text/plain; charset=UTF-8"}, json.dumps(body).encode()


def subscription(**changed: Any) -> Call:
    token = {"Subject": None, "Token": "2336412f37", "SubscribeURL": SUBSCRIBE, "UnsubscribeURL": None}
    usual = {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}
    return ses(**{**usual, **token, **changed})


def postmark(name: str = "postmark-hard", login: str = LOGIN) -> Call:
    return "postmark", {"authorization": "Basic " + base64.b64encode(login.encode()).decode()}, recording(f"{name}.json")


def sendgrid(body: bytes = b"", at: datetime = NOW, key: ec.EllipticCurvePrivateKey = SENDGRID_KEY) -> Call:
    body = body or recording("sendgrid.json")
    stamp = str(int(at.timestamp()))
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    name = "X-Twilio-Email-Event-Webhook-"
    return "sendgrid", {f"{name}Signature": signature, f"{name}Timestamp": stamp}, body


def mailgun(name: str = "mailgun-failed-permanent", at: datetime = NOW, key: str = MAILGUN_KEY, **event: Any) -> Call:
    body = json.loads(recording(f"{name}.json"))
    stamp = str(int(at.timestamp()))
    body["signature"]["timestamp"] = stamp
    text = f"{stamp}{body['signature']['token']}".encode()
    body["signature"]["signature"] = hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
    body["event-data"] |= event
    return "mailgun", {}, json.dumps(body).encode()


def tampered(call: Call) -> Call:
    provider, headers, body = call
    return provider, headers, body.replace(b"mei.tan@", b"eve.tan@")


CALLS = {"ses": ses, "postmark": postmark, "sendgrid": sendgrid, "mailgun": mailgun}


# ------------------------------------------------------------------------------------------------------------ believed


@pytest.mark.parametrize("provider", CALLS)
async def test_what_a_provider_says_reaches_the_stream(world: World, provider: str) -> None:
    response = await world.call(CALLS[provider]())
    assert (response.status_code, response.text) == (200, "taken")
    hard = [event for event in await world.told() if event.sort == "hard" and event.mail_id == MAIL]
    assert [(event.source, event.address_hash, event.status) for event in hard] == [(provider, MEI, "5.1.1")]


@pytest.mark.parametrize("version", ["1", "2"])
async def test_amazon_signs_in_two_ways(world: World, version: str) -> None:
    assert (await world.call(ses(version=version))).status_code == 200
    assert (await world.call(ses(version=version, Subject=None))).status_code == 200
    assert world.fetched == [CERTIFICATE]


@pytest.mark.parametrize("provider", CALLS)
async def test_a_call_made_again_is_taken_and_has_the_same_keys(world: World, provider: str) -> None:
    call = CALLS[provider]()
    assert (await world.call(call)).status_code == 200
    first = await world.told()
    assert (await world.call(call)).status_code == 200
    again = (await world.told())[len(first) :]
    assert [event.key for event in again] == [event.key for event in first]


async def test_what_is_no_matter_is_taken_too(world: World) -> None:
    for call in (
        ses("ses-delivery-delay"),
        postmark("postmark-transient"),
        mailgun("mailgun-failed-temporary"),
        sendgrid(b"[]"),
    ):
        assert (await world.call(call)).status_code == 200
    assert await world.told() == []


async def test_the_web_as_a_process_serves_them(database: Database, redis_url: str, settings: Callable[..., Settings]) -> None:
    url = database.url.render_as_string(hide_password=False)
    config = settings(redis_url=redis_url, database_url=url, secret=SECRET, postmark_webhook=LOGIN)
    provider, headers, body = postmark()
    async with running(config) as service, Streams(config).connected() as streams:
        async with AsyncClient(transport=ASGITransport(application(service)), base_url="http://joblark.example") as client:
            assert (await client.post(f"/webhooks/{provider}", headers=headers, content=body)).status_code == 200
            assert (await client.post("/webhooks/ses", content=ses()[2])).status_code == 404
        assert [event.mail_id for event in await World(streams).told()] == [MAIL]


# -------------------------------------------------------------------------------------------------------- not believed


async def refused(world: World, call: Call, code: str, status: int = 403) -> None:
    with capture_logs() as logs:
        response = await world.call(call)
    assert (response.status_code, response.text) == (status, code)
    assert await world.told() == []
    (entry,) = logs
    assert entry == {
        "event": "webhook_refused",
        "log_level": "warning",
        "provider": call[0],
        "status": status,
        "reason": code,
    }


@pytest.mark.parametrize("provider", ["ses", "sendgrid"])
async def test_a_changed_body_is_refused(world: World, provider: str) -> None:
    await refused(world, tampered(CALLS[provider]()), "signature_wrong")


async def test_strangers_are_refused(world: World) -> None:
    await refused(world, postmark(login="joblark:guess"), "login_wrong")
    await refused(world, ("postmark", {}, recording("postmark-hard.json")), "login_wrong")
    await refused(world, ("postmark", {"authorization": "Bearer x"}, b"{}"), "login_wrong")
    await refused(world, sendgrid(key=ec.generate_private_key(ec.SECP256R1())), "signature_wrong")
    await refused(world, mailgun(key="another"), "signature_wrong")
    await refused(
        world, ("sendgrid", {**sendgrid()[1], "X-Twilio-Email-Event-Webhook-Signature": "?"}, b"[]"), "signature_wrong"
    )


@pytest.mark.parametrize("call", [sendgrid, mailgun])
async def test_a_call_out_of_its_time_is_refused(world: World, call: Callable[..., Call]) -> None:
    for at in (NOW - timedelta(days=2), NOW + timedelta(hours=1)):
        await refused(world, call(at=at), "timestamp_outside_window")


@pytest.mark.parametrize("stamp", ["", "now", "-1", "9" * 30, "1²"])
async def test_a_time_that_is_none_is_refused(world: World, stamp: str) -> None:
    provider, headers, body = sendgrid()
    changed = {**headers, "X-Twilio-Email-Event-Webhook-Timestamp": stamp.encode("utf-8")}
    with capture_logs():
        response = await world.client.post(f"/webhooks/{provider}", headers=changed, content=body)
    assert response.text == "timestamp_outside_window"


async def test_mailguns_token_is_good_for_one_event_only(world: World) -> None:
    """The event is not signed: who has seen one call could send another with its token."""
    assert (await world.call(mailgun())).status_code == 200
    taken = await world.told()
    response = await world.call(mailgun(recipient="eve@harbour.example", id="another"))
    assert (response.status_code, response.text) == (403, "token_used")
    assert await world.told() == taken


async def test_another_topic_is_refused_before_anything_is_fetched(world: World) -> None:
    await refused(world, ses(TopicArn=TOPIC + "2"), "topic_unknown")
    assert world.fetched == []


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.ap-southeast-1.amazonaws.com.evil.example/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.ap-southeast-1.amazonaws.com@evil.example/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://evil.example/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://s3.ap-southeast-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.ap-southeast-1.amazonaws.com:8443/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "http://sns.ap-southeast-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.ap-southeast-1.amazonaws.com/anything/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem",
        "https://sns.ap-southeast-1.amazonaws.com/?Action=Publish",
        "https://[broken/x.pem",
        "",
    ],
)
async def test_a_certificate_from_elsewhere_is_refused_unseen(world: World, url: str) -> None:
    world.pages[url] = certificate("sns.amazonaws.com", START)
    await refused(world, ses(SigningCertURL=url), "certificate_elsewhere")
    assert world.fetched == []


async def test_a_certificate_that_is_over_or_none_is_refused(world: World) -> None:
    world.pages[CERTIFICATE] = certificate("sns.amazonaws.com", START, 30)
    await refused(world, ses(), "certificate_invalid")
    world.pages[CERTIFICATE] = b"not a certificate"
    await refused(world, ses(), "certificate_unreadable")
    del world.pages[CERTIFICATE]
    await refused(world, ses(), "certificate_absent")


async def test_a_certificate_that_was_kept_ends_too(world: World) -> None:
    assert (await world.call(ses())).status_code == 200
    world.now += timedelta(days=400)
    world.pages[CERTIFICATE] = certificate("sns.amazonaws.com", START, 800)
    await world.call(ses())
    assert (await world.call(ses())).status_code == 200


@pytest.mark.parametrize(("name", "value"), [("SignatureVersion", "3"), ("Type", "Advertisement")])
async def test_an_unknown_way_to_sign_is_refused(world: World, name: str, value: str) -> None:
    provider, headers, body = ses()
    await refused(world, (provider, headers, json.dumps({**json.loads(body), name: value}).encode()), "signature_unknown")


# -------------------------------------------------------------------------------------------------------- subscription


async def test_the_subscription_to_our_topic_is_confirmed(world: World) -> None:
    assert (await world.call(subscription())).status_code == 200
    assert world.fetched == [CERTIFICATE, SUBSCRIBE]
    assert await world.told() == []


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE.replace(SNS, "https://evil.example"),
        SUBSCRIBE.replace(SNS, SNS + "@evil.example"),
        SUBSCRIBE.replace("joblark-returns", "another"),
        f"{SNS}/?Action=ConfirmSubscription",
        None,
    ],
)
async def test_no_other_subscription_is(world: World, url: str | None) -> None:
    await refused(world, subscription(SubscribeURL=url), "subscription_elsewhere")
    assert world.fetched == [CERTIFICATE]


async def test_a_subscription_nobody_signed_is_not(world: World) -> None:
    provider, headers, body = subscription()
    forged = json.dumps({**json.loads(body), "Token": "another"}).encode()
    await refused(world, (provider, headers, forged), "signature_wrong")
    assert SUBSCRIBE not in world.fetched


async def test_that_somebody_unsubscribed_us_is_only_noted(world: World) -> None:
    assert (await world.call(subscription(Type="UnsubscribeConfirmation"))).status_code == 200
    assert world.fetched == [CERTIFICATE]


# ---------------------------------------------------------------------------------------------------------- come again


@pytest.mark.parametrize("provider", CALLS)
async def test_without_redis_the_provider_is_to_come_again(world: World, provider: str) -> None:
    world.redis_is_away = True
    await refused(world, CALLS[provider](), "ConnectionError", 503)
    world.redis_is_away = False
    assert (await world.call(CALLS[provider]())).status_code == 200
    assert await world.told()


async def test_without_amazons_certificate_it_is_to_come_again(world: World) -> None:
    world.pages[CERTIFICATE] = FetchError("no answer")
    await refused(world, ses(), "FetchError", 503)


@pytest.mark.parametrize("world", [{"sendgrid_webhook_key": "bm90IGEga2V5"}], indirect=True)
async def test_a_key_that_is_none_is_our_fault(world: World) -> None:
    await refused(world, sendgrid(), "webhook_key_invalid", 503)


# ----------------------------------------------------------------------------------------------------------- fetching


@contextmanager
def https_server(folder: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """`/size/N` answers with so many bytes, `/status/N` with that status; anything else is echoed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, kind, number = (self.path + "//").split("/", 2)
            number = number.strip("/")
            status = int(number) if kind == "status" else 200
            body = b"x" * int(number) if kind == "size" else self.path.encode()
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the test's screen."""

    pem, key = for_localhost(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}", ssl.create_default_context(cafile=pem)
        finally:
            server.shutdown()
            thread.join()


async def test_a_page_is_fetched_over_tls_that_is_checked(tmp_path: Path) -> None:
    with https_server(tmp_path) as (url, tls):
        assert await fetch(f"{url}/a.pem", tls) == b"/a.pem"
        assert await fetch(f"{url}/?Action=ConfirmSubscription&Token=1", tls) == b"/?Action=ConfirmSubscription&Token=1"
        with pytest.raises(FetchError) as untrusted:
            await fetch(f"{url}/a.pem")
        assert (untrusted.value.code, untrusted.value.retry) == ("fetch_unreachable", True)


@pytest.mark.parametrize(
    ("path", "retry"), [("status/302", False), ("status/404", False), ("status/500", True), ("size/64001", False)]
)
async def test_what_is_not_a_page_of_its_own(tmp_path: Path, path: str, retry: bool) -> None:
    with https_server(tmp_path) as (url, tls):
        with pytest.raises(FetchError) as error:
            await fetch(f"{url}/{path}", tls)
        assert (error.value.code, error.value.retry) == ("fetch_status", retry)


async def test_nothing_but_https_is_fetched() -> None:
    for url in ("http://127.0.0.1/", "file:///etc/hostname", "https:///x"):
        with pytest.raises(FetchError) as error:
            await fetch(url)
        assert error.value.code == "fetch_forbidden"


# ---------------------------------------------------------------------------------------------------- what is not there


@pytest.mark.parametrize("world", [{}], indirect=True)
async def test_what_is_not_configured_is_not_there(world: World) -> None:
    for make in CALLS.values():
        assert (await world.call(make())).status_code == 404
    unknown = await world.call(("mandrill", {}, b""))
    assert unknown.status_code == 404
    assert await world.told() == []


async def test_only_post_is_answered(world: World) -> None:
    assert (await world.client.get("/webhooks/ses")).status_code == 405


@pytest.mark.parametrize("provider", ["ses", "postmark", "mailgun"])
async def test_too_much_is_refused(world: World, provider: str) -> None:
    await refused(world, (provider, {}, b" " * 256_001), "webhook_too_large", 413)


async def test_a_batch_as_large_as_sendgrids_is_taken(world: World) -> None:
    events = json.loads(recording("sendgrid.json"))
    body = json.dumps([{**event, "sg_event_id": f"{n}", "filler": "x" * 700} for n in range(80) for event in events]).encode()
    assert 700_000 < len(body) < 786_432
    assert (await world.call(sendgrid(body))).status_code == 200
    assert len(await world.told()) == 80 * 6


async def test_what_is_no_report_is_refused(world: World) -> None:
    await refused(world, ses(Message="{}"), "report_unreadable", 422)
    await refused(world, sendgrid(b"[1]"), "report_unreadable", 422)
    await refused(world, ("ses", {}, b"[" * 100_000), "report_unreadable", 422)
    await refused(world, ("mailgun", {}, b"{}"), "report_unreadable", 422)
    headers = postmark()[1]
    await refused(world, ("postmark", headers, b"null"), "report_unreadable", 422)


async def test_no_log_and_no_answer_names_anybody(world: World) -> None:
    with capture_logs() as logs:
        answers = [await world.call(make()) for make in CALLS.values()]
        answers += [await world.call(tampered(make())) for make in CALLS.values()]
    said = repr(logs) + "".join(answer.text for answer in answers)
    assert "mei" not in said
    assert "eve" not in said.replace("event", "").replace("level", "")
