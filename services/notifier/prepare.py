"""What is decided of many claimed mails before any of them is written: who may get one, and what goes into it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Digest
from services.notifier.kinds import Kind, kind_called
from services.notifier.refusals import Conditions, Refusal, refusal
from services.notifier.repository import attempts, returns, switches
from services.notifier.repository.attempts import Undone
from services.notifier.repository.shortlist import Shortlists
from services.notifier.week import Ask, week_of
from shared.address import address_hash
from shared.models import MailRow, SubscriptionRow
from shared.rarities import StoredRarities
from shared.settings import Settings

QUIET = "nothing new that fits"
SILENT_FOR = timedelta(minutes=1)
CROSSING = "waits: another mail that lists jobs is being made for the same person"
CROSSED = timedelta(seconds=5)
"""How long a mail waits while another that lists jobs is being chosen for the same person."""


@dataclass
class Job:
    """A claimed mail on its way: to whom, what was chosen for it just now, and how long it waits for its provider's turn.

    What was chosen stays a `Digest` in this process, and is JSON in the ledger: reading it back takes as long as choosing.
    """

    mail: MailRow
    kind: Kind
    person: SubscriptionRow | None
    chosen: Digest | None = None
    wait: timedelta = timedelta(0)


@dataclass
class Prepared:
    """`ready` to be sent; `skipped` with the reason; `undone` as held or not its turn; `broken` by an error of ours."""

    ready: list[Job] = field(default_factory=list)
    skipped: list[tuple[MailRow, str]] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    broken: list[tuple[MailRow, Exception]] = field(default_factory=list)


class Preparing:
    """Reads what a batch of mails needs, in a few statements however many they are, and decides."""

    def __init__(self, settings: Settings, *, chats: bool, ask: Ask | None = None) -> None:
        self.settings, self.chats, self.ask = settings, chats, ask
        self.silent_until: datetime | None = None
        self.rarities = StoredRarities()
        self.shortlists = Shortlists(settings.digest_size, settings.digest_per_company)

    async def prepare(self, session: AsyncSession, mails: Sequence[MailRow], now: datetime) -> Prepared:
        """Refuse, choose or let be. Only reads: that a mail is `ready` holds once its content is committed."""
        prepared = Prepared()
        people = await _people(session, mails)
        refused = await self._refused(session, mails, people, now)
        for mail in mails:
            kind, person = kind_called(mail.kind), people.get(mail.subscription_id)
            found = refused.get(mail.id)
            if found is None:
                prepared.ready.append(Job(mail, kind, person))
            elif found.state == "held":
                prepared.undone.append(Undone(mail, found.reason))
            else:
                prepared.skipped.append((mail, found.reason))
        await self._fill(session, prepared, now)
        return prepared

    async def _refused(
        self, session: AsyncSession, mails: Sequence[MailRow], people: Mapping[int, SubscriptionRow], now: datetime
    ) -> dict[int, Refusal]:
        """Why each mail may not go that may not."""
        hashes = {mail.id: self._hash(people.get(mail.subscription_id)) for mail in mails}
        suppressed = await returns.suppressed(session, hashes.values(), now)
        production = self.settings.environment == "production"
        conditions = Conditions(await switches.values(session), production, self.chats)
        found = {}
        for mail in mails:
            person, stopped = people.get(mail.subscription_id), hashes[mail.id] in suppressed
            if refused := refusal(mail, kind_called(mail.kind), person, conditions, now, suppressed=stopped):
                found[mail.id] = refused
        return found

    def _hash(self, person: SubscriptionRow | None) -> str:
        return person.address_hash if person else address_hash(self.settings.operator)

    async def _fill(self, session: AsyncSession, prepared: Prepared, now: datetime) -> None:
        """Choose the content of mails that have none yet; the quiet ones are closed."""
        empty = [job for job in prepared.ready if job.kind.lists and job.mail.content is None]
        if not empty:
            return
        promised = await attempts.promised(session, {job.mail.subscription_id for job in empty})
        crossing = _crossing([job.mail for job in empty], promised)
        for mail in (job.mail for job in empty if job.mail.id in crossing):
            prepared.undone.append(Undone(mail, CROSSING, now + CROSSED + timedelta(seconds=mail.id % 7)))
        chosen = [job for job in empty if job.mail.id not in crossing]
        await self._choose(session, chosen, _promises(promised), prepared, now)
        gone = {mail.id for mail, _ in (*prepared.skipped, *prepared.broken)} | {claim.mail.id for claim in prepared.undone}
        prepared.ready = [job for job in prepared.ready if job.mail.id not in gone]

    async def _choose(
        self, session: AsyncSession, jobs: Sequence[Job], promises: Mapping[int, set[str]], prepared: Prepared, now: datetime
    ) -> None:
        people = [job.person for job in jobs if job.person]
        digests = await self.shortlists.digests_of(session, people, await self.rarities(session), now, promises)
        for job in jobs:
            mail, digest = job.mail, digests[job.mail.subscription_id]
            if isinstance(digest, Exception):
                prepared.broken.append((mail, digest))
            elif not digest.entries and mail.kind == "digest":
                prepared.skipped.append((mail, QUIET))
            else:
                job.chosen = digest

    async def add_week(self, prepared: Prepared, now: datetime) -> None:
        """What became of all the week's postings, for digests chosen just now. A silent matcher is left alone a while."""
        chosen = [job for job in prepared.ready if job.chosen]
        if not chosen or self.ask is None or (self.silent_until and now < self.silent_until):
            return
        weeks = await week_of(self.ask, [job.mail for job in chosen])
        for job in chosen:
            audit, market = weeks.get(job.mail.id, (None, None))
            if job.chosen and (audit or market):
                job.chosen = job.chosen.model_copy(update={"audit": audit, "market": market})
        if not any(audit or market for audit, market in weeks.values()):
            self.silent_until = now + SILENT_FOR


async def _people(session: AsyncSession, mails: Iterable[MailRow]) -> dict[int, SubscriptionRow]:
    ids = {mail.subscription_id for mail in mails if mail.subscription_id}
    rows = (await session.exec(select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids)))).all()
    return {row.id: row for row in rows}


def _crossing(mine: Sequence[MailRow], unsettled: Sequence[MailRow]) -> set[int]:
    """Mails of `mine` for whose person something else is being chosen this moment: both might choose the same jobs."""
    first: dict[int, int] = {}
    for mail in sorted(mine, key=lambda mail: mail.id):
        first.setdefault(mail.subscription_id, mail.id)
    ours = {mail.id for mail in mine}
    others = {
        mail.subscription_id for mail in unsettled if mail.state == "sending" and mail.content is None and mail.id not in ours
    }
    return {mail.id for mail in mine if first[mail.subscription_id] != mail.id or mail.subscription_id in others}


def _promises(unsettled: Sequence[MailRow]) -> dict[int, set[str]]:
    """Openings by person that a mail without an outcome lists: they are not shown again by another meanwhile."""
    found: dict[int, set[str]] = {}
    for mail in unsettled:
        keys = {entry["opening_key"] for entry in (mail.content or {}).get("entries", ())}
        found.setdefault(mail.subscription_id, set()).update(keys)
    return found
