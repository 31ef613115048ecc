"""What a check found."""

from enum import StrEnum

from shared.posting import Value


class State(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Finding(Value):
    """`what` was looked at, what was `found`, and what to do about it unless it is green. Red keeps digests from going out."""

    what: str
    state: State
    found: str
    advice: str = ""


def green(what: str, found: str) -> Finding:
    return Finding(what=what, state=State.GREEN, found=found)


def yellow(what: str, found: str, advice: str) -> Finding:
    return Finding(what=what, state=State.YELLOW, found=found, advice=advice)


def red(what: str, found: str, advice: str) -> Finding:
    return Finding(what=what, state=State.RED, found=found, advice=advice)
