"""A score taken apart: each part with its weight, its value, and the words of the posting and of the profile it rests on."""

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from services.cli.show import out, print_json, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.match import Match
    from shared.posting import Pay, Place, Posting
    from shared.profile import Profile, ProfileSkill
    from shared.scoring import Offer, Wish

LONGEST_QUOTE = 60


def explain(id_: Any, posting: "Posting", profile: "Profile", *, as_json: bool) -> None:
    """Print how the score of one posting comes about, and whether it is enough for a digest."""
    from shared.scoring import offer_of, score, wish_of
    from shared.settings import Settings

    match, offer, wish = score(posting, profile), offer_of(posting), wish_of(profile)
    parts, skills = part_rows(match, posting, profile, wish), skill_rows(offer, wish, posting, profile)
    least = Settings().match_threshold
    verdict = verdict_on(match, parts, least)
    if as_json:
        head = {"id": id_, "title": posting.title, "score": match.score, "threshold": least, "in_digest": match.score >= least}
        return print_json({**head, "verdict": verdict, "parts": parts, "skills": skills, "reasons": match.reasons})
    out.print(f"[bold]{escape(posting.title)}[/]\n")
    table(parts, as_json=False)
    out.print()
    table(skills, as_json=False, empty="the posting names no skill that says anything")
    out.print(f"\n{escape(' · '.join(match.reasons))}\n[bold]{escape(verdict)}[/]")
    return None


def part_rows(match: "Match", posting: "Posting", profile: "Profile", wish: "Wish") -> list[dict[str, Any]]:
    """One row a part: its weight, its value, the share of the 100 points it gives, and what it rests on in both texts."""
    from shared.scoring.weights import PARTS

    weights = dict(zip(PARTS, wish.weights, strict=True))
    known = sum(weight for name, weight in weights.items() if match.parts.get(name) is not None)
    rests_on = _rests_on(match, posting, profile)
    rows: list[dict[str, Any]] = []
    for name, weight in weights.items():
        value = match.parts.get(name)
        points = None if value is None else round(100 * weight * value / known, 2)
        theirs, mine = rests_on.get(name, ("", ""))
        row = {"part": name, "weight": round(weight, 4), "value": value, "points": points}
        rows.append({**row, "posting": theirs, "profile": mine})
    return rows


def skill_rows(offer: "Offer", wish: "Wish", posting: "Posting", profile: "Profile") -> list[dict[str, Any]]:
    """One row for each skill the posting asks for, heaviest first, with the words on both sides."""
    mentions = {mention.skill: mention for mention in posting.facts.skills}
    return [
        {
            "skill": skill,
            "wanted": mentions[skill].strength.value,
            "weight": worth / 100,
            "credit": wish.credit.get(skill, 0) / 10,
            "posting": _quote(mentions[skill].text),
            "profile": _evidence(skill, mentions[skill].text, profile.skills) if wish.credit.get(skill) else "",
        }
        for skill, worth in offer.asked.items()
    ]


def verdict_on(match: "Match", parts: list[dict[str, Any]], least: float) -> str:
    """`56.3 × 0.4 (an internship) = 22.5 of 100: not in a digest, which takes 50 or more`."""
    from shared.scoring.weights import BROKEN, ELSEWHERE, MOVING

    total = sum(part["points"] or 0 for part in parts)
    cuts = [f"× {MOVING:g} (it means moving)"] if match.parts.get("place") == ELSEWHERE else []
    left = MOVING if cuts else 1.0
    if match.reasons and match.score < (BROKEN + left) / 2 * total:
        cuts.insert(0, f"× {BROKEN:g} ({match.reasons[0]})")
    sum_ = f"{total:.1f} {' '.join(cuts)} = {match.score:.1f}" if cuts else f"{match.score:.1f}"
    return f"{sum_} of 100: {'in a digest' if match.score >= least else 'not in a digest'}, which takes {least:g} or more"


def _rests_on(match: "Match", posting: "Posting", profile: "Profile") -> dict[str, tuple[str, str]]:
    """For each part, the posting's side and the profile's."""
    from shared.reading.posting import read_where

    facts = posting.facts
    asked = len(match.matched) + len(match.missing) + len(match.perhaps)
    return {
        "skills": (f"asks for {asked}", f"has {len(match.matched)} of them"),
        "role": (_said(facts.role, posting.title), _said(profile.role, profile.headline)),
        "level": (_said(facts.level, posting.title), _said(profile.level, profile.level_evidence)),
        "place": (_said(facts.workplace, read_where(posting)[1]), _places(profile.places)),
        "pay": (_pay(facts.pay), _pay(profile.pay_floor)),
        "freshness": (posting.posted_at.date().isoformat() if posting.posted_at else "", ""),
    }


def _evidence(skill: str, words: str, skills: "Iterable[ProfileSkill]") -> str:
    """The words of a profile that show a skill, or the skill of its own that rests on it."""
    from shared.reading.skills import parents

    own = {one.skill: one for one in skills}
    if skill in own:
        return _quote(own[skill].evidence, around=(words, skill))
    return next((f"rests on {name}" for name in own if skill in parents(name)), "")


def _said(value: Any, words: str | None) -> str:
    """`senior (“Senior Backend Engineer”)`."""
    if value is None:
        return _quote(words) if words else ""
    return f"{value.value} ({_quote(words)})" if words else str(value.value)


def _places(places: "Iterable[Place]") -> str:
    return "; ".join("/".join(part for part in (place.city, place.region, place.country) if part) for place in places)


def _pay(pay: "Pay | None") -> str:
    return f"{pay.currency} {'–'.join(f'{end:,.0f}' for end in dict.fromkeys((pay.low, pay.high)) if end)}" if pay else ""


def _quote(text: str | None, around: tuple[str, ...] = ()) -> str:
    """`text` on one line between quotation marks, cut to what stands around the first of the words that is in it."""
    words = " ".join((text or "").split())
    found = [at for word in around if (at := words.casefold().find(word.casefold())) >= 0]
    start = max(0, min(found[0] - LONGEST_QUOTE // 3, len(words) - LONGEST_QUOTE)) if found else 0
    cut = words[start : start + LONGEST_QUOTE]
    return f"“{'…' if start else ''}{cut}{'…' if start + LONGEST_QUOTE < len(words) else ''}”" if words else ""
