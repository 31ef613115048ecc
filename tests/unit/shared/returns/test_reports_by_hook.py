"""What mail providers' webhooks say, once it is known that it is the provider who says it."""

import json
from typing import Any

import pytest

from shared.address import address_hash
from shared.errors import UnreadableInput
from shared.events import MailReturned
from shared.returns import hook_formats, read_hook
from tests.returned import MAIL, NOW, RECORDINGS, SECRET, recording

SAYS: dict[str, list[tuple[str, str, int, str]]] = {
    "mailgun-complained": [("complaint", "", MAIL, "noor@mailhaven.example")],
    "mailgun-delivered": [("taken", "", MAIL, "mei.tan@harbour.example")],
    "mailgun-failed-old": [("soft", "", MAIL, "mei.tan@harbour.example")],
    "mailgun-failed-permanent": [("hard", "5.1.1", MAIL, "mei.tan@harbour.example")],
    "mailgun-failed-policy": [("soft", "5.7.1", MAIL, "mei.tan@harbour.example")],
    "mailgun-failed-suppressed": [("complaint", "", MAIL, "mei.tan@harbour.example")],
    "mailgun-failed-temporary": [],
    "postmark-complaint": [("complaint", "", 0, "noor@mailhaven.example")],
    "postmark-hard": [("hard", "5.1.1", MAIL, "mei.tan@harbour.example")],
    "postmark-reactivated": [],
    "postmark-soft": [("soft", "5.2.2", 0, "mei.tan@harbour.example")],
    "postmark-transient": [],
    "postmark-unsubscribed": [("complaint", "", 0, "noor@mailhaven.example")],
    "sendgrid": [
        ("taken", "", MAIL, "mei.tan@harbour.example"),
        ("hard", "5.1.1", MAIL, "mei.tan@harbour.example"),
        ("soft", "5.2.2", 0, "arjun@quayside.example"),
        ("soft", "5.7.1", 0, "olivia.hart@kestrelbank.example"),
        ("hard", "5.0.0", 0, "dana@pinecourt.example"),
        ("complaint", "", 0, "noor@mailhaven.example"),
    ],
    "ses-bounce-no-headers": [("hard", "5.1.1", 0, "mei.tan@harbour.example")],
    "ses-bounce-permanent": [("hard", "5.1.1", MAIL, "mei.tan@harbour.example")],
    "ses-bounce-transient": [
        ("soft", "4.2.2", 0, "mei.tan@harbour.example"),
        ("soft", "", 0, "arjun@quayside.example"),
    ],
    "ses-complaint": [("complaint", "", MAIL, "noor@mailhaven.example")],
    "ses-complaint-not-spam": [],
    "ses-delivery": [("taken", "", MAIL, "")],
    "ses-delivery-delay": [],
}


def read(name: str, body: bytes | None = None) -> list[MailReturned]:
    provider = name.partition("-")[0]
    return read_hook(provider, recording(f"{name}.json") if body is None else body, SECRET, NOW)


def test_every_recording_is_looked_at() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.json")} == SAYS.keys()
    assert {name.partition("-")[0] for name in SAYS} == hook_formats().keys()


@pytest.mark.parametrize("name", SAYS)
def test_what_a_report_says(name: str) -> None:
    said = [(one.sort, one.status, one.mail_id, one.address_hash) for one in read(name)]
    assert said == [(*rest, address_hash(who) if who else "") for *rest, who in SAYS[name]]


@pytest.mark.parametrize("name", SAYS)
def test_it_names_nobody_and_is_the_same_when_told_again(name: str) -> None:
    first, again = read(name), read(name)
    assert first == again
    assert len({one.key for one in first}) == len(first)
    for one in first:
        assert "@" not in one.model_dump_json()
        assert one.source == name.partition("-")[0]
        assert one.returned_at <= NOW


def test_reports_of_different_events_have_different_keys() -> None:
    keys = [one.key for name in SAYS if not name.startswith("mailgun") for one in read(name)]
    assert len(keys) == len(set(keys))


def test_another_installations_mail_is_not_ours() -> None:
    (one,) = read_hook("ses", recording("ses-bounce-permanent.json"), "another secret", NOW)
    assert (one.mail_id, one.address_hash) == (0, address_hash("mei.tan@harbour.example"))


def test_a_delivery_of_no_mail_of_ours_says_nothing() -> None:
    assert read_hook("ses", recording("ses-delivery.json"), "another secret", NOW) == []


@pytest.mark.parametrize("address", ["", "@", "nobody", "x" * 400 + "@example.org"])
def test_a_report_about_nobody_says_nothing(address: str) -> None:
    body = json.loads(recording("postmark-soft.json"))
    assert read("postmark", json.dumps({**body, "Email": address}).encode()) == []


@pytest.mark.parametrize("provider", ["mailgun", "postmark", "sendgrid", "ses"])
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]x", b"{}", b'"text"', b"\xff\xfe", b'{"mail": 1}', b"[" * 100_000, b'{"a":' * 100_000],
    ids=["nothing", "null", "broken", "empty", "text", "bytes", "other", "deep-list", "deep-object"],
)
def test_what_is_no_report_is_refused(provider: str, body: bytes) -> None:
    with pytest.raises(UnreadableInput) as refused:
        read_hook(provider, body, SECRET, NOW)
    assert refused.value.code == "report_unreadable"


def test_a_refusal_repeats_nothing() -> None:
    body = recording("postmark-soft.json").replace(b'"2026-11-16T00:04:12.9070259Z"', b'"mei.tan@harbour.example"')
    with pytest.raises(UnreadableInput) as refused:
        read("postmark", body)
    assert "mei" not in str(refused.value)
    assert "BouncedAt" in str(refused.value)


def test_what_sendgrid_calls_blocked_is_not_the_addresss_fault() -> None:
    event = {"event": "bounce", "email": "mei@harbour.example", "timestamp": 1, "sg_event_id": "1", "status": "5.1.0"}
    sorts = [read("sendgrid", json.dumps([{**event, "type": kind}]).encode())[0].sort for kind in ("blocked", "bounce")]
    assert sorts == ["soft", "hard"]


def test_one_bad_event_takes_no_other_with_it() -> None:
    events: list[Any] = json.loads(recording("sendgrid.json"))
    assert len(read("sendgrid", json.dumps([{}, None, 3, *events]).encode())) == 6


def test_a_batch_without_any_event_is_refused_and_an_empty_one_is_not() -> None:
    assert read("sendgrid", b"[]") == []
    with pytest.raises(UnreadableInput):
        read("sendgrid", b"[1, 2]")


def test_too_many_events_or_recipients_are_refused() -> None:
    with pytest.raises(UnreadableInput):
        read("sendgrid", b"[" + b"0," * 6_000 + b"0]")
    body = json.loads(recording("ses-bounce-permanent.json"))
    body["bounce"]["bouncedRecipients"] *= 51
    with pytest.raises(UnreadableInput):
        read("ses", json.dumps(body).encode())
