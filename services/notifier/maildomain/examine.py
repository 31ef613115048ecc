"""Every check, in the order in which one mends them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from services.notifier.maildomain import live, records
from services.notifier.maildomain.finding import Finding, State, red
from services.notifier.maildomain.lookup import Lookup
from services.notifier.maildomain.setup import Post, Setup
from shared.errors import JoblarkError
from shared.settings import Settings

SECONDS = 20.0


async def examine(settings: Settings, lookup: Lookup, now: datetime, post: Post = live.post) -> list[Finding]:
    """What is in order and what is not. A check that cannot be made is red, for nobody knows then."""
    setup = Setup(settings, lookup, post, now)
    found = await asyncio.gather(*(_made(what, check(setup)) for what, check in CHECKS.items()))
    return [finding for findings in found for finding in findings]


def is_red(findings: Sequence[Finding]) -> bool:
    """Whether digests had better not go out."""
    return any(finding.state is State.RED for finding in findings)


async def _made(what: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(SECONDS):
            return await check
    except TimeoutError:
        return [red(what, f"no answer within {SECONDS:.0f} s", "try again; then look at the name servers and the network")]
    except JoblarkError as error:
        return [red(what, str(error), "mend that, then try again")]


CHECKS: dict[str, Callable[[Setup], Awaitable[list[Finding]]]] = {
    "identity": records.identity,
    "MX": records.mx,
    "SPF": records.sender_policy,
    "DKIM": records.dkim,
    "DMARC": records.dmarc,
    "PTR": records.ptr,
    "one-click": live.one_click,
    "sample": live.signed_sample,
}
