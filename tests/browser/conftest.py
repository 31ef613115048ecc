"""One browser for all tests here: whoever uses it says first, by `show`, what it is to be like."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium, find_chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine; `apt-get install chromium` provides one")
    with Chromium(path, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser
