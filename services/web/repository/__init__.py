"""The one writer of `subscriptions` and `feedback`, for the web page and the command line alike.

    subscriptions   made, found, changed
    states          pending → active ⇄ paused → ended, and what a person does besides: renew, ask for their link
    answers         what a person said of jobs, and what it taught
    ageing          what time does to subscriptions: pauses that are over, silence, addresses no longer needed
    sent            what a subscription was sent, which the notifier writes

Every operation may be repeated: the second time changes nothing. What changes a row makes a new revision and clears
`published_at` (`rows`), so that `shared.outbox` owes the event.
"""

from services.web.repository.ageing import end_complained, end_silent, end_unconfirmed, erase_addresses, resume_due
from services.web.repository.answers import answer, answers, forget_answers, taught
from services.web.repository.rows import ACTIVE, ENDED, PAUSED, PENDING
from services.web.repository.sent import last_sent
from services.web.repository.states import ask_for_links, confirm, end, erase, pause, renew, resume
from services.web.repository.subscriptions import change, create, find_by_email, find_by_hash, get, listing, next_digest

__all__ = [
    "ACTIVE",
    "ENDED",
    "PAUSED",
    "PENDING",
    "answer",
    "answers",
    "ask_for_links",
    "change",
    "confirm",
    "create",
    "end",
    "end_complained",
    "end_silent",
    "end_unconfirmed",
    "erase",
    "erase_addresses",
    "find_by_email",
    "find_by_hash",
    "forget_answers",
    "get",
    "last_sent",
    "listing",
    "next_digest",
    "pause",
    "renew",
    "resume",
    "resume_due",
    "taught",
]
