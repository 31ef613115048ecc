"""Bounces and complaints by mail, as the servers of the world write them: what each says, and who is believed."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import UnreadableInput
from shared.mail_ids import mail_name
from shared.returns import mail_formats, read_mail
from shared.returns.base import OLDEST
from shared.returns.mime import parse
from tests.returned import MAIL, NOW, RECORDINGS, SECRET, bounce, complaint, recording

SAYS = {
    "arf-abuse": ("complaint", "", "arf"),
    "arf-redacted": ("complaint", "", "arf"),
    "exchange-dsn": ("hard", "5.1.10", "dsn"),
    "exchange-text": ("soft", "5.2.2", "exchange"),
    "exim-delayed": ("taken", "", "exim"),
    "exim-dsn": ("hard", "5.1.1", "dsn"),
    "exim-text": ("hard", "5.1.1", "exim"),
    "exim-text-unrouteable": ("soft", "", "exim"),
    "gmail-unknown": ("hard", "5.1.1", "dsn"),
    "microsoft-edge-block": ("hard", "5.4.1", "dsn"),
    "outlook-unavailable": ("hard", "5.5.0", "dsn"),
    "postfix-bare-code": ("soft", "5.0.0", "dsn"),
    "postfix-bare-unknown": ("hard", "5.0.0", "dsn"),
    "postfix-delayed": ("taken", "", "dsn"),
    "postfix-delivered": ("taken", "", "dsn"),
    "postfix-expired": ("soft", "4.4.1", "dsn"),
    "postfix-full": ("soft", "5.2.2", "dsn"),
    "postfix-no-domain": ("hard", "5.4.4", "dsn"),
    "postfix-null-mx": ("hard", "5.1.10", "dsn"),
    "postfix-policy": ("soft", "5.7.1", "dsn"),
    "postfix-unknown": ("hard", "5.1.1", "dsn"),
    "qmail-over-quota": ("soft", "5.2.2", "qmail"),
    "qmail-remote-block": ("soft", "5.0.0", "qmail"),
    "qmail-unknown": ("hard", "5.1.1", "qmail"),
    "sendmail-forwarded": ("soft", "5.1.1", "dsn"),
}
OTHERS = {
    "arf-not-spam": "ignored",
    "arf-unsigned": "unsigned",
    "auto-out-of-office": "ignored",
    "auto-read-receipt": "ignored",
    "auto-vacation": "ignored",
    "person": "unrecognised",
    "unsigned": "unsigned",
}


def test_every_recording_is_looked_at() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.eml")} == SAYS.keys() | OTHERS.keys()


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", SAYS)
def test_what_a_report_says(name: str, ends: bytes) -> None:
    reading = read_mail(recording(f"{name}.eml").replace(b"\n", ends), SECRET, NOW)
    assert reading.outcome == "returned", reading.why
    returned = reading.returned
    assert returned
    assert (returned.sort, returned.status, returned.source) == SAYS[name]
    assert returned.mail_id == MAIL
    assert timedelta(days=3) < NOW - returned.returned_at < timedelta(days=6)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_return(name: str) -> None:
    reading = read_mail(recording(f"{name}.eml"), SECRET, NOW)
    assert (reading.outcome, reading.returned) == (OTHERS[name], None)
    assert reading.why


@pytest.mark.parametrize("name", [*SAYS, *OTHERS])
def test_one_format_at_most_knows_a_mail(name: str) -> None:
    message = parse(recording(f"{name}.eml"))
    assert sum(form.read(message) is not None for form in mail_formats().values()) <= 1


@pytest.mark.parametrize("name", [*SAYS, *OTHERS])
def test_nothing_told_names_anybody(name: str) -> None:
    reading = read_mail(recording(f"{name}.eml"), SECRET, NOW)
    told = reading.model_dump_json()
    assert "@" not in told
    for who in ("mei", "arjun", "olivia", "tessa", "dana", "noor"):
        assert who not in told.lower().replace("harbour.example", "")


# ------------------------------------------------------------------------------------------------------ who is believed


def test_a_mail_never_names_an_address() -> None:
    """Whoever gets our mail knows one signed name, and could write a report about it that names somebody else."""
    reading = read_mail(bounce(), SECRET, NOW)
    assert reading.returned
    assert reading.returned.address_hash == ""


def test_another_installations_names_are_not_ours() -> None:
    assert read_mail(bounce(), SECRET.upper(), NOW).outcome == "unsigned"


def test_a_made_up_name_is_not_signed() -> None:
    ours = mail_name(MAIL, SECRET).encode()
    forged = ours[:-1] + (b"a" if ours[-1:] != b"a" else b"b")
    assert read_mail(bounce().replace(ours, forged), SECRET, NOW).outcome == "unsigned"


def test_a_name_moved_to_another_mail_is_not_signed() -> None:
    signature = mail_name(MAIL, SECRET).partition("-")[2]
    assert read_mail(bounce().replace(mail_name(MAIL, SECRET).encode(), f"3mw-{signature}".encode()), SECRET, NOW).outcome == (
        "unsigned"
    )


@pytest.mark.parametrize("field", ["To", "Delivered-To", "X-Original-To", "Envelope-To", "In-Reply-To", "References"])
def test_where_the_name_may_stand(field: str) -> None:
    moved = bounce().replace(b"\nTo: ", f"\n{field}: ".encode())
    assert read_mail(moved, SECRET, NOW).outcome == "returned"


def test_a_name_in_the_text_is_no_name() -> None:
    """What anybody may quote, such as a forwarded mail's text, does not make a report ours."""
    moved = bounce().replace(b"\nTo: ", b"\nSubject: ")
    assert read_mail(moved, SECRET, NOW).outcome == "unsigned"


def test_the_enclosed_mail_names_itself() -> None:
    reading = read_mail(complaint(12), SECRET, NOW)
    assert reading.returned
    assert (reading.returned.mail_id, reading.returned.sort) == (12, "complaint")


def test_a_return_path_in_capitals_is_still_ours() -> None:
    name = mail_name(MAIL, SECRET).encode()
    assert read_mail(bounce().replace(name, name.upper()), SECRET, NOW).outcome == "returned"


# -------------------------------------------------------------------------------------------------- what a report tells


def test_the_same_report_has_the_same_key() -> None:
    """The key is the mail's and what came of it: a copy with other Received lines, or a day later, is the same report."""
    first = read_mail(bounce(), SECRET, NOW).returned
    copy = read_mail(b"Received: by another.example\n" + bounce(), SECRET, NOW + timedelta(days=1)).returned
    assert first
    assert copy
    assert first.key == copy.key
    others = [bounce(12), bounce(status="4.2.2"), bounce(status="5.1.2"), complaint()]
    keys = {reading.key for raw in others if (reading := read_mail(raw, SECRET, NOW).returned)}
    assert len(keys | {first.key}) == 5


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Mon, 16 Nov 2026 00:04:13 +0000", datetime(2026, 11, 16, 0, 4, 13, tzinfo=UTC)),
        ("Mon, 16 Nov 2026 08:04:13 +0800", datetime(2026, 11, 16, 0, 4, 13, tzinfo=UTC)),
        ("Mon, 16 Nov 2037 00:04:13 +0000", NOW),
        ("Mon, 16 Nov 1970 00:04:13 +0000", NOW - OLDEST),
        ("the day before yesterday", NOW),
        ("Mon, 99 Nov 99999999999999999999 00:04:13 +9999", NOW),
    ],
)
def test_nobody_tells_of_the_future_or_of_long_ago(written: str, told: datetime) -> None:
    raw = bounce().replace(b"Mon, 16 Nov 2026 00:04:13 +0000", written.encode())
    returned = read_mail(raw, SECRET, NOW).returned
    assert returned
    assert returned.returned_at == told


@pytest.mark.parametrize(
    ("actions", "sort"),
    [
        (["failed 5.1.1", "failed 5.1.1"], "hard"),
        (["failed 5.1.1", "failed 4.4.1"], "soft"),
        (["failed 5.1.1", "delivered 2.0.0"], "soft"),
        (["failed 5.1.1", "expanded 2.0.0"], "soft"),
        (["failed 5.1.1", "relayed 2.0.0"], "soft"),
        (["failed 5.1.1", "delayed 4.0.0"], "hard"),
        (["delayed 4.0.0"], "taken"),
        (["expanded 2.0.0"], "taken"),
        (["Relayed (to a gateway) 2.0.0"], "taken"),
    ],
)
def test_several_recipients_are_one_mail(actions: list[str], sort: str) -> None:
    told = [action.rpartition(" ") for action in actions]
    groups = [f"Final-Recipient: rfc822; r@elsewhere.example\nAction: {action}\nStatus: {code}" for action, _, code in told]
    raw = bounce().replace(
        b"Final-Recipient: rfc822; somebody@elsewhere.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; \n",
        "\n\n".join(groups).encode(),
    )
    returned = read_mail(raw, SECRET, NOW).returned
    assert returned
    assert returned.sort == sort


def test_an_unknown_action_says_nothing() -> None:
    assert read_mail(bounce(action="exploded"), SECRET, NOW).outcome == "unrecognised"


def test_a_report_without_its_part_is_no_report() -> None:
    raw = bounce().replace(b"message/delivery-status", b"text/plain")
    assert read_mail(raw, SECRET, NOW).outcome == "unrecognised"


def test_a_report_cut_off_is_still_read() -> None:
    raw = bounce().partition(b"\n--b--")[0]
    assert read_mail(raw, SECRET, NOW).outcome == "returned"


def test_a_report_in_base64_is_read() -> None:
    head, _, rest = bounce().partition(b"Content-Type: message/delivery-status\n\n")
    fields, _, tail = rest.partition(b"\n--b--")
    packed = b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(fields)
    reading = read_mail(head + packed + b"\n--b--" + tail, SECRET, NOW)
    assert reading.outcome == "returned"


def test_a_report_about_many_recipients_is_refused() -> None:
    more = "".join(f"\nFinal-Recipient: rfc822; r{n}@e.example\nAction: failed\nStatus: 5.1.1\n" for n in range(60))
    with pytest.raises(UnreadableInput) as refused:
        read_mail(bounce(more=more), SECRET, NOW)
    assert refused.value.code == "report_too_long"


def test_a_bounce_enclosed_in_a_mail_is_not_a_bounce() -> None:
    """Somebody forwards one: what stands in an enclosed mail is not said to us."""
    raw = b"To: x@joblark.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n"
    assert read_mail(raw + bounce() + b"\n--o--\n", SECRET, NOW).outcome == "unrecognised"


@pytest.mark.parametrize("kind", ["opt-out", "fraud", "virus", "ABUSE"])
def test_what_else_is_a_complaint(kind: str) -> None:
    reading = read_mail(complaint().replace(b"Type: abuse", f"Type: {kind}".encode()), SECRET, NOW)
    assert reading.returned
    assert reading.returned.sort == "complaint"


def test_feedback_of_a_kind_nobody_has_heard_of() -> None:
    assert read_mail(complaint().replace(b"Type: abuse", b"Type: applause"), SECRET, NOW).outcome == "unrecognised"


@pytest.mark.parametrize(
    "field",
    ["Auto-Submitted: auto-generated", "X-Autoreply: yes", "Precedence: auto_reply", "X-Auto-Response-Suppress: OOF"],
)
def test_machines_that_answer_are_no_bounces(field: str) -> None:
    raw = f"{field}\nTo: bounces+{mail_name(MAIL, SECRET)}@joblark.example\n\nAway. 550 5.1.1\n".encode()
    assert read_mail(raw, SECRET, NOW).outcome == "ignored"


def test_a_person_who_says_no_is_not_a_machine() -> None:
    assert read_mail(b"Auto-Submitted: no\n\nHello\n", SECRET, NOW).outcome == "unrecognised"
