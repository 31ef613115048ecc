"""Events on the wire: plain JSON that anybody can read, and nothing else is accepted."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.events import (
    STREAMS,
    AnyEvent,
    DigestSent,
    Event,
    MailDue,
    MailReturned,
    NoticeDue,
    PostingClosed,
    SubscriptionChanged,
    groups,
    parse_event,
)
from shared.posting import Posting
from tests.factories import NOW, found
from tests.strategies import postings

EVENTS: list[Event] = [
    found(7, 2),
    PostingClosed(posting_id=7),
    SubscriptionChanged(subscription_id=3, revision=2),
    MailDue(mail_id=5, attempt=2, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    NoticeDue(mail_id=6, attempt=1),
    DigestSent(mail_id=5, subscription_id=3, posting_ids=(7, 8)),
    MailReturned(key="k", sort="hard", address_hash="", mail_id=5, status="5.1.1", source="dsn", returned_at=NOW),
]


def wire(event: Event) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert parse_event(wire(event)) == event
    assert json.loads(wire(event))["kind"] == event.kind


@given(postings())
def test_a_posting_arrives_whole(posting: Posting) -> None:
    assert parse_event(wire(found(1, of=posting))) == found(1, of=posting)


def test_every_kind_is_tested_and_has_a_stream_with_a_reader() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(AnyEvent))
    assert {event.stream for event in EVENTS} == set(STREAMS)
    assert all(groups(1)[stream] for stream in STREAMS)


def test_a_field_that_a_newer_version_adds_is_ignored() -> None:
    assert parse_event(b'{"kind":"posting_closed","posting_id":7,"colour":"blue"}') == PostingClosed(posting_id=7)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"kind":"posting_closed"}',
        b'{"kind":"?","posting_id":1}',
        b"\xff",
        b'{"posting_id":1}',
        b"[" * 9999,
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationError):
        parse_event(body)


@given(st.binary(max_size=200))
def test_noise_never_does_more_than_be_refused(body: bytes) -> None:
    with pytest.raises(ValidationError):
        parse_event(body)
