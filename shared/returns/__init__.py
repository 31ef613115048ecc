"""What comes back of mails: bounces and complaints, from mail and from providers' webhooks, as `MailReturned`. Pure.

Each sibling module that declares `FORMAT` is a format of reports by mail, each that declares `HOOK` a provider's; there is no
list to keep.

Anybody can write a mail to the address that reports go to. So a report by mail is believed only if it carries the signed name
(`shared.mail_ids`) of the mail it is about, which nobody knows but those the mail went through; and it is never believed about
an address: who is meant is looked up in the ledger. Providers' reports are believed by their signature, before they come here.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from shared.address import address_hash
from shared.errors import Conflict
from shared.events import MailReturned
from shared.mail_ids import named_mail
from shared.masking import masked
from shared.posting import Value
from shared.returns.base import Finding, HookFormat, MailFormat, Report, believable, date_of
from shared.returns.machine import written_by_machine
from shared.returns.mime import MAX_BYTES as MAX_BYTES
from shared.returns.mime import Part, parse

ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to", "to", "cc")
"""Where a mailbox says which address a mail came to: that is the return path of ours, with its signed name."""
LONGEST_ADDRESS = 320
ANSWERED = ("in-reply-to", "references")
ORIGINAL = ("message-id", "return-path", "x-original-message-id")


class Reading(Value):
    """What a mail of the bounce mailbox is. `why` says more of one that is not `returned`; without addresses."""

    outcome: Literal["returned", "ignored", "unsigned", "unrecognised"]
    returned: MailReturned | None = None
    why: str = ""


def read_mail(raw: bytes, secret: str, now: datetime) -> Reading:
    """What one mail says came back. `secret` signed the names of our mails. Raises `UnreadableInput`."""
    message = parse(raw)
    for form in mail_formats().values():
        finding = form.read(message)
        if finding is not None:
            return _judged(form.name, message, finding, secret, now)
    if automatic := written_by_machine(message):
        return Reading(outcome="ignored", why=automatic)
    return Reading(outcome="unrecognised", why="not a report in any format that is known")


def read_hook(provider: str, body: bytes, secret: str, now: datetime) -> list[MailReturned]:
    """What a provider's report, whose signature was checked, says came back. Raises `UnreadableInput`.

    A report that names neither a mail of ours nor an address says nothing, and is left out.
    """
    reports = hook_formats()[provider].read(body)
    return [found for report in reports if (found := _believed(provider, report, secret, now))]


def signed_mail(message: Part, original: Part | None, secret: str) -> int | None:
    """The mail of ours that a report is about: by the address it came to, what it answers, or the mail it encloses."""
    texts = [*message.all(*ADDRESSED), *message.all(*ANSWERED), *(original.all(*ORIGINAL) if original else ())]
    return next((found for text in texts[:50] if (found := named_mail(text, secret)) is not None), None)


def _believed(provider: str, report: Report, secret: str, now: datetime) -> MailReturned | None:
    mail_id = next((found for text in report.named if (found := named_mail(text, secret))), 0)
    known = "@" in report.address.strip("@") and len(report.address) <= LONGEST_ADDRESS
    if not mail_id and (report.sort == "taken" or not known):
        return None
    return MailReturned(
        key=f"{provider}:{hashlib.sha256(report.key.encode('utf-8', 'replace')).hexdigest()[:40]}",
        sort=report.sort,
        address_hash=address_hash(report.address) if known else "",
        mail_id=mail_id,
        status=report.status,
        detail=masked(report.detail, report.address),
        source=provider,
        returned_at=believable(report.at, now),
    )


def _judged(name: str, message: Part, finding: Finding, secret: str, now: datetime) -> Reading:
    detail = masked(finding.detail, *finding.addresses)
    if finding.sort is None:
        return Reading(outcome="ignored", why=detail)
    mail_id = signed_mail(message, finding.original, secret)
    if not mail_id:
        return Reading(outcome="unsigned", why=" ".join(f"{name}: {finding.sort} {finding.status} {detail}".split()))
    at = believable(date_of(message.get("date")), now)
    returned = MailReturned(
        key=f"mail:{mail_id}:{finding.sort}:{finding.status}",
        sort=finding.sort,
        address_hash="",
        mail_id=mail_id,
        status=finding.status,
        detail=detail,
        source=name,
        returned_at=at,
    )
    return Reading(outcome="returned", returned=returned)


@cache
def mail_formats() -> dict[str, MailFormat]:
    """Every format of reports by mail, by its name."""
    return _named("FORMAT")


@cache
def hook_formats() -> dict[str, HookFormat]:
    """Every provider's reports, by its name."""
    return _named("HOOK")


def _named(attribute: str) -> dict[str, Any]:
    declared = list(_declared(attribute))
    known = {form.name: form for form in declared}
    if len(known) < len(declared):
        raise Conflict("two modules of shared/returns declare a format of one name: rename one")
    return known


def _declared(attribute: str) -> Iterator[Any]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    yield from (getattr(module, attribute) for module in modules if hasattr(module, attribute))
