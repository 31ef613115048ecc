"""Rules obey the laws of three-valued logic, over random postings that leave things open."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.posting import Employment, Facts, Level, Pay, Place, Workplace
from shared.rule import Literal, PostingView, Predicate, Rule, RuleError, admits, keys_of, parse
from shared.rule.tree import Every, Is, Node, Not, Some, every, negation, some
from tests.factories import mention, posting

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLAUSES = (
    "country:SG", "country:DE", "country:APAC", "city:Berlin", 'city:"New York"', "remote:yes", "remote:hybrid",
    "level:senior", "level >= senior", "level < staff", 'company:"Acme"', "company:Lumenworks", "skill:go", "skill:java",
    "skill:postgresql", "title:staff", 'title:"staff engineer"', "text:blockchain", 'text:"staff engineer"',
    "pay >= 90000 SGD", "pay < 90000 SGD", "pay >= (90000 SGD, 60000 EUR)", "posted < 14 days", "posted >= 2026-11-01",
    "employment:contract", "language:en", "agency:no", 'company:"and"', 'title:"a \\"b\\\\"',
)  # fmt: skip


def maybe(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from((None, *values))


PLACES = st.sampled_from(
    [
        Place(city="Singapore", country="SG"),
        Place(city="Berlin", country="DE"),
        Place(city="New York", region="New York", country="US"),
        Place(country="DE"),
        Place(region="APAC"),
        Place(region="EMEA"),
        Place(region="Worldwide"),
        Place(city="Springfield"),
    ]
)
FACTS = st.builds(
    Facts,
    skills=st.lists(st.sampled_from(["go", "postgresql", "spring boot"]), unique=True).map(
        lambda names: [*map(mention, names)]
    ),
    level=maybe(*Level),
    places=st.lists(PLACES, max_size=3).map(tuple),
    workplace=maybe(*Workplace),
    employment=maybe(*Employment),
    pay=maybe(Pay(low=80_000, high=100_000, currency="SGD"), Pay(low=70_000, currency="SGD"), Pay(high=1e5, currency="USD")),
    language=maybe("en", "de"),
    agency=maybe(True, False),
)
POSTINGS = st.builds(
    lambda facts, **given: posting("1", facts=facts, **given),
    FACTS,
    title=st.sampled_from(["Staff Engineer", "Engineer", 'A "b\\ staff']),
    description=st.sampled_from(["", "Blockchain things.", "For a staff engineer."]),
    company=maybe("Acme, Inc.", "Lumenworks"),
    posted_at=maybe(NOW - timedelta(days=3), NOW - timedelta(days=90)),
)
VIEWS = st.builds(PostingView, POSTINGS, maybe(NOW), st.sampled_from([None, NOW - timedelta(days=1), NOW - timedelta(days=40)]))
SIGNS = st.sampled_from(("<", "<=", ">", ">="))
AMOUNTS = (
    st.integers(0, 10**12).map(str)
    | st.decimals(0, 10**9, places=2).map(str)
    | st.tuples(st.integers(0, 10**6), st.sampled_from("kKmM")).map(lambda pair: f"{pair[0]}{pair[1]}")
)
PERIODS = st.sampled_from(("", " a year", " monthly", " weekly", " per day", "/hour"))
UNITS = st.sampled_from(("hours", "days", "weeks", "months", "h", "d", "w"))
PAY = st.builds("pay {} {} {}{}".format, SIGNS, AMOUNTS, st.sampled_from(("SGD", "VND", "EUR")), PERIODS)
AGE = st.builds("posted {} {} {}".format, SIGNS, st.integers(0, 10**7 - 1), UNITS)
DAY = st.builds("posted {} {}".format, SIGNS, st.dates())
NUMBERS = st.one_of(PAY, AGE, DAY).filter(lambda clause: attempt(clause)[1] is not None)
ATOMS = (st.sampled_from(CLAUSES) | NUMBERS).map(lambda clause: Is(parse(clause).predicates[0]))


def bigger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=4)
    return st.one_of(several.map(every), several.map(some), nodes.map(negation))


TREES: st.SearchStrategy[Node] = st.recursive(ATOMS, bigger, max_leaves=8)


def asked(node: Node, view: PostingView) -> bool | None:
    return Rule(node).evaluate(lambda predicate: predicate.evaluate(view))


@given(TREES, TREES, TREES, VIEWS)
def test_laws(a: Node, b: Node, c: Node, view: PostingView) -> None:
    def same(one: Node, other: Node) -> bool:
        return asked(one, view) is asked(other, view)

    assert same(Not(Not(a, 1), 1), a)
    assert same(negation(every([a, b])), some([negation(a), negation(b)]))
    assert same(negation(some([a, b])), every([negation(a), negation(b)]))
    assert same(every([a, b]), every([b, a]))
    assert same(some([a, b]), some([b, a]))
    assert same(every([a, some([b, c])]), some([every([a, b]), every([a, c])]))
    assert same(some([a, every([b, c])]), every([some([a, b]), some([a, c])]))
    assert same(every([a, some([a, b])]), a)
    assert same(some([a, every([a, b])]), a)
    assert same(every([a, a]), a)


@given(TREES)
def test_canonical_text_is_the_same_rule(tree: Node) -> None:
    rule = Rule(tree)
    assert parse(str(rule)) == rule


@given(PAY | AGE | DAY)
def test_an_amount_or_age_is_shown_as_what_is_asked_and_only_what_nobody_is_paid_is_refused(clause: str) -> None:
    refused, rule = attempt(clause)
    if rule is not None:
        assert parse(str(rule)) == rule
    assert refused is None or "more than anybody is paid" in str(refused)


@given(TREES, VIEWS)
def test_a_normal_form_answers_as_the_tree_does(tree: Node, view: PostingView) -> None:
    form = Rule(tree).normal_form()
    if form is not None:
        assert form.evaluate(lambda predicate: predicate.evaluate(view)) is asked(tree, view)
        assert form.size <= 64


@given(TREES, VIEWS, st.booleans())
def test_keeping_is_counting_every_unknown_literal_as_true_and_dropping_as_false(
    tree: Node, view: PostingView, keep: bool
) -> None:
    def literal(predicate: Predicate, negated: bool) -> bool:
        found = Literal(predicate, negated).evaluate(lambda asked: asked.evaluate(view))
        return keep if found is None else found

    def plain(node: Node, negated: bool = False) -> bool:
        """Two-valued, negations pushed down to the predicates."""
        match node:
            case Is(predicate):
                return literal(predicate, negated)
            case Not(part):
                return plain(part, not negated)
            case Every(parts) | Some(parts):
                answers = [plain(part, negated) for part in parts]
                return all(answers) if isinstance(node, Every) is not negated else any(answers)

    admitted = admits(Rule(tree), view, keep)
    assert plain(tree) is admitted
    form = Rule(tree).normal_form()
    if form is not None:
        inner, outer = (any, all) if form.conjunctive else (all, any)
        assert outer(inner(literal(*one) for one in clause) for clause in form.clauses) is admitted


KEYED = tuple(clause for clause in CLAUSES if ":" in clause)


@given(VIEWS)
def test_a_predicate_whose_key_a_posting_lacks_is_false(view: PostingView) -> None:
    asked = [predicate for clause in KEYED for predicate in parse(clause).predicates]
    assert all(predicate.key is not None for predicate in asked)
    known = [(predicate, keys) for predicate in asked if (keys := keys_of(view, predicate.field)) is not None]
    lacking = [predicate for predicate, keys in known if predicate.key not in keys]
    assert [str(predicate) for predicate in lacking if predicate.evaluate(view) is not False] == []
    assert lacking, "a title is always known, and none has the words of two of these"


@given(
    st.sampled_from([("level >= senior", "level < senior"), ("pay >= 90000 SGD", "pay < 90000 SGD"),
                     ("posted < 14 days", "posted >= 14 days"), ("posted > 2026-11-01", "posted <= 2026-11-01"),
                     ("skill != go", "not skill:go")]),
    VIEWS,
)  # fmt: skip
def test_a_comparison_and_its_opposite_are_each_others_negation(pair: tuple[str, str], view: PostingView) -> None:
    one, other = (parse(text).root for text in pair)
    assert one is not None
    assert other is not None
    assert asked(one, view) is asked(other if pair[0].startswith("skill") else negation(other), view)


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from([*CLAUSES, "and", "or", "not", "(", ")", '"', ",", ":", "\x00", "é"])).map(" ".join)
)
def test_any_text_is_a_rule_or_a_rule_error(text: str) -> None:
    refused, rule = attempt(text)
    if rule is not None:
        assert parse(str(rule)) == rule
    if refused is not None:
        assert refused.code.startswith("rule_")
        assert 1 <= refused.line <= text.count("\n") + 1
        assert refused.pointer.endswith("^")


def attempt(text: str) -> tuple[RuleError | None, Rule | None]:
    try:
        return None, parse(text)
    except RuleError as error:
        return error, None
