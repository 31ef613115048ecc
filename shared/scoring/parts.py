"""The parts of a score: each compares one thing, lies in 0–1, and is `None` where it cannot be known."""

from shared.match import Cause
from shared.posting import Level, Pay, Place, Role
from shared.reading.gazetteer import WORLDWIDE, world_countries
from shared.scoring import weights
from shared.scoring.offer import Offer
from shared.scoring.wish import Wish


def points(offer: Offer, wish: Wish) -> int | None:
    """Points of the skills asked for that the wish has credit for; `None` where the posting names none at all."""
    if offer.vague:
        return 0
    return sum(worth * wish.credit.get(skill, 0) for skill, worth in offer.asked.items()) if offer.asked else None


def skills_part(points: int | None, full_marks: int) -> float | None:
    return None if points is None else min(1.0, points / full_marks)


def role_part(offer: Offer, wish: Wish) -> float | None:
    return weights.role_fit(wish.role, offer.role) if wish.role and offer.role else None


def level_part(offer: Offer, wish: Wish) -> float | None:
    return weights.level_fit(wish.level, offer.level) if wish.level and offer.level else None


def place_part(offer: Offer, wish: Wish) -> float | None:
    """The best of all pairs of a wanted place and an office; `None` where either side names none."""
    if not wish.places or not (offer.offices or offer.workplace):
        return None
    return max(place_fit(offer, place) for place in wish.places)


def place_fit(offer: Offer, wanted: Place) -> float:
    """How well an offer suits somebody at one place; one of `weights.PLACE_FITS`."""
    if not offer.offices:
        return weights.REMOTE_SOMEWHERE if offer.remote else weights.SOMEWHERE
    return max(office_fit(office, wanted, offer.remote) for office in offer.offices)


def office_fit(office: Place, wanted: Place, remote: bool) -> float:
    if office.country is None:
        return region_fit(office.region, wanted.country) if remote else weights.ELSEWHERE
    if wanted.country != office.country:
        return weights.ELSEWHERE
    if remote:
        return weights.REMOTE_COUNTRY
    return same_country_fit(office, wanted)


def same_country_fit(office: Place, wanted: Place) -> float:
    """How near two places of one country are, as far as both say where they are."""
    if office.region and wanted.region and office.region != wanted.region:
        return weights.OTHER_CITY  # whatever the cities are called: there are two Portlands
    if office.city and wanted.city:
        if office.city == wanted.city:
            return weights.SAME_CITY
        return weights.SAME_REGION if office.region and office.region == wanted.region else weights.OTHER_CITY
    return weights.SAME_CITY if wanted.city is None and wanted.region is None else weights.SAME_COUNTRY


def region_fit(region: str | None, country: str | None) -> float:
    """How well remote work "from `region`" suits somebody in `country`. A region we do not know says nothing."""
    countries = world_countries(region) if region else frozenset()
    if not countries:
        return weights.REMOTE_REGION if region == WORLDWIDE else weights.REMOTE_SOMEWHERE
    return weights.REMOTE_REGION if country in countries else weights.ELSEWHERE


def pay_part(offer: Offer, wish: Wish) -> float | None:
    """Whether the top of the range reaches the floor. Other currencies are not compared: rates change, a floor does not."""
    return pay_fit(offer.pay, wish.floor)


def pay_fit(pay: Pay | None, floor: Pay | None) -> float | None:
    if pay is None or floor is None or floor.low is None or pay.currency != floor.currency:
        return None
    top = top_of(pay)
    if top is None:
        return None
    if top >= floor.low:
        return 1.0
    return weights.NEARLY_FIT if pay.high is None or top >= weights.NEARLY * floor.low else 0.0


def top_of(pay: Pay) -> float | None:
    """The most that is offered: where only the least is stated, that may not be all."""
    return pay.high if pay.high is not None else pay.low


def broken(offer: Offer, wish: Wish) -> tuple[Cause, str] | None:
    """Why nobody with this wish would read this posting, whatever else fits."""
    if wish.role and offer.role and weights.role_fit(wish.role, offer.role) < weights.ANOTHER_TRADE:
        return Cause.ROLE, "not an engineering job" if offer.role is Role.OTHER else "another trade"
    if wish.level and offer.level and out_of_reach(wish.level, offer.level):
        return Cause.LEVEL, "an internship" if offer.level is Level.INTERN else "asks for far more experience"
    if wish.workplaces and offer.workplace and offer.workplace not in wish.workplaces:
        return Cause.PLACE, f"{offer.workplace.value} work, which you do not want"
    if wish.employments and offer.employment and offer.employment not in wish.employments:
        return Cause.EMPLOYMENT, f"{offer.employment.value.replace('_', ' ')} work, which you do not want"
    if pay_part(offer, wish) == 0.0:
        return Cause.PAY, "pays less than you ask for"
    return None


def out_of_reach(have: Level, asked: Level) -> bool:
    """An internship for somebody who works, or anything beyond the first job for an intern."""
    return have is not asked and Level.INTERN in (have, asked) and weights.level_fit(have, asked) < 0.5
