"""What one poll changed."""

from datetime import timedelta

from services.scraper.changes import UNSEEN_FOR, Changes, Known, aged, compare, not_modified
from shared.posting import Posting
from tests.factories import NOW, known, posting


def after(before: dict[str, Known], *listed: Posting, complete: bool = True, unread: frozenset[str] = frozenset()) -> Changes:
    """All but `reworded`, which has a test of its own."""
    changes = compare(before, listed, complete=complete, closed_after=2, unread=unread)
    changes.reworded.clear()
    return changes


ONE, TWO = posting("1"), posting("2")


def test_a_first_poll_finds_everything_new() -> None:
    assert after({}, ONE, TWO) == Changes(new=[ONE, TWO])


def test_what_is_still_there_is_only_seen() -> None:
    assert after({"1": known(11, ONE)}, ONE) == Changes(seen=[11])


def test_other_words_are_an_edit_and_other_white_space_is_not() -> None:
    edited = posting("1", title="Staff Backend Engineer")
    assert after({"1": known(11, ONE)}, edited) == Changes(edited={11: edited})
    spaced = posting("1", description=ONE.description.replace(" ", "\n\n"))
    assert after({"1": known(11, ONE)}, spaced) == Changes(seen=[11])


def test_a_closed_posting_that_is_listed_again_is_relisted_even_when_edited() -> None:
    edited = posting("1", title="Staff Backend Engineer")
    assert after({"1": known(11, ONE, closed=True)}, ONE) == Changes(relisted={11: ONE})
    assert after({"1": known(11, ONE, closed=True)}, edited) == Changes(relisted={11: edited})


def test_absence_must_repeat_before_it_counts() -> None:
    assert after({"1": known(11, ONE), "2": known(12, TWO)}, TWO) == Changes(seen=[12], missing=[11])
    assert after({"1": known(11, ONE, missed=1), "2": known(12, TWO)}, TWO) == Changes(seen=[12], gone=[11])


def test_an_incomplete_answer_says_nothing_of_what_is_absent() -> None:
    assert after({"1": known(11, ONE, missed=1)}, TWO, complete=False) == Changes(new=[TWO])


def test_a_board_that_is_suddenly_empty_is_taken_for_broken() -> None:
    assert after({"1": known(11, ONE, missed=1)}) == Changes()


def test_a_job_that_could_not_be_read_is_neither_news_nor_absent() -> None:
    before = {"1": known(11, ONE, missed=1), "2": known(12, TWO)}
    assert after(before, TWO, unread=frozenset({"1"})) == Changes(seen=[12, 11])


def test_an_unchanged_board_lacks_again_what_it_lacked() -> None:
    before = {"1": known(11, ONE), "2": known(12, TWO, missed=1), "3": known(13, TWO, closed=True, missed=1)}
    assert not_modified(before, closed_after=2) == Changes(gone=[12])
    assert not_modified(before, closed_after=3) == Changes(missing=[12])


def test_what_is_closed_is_not_closed_again() -> None:
    assert after({"1": known(11, ONE, closed=True, missed=5), "2": known(12, TWO)}, TWO) == Changes(seen=[12])


def test_a_job_listed_twice_counts_once_and_the_last_wording_holds() -> None:
    edited = posting("1", title="Staff Backend Engineer")
    assert after({}, ONE, edited) == Changes(new=[edited])


def test_counts_are_for_the_log() -> None:
    changes = Changes(new=[ONE], edited={2: TWO}, seen=[3, 4], gone=[5])
    assert changes.counts() == {"new": 1, "edited": 1, "relisted": 0, "gone": 1}


def test_a_window_takes_a_job_for_gone_when_it_has_not_shown_it_for_a_month() -> None:
    rows = {
        "fresh": Known(1, "x", False, 0, last_seen_at=NOW - UNSEEN_FOR),
        "old": Known(2, "x", False, 0, last_seen_at=NOW - UNSEEN_FOR - timedelta(seconds=1)),
        "closed": Known(3, "x", True, 0, last_seen_at=NOW - 2 * UNSEEN_FOR),
    }
    assert aged(rows, NOW) == {"old"}
    assert compare(rows, [], complete=False, closed_after=1, gone=aged(rows, NOW)).gone == [2]


def test_a_job_listed_in_other_words_that_no_reader_notices_is_seen_and_remembered_anew() -> None:
    before = {"1": known(11, ONE)}
    changes = compare(before, [ONE], complete=True, closed_after=2)
    assert (changes.seen, changes.reworded, changes.edited) == ([11], {11: ONE}, {})


def test_a_job_listed_in_the_very_words_we_know_is_seen() -> None:
    before = {"1": known(11, ONE), "2": known(12, TWO)}
    changes = compare(before, [], complete=True, closed_after=2, unchanged={"1"})
    assert (changes.seen, changes.reworded, changes.missing) == ([11], {}, [12])


def test_a_job_that_the_board_itself_says_is_gone_is_closed_at_once() -> None:
    before = {"1": known(11, ONE), "2": known(12, TWO, closed=True)}
    assert compare(before, [], complete=False, closed_after=2, gone={"1", "2", "3"}).gone == [11]
