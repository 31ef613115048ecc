"""An index on disk is of one shard and one threshold, and of one way to read words and to weigh parts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from services.matcher import snapshot
from services.matcher.index import Index
from services.matcher.keeping import restored
from services.matcher.snapshot import SnapshotUnusable, load, meaning, save
from shared.errors import RuleError
from shared.posting import Pay
from shared.reading import tables
from shared.rule import PostingView
from shared.scoring import offer_of, score, weights, wish_of
from shared.settings import Settings
from tests.factories import facts, posting, profile

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def afresh() -> Iterator[None]:
    """What `meaning` remembers is forgotten before and after."""
    meaning.cache_clear()
    yield
    meaning.cache_clear()


def index_of(threshold: float, *people: object, rule: str = "") -> Index:
    index = Index(threshold)
    for id_, person in enumerate(people, 1):
        index.put(id_, 1, wish_of(person), 0.0, rule)  # type: ignore[arg-type]
    return index


def screened(index: Index, wanted: object) -> dict[int, float]:
    found = index.screen(offer_of(wanted), PostingView(wanted))  # type: ignore[arg-type]
    return {id_: hundredths / 100 for id_, hundredths in zip(found.ids.tolist(), found.scores.tolist(), strict=True)}


@pytest.mark.parametrize(("saved", "now"), [((0, 2), (0, 1)), ((0, 1), (0, 2)), ((0, 2), (1, 2)), ((1, 2), (1, 3))])
def test_one_of_another_shard_is_refused(path: Path, saved: tuple[int, int], now: tuple[int, int]) -> None:
    save(index_of(40.0, profile()), path, NOW, saved)
    with pytest.raises(SnapshotUnusable, match="shard"):
        load(path, 40.0, now)
    assert len(load(path, 40.0, saved)[0]) == 1


@pytest.mark.parametrize("now", [39.99, 40.01, 95.0])
def test_one_of_another_threshold_is_refused(path: Path, now: float) -> None:
    """Bars are held no lower than the threshold: with a lower one, they would stay where the higher one put them."""
    save(index_of(40.0, profile()), path, NOW)
    with pytest.raises(SnapshotUnusable, match="threshold"):
        load(path, now)


@pytest.mark.parametrize("change", [{"matcher_shard": "0/2"}, {"match_threshold": 41.0}, {}])
def test_a_matcher_goes_on_only_from_what_it_left_itself(
    path: Path, settings: Callable[..., Settings], change: dict[str, object]
) -> None:
    before = settings(matcher_snapshot=path, match_threshold=40.0)
    save(index_of(40.0, profile()), path, NOW, before.shard)
    index, since = restored(settings(**{"matcher_snapshot": path, "match_threshold": 40.0} | change))
    assert (len(index), since) == ((0, None) if change else (1, NOW))


def test_a_rule_that_cannot_be_read_any_more_is_no_reason_not_to_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(index_of(40.0, profile(), rule="skill:go"), path, NOW)

    def refused(text: str) -> None:
        raise RuleError("a field of this name is no more", code="rule_field")

    monkeypatch.setattr("services.matcher.index.rules.parse", refused)
    with pytest.raises(SnapshotUnusable, match="is no more"):
        load(path, 40.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("WEIGHTS", {**weights.WEIGHTS, "pay": 0.07}), ("STEPS", 5), ("STEP", 1.2), ("OWN", 11), ("RESTS_ON", 7)],
)
@pytest.mark.usefixtures("afresh")
def test_one_made_with_other_weights_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    save(index_of(40.0), path, NOW)
    load(path, 40.0)
    meaning.cache_clear()
    monkeypatch.setattr(weights, name, value)
    with pytest.raises(SnapshotUnusable, match="weights"):
        load(path, 40.0)


@pytest.mark.parametrize("table", ["skills.tsv", "cities.tsv", "countries.tsv"])
@pytest.mark.usefixtures("afresh")
def test_one_made_with_another_table_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    save(index_of(40.0), path, NOW)
    meaning.cache_clear()
    monkeypatch.setattr(tables, "DATA", copytree(tables.DATA, tmp_path / "data"))
    load(path, 40.0)
    meaning.cache_clear()
    (tables.DATA / table).write_bytes((tables.DATA / table).read_bytes() + b"\n")
    with pytest.raises(SnapshotUnusable, match="words"):
        load(path, 40.0)


def test_the_language_of_rules_is_part_of_what_it_means() -> None:
    """A rule that could not be read is held as none, and another grammar or another field may read it."""
    names = {file.name for file in snapshot._read_with()}
    assert {"grammar.lark", "fields.py", "quantities.py", "places.py"} <= names


def test_wishes_that_differ_only_in_what_nothing_is_compared_with_have_one_floor(path: Path) -> None:
    floors = [
        Pay(low=100_000, high=120_000, currency="SGD"),
        Pay(low=100_000, high=130_000, currency="SGD"),
        Pay(low=50_000, currency="SGD"),
        Pay(low=300_000, currency="SGD"),
    ]
    people = [profile(pay_floor=floor) for floor in floors]
    index, wanted = index_of(0.0, *people), posting("1", facts=facts("go", pay=Pay(low=90_000, high=95_000, currency="SGD")))
    save(index, path, NOW)
    loaded, _ = load(path, 0.0)
    assert screened(loaded, wanted) == {id_: score(wanted, person).score for id_, person in enumerate(people, 1)}
    assert len(loaded.cohorts) == 3


def test_what_nobody_holds_any_more_is_not_in_it(path: Path) -> None:
    index = Index(40.0)
    for number in range(200):
        tuning = {"place": number % 9 - 4, "skills": number // 9 % 9 - 4}
        index.put(number % 5, 1, wish_of(profile(), tuning), 0.0, f"not text:word{number}")
    save(index, path, NOW)
    loaded, _ = load(path, 40.0)
    assert len(loaded.rules) == len(loaded.cohorts) == 5


def test_weights_of_ones_own_are_kept(path: Path) -> None:
    wanted, who = posting("1", "go", "kafka", "rust"), profile()
    tunings = [{}, {"skills": 4}, {"skills": -4, "place": 3}]
    index = Index(0.0)
    for id_, tuning in enumerate(tunings):
        index.put(id_, 1, wish_of(who, tuning))
    save(index, path, NOW)
    expected = {id_: score(wanted, who, tuning=tuning).score for id_, tuning in enumerate(tunings)}
    assert len(set(expected.values())) == 3, "this test is about weights"
    assert screened(load(path, 0.0)[0], wanted) == expected


@pytest.mark.parametrize("spoil", [lambda body: b"", lambda body: body[: len(body) // 2], lambda body: b"PK" + body[2:][::-1]])
def test_a_spoilt_file_is_refused(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    save(index_of(40.0, profile()), path, NOW)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SnapshotUnusable, match="index"):
        load(path, 40.0)


def test_there_may_be_none(path: Path) -> None:
    with pytest.raises(SnapshotUnusable):
        load(path, 40.0)
