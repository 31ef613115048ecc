"""The metrics of a ranking: by hand, against scikit-learn where it is installed, and what they must never depend on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matcher.evaluation import METRICS, auc, difference, estimate, ndcg, precision, resamples

SCORES = np.array([90.0, 80.0, 70.0, 60.0, 50.0])
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 0.0])


def test_auc_counts_the_pairs_in_order():
    # yes at 90 and 70, no at 80, 60 and 50: of six pairs, only (70, 80) is the wrong way round
    assert auc(LABELS, SCORES) == pytest.approx(5 / 6)
    assert auc(1 - LABELS, SCORES) == pytest.approx(1 / 6)
    assert auc(LABELS, np.ones(5)) == 0.5


def test_precision_is_a_share_of_the_best():
    assert precision(LABELS, SCORES, 1) == 1.0
    assert precision(LABELS, SCORES, 3) == pytest.approx(2 / 3)
    assert precision(LABELS, SCORES, 20) == pytest.approx(2 / 5)


def test_ndcg_discounts_by_rank_and_gains_by_grade():
    grades = np.array([0.0, 2.0, 1.0])
    got = (2**2 - 1) / math.log2(3) + (2**1 - 1) / math.log2(4)
    best = (2**2 - 1) / math.log2(2) + (2**1 - 1) / math.log2(3)
    assert ndcg(grades, np.array([3.0, 2.0, 1.0])) == pytest.approx(got / best)
    assert ndcg(grades, np.array([3.0, 2.0, 1.0]), 1) == 0.0
    assert ndcg(grades, grades) == 1.0


def test_what_stands_in_a_tie_counts_as_its_mean():
    tied = np.array([2.0, 1.0, 1.0, 1.0])
    assert precision(np.array([0.0, 1.0, 0.0, 0.0]), tied, 2) == pytest.approx(1 / 6)
    assert ndcg(np.array([0.0, 1.0, 0.0, 0.0]), tied) == ndcg(np.array([0.0, 0.0, 0.0, 1.0]), tied)


def test_one_kind_of_label_has_no_auc_and_no_gain_no_ndcg():
    assert math.isnan(auc(np.ones(3), SCORES[:3]))
    assert math.isnan(ndcg(np.zeros(3), SCORES[:3]))


CASES = st.integers(2, 40).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 3), min_size=size, max_size=size), st.lists(st.integers(0, 9), min_size=size, max_size=size)
    )
)


@given(CASES)
def test_as_scikit_learn_has_it(case):
    learn = pytest.importorskip("sklearn.metrics")
    labels, scores = (np.array(numbers, dtype=float) for numbers in case)
    if len(set(labels > 0)) == 2:
        assert auc(labels, scores) == pytest.approx(learn.roc_auc_score(labels > 0, scores))
    if labels.any():
        for k in (None, 1, 5):
            assert ndcg(labels, scores, k) == pytest.approx(learn.ndcg_score([2**labels - 1], [scores], k=k))


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_the_file_is_of_no_account(case, random):
    labels, scores = (np.array(numbers, dtype=float) for numbers in case)
    order = np.array(random.sample(range(len(labels)), len(labels)))
    for metric in METRICS.values():
        assert metric(labels[order], scores[order]) == pytest.approx(metric(labels, scores), nan_ok=True)


def test_an_interval_is_the_same_each_time_holds_the_value_and_narrows_with_more():
    labels = np.tile(LABELS, 40)
    scores = np.tile(SCORES, 40)
    few, many = (estimate(auc, labels[:n], scores[:n], list(resamples(n))) for n in (20, 200))
    assert many == estimate(auc, labels, scores, list(resamples(200)))
    assert many.low <= many.value <= many.high
    assert many.high - many.low < few.high - few.low


def test_a_difference_is_measured_on_the_same_draws():
    draws = list(resamples(5))
    nothing = difference(auc, LABELS, SCORES, SCORES, draws)
    assert nothing == (0.0, 0.0, 0.0)
    assert difference(auc, LABELS, SCORES, -SCORES, draws).value == pytest.approx(4 / 6)


def test_the_baseline_likes_what_has_the_profiles_words():
    pytest.importorskip("sklearn")
    from services.matcher.baseline import tfidf_cosine

    found = tfidf_cosine("Go and Kafka services", ["Kafka and Go", "nursing in a clinic", ""])
    assert found[0] > found[1] == found[2] == 0.0
    assert tfidf_cosine("the", ["of", "and"]).tolist() == [0.0, 0.0]
