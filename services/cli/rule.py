"""`joblark rule`: what a rule means, and what it does to postings, without any server."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from services.cli.match import postings_of
from services.cli.show import Json, err, out, print_json, progress, table

if TYPE_CHECKING:
    from shared.posting import Posting
    from shared.rule import Predicate, Rule

DropUnknown = Annotated[
    bool, typer.Option("--drop-unknown", help="Leave out jobs that do not say what the rule asks. They are kept otherwise.")
]
TRUTHS = {True: "yes", False: "no", None: "unknown"}


def add_to(cli: typer.Typer) -> None:
    rule = typer.Typer(help="Rules, which filter the jobs of a subscription.", no_args_is_help=True)
    rule.callback()(lambda: None)  # with one command only, typer would leave out its name
    rule.command("check")(check)
    cli.add_typer(rule, name="rule", rich_help_panel="Try")


def check(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="country:SG and skill:go; docs/rules.md has the language.")],
    posting: Annotated[
        str, typer.Option(metavar="FILE", help="Postings, as for `joblark match`; - reads standard input.")
    ] = "",
    drop_unknown: DropUnknown = False,
    json: Json = False,
) -> None:
    """Say how a rule is understood; with postings, how many pass, and what each part of it says of them."""
    understood = rule_of(rule)
    counted = _counts(understood, [found for _, found in postings_of(posting)], not drop_unknown) if posting else None
    if json:
        return print_json(_as_json(understood, counted))
    out.print(f"[bold]{escape(str(understood) or 'no rule: every job passes')}[/]\n")
    table([_row(predicate, counted) for predicate in understood.predicates], as_json=False, empty="it asks nothing")
    if counted:
        out.print(f"\n{_summary(counted, drop_unknown)}")
    return None


def rule_of(text: str) -> "Rule":
    """The rule in `text`. Raises `RuleError`, after showing the place on stderr."""
    from shared.rule import RuleError, parse

    try:
        return parse(text)
    except RuleError as error:
        err.print(escape(error.pointer), soft_wrap=True)
        raise


class Counts:
    """How many postings pass, and how often each predicate is true, false, unknown."""

    def __init__(self) -> None:
        self.rule: Counter[str] = Counter()
        self.predicates: dict[Predicate, Counter[str]] = {}


def _counts(rule: "Rule", postings: "Iterable[Posting]", keep_unknown: bool) -> Counts:
    from shared.rule import PostingView, admits

    found, now = Counts(), datetime.now(UTC)
    with progress() as bar:
        for posting in bar.track(postings, description="asking postings"):
            view = PostingView(posting, now)
            found.rule["postings"] += 1
            found.rule["kept" if admits(rule, view, keep_unknown) else "dropped"] += 1
            found.rule["unknown"] += rule.evaluate(lambda predicate, view=view: predicate.evaluate(view)) is None  # type: ignore[misc]
            for predicate in rule.predicates:
                found.predicates.setdefault(predicate, Counter())[TRUTHS[predicate.evaluate(view)]] += 1
    return found


def _row(predicate: "Predicate", counted: Counts | None) -> dict[str, Any]:
    row: dict[str, Any] = {"asks": str(predicate)}
    if counted:
        row |= {truth: counted.predicates.get(predicate, Counter())[truth] for truth in TRUTHS.values()}
    return row


def _as_json(rule: "Rule", counted: Counts | None) -> dict[str, Any]:
    rows = [_row(predicate, counted) for predicate in rule.predicates]
    totals = {name: counted.rule[name] for name in ("postings", "kept", "dropped", "unknown")} if counted else {}
    return {"rule": str(rule), "predicates": rows, **totals}


def _summary(counted: Counts, drop_unknown: bool) -> str:
    total = counted.rule
    what = "dropped" if drop_unknown else "kept"
    unknown = f"; {total['unknown']:,} of the {what} do not say enough to tell" if total["unknown"] else ""
    return f"{total['postings']:,} postings: [bold]{total['kept']:,} kept[/], {total['dropped']:,} dropped{unknown}"
