"""A score taken apart names what each part rests on."""

from datetime import date

import pytest

from services.cli.explain import part_rows
from services.cli.match import profile_of
from shared.errors import UnreadableInput
from shared.posting import RawPosting
from shared.profile import Profile
from shared.reading.posting import read_posting
from shared.reading.profile import read_profile
from shared.scoring import score, wish_of

TODAY = date(2026, 11, 21)
JOB = "Experience\nSoftware Engineer, Acme, Apr 2024 - Present\nGo, Kafka"


def words_on_level(profile: Profile) -> str:
    posting = read_posting(
        RawPosting(source="s", board="b", external_id="1", title="Senior Go Engineer", description="Go and Kafka")
    )
    rows = part_rows(score(posting, profile), posting, profile, wish_of(profile))
    return next(str(row["profile"]) for row in rows if row["part"] == "level")


@pytest.mark.parametrize(
    ("cv", "words"),
    [
        (f"{JOB}\n\nContact\nOpen to senior backend roles.", "senior (“Open to senior backend roles”)"),
        (f"Staff Engineer\n\n{JOB}", "staff (“Staff Engineer”)"),
        (JOB, "mid (“2.6 years”)"),
        (f"{JOB}\nLead Engineer, Palmtree, 2015 - 2024\nGo", "staff (“Lead Engineer, Palmtree”)"),
        ("Student\nSkills: Go, Kafka", "intern (“Student”)"),
    ],
)
def test_a_level_is_explained_by_what_it_was_read_from(cv: str, words: str) -> None:
    assert words_on_level(read_profile(cv, today=TODAY)) == words


def test_a_profile_without_its_words_explains_no_level() -> None:
    profile = read_profile(JOB, today=TODAY).without_words()
    assert words_on_level(profile) == "mid"


def test_a_cv_that_is_not_there_is_named_once() -> None:
    with pytest.raises(UnreadableInput) as refusal:
        profile_of("nowhere.txt")
    assert str(refusal.value).count("nowhere.txt") == 1
