"""Every mail as Chromium shows it: on a phone and on a desk, by day and by night."""

from pathlib import Path

import pytest

from services.notifier.compose import compose
from services.notifier.kinds import Letter
from tests.browser.chromium import Chromium
from tests.notices import notices
from tests.week import pictured

pytestmark = pytest.mark.browser

MAILS = {**notices(), **pictured()}
SMALL = """
[...document.querySelectorAll("a")].map((node) => node.getBoundingClientRect()).filter((box) => box.height && box.height < 18)
  .map((box) => [box.width, box.height])
"""
"""Links that are less than a line high."""


def show(browser: Chromium, letter: Letter, folder: Path, width: int, *, dark: bool) -> None:
    page = folder / "mail.html"
    page.write_text(compose(letter).html)
    browser.show(width, dark=dark)
    browser.open(page.as_uri())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 700])
@pytest.mark.parametrize("name", MAILS)
def test_a_mail_can_be_read(chromium: Chromium, tmp_path: Path, name: str, width: int, dark: bool) -> None:
    show(chromium, MAILS[name], tmp_path, width, dark=dark)

    assert chromium.poor_contrast() == []
    assert chromium.overflow() <= 0
    assert chromium.evaluate(SMALL) == []
