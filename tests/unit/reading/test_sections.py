"""How much a skill is wanted, from the section and the sentence it stands in."""

from bisect import bisect_right

import pytest

from shared.reading.sections import Section, passages, strength_at


def strength(description: str, word: str) -> str | None:
    lines = passages(description)
    position = description.index(word)
    found = strength_at(description, lines[bisect_right([line.start for line in lines], position) - 1], position)
    return found.value if found else None


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("Requirements", "required"),
        ("Requirement", "required"),
        ("Qualities we look for", "required"),
        ("⭐ Is this you?", "required"),
        ("YOU ALREADY:", "required"),
        ("Technical Expertise:", "required"),
        ("Nice-to-haves", "preferred"),
        ("**Nice-to-haves:**", "preferred"),
        ("It will be great if you also know", "preferred"),
        ("What You’ll Do", "mentioned"),
        ("Description", "mentioned"),
        ("About Us", None),
        ("Benefits & Perks", None),
        ("Equal Opportunity", None),
        ("Dein Profil", "required"),
        ("Das solltest Du mitbringen:", "required"),
        ("Von Vorteil, aber kein Muss", "preferred"),
        ("Deine Aufgaben", "mentioned"),
        ("Wir bieten", None),
        ("Über uns", None),
        ("Profil recherché", "required"),
        ("Vos missions", "mentioned"),
        ("Les plus :", "preferred"),
        ("Ce que nous offrons", None),
        ("Requisitos", "required"),
        ("Ofrecemos", None),
        ("必須スキル", "required"),
        ("加分项", "preferred"),
    ],
)
def test_a_heading_tells_how_much_what_follows_is_wanted(heading: str, wanted: str | None) -> None:
    assert strength(f"{heading}\n\n- Kafka in anger\n", "Kafka") == wanted


@pytest.mark.parametrize(
    ("sentence", "word", "wanted"),
    [
        ("Experience with 3D CAD (CATIA preferred) and CAE tools", "CAE", "required"),
        ("Experience with 3D CAD (CATIA preferred) and CAE tools", "CATIA", "preferred"),
        ("A degree in Statistics (Masters preferred) is required", "Statistics", "required"),
        ("Kafka is a plus", "Kafka", "preferred"),
        ("We'd especially love to talk if you know Helm", "Helm", "preferred"),
        ("A background in statistics would be very helpful", "statistics", "preferred"),
        ("Several years of experience as a data engineer", "data", "required"),
        ("Build systems with strict requirements on latency in Go", "Go", "mentioned"),
        ("Experience building databases, preferably in storage or Kafka", "databases", "required"),
        ("Experience building databases, preferably in storage or Kafka", "Kafka", "preferred"),
        ("Ideally you know Kafka", "Kafka", "preferred"),
        ("No prior Rust experience required", "Rust", "preferred"),
        ("Erste Erfahrung mit Kafka", "Kafka", "required"),
        ("Kafka ist von Vorteil", "Kafka", "preferred"),
        ("Expérience avec Kafka", "Kafka", "required"),
        ("Kafka serait un vrai plus", "Kafka", "preferred"),
        ("Se valorará Kafka", "Kafka", "preferred"),
    ],
)
def test_a_sentence_has_cues_of_its_own(sentence: str, word: str, wanted: str) -> None:
    assert strength(sentence, word) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("We do not use PHP. We write Go.", {"PHP": None, "Go": "mentioned"}),
        ("Requirements\n- No PHP, please\n- Go", {"PHP": None, "Go": "required"}),
        ("We don’t use PHP, Java or Ruby. Go it is.", {"PHP": None, "Java": None, "Ruby": None, "Go": "mentioned"}),
        ("We never touch PHP/Ruby", {"PHP": None, "Ruby": None}),
        ("We do not use PHP, Go is our language", {"PHP": None, "Go": "mentioned"}),
        ("We don't just use Go", {"Go": "mentioned"}),
        ("We do not sleep, and use Go", {"Go": "mentioned"}),
        ("No PHP experience? Go is what counts", {"PHP": "mentioned", "Go": "mentioned"}),
        ("If you do not know Go, we teach it", {"Go": "mentioned"}),
    ],
)
def test_what_is_refused_is_not_wanted(text: str, wanted: dict[str, str | None]) -> None:
    assert {word: strength(text, word) for word in wanted} == wanted


def test_a_label_in_a_list_speaks_for_its_item_alone() -> None:
    text = "Requirements\n- Bonus: Rust\n- Go in production\n- Location: Berlin, near Kafka street\n- SQL"
    assert [strength(text, word) for word in ("Rust", "Go", "Kafka", "SQL")] == ["preferred", "required", None, "required"]


def test_a_line_of_facts_does_not_silence_what_follows() -> None:
    assert strength("Location: Jersey City\nYou work with Hadoop", "Hadoop") == "mentioned"
    assert strength("Nice to have: Rust\nErlang", "Erlang") == "preferred"


def test_lines_keep_their_places() -> None:
    text = "Requirements:\n- Go\n\nBenefits\n- Lunch"
    assert [(text[line.start : line.end], line.section) for line in passages(text)] == [
        ("Requirements:", Section.REQUIRED),
        ("- Go", Section.REQUIRED),
        ("Benefits", Section.BENEFITS),
        ("- Lunch", Section.BENEFITS),
    ]


@pytest.mark.parametrize(
    "bait", ["(" * 2_000_000, "(a" * 1_000_000, "a (b) " * 400_000, "- x: " * 500_000, "strong a b c " * 200_000]
)
@pytest.mark.timeout(30)
def test_bait_on_one_line_is_read_in_bounded_time(bait: str) -> None:
    for position in range(0, len(bait), len(bait) // 50):
        strength_at(bait, passages(bait)[0], position)
