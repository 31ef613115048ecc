"""Non-delivery reports of Exchange that lost their delivery status on the way, as when a gateway or a forward took it off.

Exchange and Outlook.com write proper notifications (`dsn`). What is left when that part is gone is text, in which the server's
code stands in one of two shapes, `#550 5.1.1 RESOLVER.ADR.RecipNotFound…##` or `Remote Server returned '550 5.1.10 …'`
(learn.microsoft.com, "NDR error codes in Exchange Online"). Only a mail that Exchange marked as a report
(`X-MS-Exchange-Message-Is-Ndr`) or that has the sentence of its reports, and that has such a code, is believed to be one.
"""

import re

from shared.returns.base import Finding, MailFormat
from shared.returns.dsn import REPORTS, original_of
from shared.returns.mime import Part
from shared.returns.status import failure, status_of

MARK = "x-ms-exchange-message-is-ndr"
SEARCHED = 20_000
SENTENCE = "did not reach the following recipient(s)"
_CODE = re.compile(
    r"(?:#|remote server returned (?:['\"‘]|&#39;))\s?([45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}[^\n#]{0,200})", re.IGNORECASE
)


def read(message: Part) -> Finding | None:
    if message.first(*REPORTS):
        return None
    text = "\n".join(part.text()[:SEARCHED] for part in message.walk() if part.kind in ("text/plain", "text/html"))
    if not message.all(MARK) and SENTENCE not in text:
        return None
    found = _CODE.search(text)
    if found is None:
        return None
    status = status_of("", found[1])
    return Finding(failure(status, found[1]), status, found[1], original_of(message))


FORMAT = MailFormat("exchange", read)
