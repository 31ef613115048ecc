"""The language of rules, which filter the postings of a subscription: `country:SG and not company:"Acme"`.

    rule = parse('country:SG and (skill:go or skill:python)')     RuleError says where it is wrong, and what to write
    view = PostingView(posting, now)
    admits(rule, view, keep_unknown=True)

For an index there are `Rule.predicates`, `Rule.normal_form()`, and `Predicate.key` with `keys_of(view, field)`. Pure: no
clock, no I/O but for the tables. `docs/rules.md` explains the language to people.
"""

from shared.errors import RuleError
from shared.rule.fields import FIELDS
from shared.rule.normal import Literal, NormalForm
from shared.rule.parsing import MAX_RULE, parse
from shared.rule.predicate import Predicate, keys_of
from shared.rule.rules import Rule, admits
from shared.rule.view import PostingView

__all__ = [
    "FIELDS",
    "MAX_RULE",
    "Literal",
    "NormalForm",
    "PostingView",
    "Predicate",
    "Rule",
    "RuleError",
    "admits",
    "keys_of",
    "parse",
]
