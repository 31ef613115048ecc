"""When two names are the name of one company: `Acme Pte. Ltd.`, `ACME, Inc.` and `The Acme Company` are all `acme`."""

import re
import unicodedata
from functools import lru_cache

from shared.reading.tables import parts

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_GAPS = re.compile(r"[^\w]+|_")
_LEGAL = frozenset(
    parts(
        "inc|incorporated|corp|corporation|co|company|llc|llp|lp|pbc|ltd|limited|plc|pte|pty|pvt|private"
        "|gmbh|mbh|ag|se|kg|kgaa|ohg|ug|ev|eg|sa|sas|sasu|sarl|srl|sl|slu|spa|bv|nv|cv|ab|as|asa|aps|oy|oyj|oü|ou|sro|zoo|doo|kft"
        "|sdn|bhd|berhad|tbk|kk|ltda|eireli"
    )
)
_JOINED_LEGAL = ("sp z o o", "sp z oo", "sp zoo", "s r o", "d o o", "s a", "s l", "b v", "n v", "s p a", "a s")
_JOINED = re.compile(rf" (?:{'|'.join(_JOINED_LEGAL)})$")


@lru_cache(maxsize=8192)
def company_key(name: str | None) -> str:
    """The same for every way to write one company's name: without case, punctuation, legal form, `The` and asides.

    Accents stay, since they tell companies apart (Škoda is not Skoda); a name that is nothing but a legal form stays whole.
    """
    plain = unicodedata.normalize("NFKC", name or "").casefold().replace("\u0307", "")  # the dot casefold leaves of İ
    whole = _words(plain)
    found = _without_legal_form(_words(_ASIDE.sub(" ", plain)) or whole)
    return found.removeprefix("the ") if found != "the" else whole


def _words(text: str) -> str:
    joined = _DOTTED.sub(lambda letters: letters[0].replace(".", ""), text.replace("&", " and ").replace("+", " plus "))
    return " ".join(_GAPS.sub(" ", re.sub("['’`´]", "", joined)).split())


def _without_legal_form(words: str) -> str:
    rest = _JOINED.sub("", words).split() or words.split()
    while len(rest) > 1 and (rest[-1] in _LEGAL or rest[-1] == "and"):
        rest.pop()
    if len(rest) > 1 and rest[0] == "pt":  # Indonesia puts it first
        rest = rest[1:]
    return " ".join(rest)
