"""Delivery status notifications: RFC 3464 in a `multipart/report` (RFC 6522), and the internationalised form of RFC 6533.

Postfix, Exim, Sendmail, Exchange, Gmail and most others write them. A report has a group of fields for each recipient. Our
mails have one recipient each, so several groups are one mail that was forwarded or expanded, and are judged together: as
long as somebody there gets it, the address is not dead.

`delayed` is no failure: the server has the mail and goes on, and tells again when it gives up.
"""

from shared.errors import UnreadableInput
from shared.returns.base import MAX_RECIPIENTS, Finding, MailFormat
from shared.returns.mime import Part, groups, head
from shared.returns.status import failure, status_of

REPORTS = ("message/delivery-status", "message/global-delivery-status")
ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers")
ARRIVED = frozenset({"delivered", "relayed", "expanded"})
GOING_ON = frozenset({"delayed"})
Group = dict[str, str]


def read(message: Part) -> Finding | None:
    report = message.first(*REPORTS)
    if report is None:
        return None
    found = groups(report.text(), MAX_RECIPIENTS + 1)
    recipients = [group for group in found if "action" in group and ("status" in group or "final-recipient" in group)]
    if len(found) > MAX_RECIPIENTS + 1:
        raise UnreadableInput(f"this report is about more than {MAX_RECIPIENTS} recipients", code="report_too_long")
    return judged(recipients, original_of(message))


def judged(recipients: list[Group], original: Part | None) -> Finding | None:
    """One finding for all recipients of one mail; `None` when no group has an action that RFC 3464 knows."""
    actions = {_action(group) for group in recipients}
    failures = [_failed(group, original) for group in recipients if _action(group) == "failed"]
    if failures and not actions & ARRIVED:
        return next((finding for finding in failures if finding.sort == "soft"), failures[0])
    if failures:
        return Finding("soft", failures[0].status, failures[0].detail, original, failures[0].addresses)
    return Finding("taken", original=original) if actions & (ARRIVED | GOING_ON) else None


def original_of(message: Part) -> Part | None:
    """The header of the mail that a report encloses."""
    enclosed = message.first(*ORIGINALS)
    return head(enclosed.text()) if enclosed else None


def _failed(group: Group, original: Part | None) -> Finding:
    words = group.get("diagnostic-code", "")
    status = status_of(group.get("status", ""), words)
    addresses = tuple(_address(group[name]) for name in ("final-recipient", "original-recipient") if name in group)
    return Finding(failure(status, words), status, words, original, addresses)


def _action(group: Group) -> str:
    return group["action"].partition("(")[0].strip().lower()


def _address(field: str) -> str:
    """The address of `rfc822; ada@example.org`."""
    return field.rpartition(";")[2].strip().strip("<>")


FORMAT = MailFormat("dsn", read)
