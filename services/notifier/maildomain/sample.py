"""A digest to nobody, as it would go out: to be signed and looked at, never sent."""

from datetime import datetime, timedelta

from services.notifier.digest import Digest, Entry
from services.notifier.kinds import Letter
from services.notifier.mail import domain_of
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.posting import Pay, Workplace
from shared.profile import Profile
from shared.settings import Settings

NOBODY = 0
"""A subscription that never is: its links are signed like others, and change nothing."""


def letter(settings: Settings, now: datetime) -> Letter:
    """One job at an invented company, for an invented person of the mail domain."""
    person = SubscriptionRow(
        id=NOBODY,
        email=f"nobody@{domain_of(settings.mail_from)}",
        state="active",
        profile=Profile().model_dump(mode="json"),
        created_at=now,
        changed_at=now,
        confirmed_at=now,
    )
    content = Digest(entries=(_entry(now),)).model_dump(mode="json")
    week = f"{now:%G-W%V}"
    mail = MailRow(id=0, subscription_id=NOBODY, kind="digest", occasion=week, opened_at=now, due_at=now, content=content)
    return Letter(mail, person, Links(settings.base_url, settings.signing_secret), settings, now)


def _entry(now: datetime) -> Entry:
    return Entry(
        opening_key="sample",
        posting_id=0,
        posting_ids=(0,),
        title="Backend Engineer",
        company="Lumenworks",
        company_key="lumenworks",
        url="https://jobs.example.com/backend-engineer",
        place="Singapore",
        workplace=Workplace.HYBRID,
        pay=Pay(low=96_000, high=144_000, currency="SGD"),
        first_seen_at=now - timedelta(days=2),
        checked_at=now,
        score=87.0,
        matched=("go", "postgresql"),
        missing=("kafka",),
        reasons=("2 of the 3 skills it asks for", "in Singapore"),
    )
