"""Senders are found, not listed; what a server says is an error of ours."""

import pytest
from aiosmtplib import SMTPResponseException

from services.notifier.senders import by_name, sender_kinds
from services.notifier.senders.replies import refused
from services.notifier.senders.smtp import SENDER
from shared.errors import Conflict


def test_a_module_that_declares_a_sender_is_one() -> None:
    assert sender_kinds()["smtp"] is SENDER
    assert sender_kinds().keys() - {"apprise"} == {"smtp"}


def test_two_senders_of_one_name_stop_the_start() -> None:
    with pytest.raises(Conflict, match="'smtp'"):
        by_name([SENDER, SENDER])


def test_what_is_no_reply_is_no_refusal() -> None:
    error = refused("message", SMTPResponseException(-1, "Malformed SMTP response line: hello"))

    assert (error.code, error.retry, error.smtp_code) == ("smtp_unreachable", True, None)
