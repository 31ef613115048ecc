"""Builders of valid values and rows with invented people and companies. Give only what a test is about."""

from datetime import UTC, datetime
from typing import Any

from services.scraper.changes import Known
from shared.events import PostingFound
from shared.models import BoardRow, MailRow, MatchRow, PostingRow, SubscriptionRow
from shared.posting import Facts, Level, Place, Posting, Role, SkillMention, Strength, digest_of
from shared.profile import Profile, ProfileSkill

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
SINGAPORE = Place(city="Singapore", country="SG")
BERLIN = Place(city="Berlin", country="DE")


def mention(skill: str, strength: Strength = Strength.REQUIRED) -> SkillMention:
    return SkillMention(skill=skill, strength=strength, text=skill, start=0, end=len(skill))


def facts(*skills: str | SkillMention, **given: Any) -> Facts:
    """What a senior backend job in Singapore says of itself, with these skills required."""
    mentions = tuple(skill if isinstance(skill, SkillMention) else mention(skill) for skill in skills)
    usual = {"skills": mentions, "role": Role.BACKEND, "level": Level.SENIOR, "places": (SINGAPORE,)}
    return Facts(**{**usual, **given})


def posting(external_id: str = "1", *skills: str, **given: Any) -> Posting:
    """A backend job at Lumenworks that asks for Go and PostgreSQL; each `external_id` is an opening of its own."""
    usual = {
        "source": "greenhouse",
        "board": "lumenworks",
        "title": "Senior Backend Engineer",
        "company": "Lumenworks",
        "url": f"https://jobs.example.com/lumenworks/{external_id}",
        "location": "Singapore",
        "description": f"Build ledgers with the {_letters(external_id)} team.",
        "facts": facts(*(skills or ("go", "postgresql"))),
    }
    return Posting(external_id=external_id, **{**usual, **given})


def profile(*skills: str, **given: Any) -> Profile:
    """A senior backend engineer in Singapore who knows Go and PostgreSQL, or these skills."""
    held = tuple(ProfileSkill(skill=skill) for skill in (skills or ("go", "postgresql")))
    usual = {"skills": held, "role": Role.BACKEND, "level": Level.SENIOR, "places": (SINGAPORE,)}
    return Profile(**{**usual, **given})


def known(id_: int, posting: Posting, *, closed: bool = False, missed: int = 0) -> Known:
    return Known(id_, posting.content_hash, closed, missed)


def found(posting_id: int = 1, revision: int = 1, of: Posting | None = None) -> PostingFound:
    return PostingFound(posting_id=posting_id, revision=revision, first_seen_at=NOW, posting=of or posting(str(posting_id)))


def board_row(name: str = "lumenworks", source: str = "greenhouse", **given: Any) -> BoardRow:
    return BoardRow(**{"source": source, "name": name, "added_at": NOW, "next_poll_at": NOW, **given})


def posting_row(id_: int, of: Posting | None = None, **given: Any) -> PostingRow:
    """A row of board 1, published long ago."""
    what = of or posting(str(id_))
    usual = {
        "board_id": 1,
        "external_id": what.external_id,
        "posting": what.model_dump(mode="json", exclude_none=True),
        "content_hash": what.content_hash,
        "opening_key": opening_of(what),
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        "published_at": NOW,
    }
    return PostingRow(id=id_, **{**usual, **given})


def opening_of(what: Posting) -> str:
    """An opening for what differs only by place, board or id, without the scraper's pains to find out."""
    return digest_of(what.title, what.company or "", what.description)


def subscription_row(id_: int, who: Profile | None = None, **given: Any) -> SubscriptionRow:
    """An active weekly subscription whose changes were published."""
    usual = {
        "email": f"mei.{id_}@example.org",
        "state": "active",
        "profile": (who or profile()).model_dump(mode="json"),
        "timezone": "Asia/Singapore",
        "created_at": NOW,
        "changed_at": NOW,
        "confirmed_at": NOW,
        "published_at": NOW,
    }
    return SubscriptionRow(id=id_, **{**usual, **given})


def match_row(subscription_id: int, posting_id: int, score: float = 80.0, **given: Any) -> MatchRow:
    usual = {"score": score, "matched_at": NOW}
    return MatchRow(subscription_id=subscription_id, posting_id=posting_id, **{**usual, **given})


def mail_row(id_: int, subscription_id: int = 1, **given: Any) -> MailRow:
    usual = {"kind": "digest", "occasion": f"2026-W{id_:02}", "opened_at": NOW, "due_at": NOW}
    return MailRow(id=id_, subscription_id=subscription_id, **{**usual, **given})


def _letters(text: str) -> str:
    """Digits do not make an opening different, words do."""
    return "".join(chr(ord("a") + int(c)) if c.isdigit() else c for c in text)
