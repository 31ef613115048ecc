"""Why a posting fits or does not, in short English phrases, most important first."""

from collections.abc import Iterable

from shared.posting import Pay, Place, Posting
from shared.reading.gazetteer import country_names
from shared.reading.skills import related
from shared.scoring import weights
from shared.scoring.offer import Offer
from shared.scoring.parts import same_country_fit
from shared.scoring.wish import Wish

NOTHING_SHARED = "names no skill of yours"

Skills = tuple[str, ...]


def shared_skills(offer: Offer, wish: Wish) -> tuple[Skills, Skills, Skills]:
    """Skills asked for, heaviest first: matched, missing, and those one may know, having named a relative of theirs."""
    matched = tuple(skill for skill in offer.asked if wish.credit.get(skill))
    others = [skill for skill in offer.asked if not wish.credit.get(skill)]
    perhaps = tuple(skill for skill in others if not related(skill).isdisjoint(wish.credit))
    return matched, tuple(skill for skill in others if skill not in perhaps), perhaps


def reasons(
    posting: Posting, offer: Offer, wish: Wish, parts: dict[str, float | None], matched: Skills, broken: str | None
) -> Iterable[str]:
    """One phrase for each part there is something to say about."""
    if broken:
        yield broken
    elif offer.asked and not matched:
        yield NOTHING_SHARED
    if matched:
        yield f"{len(matched)} of {len(offer.asked)} skills it names are yours"
    elif not offer.asked:
        yield "names no skill that tells anything" if offer.vague else "names no skills we can read"
    phrases = (_role(offer, wish), _level(offer, wish), _place(posting, offer, wish, parts["place"]), _pay(offer, parts["pay"]))
    yield from (phrase for phrase in phrases if phrase)


def _role(offer: Offer, wish: Wish) -> str | None:
    if not (wish.role and offer.role):
        return None
    like = ", like yours" if wish.role is offer.role else f", yours is {wish.role.value}"
    return f"{offer.role.value} work{like}"


def _level(offer: Offer, wish: Wish) -> str | None:
    if not offer.level:
        return "level not stated"
    if not wish.level:
        return None
    like = ", like yours" if wish.level is offer.level else f", yours is {wish.level.value}"
    return f"{offer.level.value} level{like}"


def _place(posting: Posting, offer: Offer, wish: Wish, fit: float | None) -> str | None:
    if fit is None:
        return None if offer.offices else "place not known"
    if fit in (weights.REMOTE_COUNTRY, weights.REMOTE_REGION):
        return "remote, from where you are"
    if fit >= weights.SAME_COUNTRY:
        return _here(*_nearest(offer, wish))
    if fit in (weights.SAME_REGION, weights.OTHER_CITY):
        return _not_far(*_nearest(offer, wish))
    unstated = {
        weights.REMOTE_SOMEWHERE: "remote; where from is not stated",
        weights.SOMEWHERE: "not remote; where is not stated",
    }
    return unstated.get(fit, f"elsewhere: {posting.location or 'another country'}")


def _nearest(offer: Offer, wish: Wish) -> tuple[Place, Place]:
    """The office nearest to where the person is, and that place; of equals those that name the same."""
    pairs = [(office, wanted) for wanted in wish.places for office in offer.offices if wanted.country == office.country]
    return max(pairs, key=lambda pair: (same_country_fit(*pair), _shared_name(*pair) is not None))


def _here(office: Place, wanted: Place) -> str:
    """Where an office may be where the person is: only what both name is told as that, the rest in the posting's words."""
    if shared := _shared_name(office, wanted):
        return f"in {shared}, where you are"
    return f"in your country: {office.city or office.region or country_names().get(office.country or '', office.country)}"


def _shared_name(office: Place, wanted: Place) -> str | None:
    """The narrowest that both name: the city, else the state or province."""
    if office.city and office.city == wanted.city:
        return office.city
    return office.region if office.region == wanted.region else None


def _not_far(office: Place, wanted: Place) -> str:
    kind = "city" if office.city and wanted.city else "part"
    return f"in {office.city or office.region}, another {kind} of your country"


def _pay(offer: Offer, fit: float | None) -> str | None:
    if fit is None or offer.pay is None:
        return None
    return f"{_words(offer.pay)}, {'what you ask for or more' if fit == 1.0 else 'a little less than you ask for'}"


def _words(pay: Pay) -> str:
    low, high = (f"{end:,.0f}" if end else "" for end in (pay.low, pay.high))
    return f"{pay.currency} {'–'.join(dict.fromkeys(end for end in (low, high) if end))} a year"
