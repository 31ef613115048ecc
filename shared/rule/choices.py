"""Fields whose values are few and known: level, remote, employment, language, agency."""

from collections.abc import Callable

from shared.posting import Employment, Level, Workplace
from shared.reading.tables import parts
from shared.rule.quantities import COMPARE
from shared.rule.view import PostingView
from shared.rule.wrong import WrongValue, meant, one_of

Said = Callable[[PostingView], str | None]
"""What a posting says of itself, in the words of rules."""
IS = ":"

_LEVELS = {level.value: level.value for level in Level} | {
    "internship": "intern", "graduate": "junior", "entry": "junior", "entry level": "junior", "middle": "mid",
    "mid level": "mid", "intermediate": "mid", "lead": "staff", "head": "manager", "director": "manager",
}  # fmt: skip
_RUNG = {level.value: rung for rung, level in enumerate(Level)}
_WORKPLACES = {
    "yes": "yes", "remote": "yes", "true": "yes", "hybrid": "hybrid",
    "no": "no", "onsite": "no", "on site": "no", "office": "no", "false": "no",
}  # fmt: skip
_WORKPLACE = {Workplace.REMOTE: "yes", Workplace.HYBRID: "hybrid", Workplace.ONSITE: "no"}
_EMPLOYMENTS = {kind.value.replace("_", " "): kind.value for kind in Employment} | {
    "fulltime": "full_time", "permanent": "full_time", "parttime": "part_time", "contractor": "contract",
    "freelance": "contract", "temp": "temporary", "intern": "internship",
}  # fmt: skip
_YES_NO = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_LANGUAGES = dict(
    pair.split("=")
    for pair in parts(
        "arabic=ar|bengali=bn|bulgarian=bg|catalan=ca|chinese=zh|mandarin=zh|croatian=hr|czech=cs|danish=da|dutch=nl|english=en"
        "|estonian=et|finnish=fi|french=fr|german=de|greek=el|hebrew=he|hindi=hi|hungarian=hu|icelandic=is|indonesian=id"
        "|italian=it|japanese=ja|korean=ko|latvian=lv|lithuanian=lt|malay=ms|norwegian=no|persian=fa|polish=pl|portuguese=pt"
        "|romanian=ro|russian=ru|serbian=sr|slovak=sk|slovenian=sl|spanish=es|swedish=sv|tagalog=tl|tamil=ta|thai=th"
        "|turkish=tr|ukrainian=uk|urdu=ur|vietnamese=vi"
    )
)


def read_level(text: str) -> str:
    return one_of(text, _LEVELS, "level")


def read_remote(text: str) -> str:
    return one_of(text, _WORKPLACES, "way to work")


def read_employment(text: str) -> str:
    return one_of(text, _EMPLOYMENTS, "kind of employment")


def read_yes_no(text: str) -> str:
    return one_of(text, _YES_NO, "answer")


def read_language(text: str) -> str:
    """`English` → `en`. Raises `WrongValue`."""
    word = text.strip().casefold()
    if word in _LANGUAGES.values():
        return word
    if word not in _LANGUAGES:
        raise WrongValue(f"“{text}” is no language we know{meant(text, _LANGUAGES, ': write en or English')}")
    return _LANGUAGES[word]


def level(view: PostingView) -> str | None:
    return view.facts.level


def remote(view: PostingView) -> str | None:
    return _WORKPLACE[view.facts.workplace] if view.facts.workplace else None


def employment(view: PostingView) -> str | None:
    return view.facts.employment or view.posting.employment


def language(view: PostingView) -> str | None:
    return view.facts.language


def agency(view: PostingView) -> str | None:
    return None if view.facts.agency is None else ("yes" if view.facts.agency else "no")


def is_level(view: PostingView, operator: str, wanted: str) -> bool | None:
    """Managers stand above the ladder, so that `level >= senior` does not lose them unseen."""
    said = view.facts.level
    if said is None:
        return None
    return said == wanted if operator == IS else COMPARE[operator](_RUNG[said], _RUNG[wanted])


def same(said: Said) -> Callable[[PostingView, str, str], bool | None]:
    """True where what the posting says is what is wanted."""

    def truth(view: PostingView, operator: str, wanted: str) -> bool | None:
        found = said(view)
        return None if found is None else found == wanted

    return truth


def only(said: Said) -> Callable[[PostingView], frozenset[str] | None]:
    """What the posting says as the one key."""

    def keys(view: PostingView) -> frozenset[str] | None:
        found = said(view)
        return None if found is None else frozenset((found,))

    return keys
