"""Who gets no mail, and why: every kind, every state, and no way around it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.kinds import kind_called, kinds
from services.notifier.refusals import LATE, Conditions, check_way_out, refusal
from shared.errors import SendError
from tests.factories import NOW, mail_row, subscription_row

FINE = Conditions({}, production=False, chats=True)
URL = "https://joblark.example.org/unsubscribe/token"
WAY_OUT = {"List-Unsubscribe": f"<{URL}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def refused(kind: str = "digest", conditions: Conditions = FINE, *, suppressed: bool = False, later=timedelta(0), **person):
    """State and code of the refusal of a mail of `kind` to a person, or nothing."""
    row, mail = subscription_row(1, **person), mail_row(1, kind=kind, attempts=1)
    found = refusal(mail, kind_called(kind), row, conditions, NOW + later, suppressed=suppressed)
    return (found.state, found.code) if found else None


def test_a_digest_to_who_asked_for_it_goes() -> None:
    assert refused() is None


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_suppressed_address_gets_no_mail_of_any_kind(kind: str) -> None:
    for state in kind_called(kind).states or {"active"}:
        assert refused(kind, suppressed=True, state=state) is not None


@pytest.mark.parametrize("kind", sorted(set(kinds()) - {"confirm"}))
def test_only_the_confirmation_goes_to_an_unconfirmed_address(kind: str) -> None:
    for state in kind_called(kind).states:
        assert refused(kind, state=state, confirmed_at=None) == ("skipped", "address_unconfirmed")
    assert refused(kind, state="pending", confirmed_at=None) is not None
    assert refused("confirm", state="pending", confirmed_at=None) is None


def test_an_erased_address_and_a_subscription_that_is_not_there() -> None:
    assert refused(email="") == ("skipped", "address_erased")
    assert refused(state="ended") == ("skipped", "not_asked_for")
    found = refusal(mail_row(1), kind_called("digest"), None, FINE, NOW, suppressed=False)
    assert found
    assert found.code == "not_asked_for"


def test_only_a_mail_to_the_operator_is_about_nobody() -> None:
    alert = refusal(mail_row(1, 0, kind="alert"), kind_called("alert"), None, FINE, NOW, suppressed=False)
    digest = refusal(mail_row(1, 0), kind_called("digest"), None, FINE, NOW, suppressed=False)
    assert alert is None
    assert digest is not None


def test_digests_are_held_while_they_are_stopped_and_confirmations_are_not() -> None:
    stopped = Conditions({"digests": "off"}, production=False, chats=True)
    assert refused(conditions=stopped) == ("held", "digests_off")
    assert refused("confirm", stopped, state="pending", confirmed_at=None) is None
    assert refused(conditions=Conditions({"digests": "on"}, production=False, chats=True)) is None


@pytest.mark.parametrize(
    ("doctor", "production", "held"),
    [(None, True, True), ("red", True, True), ("green", True, False), ("accepted", True, False), (None, False, False),
     ("red", False, False), ("anything", True, True)],
)  # fmt: skip
def test_in_production_the_mail_domain_must_be_in_order(doctor: str | None, production: bool, held: bool) -> None:
    conditions = Conditions({"doctor": doctor} if doctor else {}, production=production, chats=True)
    assert refused(conditions=conditions) == (("held", "doctor_red") if held else None)


def test_a_chat_that_nobody_can_write_to_is_held() -> None:
    deaf = Conditions({}, production=False, chats=False)
    assert refused(conditions=deaf, channel="slack://token") == ("held", "no_sender")
    assert refused(conditions=deaf) is None
    assert refused(channel="slack://token") is None
    assert refused("manage", deaf, channel="slack://token") is None  # goes by mail


def test_only_jobs_go_to_a_chat() -> None:
    """A room has other readers: a link to change or leave a subscription is not for them."""
    assert {name for name, kind in kinds().items() if kind.chat} == {"digest", "welcome", "watching"}


def test_a_digest_of_long_ago_is_not_sent_any_more() -> None:
    assert refused(later=LATE) is None
    assert refused(later=LATE + timedelta(seconds=1)) == ("skipped", "too_late")
    assert refused("manage", later=LATE + timedelta(days=1)) is None


@given(
    kind=st.sampled_from(sorted(kinds())),
    state=st.sampled_from(["pending", "active", "paused", "ended"]),
    email=st.sampled_from(["", "mei@example.org"]),
    confirmed=st.booleans(),
    switches=st.fixed_dictionaries({}, optional={"digests": st.sampled_from(["on", "off"]), "doctor": st.just("red")}),
)
def test_whatever_the_circumstances_a_mail_that_goes_was_wanted(kind, state, email, confirmed, switches) -> None:
    conditions = Conditions(switches, production=True, chats=True)
    going = refused(kind, conditions, state=state, email=email, confirmed_at=NOW if confirmed else None) is None
    if going:
        assert email
        assert state in kind_called(kind).states
        assert confirmed or kind == "confirm"
        assert not kind_called(kind).bulk  # switches red or never set: production holds every one


def test_a_mail_with_a_way_out_by_header_and_in_every_body_goes() -> None:
    check_way_out(kind_called("digest"), WAY_OUT, (f"leave: {URL}", f'<a href="{URL}">leave</a>'), URL)


@pytest.mark.parametrize(
    ("headers", "bodies", "url"),
    [
        ({}, (URL, URL), URL),
        ({**WAY_OUT, "List-Unsubscribe": "<mailto:leave@example.org>"}, (URL, URL), URL),
        ({"List-Unsubscribe": f"<{URL}>"}, (URL, URL), URL),
        (WAY_OUT, (URL, "no link"), URL),
        (WAY_OUT, ("no link", URL), URL),
        ({**WAY_OUT, "List-Unsubscribe": "<>"}, (URL, URL), ""),
    ],
)
def test_a_mail_without_a_way_out_is_refused(headers: dict[str, str], bodies: tuple[str, str], url: str) -> None:
    with pytest.raises(SendError) as caught:
        check_way_out(kind_called("digest"), headers, bodies, url)
    assert (caught.value.code, caught.value.retry) == ("no_way_out", False)


def test_a_mail_that_somebody_asked_for_needs_no_way_out() -> None:
    check_way_out(kind_called("confirm"), {}, ("confirm",), "")
