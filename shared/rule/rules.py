"""A rule as a whole."""

from dataclasses import dataclass
from functools import cached_property

from shared.rule.normal import NormalForm, normal_form
from shared.rule.predicate import Predicate
from shared.rule.tree import Node, Truth, answer, predicates, text
from shared.rule.view import PostingView


@dataclass(frozen=True)
class Rule:
    """A rule as it is understood. Without a `root` it asks nothing, and every posting passes.

    As text it is in canonical form, which is parsed to an equal rule if it is no longer than `MAX_RULE`: names are written out.
    """

    root: Node | None = None

    @cached_property
    def predicates(self) -> tuple[Predicate, ...]:
        """What it asks about, each once, in the order of the text."""
        return tuple(dict.fromkeys(predicates(self.root))) if self.root else ()

    def evaluate(self, truth: Truth) -> bool | None:
        """Whether a posting passes, given the truth of each predicate; `None` where that hangs on what is unknown."""
        return answer(self.root, truth) if self.root else True

    def normal_form(self) -> NormalForm | None:
        """The smaller of its normal forms, or `None` where both are too large."""
        return normal_form(self.root) if self.root else NormalForm(True, ())

    def __str__(self) -> str:
        return text(self.root) if self.root else ""


def admits(rule: Rule, view: PostingView, keep_unknown: bool) -> bool:
    """Whether a posting passes. Where that hangs on what the posting does not say, `keep_unknown` decides."""
    found = rule.evaluate(lambda predicate: predicate.evaluate(view))
    return keep_unknown if found is None else found
