"""Files of strangers are read in a process that may die without harm."""

import zlib

import pytest

from shared.apart import read_apart
from shared.errors import UnreadableInput
from tests.papers import assembled, column, pdf


def test_a_pdf_is_read_apart() -> None:
    assert read_apart(pdf([column(["Mei Tan", "Go developer, Café"])])) == "Mei Tan\nGo developer, Café"


def test_a_refusal_comes_through_with_its_code() -> None:
    with pytest.raises(UnreadableInput, match="paste") as refusal:
        read_apart(pdf([[]]))
    assert refusal.value.code == "profile_empty"


def test_text_needs_no_other_process() -> None:
    assert read_apart(b"Go and Kafka") == "Go and Kafka"
    assert read_apart(b'{"basics": {"label": "Go developer"}}') == {"basics": {"label": "Go developer"}}


def test_a_pdf_made_to_crawl_is_given_up() -> None:
    stream = zlib.compress(b"BT /F1 9 Tf 1 0 0 1 5 5 Tm (Go) Tj ET\n" * 1_500_000)
    body = assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            f"<< /Filter /FlateDecode /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << >> >> /Contents 3 0 R >>",
        ]
    )
    with pytest.raises(UnreadableInput, match="paste") as refusal:
        read_apart(body, seconds=1)
    assert refusal.value.code == "profile_too_complex"
