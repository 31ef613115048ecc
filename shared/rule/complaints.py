"""What is wrong with the form of a rule, in words, and where.

The parser says which kinds of token it would have taken; from these and the word before, each case becomes one sentence.
"""

import re
import unicodedata
from typing import NoReturn

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from shared.errors import RuleError
from shared.rule.fields import FIELDS, OTHER_NAMES, Field
from shared.rule.wrong import meant

BEFORE, AFTER = 30, 42
"""Characters of the rule that are shown on each side of a fault; so many fit on a phone."""
_LAST_WORD = re.compile(r"[^\s()\":=<>!,]+(?=\s*$)")
_QUOTES = "\"“”‘'"


def refuse(code: str, rule: str, position: int, message: str) -> NoReturn:
    """Raise `RuleError` for the character at `position` (from 0) of `rule`."""
    position = min(position, len(rule))
    start = rule.rfind("\n", 0, position) + 1
    line, column = rule.count("\n", 0, position) + 1, position - start + 1
    where = f"line {line}, column {column}" if "\n" in rule.strip() else f"column {column}"
    raise RuleError(
        f"the rule, {where}: {message}", code=code, line=line, column=column, pointer=_pointer(rule, start, position)
    )


def _pointer(rule: str, start: int, position: int) -> str:
    """The line around `position`, and a caret under it, as a terminal or `<pre>` shows them."""
    line = rule[start:].split("\n", 1)[0]
    offset = position - start
    first = max(0, offset - BEFORE)
    before, after = line[first:offset], line[offset : offset + AFTER]
    before = f"{'…' if first else ''}{_printable(before)}"
    more = "…" if len(line) > offset + AFTER else ""
    return f"{before}{_printable(after)}{more}\n{' ' * _width(before)}^"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


def _width(text: str) -> int:
    """Columns on a terminal: two for most of Chinese, Japanese and Korean, none for what combines."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def complain(rule: str, error: UnexpectedInput) -> NoReturn:
    """Turn what the parser says into a `RuleError`."""
    if isinstance(error, UnexpectedToken):
        _complain_of_token(rule, error.token, error.accepts)
    position = int(error.pos_in_stream)  # type: ignore[call-overload]
    char = rule[position : position + 1]
    if char in _QUOTES:
        refuse("rule_syntax", rule, position, "this quotation mark is never closed")
    if isinstance(error, UnexpectedCharacters) and not char.isprintable():
        refuse("rule_syntax", rule, position, "there is a character here that cannot be typed; take it out")
    refuse("rule_syntax", rule, position, f"“{char}” has no meaning here; put it between quotation marks")


def _complain_of_token(rule: str, token: Token, wanted: set[str]) -> NoReturn:
    at_end = token.type == "$END"
    position = len(rule.rstrip()) if at_end else (token.start_pos or 0)
    if "OPERATOR" in wanted:
        _after_field(rule, position)
    elif "STRING" in wanted and "WORD" in wanted and "_NOT" not in wanted and not _after_value(wanted):
        _instead_of_value(rule, position, token)
    elif "_NOT" in wanted:
        _instead_of_condition(rule, position, token)
    else:
        _instead_of_joint(rule, position, token)


def _after_value(wanted: set[str]) -> bool:
    return bool(wanted & {"_AND", "_OR", "$END", "_COMMA", "_CLOSE"})


def _after_field(rule: str, position: int) -> NoReturn:
    """A word that should be a field, without an operator after it."""
    found = _LAST_WORD.search(rule, 0, position) or re.compile(r"\S*").match(rule, position)
    word, start = (found[0], found.start()) if found else ("", position)
    field = FIELDS.get(word.lower()) or FIELDS.get(OTHER_NAMES.get(word.lower(), ""))
    if field:
        refuse("rule_syntax", rule, position, f"after {word} write how to compare, and with what: {field.example}")
    near = meant(word, FIELDS, f"; to look for the word, write text:{word}")
    refuse("rule_syntax", rule, start, f"“{word}” alone asks for nothing{near}")


def _instead_of_value(rule: str, position: int, token: Token) -> NoReturn:
    field = _field_before(rule, position)
    said, example = (field.takes, f", as in {field.example}") if field else ("a value", "")
    word = f"; to mean the word {token}, put it between quotation marks" if token.type in ("_AND", "_OR", "_NOT") else ""
    refuse("rule_syntax", rule, position, f"{said} is missing here{example}{word}")


def _instead_of_condition(rule: str, position: int, token: Token) -> NoReturn:
    before = _LAST_WORD.search(rule, 0, position)
    after = f" after “{before[0]}”" if before and before[0].lower() in ("and", "or", "not") else ""
    if token.type == "STRING":
        refuse("rule_syntax", rule, position, f"a value alone asks for nothing; to look for the words, write text:{token}")
    refuse("rule_syntax", rule, position, f"a condition is missing{after}, such as country:SG")


def _instead_of_joint(rule: str, position: int, token: Token) -> NoReturn:
    """Where a condition is complete: what follows must join it to the next, or close a parenthesis."""
    if token.type == "$END":
        opened = _open_parenthesis(rule)
        refuse("rule_syntax", rule, opened, "this parenthesis is never closed: a ) is missing")
    if token.type == "OPERATOR":
        word = _LAST_WORD.search(rule, 0, position)
        start = word.start() if word else position
        refuse(
            "rule_syntax",
            rule,
            start,
            f"write `and` or `or` before “{word[0] if word else token}”; a value with “{token}” in it needs quotation marks",
        )
    if token.type == "_CLOSE":
        refuse("rule_syntax", rule, position, "this ) closes nothing: there is no ( for it")
    if token.type == "_COMMA":
        refuse("rule_syntax", rule, position, "a comma stands only in a list, as in country:(SG, MY)")
    refuse("rule_syntax", rule, position, f"write `and` or `or` before “{token}”")


def _open_parenthesis(rule: str) -> int:
    """Where the last parenthesis opens that nothing closes. Quoted ones do not count."""
    opened: list[int] = []
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|“[^“”]*”|[()]', rule):
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else len(rule)


def _field_before(rule: str, position: int) -> Field | None:
    words = re.findall(r"([A-Za-z]+)\s*(?:[<>!]=|[:=<>≥≤≠])", rule[:position])
    return FIELDS.get(words[-1].lower()) if words else None
