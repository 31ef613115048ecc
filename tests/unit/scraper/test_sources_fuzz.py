"""Whatever bytes a board answers with, an adapter raises nothing but our own error."""

import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scraper.sources import source, sources
from shared.errors import UnreadableInput

RECORDINGS = Path(__file__).parents[2] / "recordings"
MAX_BYTES = 200_000_000
BOMBS = {
    "nested lists": b"[" * 500_000,
    "nested objects": b'{"jobs":' * 200_000,
    "deep markup": b"<a>" * 300_000,
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' * 30 + b"]><x>&b;</x>",
    "one long string": b'"' + b"x" * 5_000_000 + b'"',
    "many numbers": b"[" + b"1," * 1_000_000 + b"1]",
    "many brackets": b"[[]]" * 400_000,
    "long number": b"[" + b"9" * 100_000 + b"]",
    "surrogates": b'{"jobs": [{"id": 1, "title": "\\ud800"}]}',
    "nul": b"\x00" * 1_000_000,
}


def recording(name: str) -> bytes:
    return next(file for file in sorted(RECORDINGS.glob(f"{name}.*")) if ".detail." not in file.name).read_bytes()


def parse(name: str, body: bytes) -> None:
    fault = None
    try:
        source(name).parse(body, source(name).example or "acme")
    except UnreadableInput as error:
        fault = str(error)
    if fault is not None:
        assert fault.startswith(name)
        assert len(fault) < 1000
        assert "\n" not in fault


@pytest.mark.parametrize("name", sources())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=400))
def test_any_bytes(name: str, body: bytes) -> None:
    parse(name, body)


@pytest.mark.parametrize("name", sources())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), damage=st.integers(1, 40))
def test_a_damaged_recording(name: str, seed: int, damage: int) -> None:
    body, chance = bytearray(recording(name)), random.Random(seed)
    for _ in range(damage):
        start = chance.randrange(len(body) or 1)
        piece = body[start : start + chance.randrange(60)]
        edit = chance.choice((b"", b"null", b'""', b"[]", b"{}", b"-1e999", b"\xff", b"<", bytes(piece) * 3))
        body[start : start + len(piece)] = edit
    parse(name, bytes(body))


@pytest.mark.parametrize("name", sources())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.floats(0, 1))
def test_a_recording_cut_off(name: str, cut: float) -> None:
    body = recording(name)
    parse(name, body[: int(len(body) * cut)])


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", sources())
def test_a_bomb_takes_little_memory(name: str, bomb: str) -> None:
    """How long one takes is measured by `tests/benchmarks/bench_hostile.py`."""
    tracemalloc.start()
    try:
        parse(name, BOMBS[bomb])
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()
