"""Bounces of qmail: QSBMF, https://cr.yp.to/proto/qsbmf.txt.

The body begins with `Hi. This is the`; then a paragraph for each recipient, which begins with `<address>:`; then one that
begins with `-`; then the mail. qmail-send bounces only what failed for good, so its words stand for a 5.0.0.
"""

from shared.returns.base import Finding, MailFormat
from shared.returns.mime import Part, head
from shared.returns.status import failure, status_of

GREETING = "Hi. This is the"
MAX_PARAGRAPHS = 52


def read(message: Part) -> Finding | None:
    text = message.text().lstrip("\n") if message.kind == "text/plain" else ""
    if not text.startswith(GREETING):
        return None
    paragraphs = text.split("\n\n", MAX_PARAGRAPHS)
    end = next((number for number, paragraph in enumerate(paragraphs) if paragraph.startswith("-")), None)
    reasons = [paragraph for paragraph in paragraphs[1:end] if paragraph.startswith("<") and ">:\n" in paragraph]
    if end is None or not reasons:
        return None
    original = head("\n\n".join(paragraphs[end + 1 :]))
    findings = [_failed(reason, original) for reason in reasons]
    return next((finding for finding in findings if finding.sort == "soft"), findings[0])


def _failed(paragraph: str, original: Part) -> Finding:
    address, _, words = paragraph.partition(">:\n")
    status = status_of("5.0.0", words)
    return Finding(failure(status, words), status, words, original, (address.removeprefix("<"),))


FORMAT = MailFormat("qmail", read)
