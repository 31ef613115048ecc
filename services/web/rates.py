"""How often one client or one address may ask: token buckets in bounded memory. Pure; the clock is an argument."""

from collections import OrderedDict
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from shared.errors import JoblarkError

CAPACITY = 10_000
"""Buckets kept per rule. Beyond it the one untouched for longest goes, which is the one most likely full again."""


class Rate(NamedTuple):
    """`burst` at once, then one more every `seconds`."""

    burst: int
    seconds: float


READINGS_PER_CLIENT = Rate(burst=20, seconds=15)
REQUESTS_PER_CLIENT = Rate(burst=10, seconds=120)
REQUESTS_PER_ADDRESS = Rate(burst=3, seconds=1200)


class TooOften(JoblarkError):
    """`wait` is how many seconds until the next one is taken."""

    code = "too_often"

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message, retry=True)
        self.wait = wait


class Buckets:
    """For each key seen lately, the time at which its bucket is full again: all that a token bucket has to remember."""

    def __init__(self, rate: Rate, capacity: int = CAPACITY) -> None:
        self._rate = rate
        self._capacity = capacity
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one token. Returns 0 when there was one, else the seconds until there will be. `now` is in seconds."""
        longest = self._rate.burst * self._rate.seconds  # also what remains when the clock was set back
        full_at = min(max(self._full_at.pop(key, now), now), now + longest)
        wait = max(0.0, full_at + self._rate.seconds - longest - now)
        self._full_at[key] = full_at if wait else full_at + self._rate.seconds
        if len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._full_at)


class Rates:
    """Every limit of the web page, each with its own buckets."""

    def __init__(self) -> None:
        self.readings = Buckets(READINGS_PER_CLIENT)
        self.requests = Buckets(REQUESTS_PER_CLIENT)
        self.addresses = Buckets(REQUESTS_PER_ADDRESS)


def client_key(host: str) -> str:
    """One key per client: an IPv6 host owns a whole /64, so that is what is counted."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address, 64), strict=False))
