"""What makes two postings the same: to the record (words), and to a reader (one opening)."""

import pytest
from pydantic import ValidationError

from shared.posting import MAX_DESCRIPTION, Facts, Pay, Posting, words
from tests.factories import posting


def changed(**given: object) -> Posting:
    return posting("1", **given)


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Staff Backend Engineer"},
        {"description": "Other words."},
        {"company": "Quillstone"},
        {"location": "Berlin"},
        {"locations": ("Berlin",)},
        {"pay": Pay(low=1, currency="SGD")},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_what_a_reader_would_notice_changes_the_hash(edit: dict[str, object]) -> None:
    assert changed(**edit).content_hash != posting("1").content_hash


@pytest.mark.parametrize(
    "edit",
    [{"url": "https://elsewhere.example"}, {"department": "R&D"}, {"facts": Facts()}, {"title": " Senior  Backend\tEngineer "}],
)
def test_what_a_reader_would_not_notice_does_not(edit: dict[str, object]) -> None:
    assert changed(**edit).content_hash == posting("1").content_hash


def test_words_are_lower_case_letters_without_accents_and_digits() -> None:
    assert words("Acmé, Inc. №5 – ＡＢＣ 後端!") == "acme inc no abc 後端"
    assert words("") == ""


@pytest.mark.parametrize(
    "bad", [{"title": "  "}, {"title": "x" * 501}, {"external_id": ""}, {"description": "x" * (MAX_DESCRIPTION + 1)}]
)
def test_what_is_no_posting_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Posting(**{"source": "lever", "board": "acme", "external_id": "1", "title": "Engineer", **bad})
