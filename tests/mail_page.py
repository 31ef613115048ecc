"""The page of a mail as a browser has it: elements, links, and every piece of text with its colour and what is behind it.

Enough of CSS to follow what mails may use: type, class and id selectors, descendants and children, `!important`, inline
styles. A rule about colours that is more than that fails the test that meets it, rather than being passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import html5lib
import tinycss2
from tinycss2.color3 import parse_color

Colour = tuple[float, float, float]
WHITE, BLACK, NIGHT = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.07, 0.07, 0.07)
LINK, NIGHT_LINK = (0.0, 0.0, 0.93), (0.62, 0.62, 1.0)
"""What a browser takes where a page says nothing, by day and by night."""
_ABOUT = {"color", "background", "background-color", "display", "font-size", "opacity", "visibility"}
_COMPOUND = re.compile(r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<rest>(?:[.#][\w-]+)*)(?P<root>:root)?", re.IGNORECASE)
_BLANK = "\u200b\u200c\u200d\u200a\u2007\u034f\u00ad\ufeff"


class Piece(NamedTuple):
    """A run of visible text. `size` is in pixels."""

    text: str
    colour: Colour
    behind: Colour
    size: float

    @property
    def contrast(self) -> float:
        """From 1 to 21 (WCAG 2.2)."""
        light, dark = sorted((_luminance(self.colour), _luminance(self.behind)), reverse=True)
        return (light + 0.05) / (dark + 0.05)


class Rule(NamedTuple):
    selector: str
    name: str
    value: str
    important: bool
    weight: tuple[int, int, int]
    place: int


class Looks(NamedTuple):
    """How an element looks, with what it has from those that it stands in."""

    colour: Colour
    behind: Colour
    size: float
    hidden: bool


@dataclass
class Page:
    """A page in a browser that shows it by day, or by night (`dark`)."""

    html: str
    dark: bool = False
    errors: list[str] = field(init=False)
    root: Element = field(init=False)

    def __post_init__(self) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root = parser.parse(self.html)
        self.errors = [f"{code} {data} at {place}" for place, code, data in parser.errors]
        self.elements = [found for found in self.root.iter() if isinstance(found.tag, str)]
        self._parents = {child: parent for parent in self.elements for child in parent}
        self._rules = list(self._read_styles())

    @property
    def links(self) -> list[tuple[str, str]]:
        """Address and words of every link."""
        return [(found.get("href", ""), _text(found)) for found in self.elements if found.tag == "a"]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def hidden(self) -> str:
        """All text that nobody sees."""
        return " ".join(piece.text for piece in self.unseen)

    @cached_property
    def pieces(self) -> list[Piece]:
        return self._pieces(hidden=False)

    @cached_property
    def unseen(self) -> list[Piece]:
        """What nobody sees, as it would look if somebody did."""
        return self._pieces(hidden=True)

    def _pieces(self, *, hidden: bool) -> list[Piece]:
        found = [(text, self._looks[owner]) for owner, text in self._texts()]
        return [Piece(text, looks.colour, looks.behind, looks.size) for text, looks in found if looks.hidden == hidden]

    def _texts(self) -> Iterator[tuple[Element, str]]:
        body = next(found for found in self.elements if found.tag == "body")
        for found in body.iter():
            if isinstance(found.tag, str) and (text := _shown(found.text)):
                yield found, text
            if found is not body and (text := _shown(found.tail)):
                yield self._parents.get(found, body), text

    @cached_property
    def _looks(self) -> dict[Element, Looks]:
        """Every element's, from the outermost inwards."""
        looks: dict[Element, Looks] = {}
        plain = Looks(WHITE if self.dark else BLACK, NIGHT if self.dark else WHITE, 16.0, False)
        for element in self.elements:
            looks[element] = self._look(element, looks[self._parents[element]] if element in self._parents else plain)
        return looks

    def _look(self, element: Element, around: Looks) -> Looks:
        said = self._said(element)
        size = said.get("font-size", "")
        assert re.fullmatch(r"(?:[\d.]+px)?", size), f"a size of {size}"
        unseen = said.get("display") == "none" or said.get("visibility") == "hidden" or said.get("opacity") in ("0", "0.0")
        return Looks(
            colour=self._colour(element, said.get("color"), around.colour),
            behind=_rgb(said.get("background") or element.get("bgcolor") or "") or around.behind,
            size=float(size.removesuffix("px")) if size else around.size,
            hidden=around.hidden or unseen,
        )

    def _colour(self, element: Element, said: str | None, around: Colour) -> Colour:
        if said is None and element.tag == "a":
            return NIGHT_LINK if self.dark else LINK
        return around if said in (None, "inherit") else _rgb(said or "") or BLACK

    def _said(self, element: Element) -> dict[str, str]:
        """What is said of this element itself; `background` sets the colour too, so the later of the two counts."""
        marks = {element.tag, *element.get("class", "").split(), element.get("id", ""), "*", ":root"}
        rules = [rule for rule in self._rules if _last(rule.selector) in marks and self._matches(element, rule.selector)]
        inline = _declared("", element.get("style", ""), (9, 0, 0), 10**6)
        ordered = sorted([*rules, *inline], key=lambda rule: (rule.important, rule.weight, rule.place))
        return {rule.name.removesuffix("-color"): rule.value for rule in ordered}

    def _matches(self, element: Element, selector: str) -> bool:
        parts = re.sub(r"\s*>\s*", " >", selector.strip()).split()
        return _fits(element, parts[-1].lstrip(">")) and self._above(element, parts)

    def _line(self, element: Element) -> Iterator[Element]:
        """The element and all that it stands in."""
        yield element
        if element in self._parents:
            yield from self._line(self._parents[element])

    def _above(self, element: Element, parts: list[str]) -> bool:
        if len(parts) == 1:
            return True
        above = list(self._line(element))[1:]
        near = above[:1] if parts[-1].startswith(">") else above
        before = parts[-2].lstrip(">")
        return any(_fits(one, before) and self._above(one, parts[:-1]) for one in near)

    def _read_styles(self) -> Iterator[Rule]:
        sheets = [found.text or "" for found in self.elements if found.tag == "style"]
        for place, rule in enumerate(tinycss2.parse_stylesheet("\n".join(sheets), skip_comments=True, skip_whitespace=True)):
            if rule.type == "qualified-rule":
                yield from _rules_of(rule, place)
            elif rule.type == "at-rule" and self._applies(rule):
                for inner in tinycss2.parse_rule_list(rule.content or [], skip_comments=True, skip_whitespace=True):
                    yield from _rules_of(inner, place)

    def _applies(self, rule: Any) -> bool:
        """Whether we are in this medium: by night or by day, on a screen of 700 pixels."""
        said = tinycss2.serialize(rule.prelude)
        assert rule.at_keyword == "media", f"@{rule.at_keyword} asks a server for something"
        if "prefers-color-scheme" in said:
            return self.dark == ("dark" in said)
        return "min-width" in said


def _rules_of(rule: Any, place: int) -> Iterator[Rule]:
    content = tinycss2.serialize(rule.content)
    for selector in tinycss2.serialize(rule.prelude).split(","):
        one = selector.strip()
        if any(state in one for state in (":hover", ":focus", ":active", ":visited")):
            continue
        weight = one.count("#"), one.count(".") + one.count(":"), len(re.findall(r"(?:^|[\s>])[a-z]", one))
        rules = _declared(one, content, weight, place)
        assert not rules or all(_COMPOUND.fullmatch(part) for part in re.split(r"[\s>]+", one)), f"what is {one!r}?"
        yield from rules


def _declared(selector: str, css: str, weight: tuple[int, int, int], place: int) -> list[Rule]:
    return [Rule(selector, name, value, important, weight, place * 100 + at) for at, name, value, important in _parsed(css)]


@cache
def _parsed(css: str) -> list[tuple[int, str, str, bool]]:
    found = []
    for number, said in enumerate(tinycss2.parse_declaration_list(css, skip_comments=True, skip_whitespace=True)):
        assert said.type == "declaration", f"broken style: {css[:200]}"
        if said.lower_name in _ABOUT:
            value = tinycss2.serialize(said.value).strip()
            found.append((min(number, 99), said.lower_name, value, said.important))
    return found


@cache
def _last(selector: str) -> str:
    """A name that an element must have to be meant: the last of the selector's classes, or its type."""
    return re.split(r"[\s>.#]+", selector.strip())[-1]


def _fits(element: Element, compound: str) -> bool:
    found = _COMPOUND.fullmatch(compound)
    assert found, compound
    if found["tag"] not in (None, "*", element.tag) or (found["root"] and element.tag != "html"):
        return False
    marks = re.findall(r"([.#])([\w-]+)", found["rest"])
    classes = element.get("class", "").split()
    return all(name in classes if mark == "." else name == element.get("id") for mark, name in marks)


def _rgb(said: str) -> Colour | None:
    """The colour in a value; `None` for one that lets through what is behind it."""
    for part in tinycss2.parse_component_value_list(said):
        colour = parse_color(part)
        if colour is not None and colour != "currentColor" and colour.alpha > 0:
            assert colour.alpha == 1, f"half transparent: {said}"
            return colour.red, colour.green, colour.blue
    return None


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shown(text: str | None) -> str:
    return " ".join((text or "").translate(dict.fromkeys(map(ord, _BLANK))).split())


def _text(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())
