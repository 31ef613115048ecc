"""Places and work modes on real input, against what a person read and what employers stated."""

import json
import shutil
from pathlib import Path

import pytest

from shared.posting import Workplace
from shared.reading.workplace import read_workplace
from tests.benchmarks.places import BAR, found, verdicts
from tests.benchmarks.recorded import ashby_boards


@pytest.mark.parametrize("sample", ["first", "second", "held out"])
def test_the_countries_that_a_person_read(sample: str) -> None:
    judged = verdicts()[sample]
    wrong = {string: found(string) for string, countries in judged.items() if found(string) != countries}
    assert len(wrong) <= (1 - BAR) * len(judged), wrong


@pytest.mark.recorded
def test_remote_as_employers_stated_it(shared_data: Path) -> None:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed: the recorded Ashby boards cannot be unpacked")
    jobs = [job for _, body in ashby_boards() for job in json.loads(body)["jobs"] if job.get("isRemote") is not None]
    read = [
        (job["isRemote"], read_workplace([job["location"]], job["descriptionPlain"] or "", title=job["title"])) for job in jobs
    ]
    clear = [stated is (mode is Workplace.REMOTE) for stated, mode in read if mode in (Workplace.REMOTE, Workplace.ONSITE)]
    assert len(clear) > 0.4 * len(jobs)
    assert sum(clear) >= 0.93 * len(clear)
