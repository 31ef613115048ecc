"""Whether a failure is about the address, which is then never written to again, or about something that may pass. Pure.

Status codes are those of RFC 3463 and the registry of RFC 5248. A hard bounce costs a person their mails for good, a soft
one costs a mail server three more tries. So hard is only what says that there is no such address:

5.1.x   the address: hard, but 5.1.7 and 5.1.8, which are about the sender's. 5.1.10 is a domain that takes no mail (RFC 7505)
5.2.1   the mailbox is disabled: hard
5.4.4   the domain has no mail server: hard
5.0.0   a server without such codes, 5.4.1 and 5.5.0 (Microsoft's for unknown mailboxes): hard only where the words say it too

Soft is all else, above all what is often taken for hard: 5.2.2 (mailbox full) passes, and 5.7.x (policy, spam, a missing
signature) is about us: one bad day at a large provider would suppress everybody who has an address there.
"""

import re
from typing import Literal

Failure = Literal["hard", "soft"]
HARD = frozenset({"5.2.1", "5.4.4"})
ABOUT_THE_SENDER = frozenset({"5.1.7", "5.1.8"})
WORDS = {
    "5.0.0": (
        "user unknown",
        "unknown user",
        "no such user",
        "no such mailbox",
        "mailbox not found",
        "no mailbox here by that",
    ),
    "5.4.1": ("recipient address rejected",),
    "5.5.0": ("mailbox unavailable",),
}
"""Codes that say little, and the words beside which they say that there is no such address."""
_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
_REPLY = re.compile(r"(?<!\d)(5\d\d)(?!\d)[ -]")
_SEARCHED = 4_000


def enhanced(text: str) -> str:
    """The first status code in `text`, such as `5.1.1`; empty where there is none."""
    found = _CODE.search(text[:_SEARCHED])
    return ".".join(str(int(part)) for part in found.groups()) if found else ""


def status_of(status: str, words: str) -> str:
    """The code of a failure: what the report gives, unless the server's own words are more exact."""
    given, said = enhanced(status), enhanced(words)
    if given and not given.endswith(".0.0"):
        return given
    if said and not said.startswith("2"):
        return said
    return given or ("5.0.0" if _REPLY.search(words[:_SEARCHED]) else "")


def failure(status: str, words: str = "") -> Failure:
    """The sort of a failure with this code (`status_of`), told in these words."""
    if status in HARD or (status.startswith("5.1.") and status not in ABOUT_THE_SENDER):
        return "hard"
    said = " ".join(words[:_SEARCHED].lower().split())
    return "hard" if any(phrase in said for phrase in WORDS.get(status, ())) else "soft"
