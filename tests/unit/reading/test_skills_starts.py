"""Names that are also verbs, where a sentence begins with them."""

import pytest

from shared.reading.skills import find_skills


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Go with the flow, Python and Kafka code.", {"python", "kafka"}),
        ("Swift fast responses, with React and Java, Rust, C++.", {"react", "java", "rust", "c++"}),
        ("Swift code in Kafka", {"swift", "kafka"}),
        ("Go, Python and Kafka", {"go", "python", "kafka"}),
        ("Go developer with Python", {"go", "python"}),
    ],
)
def test_a_verb_before_plain_words_is_none_and_before_words_of_the_trade_a_name(text: str, named: set[str]) -> None:
    assert {hit.skill for hit in find_skills(text)} == named
