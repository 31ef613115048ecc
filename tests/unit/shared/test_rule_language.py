"""Rules as text: what is understood, how it is written back, and what is said of what is not."""

import pickle
import re
from pathlib import Path

import pytest

from shared.reading.skills import skills
from shared.reading.tables import rows
from shared.rule import FIELDS, Rule, RuleError, parse
from shared.rule.predicate import quoted

LONG_RULE = 'country:SG and (skill:go or skill:python) and not company:"Acme" and pay >= 90000 SGD'


def refusal(text: str) -> RuleError:
    with pytest.raises(RuleError) as raised:
        parse(text)
    return raised.value


def understood(text: str) -> Rule | None:
    try:
        return parse(text)
    except RuleError:
        return None


# --------------------------------------------------------------------------------------------------------- understood


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (LONG_RULE, "country:SG and skill:(Go, Python) and not company:acme and pay >= 90000 SGD"),
        ("", ""),
        (" \n ", ""),
        ("COUNTRY = sg AND NOT Skill:GOLANG", "country:SG and not skill:Go"),
        ("skill:go or skill:rust and remote:yes", "skill:Go or (skill:Rust and remote:yes)"),
        ("(skill:go or skill:rust) and remote:yes", "skill:(Go, Rust) and remote:yes"),
        ("not skill:go and remote:yes", "not skill:Go and remote:yes"),
        ("not (skill:go and remote:yes)", "not (skill:Go and remote:yes)"),
        ("not (skill:go or remote:yes)", "not (skill:Go or remote:yes)"),
        ("not skill:(go, rust)", "not skill:(Go, Rust)"),
        ("not not skill:go", "skill:Go"),
        ("skill != go", "not skill:Go"),
        ("((((skill:go))))", "skill:Go"),
        ("country:(SG, MY) or country:ID or skill:go", "country:(SG, MY, ID) or skill:Go"),
        ('country:"United Kingdom" or country:uk', "country:(GB, GB)"),
        ("country:apac", "country:APAC"),
        ("city:NYC", 'city:"New York"'),
        ('city:"London, Ontario"', 'city:"London, CA"'),
        ("skill:k8s or skill:spring-boot or skill:c++ or skill:ci/cd", 'skill:(Kubernetes, "Spring Boot", C++, CI/CD)'),
        ("remote:(remote, hybrid, on-site)", "remote:(yes, hybrid, no)"),
        ("level >= senior and level:Entry-Level", "level >= senior and level:junior"),
        ('title:"Staff  Engineer"', 'title:"staff engineer"'),
        ("title:“Staff Engineer” or title:'CTO'", 'title:("staff engineer", cto)'),
        ('company:"Acme, Inc." and company:"and"', 'company:acme and company:"and"'),
        ("pay ≥ 7k SGD monthly", "pay >= 84000 SGD"),
        ("pay > S$90,000", "pay > 90000 SGD"),
        ("pay < SGD 90000 a year", "pay < 90000 SGD"),
        ("pay <= €50/hour", "pay <= 104000 EUR"),
        ("pay <= 50 EUR/hour or pay <= 50 EUR / hour", "pay <= 104000 EUR or pay <= 104000 EUR"),
        ("pay >= (90,000 SGD, 60k EUR)", "pay >= (60000 EUR, 90000 SGD)"),
        ("posted < 2 weeks and posted <= 36 hours", "posted < 14 days and posted <= 36 hours"),
        ("pay >= 12000000000 VND", "pay >= 12000000000 VND"),
        ("pay >= 1000000m VND", "pay >= 1000000000000 VND"),
        ("pay > 123456789.55 VND", "pay > 123456789.55 VND"),
        ("pay > 1234.5 SGD or pay > 0 SGD", "pay > 1234.5 SGD or pay > 0 SGD"),
        ("posted < 20000 weeks", "posted < 73000 days"),
        ("posted < 9999999 months", "posted < 73000 days"),
        ("posted < 100001 hours", "posted < 100001 hours"),
        ("posted < 0h", "posted < 0 days"),
        ("posted >= 2026-11-01", "posted >= 2026-11-01"),
        ('employment:("full time", freelance)', "employment:(full_time, contract)"),
        ("language:English and agency:no", "language:en and agency:no"),
        ("text:工程師", 'text:"工 程 師"'),
        ("title:android and title:orchestra and title:notes", "title:android and title:orchestra and title:notes"),
    ],
)
def test_what_is_understood_is_written_back_and_read_again(text: str, canonical: str) -> None:
    rule = parse(text)
    assert str(rule) == canonical
    assert parse(canonical) == rule


def test_every_field_explains_itself_with_an_example_that_works() -> None:
    assert [str(parse(field.example).predicates[0]) for field in FIELDS.values()] == [
        field.example.replace("go", "Go") if field.name == "skill" else field.example.replace('"Acme"', "acme")
        for field in FIELDS.values()
    ]


def test_the_page_about_rules_names_every_field_and_its_examples_work() -> None:
    page = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()
    table = dict(re.findall(r"^\| `(\w+)` \|.*?\| `([^`]+)` \|", page, re.MULTILINE))
    assert table == {field.name: field.example for field in FIELDS.values()}
    spans = [span for span in re.findall(r"`([^`\n]+)`", page) if re.match(rf"({'|'.join(FIELDS)})(:| [<>]=? )\S", span)]
    assert len(spans) > 20
    assert [span for span in spans if understood(span) is None] == ["skill:go skill:rust"]


def test_every_name_in_the_tables_is_read_back_as_itself() -> None:
    for field, values in {
        "skill": list(skills()),
        "country": [row["name"] for row in rows("countries")] + [row["code"] for row in rows("countries")],
    }.items():
        for value in values:
            (asked,) = parse(f'{field}:"{value}"').predicates
            assert parse(str(asked)).predicates == (asked,), value


def test_quoted_text_is_read_back_whatever_it_holds() -> None:
    for text in ('a "b" c', "back\\slash", 'both \\" of them'):
        assert parse(f"company:{quoted(text)}") == parse(f"company:'{text}'")


def test_predicates_are_told_once_and_are_one_object() -> None:
    rule = parse("skill:go or (skill:golang and remote:yes) or not skill:Go")
    assert [str(asked) for asked in rule.predicates] == ["skill:Go", "remote:yes"]
    assert rule.predicates[0] is parse("skill:golang and country:SG").predicates[0]
    assert pickle.loads(pickle.dumps(rule)).predicates[0] is rule.predicates[0]


def test_a_rule_is_small_where_it_can_be() -> None:
    form = parse("country:SG and (skill:go or skill:python)").normal_form()
    assert form is not None
    assert (form.conjunctive, form.size) == (True, 3)
    form = parse("(country:SG and skill:go) or (country:DE and skill:rust)").normal_form()
    assert form is not None
    assert (form.conjunctive, form.size) == (False, 4)
    form = parse("(country:SG and skill:go) or country:SG or (country:SG and remote:yes)").normal_form()
    assert form is not None
    assert form.size == 1
    form = parse(
        "(skill:go or skill:rust) and (skill:go or skill:rust or remote:yes) and (skill:rust or skill:go)"
    ).normal_form()
    assert form is not None
    assert form.size == 2
    pairs = [f"(title:a{n} or title:b{n}) and (title:c{n} or title:d{n})" for n in range(10)]
    assert parse(" or ".join(f"({pair})" for pair in pairs)).normal_form() is None


# ------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("text", "code", "column", "words"),
    [
        ("contry:SG", "rule_field", 1, "did you mean country:?"),
        ("salary > 3k SGD", "rule_field", 1, "it is called pay:"),
        ("remote:yes and colour:blue", "rule_field", 16, "there are country, city"),
        ("country:Indonesa", "rule_value", 9, "did you mean Indonesia?"),
        ("country:Narnia", "rule_value", 9, "no country called “Narnia”"),
        ("city:Germany", "rule_value", 6, "for a country write country:SG"),
        ("city:Berlim", "rule_value", 6, "did you mean Berlin?"),
        ("skill:kuberntes", "rule_value", 7, "did you mean kubernetes?"),
        ("skill:zzyzx", "rule_value", 7, 'text:"zzyzx" looks for the word'),
        ("remote:maybe", "rule_value", 8, "write yes, hybrid or no"),
        ("level > emperor", "rule_value", 9, "intern, junior, mid, senior"),
        ("employment:voluntary", "rule_value", 12, "full_time"),
        ("language:klingon", "rule_value", 10, "no language we know"),
        ("agency:perhaps", "rule_value", 8, "yes or no"),
        ("company:,", "rule_syntax", 9, "company is missing here"),
        ('company:"!"', "rule_value", 9, "no name of a company"),
        ('title:"?"', "rule_value", 7, "has no word in it"),
        ("title:engineer*", "rule_value", 7, "a star stands for nothing"),
        ("pay:90000 SGD", "rule_value", 4, "compared with <"),
        ("skill > go", "rule_value", 7, "cannot be more or less"),
        ("pay >= 90000", "rule_value", 8, "say in which currency: 90000 SGD"),
        ("pay >= $90k", "rule_value", 8, "several currencies"),
        ("pay >= 90k XYZ", "rule_value", 8, "no currency"),
        ("pay >= 90k SGD fortnightly", "rule_value", 8, "yearly, monthly"),
        ("pay >= much", "rule_value", 8, "no amount of money"),
        ("pay >= 999999999999m SGD", "rule_value", 8, "more than anybody is paid"),
        ("pay >= (1 SGD, 2 SGD)", "rule_value", 16, "each currency once"),
        ("posted < soon", "rule_value", 10, "no age and no date"),
        ("posted < 2026-13-45", "rule_value", 10, "no age and no date"),
        ("posted < (1 day, 2 days)", "rule_value", 18, "compared with one value"),
        ("country:SG skill:go", "rule_syntax", 12, "write `and` or `or` before “skill”"),
        ("country:SG (skill:go)", "rule_syntax", 12, "write `and` or `or` before"),
        ("city:New York", "rule_syntax", 10, 'quotation marks around both: city:"New York"'),
        ("country:SG and", "rule_syntax", 15, "a condition is missing after “and”"),
        ("or country:SG", "rule_syntax", 1, "a condition is missing, such as"),
        ("country:SG and and skill:go", "rule_syntax", 16, "a condition is missing after “and”"),
        ("()", "rule_syntax", 2, "a condition is missing"),
        ("not", "rule_syntax", 4, "a condition is missing after “not”"),
        ("country:", "rule_syntax", 9, "a country or a region of the world is missing here"),
        ("country:(SG,)", "rule_syntax", 13, "is missing here"),
        ("company:and", "rule_syntax", 9, "to mean the word and"),
        ("singapore", "rule_syntax", 1, "write text:singapore"),
        ("country SG", "rule_syntax", 9, "after country write how to compare"),
        ('"staff engineer"', "rule_syntax", 1, 'text:"staff engineer"'),
        ('title:"staff', "rule_syntax", 7, "never closed"),
        ("(country:SG and (skill:go)", "rule_syntax", 1, "this parenthesis is never closed"),
        ("country:(SG, MY", "rule_syntax", 9, "this parenthesis is never closed"),
        ("country:SG)", "rule_syntax", 11, "this ) closes nothing"),
        ("country:SG, MY", "rule_syntax", 11, "a comma stands only in a list"),
        ("country:SG & skill:go", "rule_syntax", 14, "write `and` or `or` before"),
        ("title:x\x00", "rule_syntax", 8, "cannot be typed"),
    ],
)
def test_what_is_not_understood_says_where_and_what_to_write(text: str, code: str, column: int, words: str) -> None:
    error = refusal(text)
    assert (error.code, error.line, error.column) == (code, 1, column)
    assert words in str(error)
    assert f"column {column}:" in str(error)


def test_the_caret_stands_under_the_fault() -> None:
    assert refusal("skill:go and contry:SG").pointer == "skill:go and contry:SG\n             ^"


def test_the_caret_knows_lines_wide_letters_and_long_rules() -> None:
    error = refusal("country:SG\n  and skil:go\nand remote:yes")
    assert (error.line, error.column, error.pointer) == (2, 7, "  and skil:go\n      ^")
    assert "line 2, column 7" in str(error)
    assert refusal("title:工程師 and contry:SG").pointer.splitlines()[1] == " " * 17 + "^"
    line, caret = refusal(f"skill:({', '.join(['go'] * 300)}) and contry:SG").pointer.splitlines()
    assert len(line) < 80
    assert line[caret.index("^") :].startswith("contry")


# ------------------------------------------------------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 1_000_000, "rule_too_long"),
        ("(" * 1_999, "rule_syntax"),
        (f"{'(' * 900}skill:go{')' * 901}", "rule_syntax"),
        ("not " * 499, "rule_syntax"),
        ("\x00" * 2_000, "rule_syntax"),
        ("\U0001f600" * 2_000, "rule_syntax"),
        ("\u202eskill:go", "rule_field"),
        ("a" * 2_000, "rule_syntax"),
        (f"skill:{'k' * 1_900}", "rule_value"),
        (f"skill:{'kubernete ' * 180}", "rule_syntax"),
        ('title:"' + "\\" * 1_900, "rule_syntax"),
        ("title:" + "'" * 1_901, "rule_syntax"),
        ("pay >= " + "9" * 1_900 + " SGD", "rule_value"),
        ("pay >= " + "9," * 900, "rule_syntax"),
        ("posted < " + "9" * 1_900 + " days", "rule_value"),
        (f"country:({'SG,' * 600}", "rule_syntax"),
        (":" * 2_000, "rule_syntax"),
        (",".join("9" * 999), "rule_syntax"),
        (f"title:({','.join(f'a{n}' for n in range(201))})", "rule_too_long"),
        ("skill:go and (skill:go or (" * 60 + "skill:go" + "))" * 60, "rule_too_deep"),
    ],
    ids=range(20),
)
@pytest.mark.timeout(10)  # milliseconds each; only what stalls takes longer
def test_hostile_rules_are_refused(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_a_rule_asks_200_things_and_no_more() -> None:
    assert len(parse(f"title:({','.join(f'a{n}' for n in range(200))})").predicates) == 200
    assert "it asks 201 things; 200 are allowed" in str(refusal(f"title:({','.join(f'a{n}' for n in range(201))})"))
    assert "longer than 2,000 characters" in str(refusal(f"title:{'a' * 1_995}"))


def test_what_only_looks_deep_is_no_trouble() -> None:
    assert str(parse(f"{'(' * 990}title:a{')' * 990}")) == "title:a"
    assert str(parse("not " * 498 + "title:a")) == "title:a"
    assert str(parse("not " * 497 + "title:a")) == "not title:a"


def test_the_grammar_is_a_file_beside_its_parser() -> None:
    import shared.rule

    assert "any_of" in Path(shared.rule.__file__).with_name("grammar.lark").read_text()
