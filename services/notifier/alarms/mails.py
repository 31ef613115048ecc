"""What may be wrong with mails. Pure.

The limits for complaints and bounces are those of the big providers: Gmail and Yahoo want complaints below 0.1 % and never at
0.3 %; Amazon SES looks into a sender at 5 % of bounces.
"""

from datetime import datetime, timedelta

from services.notifier.alarms.facts import WEEK, Alarm, Facts, Tally, alarm, first
from services.notifier.phrases import counted

STOPPED_FOR = timedelta(days=1)
COMPLAINTS, RED_LINE, BOUNCES = 0.001, 0.003, 0.05
LEAST_BOUNCES = 5
"""One mail of ten that comes back is a tenth, and nothing to hear of."""
FEW, PART = 2, 0.01
"""So many mails may be in trouble, or this part of the week's, before it is told."""


def complaints(facts: Facts, now: datetime) -> Alarm | None:
    rate = _rate(facts.complaints, facts.sent)
    if rate <= COMPLAINTS:
        return None
    red = rate >= RED_LINE
    return alarm(
        "complaints_red" if red else "complaints",
        "complaints are above Gmail's red line" if red else "more people complain than Gmail likes",
        details=[f"{facts.complaints:,} complaints about {facts.sent:,} mails in 7 days: {rate:.2%}, of at most 0.10%"],
        advice="At 0.30% mail ends in spam folders. Stop digests until you know what people complain about."
        if red
        else "Whoever complained gets no more mail. Find out what they complain about before it reaches 0.30%.",
        commands=["joblark deliveries stop", "joblark suppressions list"] if red else ["joblark suppressions list"],
    )


def domain_red(facts: Facts, now: datetime) -> Alarm | None:
    if facts.red is None:
        return None
    since, what = facts.red
    return alarm(
        "domain_red",
        "the mail domain is not in order, and digests wait for it",
        since,
        details=[what] if what else [],
        advice="The doctor says what to publish or to set. Digests go out by themselves once all of it is green.",
        commands=["joblark doctor --mail"],
    )


def digests_overdue(facts: Facts, now: datetime) -> Alarm | None:
    if not facts.overdue.number:
        return None
    return alarm(
        "digests_overdue",
        f"{counted(facts.overdue.number, 'digest is', 'digests are')} more than an hour late",
        facts.overdue.since,
        advice="A notifier that keeps up opens and tries each within the hour. Look for one that is down, slow or cut off.",
        commands=["joblark doctor", "joblark mails list --state pending"],
    )


def bounces(facts: Facts, now: datetime) -> Alarm | None:
    back = facts.bounces + facts.refused
    rate = _rate(back, facts.sent)
    if rate <= BOUNCES or back < LEAST_BOUNCES:
        return None
    return alarm(
        "bounces",
        "too many mails come back",
        details=[f"{back:,} of {facts.sent:,} mails of 7 days came back for good: {rate:.1%}, of at most 5%"],
        advice="Each of these addresses is suppressed already. Find out how they came to be confirmed, or who blocks you.",
        commands=["joblark suppressions list", "joblark doctor --mail"],
    )


def mails_unknown(facts: Facts, now: datetime) -> Alarm | None:
    if not _many(facts.unknown.number, facts.sent):
        return None
    return alarm(
        "mails_unknown",
        f"nobody knows whether {counted(facts.unknown.number, 'mail', 'mails')} arrived",
        facts.unknown.since,
        advice="The mail server fell silent after the message began. Its log knows: settle each as sent, or send it again.",
        commands=["joblark mails list --state unknown", "joblark deliveries resolve --help"],
    )


def mails_failed(facts: Facts, now: datetime) -> Alarm | None:
    if not _many(facts.failed.number, facts.sent):
        return None
    return alarm(
        "mails_failed",
        f"{counted(facts.failed.number, 'mail', 'mails')} could not be sent at all",
        facts.failed.since,
        advice="The reason of each stands in the ledger. Mailboxes that are gone are not among them.",
        commands=["joblark mails list --state failed", "joblark doctor --mail"],
    )


def mails_held(facts: Facts, now: datetime) -> Alarm | None:
    held = {code: tally for code, tally in facts.held.items() if code != "digests_off"}
    count = sum(tally.number for tally in held.values())
    if not _many(count, facts.sent):
        return None
    return alarm(
        "mails_held",
        f"{counted(count, 'mail is', 'mails are')} held back",
        first(tally.since for tally in held.values()),
        details=[f"{tally.number:,} for {code}" for code, tally in sorted(held.items())],
        advice="They go out by themselves when what holds them is over; the reason of each says what that is.",
        commands=["joblark mails list --state held", "joblark doctor --mail"],
    )


def mails_put_off(facts: Facts, now: datetime) -> Alarm | None:
    if not _many(facts.put_off.number, facts.sent):
        return None
    return alarm(
        "mails_put_off",
        f"mail servers have put off {counted(facts.put_off.number, 'mail', 'mails')} for more than an hour",
        facts.put_off.since,
        advice="They are tried again until they are too old. Look at the reasons: a server away, a login refused, a limit.",
        commands=["joblark mails list --state deferred", "joblark doctor --mail"],
    )


def digests_stopped(facts: Facts, now: datetime) -> Alarm | None:
    if facts.stopped is None or now - facts.stopped <= STOPPED_FOR:
        return None
    waiting = facts.held.get("digests_off", Tally()).number
    return alarm(
        "digests_stopped",
        "digests have been stopped for more than a day",
        facts.stopped,
        details=[f"{counted(waiting, 'mail waits', 'mails wait')} to be let go"] if waiting else [],
        advice="If that is meant, do nothing: this comes once a week. What waits for more than 7 days is not sent any more.",
        commands=["joblark deliveries start"],
        repeat=WEEK,
    )


def _many(count: int, sent: int) -> bool:
    return count > max(FEW, sent * PART)


def _rate(count: int, of: int) -> float:
    """A part of the mails of 7 days; what comes back of mails before that has no whole to be a part of."""
    return count / max(of, count, 1)
