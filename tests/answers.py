"""The answers in `tests/recordings`: written by hand, one list per source, and one job's details where a list lacks them.

`<name>.<ext>` is what the source's first request is answered with, `<name>.detail.<ext>` what its `detail_request` is.
"""

from collections.abc import Mapping
from pathlib import Path

from services.scraper.sources import source
from services.scraper.sources.base import Parsed, Source

RECORDINGS = Path(__file__).parent / "recordings"


def list_file(name: str) -> Path:
    """The list of `name`; not what has a word between name and extension, such as the threads of `hackernews`."""
    (found,) = (file for file in RECORDINGS.glob(f"{name}.*") if file.name.count(".") == 1)
    return found


def list_answer(name: str) -> Parsed:
    """The list of `name`, read as its example board."""
    return source(name).parse(list_file(name).read_bytes(), board_of(name))


def detail_answer(name: str) -> bytes:
    (found,) = RECORDINGS.glob(f"{name}.detail.*")
    return found.read_bytes()


def board_of(name: str) -> str:
    """The board that documents name; every source has one."""
    example = source(name).example
    assert example, f"{name} has no example"
    return example


def keys_of(known: Source) -> Mapping[str, str]:
    """An access key of each name that the source asks for."""
    return {name: f"{name}-1" for name in known.keys}
