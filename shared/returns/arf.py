"""Complaints of feedback loops: RFC 5965 (`message/feedback-report`), as Yahoo, Comcast, Validity and others send them.

What a person who pressed *spam* has said is `abuse`; `fraud`, `virus` and the old `opt-out` ask for the same: no more of it.
`not-spam` takes back no suppression, since one by a complaint is for good; `auth-failure` (RFC 6591) is about the domain, and
`other` says nothing that can be acted on. The address is often left out (RFC 6590): the mail's signed name says who it was.
"""

from shared.returns.base import Finding, MailFormat
from shared.returns.dsn import original_of
from shared.returns.mime import Part, groups

COMPLAINTS = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list"})
NO_MATTER = frozenset({"not-spam", "auth-failure", "other"})


def read(message: Part) -> Finding | None:
    report = message.first("message/feedback-report")
    fields = groups(report.text(), 1)[:1] if report else []
    kind = fields[0].get("feedback-type", "").strip().lower() if fields else ""
    if kind in COMPLAINTS:
        who = fields[0].get("original-rcpt-to", "").strip("<> ")
        return Finding("complaint", detail=f"feedback of type {kind}", original=original_of(message), addresses=(who,))
    return Finding(None, detail=f"feedback of type {kind}") if kind in NO_MATTER else None


FORMAT = MailFormat("arf", read)
