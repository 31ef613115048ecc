"""What is wrong with a value of a rule, before it is known where in the rule it stands."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_GUESS = 60
"""Characters. For longer words no neighbour is looked for: it is no slip of the hand."""


class WrongValue(Exception):
    """Raised by the readers of values; `shared.rule.parsing` adds the column and raises `RuleError`."""


def meant(text: str, known: Iterable[str], otherwise: str = "") -> str:
    """` (did you mean X?)` for the nearest of `known`, in any case, or `otherwise`."""
    if len(text) > LONGEST_GUESS:
        return otherwise
    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(text.casefold(), by_fold, n=1, cutoff=0.7)
    return f"; did you mean {by_fold[near[0]]}?" if near else otherwise


def one_of(text: str, words: dict[str, str], what: str) -> str:
    """The value that `text` names in a table of spellings. Raises `WrongValue`."""
    found = words.get(" ".join(text.casefold().replace("-", " ").replace("_", " ").split()))
    if found is None:
        names = list(dict.fromkeys(words.values()))
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        raise WrongValue(f"“{text}” is no {what}: write {listed}{meant(text, names)}")
    return found
