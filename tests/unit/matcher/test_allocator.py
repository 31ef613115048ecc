"""What numpy lets go stays with the process."""

import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from services.matcher.allocator import keep_freed_memory

{first}
for round in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(2_000_000) for _ in range(4)]
    del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
needs_mallopt = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library than GNU's")


def page_faults(first: str) -> int:
    """Pages that the system had to give for 64 MB of arrays, after as much was let go."""
    program = [sys.executable, "-c", FAULTS.format(first=first)]
    return int(subprocess.run(program, capture_output=True, text=True, check=True).stdout)


@needs_mallopt
def test_arrays_come_from_memory_that_was_let_go_before():
    assert 4 * page_faults("keep_freed_memory()") < page_faults("")  # pages may be of 4 kB or of 2 MB
