"""What a careers page says about the board behind it: whose page it is, which boards it embeds or links to, its feeds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from services.scraper.recognise import Named, board_at
from services.scraper.sources.base.page import Tag, page_text, tags, unescaped
from shared.errors import UnreadableInput
from shared.posting import words

MAX_ADDRESSES = 500
"""Different addresses in one page that are looked at, those of scripts and frames first."""

_BUILT_IN = {"script": "src", "iframe": "src", "frame": "src", "link": "href", "form": "action"}
_ADDRESS = re.compile(r"https?:(?:\\?/){2}[^\s\"'<>`(){}\[\]|^]{4,1000}", re.IGNORECASE)
_NAMING = ("og:site_name", "application-name", "apple-mobile-web-app-title", "og:title")
_ABOUT_JOBS = re.compile(r"job|career|vacanc|position|opening|stelle|karriere|emploi|recruit|hiring", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    "www|jobs?|careers?|apply|boards|talent|recruiting|hiring|work|people|com?|net|org|io|ai|app|dev|sg|gov|edu|uk|eu|de|fr|us"
)
_LEGAL = re.compile(
    "inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|pte|pty|gmbh|ag|se|sa|sas|sarl|bv|nv|ab|as|oy|spa|srl"
    "|group|holdings?|the|careers|jobs|technologies|international"
)


@dataclass(frozen=True)
class Clues:
    """`names` are what the page calls itself, its host among them; `boards` are as often in it as they were found."""

    names: tuple[str, ...] = ()
    boards: tuple[Named, ...] = ()
    embedded: frozenset[Named] = frozenset()
    feeds: tuple[str, ...] = ()


def clues_in(body: bytes, url: str) -> Clues:
    """The clues in the page at `url`; none in what is no page."""
    try:
        text = page_text(body)
    except UnreadableInput:
        return Clues(names=(_host_name(url),))
    found = [*tags(text, "script", "iframe", "frame", "link", "form", "a", "meta", "title")]
    built_in, others = [*_built_in(found, url)], [*_mentioned(found, text, url)]
    considered = [*dict.fromkeys((*built_in, *others))][:MAX_ADDRESSES]
    known = {address: board for address in considered if (board := board_at(address, anywhere=False))}
    return Clues(
        names=tuple(dict.fromkeys(name for name in (*_names(found), _host_name(url)) if name)),
        boards=tuple(known[address] for address in (*built_in, *others) if address in known),
        embedded=frozenset(known[address] for address in built_in if address in known),
        feeds=tuple(dict.fromkeys(_feeds(found, url))),
    )


def same_company(company: str, names: tuple[str, ...]) -> bool:
    """Whether a company's name is one of a page's: "Tideglass Pte. Ltd." is in "Careers – Tideglass" and `tideglass.com`.

    Short names must stand there as words: there is no "IMC" in "Timcorp".
    """
    said = _telling(company)
    key = "".join(said)
    others = [_telling(name) for name in names if key]
    return any(
        f" {' '.join(said)} " in f" {' '.join(other)} " or _holds("".join(other), key) or _holds(key, "".join(other))
        for other in others
    )


def _holds(name: str, part: str) -> bool:
    return name == part or (len(part) >= 4 and part in name)


def _telling(name: str) -> list[str]:
    """The words of a name without those that only say that it is a company's: `"3M Singapore Pte. Ltd."` → 3, m, singapore."""
    pieces = re.split(r"(\d+)", name[:300])
    said = [word for piece in pieces for word in ([piece] if piece.isdecimal() else words(piece).split())]
    return [word for word in said if not _LEGAL.fullmatch(word)] or said


def _names(found: list[Tag]) -> Iterator[str]:
    """What the page calls itself: the site's name first, then the parts of its title."""
    meta = [tag.attributes for tag in found if tag.name == "meta"]
    said = {(each.get("property") or each.get("name") or "").lower(): each.get("content", "") for each in meta}
    yield from (said[name] for name in _NAMING[:3] if said.get(name))
    own = next((unescaped(tag.text) for tag in found if tag.name == "title"), "")
    for title in (own, said.get("og:title", "")):
        yield from (part.strip() for part in re.split(r"\s[-–—|·:@]\s|\bat\b", " ".join(title[:300].split())) if part.strip())


def _host_name(url: str) -> str:
    """`careers.tideglass.co.uk` → `tideglass`."""
    labels = [label for label in (urlsplit(url).hostname or "").split(".")[:-1] if not _NOT_A_NAME.fullmatch(label)]
    return labels[-1] if labels else ""


def _built_in(found: list[Tag], url: str) -> Iterator[str]:
    for tag in found:
        if (place := _BUILT_IN.get(tag.name)) and tag.attributes.get("rel", "") != "alternate":
            yield from _absolute(tag.attributes.get(place, ""), url)


def _mentioned(found: list[Tag], text: str, url: str) -> Iterator[str]:
    """Links, and every address anywhere in the page, also with slashes as scripts write them."""
    for tag in found:
        if tag.name == "a":
            yield from _absolute(tag.attributes.get("href", ""), url)
    plain = text.replace("\\u002F", "/").replace("\\u002f", "/").replace("\\u0026", "&")
    for address in _ADDRESS.finditer(plain):
        yield unescaped(address[0].replace("\\", "")).rstrip(".,;:!?")


def _absolute(address: str, url: str) -> Iterator[str]:
    try:
        whole = urljoin(url, address)
    except ValueError:
        return
    if address and whole.startswith(("http://", "https://")):
        yield whole


def _feeds(found: list[Tag], url: str) -> Iterator[str]:
    """Feeds that the page names and that seem to be about jobs: many a careers page names only the blog's."""
    for tag in found:
        said = tag.attributes
        is_feed = tag.name == "link" and "alternate" in said.get("rel", "") and re.search("rss|atom", said.get("type", ""))
        if is_feed and (_ABOUT_JOBS.search(said.get("href", "")) or _ABOUT_JOBS.search(said.get("title", ""))):
            yield from _absolute(said.get("href", ""), url)
