"""From the text of a rule to its tree, within limits, with errors that say where and what to write."""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn, cast

from lark import Lark, Token, Transformer, UnexpectedInput

from shared.rule.complaints import complain, refuse
from shared.rule.fields import FIELDS, IS, OTHER_NAMES, Field
from shared.rule.predicate import predicate
from shared.rule.quantities import Money
from shared.rule.rules import Rule
from shared.rule.tree import Is, Node, every, negation, some
from shared.rule.wrong import WrongValue, meant

MAX_RULE = 2_000
"""Characters."""
MAX_DEPTH = 20
"""Alternations of `and`, `or` and `not` inside each other; parentheses that change nothing do not count."""
MAX_PREDICATES = 200
_SAME = {"=": IS, "≥": ">=", "≤": "<=", "≠": "!="}


class _Faulty(Exception):
    def __init__(self, code: str, position: int, message: str) -> None:
        super().__init__(message)
        self.code, self.position = code, position


@lru_cache(maxsize=4096)
def parse(text: str) -> Rule:
    """The rule in `text`; an empty one lets everything pass. Raises `RuleError`."""
    if len(text) > MAX_RULE:
        refuse("rule_too_long", text[: MAX_RULE + 1], MAX_RULE, f"it is longer than {MAX_RULE:,} characters")
    try:
        rule = Rule(cast("Node | None", _parser().parse(text)))
    except _Faulty as fault:
        refuse(fault.code, text, fault.position, str(fault))
    except UnexpectedInput as error:
        complain(text, error)
    if len(rule.predicates) > MAX_PREDICATES:
        refuse("rule_too_long", text, 0, f"it asks {len(rule.predicates)} things; {MAX_PREDICATES} are allowed")
    return rule


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


class _Builder(Transformer[Token, Node]):
    """Makes the tree while the text is parsed, from the leaves up: no text is too deep for it."""

    def nothing(self, _: list[Any]) -> None:
        return None

    def any_of(self, parts: list[Node]) -> Node:
        return _shallow(some(parts))

    def all_of(self, parts: list[Node]) -> Node:
        return _shallow(every(parts))

    def negated(self, parts: list[Node]) -> Node:
        return _shallow(negation(parts[0]))

    def operand(self, words: list[Token]) -> list[Token]:
        return words

    def clause(self, children: list[Any]) -> Node:
        name, operator, *operands = children
        field = _field(name)
        sign = _SAME.get(operator, str(operator))
        asked, negated = (IS, True) if sign == "!=" else (sign, False)
        if asked not in field.operators:
            _wrong_operator(field, operator)
        values = [_value(field, operand) for operand in operands]
        found = _one_or_some(field, asked, values, operands)
        return negation(found) if negated else found


def _shallow(node: Node) -> Node:
    if node.depth > MAX_DEPTH:
        raise _Faulty(
            "rule_too_deep", 0, f"more than {MAX_DEPTH} levels of `and`, `or` and `not` inside each other; write it flatter"
        )
    return node


def _field(name: Token) -> Field:
    field = FIELDS.get(name.lower())
    if field is None:
        other = OTHER_NAMES.get(name.lower())
        known = (
            f"; it is called {other}:"
            if other
            else meant(name, (f"{known}:" for known in FIELDS), f"; there are {', '.join(FIELDS)}")
        )
        raise _Faulty("rule_field", _start(name), f"there is no field “{name}”{known}")
    return field


def _wrong_operator(field: Field, operator: Token) -> NoReturn:
    if IS in field.operators:
        raise _Faulty(
            "rule_value", _start(operator), f"{field.name} cannot be more or less than something: write {field.example}"
        )
    raise _Faulty("rule_value", _start(operator), f"{field.name} is compared with <, <=, > or >=: write {field.example}")


def _value(field: Field, operand: list[Token]) -> Any:
    quoted = any(token.type == "STRING" for token in operand)
    text = _unquoted(operand[0]) if quoted else " ".join(operand)
    if len(operand) > 1 and (quoted or IS in field.operators):
        _several_words(field, operand)
    try:
        return field.read(text)
    except WrongValue as error:
        raise _Faulty("rule_value", _start(operand[0]), str(error)) from None


def _several_words(field: Field, operand: list[Token]) -> NoReturn:
    whole = " ".join(_unquoted(token) for token in operand)
    message = f'write `and` or `or` before “{operand[1]}”, or put quotation marks around both: {field.name}:"{whole}"'
    raise _Faulty("rule_syntax", _start(operand[1]), message)


def _one_or_some(field: Field, operator: str, values: list[Any], operands: list[list[Token]]) -> Node:
    """A list is any of its values. Of a list of money the one in the posting's currency counts: it is one question."""
    if field.name == "pay":
        return Is(predicate(field.name, operator, _moneys(values, operands)))
    if len(values) > 1 and operator != IS:
        raise _Faulty("rule_value", _start(operands[1][0]), f"{field.name} is compared with one value: {field.example}")
    return some(Is(predicate(field.name, operator, value)) for value in values)


def _moneys(values: list[tuple[Money, ...]], operands: list[list[Token]]) -> tuple[Money, ...]:
    found: dict[str, Money] = {}
    for (money,), operand in zip(values, operands, strict=True):
        if money.currency in found:
            raise _Faulty(
                "rule_value", _start(operand[0]), f"{money.currency} stands in this list already; name each currency once"
            )
        found[money.currency] = money
    return tuple(found[currency] for currency in sorted(found))


def _unquoted(token: Token) -> str:
    if token.type != "STRING":
        return str(token)
    return "".join(_without_escapes(token[1:-1])) if token[0] == '"' else token[1:-1]


def _without_escapes(text: str) -> Iterator[str]:
    characters = iter(text)
    for char in characters:
        yield next(characters, "") if char == "\\" else char


def _start(token: Token) -> int:
    return token.start_pos or 0
