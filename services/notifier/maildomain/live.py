"""Checks of what this installation does: its unsubscribe link, and a digest as it would go out."""

from urllib.parse import urlsplit

import httpx2

from services.notifier.compose import compose
from services.notifier.dkim import sign, signers
from services.notifier.mail import to_bytes
from services.notifier.maildomain import sample, verify
from services.notifier.maildomain.finding import Finding, green, red
from services.notifier.maildomain.setup import Setup
from shared.errors import NotReady
from shared.links import Links

SECONDS = 10.0


async def one_click(setup: Setup) -> list[Finding]:
    """RFC 8058 3.2: a POST without cookies is answered with 200, and not with a redirect."""
    what, url = "one-click", Links(setup.settings.base_url, setup.settings.signing_secret).unsubscribe(sample.NOBODY)
    if urlsplit(url).scheme != "https":
        return [red(what, f"links begin with {setup.settings.base_url}", "set JOBLARK_BASE_URL to the public https:// address")]
    status, redirected = await setup.post(url, b"List-Unsubscribe=One-Click")
    if redirected:
        return [red(what, f"the unsubscribe link answers {status}, a redirect", "set JOBLARK_BASE_URL to where it leads")]
    if status != 200:
        advice = (
            "see that JOBLARK_BASE_URL is this installation's page, that a POST reaches it, and that the secret is the same"
        )
        return [red(what, f"the unsubscribe link answers {status}", advice)]
    return [green(what, "the unsubscribe link answers a POST with 200")]


async def signed_sample(setup: Setup) -> list[Finding]:
    """A digest as it would go out, signed as it would be, and read with the key that is published."""
    letter = sample.letter(setup.settings, setup.now)
    keys = signers(setup.settings)
    message = sign(to_bytes(compose(letter), setup.now), keys, setup.now)
    found = []
    for key in keys:
        records = await setup.lookup.txt(key.name)
        fault = verify.fault(message, key.selector, records[0]) if records else "no key is published"
        what = f"sample {key.selector}"
        advice = "publish what `joblark dkim show` prints"
        found.append(red(what, fault, advice) if fault else green(what, f"a digest of {len(message) // 1000 or 1} kB verifies"))
    return found


async def post(url: str, form: bytes) -> tuple[int, bool]:
    """POST a form as a mail program does, without following: the status, and whether it was a redirect.

    Raises `NotReady` (`page_unreachable`) where nobody answers, or with a certificate that nobody trusts.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        async with httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
            answer = await client.post(url, content=form, headers=headers)
    except httpx2.HTTPError as error:
        reason = f"the page at JOBLARK_BASE_URL does not answer: {type(error).__name__}"
        raise NotReady(reason, code="page_unreachable") from None
    return answer.status_code, answer.is_redirect
