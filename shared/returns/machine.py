"""Mails to the return path that a machine wrote and that are no report: holiday notes and read receipts. Pure.

RFC 3834 has machines say so (`Auto-Submitted`); older ones say it in fields of their own. RFC 8098 has read receipts.
"""

from shared.returns.mime import Part

FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoresponse", "x-auto-response-suppress", "x-vacation")


def written_by_machine(message: Part) -> str:
    """What kind of automatic mail this is; empty for a person's, or one that does not say."""
    if message.first("message/disposition-notification"):
        return "a read receipt"
    submitted = message.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no") or message.all(*FIELDS):
        return "an automatic reply"
    if message.get("precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return "an automatic reply"
    return ""
