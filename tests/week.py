"""An invented week of jobs, as the notifier finds it when a digest is due, and the letters that are written of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notifier.digest import Candidate, Digest, Market, choose
from services.notifier.entries import explained
from services.notifier.kinds import Letter
from services.notifier.listing import Sighting, listing_of
from shared.audit import Audit
from shared.links import Links
from shared.match import Cause
from shared.models import MailRow, SubscriptionRow
from shared.posting import Level, Pay, Place, Posting, Role, Strength, Workplace
from shared.profile import Profile
from shared.scoring import SHIPPED, Wish, wish_of
from shared.settings import Settings
from tests.factories import facts, mention, profile, subscription_row

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
PERSON = profile("go", "postgresql", "kafka", "kubernetes", "grpc", "redis", "aws", "terraform", "linux", "python", "docker")
WISH: Wish = wish_of(PERSON)
AUDIT = Audit(considered=412, matched=52, dropped={Cause.PLACE: 231, Cause.LEVEL: 88, Cause.SENT: 41})
MARKET = Market(place="Singapore", weeks=(226, 301, 284, 372, 178, 339, 405, 412))
_SEEN = {"opening_key", "board_id", "first_seen_at", "last_seen_at", "closed_at", "relisted_at"}
_FACTS = {"pay", "workplace", "places", "level", "role", "agency", "closes_on"}
_CANDIDATE = {"score", "is_local", "shown"}


def candidate(posting_id: int = 1, *, skills: tuple[str, ...] = (), wants: tuple[str, ...] = (), **given: Any) -> Candidate:
    """One open candidate; fields of posting, facts, sighting and candidate may all be given by name.

    `skills` are required and `wants` preferred; `days` ago it was first seen, `posted` days ago the board says it began.
    """
    ago = NOW - timedelta(days=given.pop("days", 3))
    if "posted" in given:
        given["posted_at"] = NOW - timedelta(days=given.pop("posted"))
    seen = {"opening_key": f"opening-{posting_id}", "board_id": 1, "first_seen_at": ago, "last_seen_at": NOW}
    seen |= {name: given.pop(name) for name in given.keys() & _SEEN}
    own = {"score": 80.0, "is_local": True} | {name: given.pop(name) for name in given.keys() & _CANDIDATE}
    read = {"role": None, "level": None, "places": ()} | {name: given.pop(name) for name in given.keys() & _FACTS}
    mentions = (*map(mention, skills), *(mention(skill, Strength.PREFERRED) for skill in wants))
    usual = {"source": "ashby", "board": "acme", "title": "Backend Engineer", "company": "Acme", "location": "Singapore"}
    what = Posting(
        external_id=str(posting_id), facts=facts(*mentions, **read) if mentions else facts(skills=(), **read), **usual | given
    )
    return Candidate(listing_of(what, Sighting(posting_id=posting_id, **seen), SHIPPED), **own)


def week() -> list[Candidate]:
    """Pay, place and age in several shapes, an opening in two cities, a re-post, more of one company than is shown."""
    here = {"places": (Place(city="Singapore", country="SG"),), "role": Role.BACKEND, "level": Level.SENIOR}
    rows: list[dict[str, Any]] = [
        {
            "title": "Senior Backend Engineer, Settlement", "company": "Lumenworks", "score": 93.4, "days": 1, "posted": 12,
            "skills": ("go", "postgresql", "kafka", "kubernetes", "grpc", "redis", "aws", "terraform", "linux"),
            "wants": ("rust",), "workplace": Workplace.HYBRID, "pay": Pay(low=108_000, high=150_000, currency="SGD"),
            "opening_key": "lumen", "closes_on": date(2026, 12, 4),
        },
        {
            "title": "Senior Backend Engineer, Settlement", "company": "Lumenworks", "score": 71, "days": 1,
            "location": "Kuala Lumpur", "opening_key": "lumen", "skills": ("go",),
        },
        {
            "title": "Senior Platform Engineer, Developer Infrastructure", "company": "Quillstone", "score": 88.2, "days": 3,
            "skills": ("kubernetes", "terraform", "go", "linux"), "wants": ("bazel", "nix"), "role": Role.INFRASTRUCTURE,
        },
        {
            "title": "Site Reliability Engineer", "company": "Tidewater Grid", "score": 84.0, "days": 5, "posted": 19,
            "location": "Remote, APAC", "places": (Place(region="APAC"),), "workplace": Workplace.REMOTE,
            "role": Role.INFRASTRUCTURE, "pay": Pay(low=96_000, currency="USD"), "skills": ("kubernetes", "linux", "python"),
        },
        {
            "title": "Staff Engineer, Payments", "company": "Lumenworks", "score": 82.5, "days": 0, "level": Level.STAFF,
            "workplace": Workplace.ONSITE, "skills": ("go", "postgresql", "java", "payments", "cryptography"),
        },
        {"title": "Software Engineer, Ledger", "company": "Lumenworks", "score": 78.0, "skills": ("go", "kafka")},
        {"title": "Software Engineer, Risk", "company": "Lumenworks", "score": 77.0, "skills": ("go", "kafka")},
        {
            "title": "Data Platform Engineer", "company": "Harbour & Pine", "score": 76.1, "days": 2, "board_id": 2,
            "opening_key": "harbour", "skills": ("python", "kafka", "postgresql"), "wants": ("apache spark", "apache airflow"),
            "workplace": Workplace.HYBRID, "pay": Pay(high=132_000, currency="SGD"), "role": Role.DATA,
        },
        {
            "title": "Backend Engineer (Go)", "company": "Fernhill Search", "score": 72.0, "days": 4, "agency": True,
            "skills": ("go", "docker", "postgresql"), "wants": ("graphql",), "level": Level.MID,
            "attribution": "Himalayas", "last_seen_at": NOW - timedelta(days=1),
        },
    ]  # fmt: skip
    links = [f"https://jobs.example.com/{row['company'].split()[0].lower()}/{i}" for i, row in enumerate(rows)]
    return [candidate(i, url=link, **here | row) for i, (row, link) in enumerate(zip(rows, links, strict=True), start=1)]


def past() -> list[Sighting]:
    """What stood on Harbour & Pine's board before their job came back under a new id."""
    gone = NOW - timedelta(days=9)
    return [Sighting(101, 2, "harbour", NOW - timedelta(days=103), gone, closed_at=gone + timedelta(days=1))]


def digest_from(*candidates: Candidate, size: int = 10, per_company: int = 2) -> Digest:
    return explained(choose(candidates, NOW, size, per_company), WISH)


def digest() -> Digest:
    """The week's digest with everything that one may have."""
    chosen = explained(choose(week(), NOW, 10, 2), WISH, past())
    return chosen.model_copy(update={"audit": AUDIT, "market": MARKET})


def letter(content: Digest, *, kind: str = "digest", occasion: str = "2026-W47", id_: int = 7, **given: Any) -> Letter:
    """A letter of that kind to Mei Tan; `given` are columns of her subscription, or settings."""
    usual = {"mail_postal": "Joblark, 1 Example Street, Singapore 000000", "base_url": "https://joblark.example.org"}
    known = {name: given.pop(name) for name in given.keys() & Settings.model_fields.keys()}
    settings = Settings(
        _env_file=None, **{**usual, "secret": "not a secret " * 3, "mail_from": "Joblark <jobs@joblark.example.org>", **known}
    )
    who: Profile = given.pop("who", PERSON)
    person: SubscriptionRow = subscription_row(42, who, **given)
    mail = MailRow(
        id=id_,
        subscription_id=42,
        kind=kind,
        occasion=occasion,
        opened_at=NOW,
        due_at=NOW,
        content=content.model_dump(mode="json"),
    )
    return Letter(mail, person, Links(settings.base_url, settings.signing_secret), settings, NOW)


def pictured() -> dict[str, Letter]:
    """The letters that `tests.pictures` draws, by the name of the picture."""
    long_ago = {"created_at": NOW - timedelta(days=262), "confirmed_at": NOW - timedelta(days=261)}
    just_now = {"created_at": NOW - timedelta(minutes=9), "confirmed_at": NOW - timedelta(minutes=2)}
    first = explained(choose(week()[:4], NOW, 10, 2), WISH)
    return {
        "digest": letter(digest(), **long_ago),
        "welcome": letter(first, kind="welcome", occasion="welcome", **just_now),
        "welcome-quiet": letter(Digest(), kind="welcome", occasion="welcome", **just_now),
    }
