"""Names of companies: which are one, and which are not."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from shared.reading.company import company_key

APART = [("Škoda", "Koda"), ("Żubr", "Zubr"), ("Ėmė", "Eme"), ("Ġenerali", "Generali")]


@pytest.mark.parametrize(
    "name",
    [
        "Acme",
        "ACME, Inc.",
        "Acme Pte. Ltd.",
        "Acme Pte Ltd",
        "The Acme Company",
        "Acme GmbH & Co. KG",
        "Acme S.p.A.",
        "Acme Sp. z o.o.",
        "Acme B.V.",
        "Acme Sdn. Bhd.",
        "PT Acme Tbk",
        "Acme (Singapore)",
        "  acme  ,  ltd. ",
        "ＡＣＭＥ",
    ],
)
def test_one_company_however_its_name_is_written(name: str) -> None:
    assert company_key(name) == "acme"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Hollis & Ward", "hollis and ward"),
        ("McHollis'", "mchollis"),
        ("The", "the"),
        ("Inc.", "inc"),
        ("(stealth)", "stealth"),
        ("日本光学", "日本光学"),
        ("3W Company", "3w"),
        ("Quill & Co", "quill"),
        ("Wayland Holdings Ltd", "wayland holdings"),
        ("İstanbul Tekstil", "istanbul tekstil"),
        (None, ""),
        ("  ", ""),
    ],
)
def test_what_is_left_of_a_name(name: str | None, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(("one", "other"), APART)
def test_accents_tell_companies_apart(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.recorded
def test_the_labelled_names_keep_apart_what_is_labelled_apart(shared_data: Path) -> None:
    corpus = json.loads((shared_data / "data" / "labelled" / "company-key-corpus_santifer.json").read_text())
    names = [case["input"] for case in corpus["cases"]]
    same = {
        frozenset(pair)
        for pair in combinations(range(len(names)), 2)
        if company_key(names[pair[0]]) == company_key(names[pair[1]])
    }

    def index(*texts: str | None) -> list[int]:
        return [number for number, name in enumerate(names) if name in texts]

    one_name = [index("Nestlé", "Nestlé"), index(None, ""), index("ＡＣＭＥ", "Acme Corp", "  Acme  ,  Inc.  ")]
    assert same == {frozenset(pair) for group in one_name for pair in combinations(group, 2)}
