"""Whether a failure is about the address: the argued table, and nothing that guesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.returns.status import enhanced, failure, status_of


@pytest.mark.parametrize("status", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"])
def test_the_address_is_at_fault(status: str) -> None:
    assert failure(status) == "hard"


@pytest.mark.parametrize(
    "status",
    ["", "4.1.1", "4.2.2", "4.4.7", "5.0.0", "5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4", "5.4.1", "5.4.6", "5.5.0", "5.6.0"],
)
def test_something_else_is_at_fault(status: str) -> None:
    assert failure(status) == "soft"


@given(st.integers(0, 999), st.text())
def test_policy_is_never_the_addresss_fault(detail: int, words: str) -> None:
    assert failure(f"5.7.{detail}", f"user unknown {words}") == "soft"


@given(st.integers(0, 999), st.integers(0, 999), st.text())
def test_what_may_pass_is_never_hard(subject: int, detail: int, words: str) -> None:
    assert failure(f"4.{subject}.{detail}", words) == "soft"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.0.0", "550 User unknown"),
        ("5.0.0", "550 no such\r\n user here"),
        ("5.4.1", "Recipient address rejected: Access denied"),
        ("5.5.0", "mailbox unavailable"),
    ],
)
def test_codes_that_say_little_need_the_words(status: str, words: str) -> None:
    assert failure(status, words) == "hard"
    assert failure(status, "554 rejected") == "soft"


@pytest.mark.parametrize(
    ("status", "words", "is_"),
    [
        ("5.1.1", "550 5.7.1 no", "5.1.1"),
        ("5.0.0", "550-5.1.1 no such account", "5.1.1"),
        ("5.0.0", "550 no", "5.0.0"),
        ("", "550 no", "5.0.0"),
        ("", "452 later", ""),
        ("", "no mailbox (#5.1.1)", "5.1.1"),
        ("5.0.0 (permanent)", "", "5.0.0"),
        ("5.01.001", "", "5.1.1"),
        ("", "at 5.1.1.7 port 25", ""),
        ("", "version 15.1.1 of it", ""),
        ("5.0.0", "2.0.0 odd", "5.0.0"),
    ],
)
def test_the_most_exact_code(status: str, words: str, is_: str) -> None:
    assert status_of(status, words) == is_


@given(st.text())
def test_a_code_is_a_code_or_nothing(text: str) -> None:
    code = enhanced(text)
    assert code == "" or (code[0] in "245" and len(code.split(".")) == 3)
