"""Telling the C library to keep what numpy lets go: the next posting asks for as much again.

Screening a million subscriptions takes arrays of some 25 MB for a few milliseconds. Given back to the system each time, they
come back as pages to be cleared, which made the slowest hundredth of postings take 22 ms and not 15.
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""As `malloc.h` of the GNU C library has them."""
LARGEST = 32 << 20
"""Bytes of one array, beyond which the system gives it and takes it back: the most that the library allows."""
KEPT = 128 << 20
"""Bytes that may lie unused at the end of the heap."""


def keep_freed_memory() -> None:
    """Have this process keep up to `KEPT` bytes that are free. Elsewhere than with the GNU C library nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGEST)
        mallopt(M_TRIM_THRESHOLD, KEPT)
