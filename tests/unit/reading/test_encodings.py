"""A text is read the same, whatever program saved it."""

from datetime import date

import pytest

from shared.reading.encodings import decoded
from shared.reading.page import read_page_file
from shared.reading.profile import read_profile_file

TODAY = date(2026, 11, 21)
CV = "Zoë Müller\nBackend Engineer\n\nExperience\nBackend Engineer – Acme (Apr 2019 – Present)\n• Go’s “channels”, 5 000 €"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_what_editors_save(encoding: str) -> None:
    assert decoded(CV.encode(encoding)) == CV


@pytest.mark.parametrize("encoding", ["windows-1251", "shift_jis", "gb18030", "euc-kr"])
def test_a_page_says_how_it_is_written(encoding: str) -> None:
    words = {"windows-1251": "Разработчик", "shift_jis": "経験者", "gb18030": "工程师", "euc-kr": "개발자"}[encoding]
    page = f'<html><meta http-equiv="Content-Type" content="text/html; charset={encoding}"><p>{words}</p>'
    assert decoded(page.encode(encoding)) == page


def test_a_page_of_latin_1_is_one_of_windows() -> None:
    page = '<html><meta charset="ISO-8859-1"><p>2019 – 2021</p>'
    assert decoded(page.encode("cp1252")) == page


@pytest.mark.parametrize("charset", [b"rot13", b"windows-0", b"gb", b"iso-8859-99", b"euc-xx"])
def test_a_page_that_names_nonsense_is_read_all_the_same(charset: bytes) -> None:
    assert decoded(b'<meta charset="' + charset + b'">Caf\xe9').endswith("Café")


def test_one_broken_byte_and_a_character_cut_at_the_end_leave_the_rest_as_it_is() -> None:
    body = CV.encode()
    assert decoded(body.replace(b"Acme", b"Ac\xffme")) == CV.replace("Acme", "Ac\ufffdme")
    assert decoded(body[:-1]) == CV[:-1] + "\ufffd"


@pytest.mark.parametrize("body", [b"", b"\xff", b"\xff\xfe\x00", b"\x81\x8d", bytes(range(256)) * 20])
def test_no_bytes_are_too_strange(body: bytes) -> None:
    assert isinstance(decoded(body), str)


def test_a_cv_of_windows_keeps_its_years() -> None:
    read = {
        encoding: read_profile_file("cv.txt", CV.encode(encoding), today=TODAY) for encoding in ("utf-8", "cp1252", "utf-16-le")
    }
    assert read["utf-8"].years == 7.6
    assert read["cp1252"] == read["utf-16-le"] == read["utf-8"]


def test_a_posting_of_windows_keeps_its_dashes() -> None:
    text = f"Backend Engineer – Payments\nAcme\n\nAbout the role\n{'You will build ledgers – and keep them right. ' * 8}"
    assert read_page_file("job.txt", text.encode("cp1252"), today=TODAY) == read_page_file(
        "job.txt", text.encode(), today=TODAY
    )
