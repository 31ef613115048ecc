"""An invented week of candidates for the mails, as the notifier would find them on a shortlist."""

from collections.abc import Callable

import pytest

from services.notifier.digest import Candidate, Digest
from tests import week


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    return week.candidate


@pytest.fixture
def digest() -> Digest:
    return week.digest()
