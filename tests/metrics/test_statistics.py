from __future__ import annotations

import math
import time

import numpy as np
import pytest

from textdis.metrics import statistics, text

WORDS = "food was good".split()  # few, so that four in a row meet by chance


def sentences(count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(0, 11))) for _ in range(count)]


# ---- values ----------------------------------------------------------------------------------------------------------


def test_values_by_hand():
    """(1 + 0 + 0 + 1) / 4; (1 + 0 + 2) / (2 + 0 + 2); exp((log 2 + log 32) / 3) = 64^(1/3)."""
    assert statistics.mean_statistic([True, False, False, True]).value == 0.5
    assert statistics.ratio_statistic([1, 0, 2], [2, 0, 2]).value == 0.75
    assert statistics.perplexity_statistic([math.log(2), math.log(32)], [1, 2]).value == pytest.approx(4.0)


def test_bleu_is_that_of_the_metric():
    predicted, first, second = (sentences(200, seed) for seed in (3, 5, 7))
    several = [[a, b] if i % 3 else [a] for i, (a, b) in enumerate(zip(first, second, strict=True))]
    one = statistics.bleu_statistic(predicted, first).value
    assert 1 < one < 99 and one == pytest.approx(text.self_bleu(predicted, first)["self_bleu"], abs=1e-9)
    more = statistics.bleu_statistic(predicted, several).value
    assert more > one and more == pytest.approx(text.ref_bleu(predicted, several)["ref_bleu"], abs=1e-9)


@pytest.mark.parametrize("predicted", [["a b c"], [""], ["q r s t"], ["A b c d"], ["a b c d e f"]])
def test_bleu_of_degenerate_outputs_is_that_of_the_metric(predicted):
    expected = text.self_bleu(predicted, ["a b c d e"])["self_bleu"]
    assert statistics.bleu_statistic(predicted, ["a b c d e"]).value == pytest.approx(expected, abs=1e-9)


# ---- intervals -------------------------------------------------------------------------------------------------------


def test_interval_of_a_share_is_the_normal_one():
    """Of 400 fair coins the standard error is sqrt(0.25 / 400) = 0.025: 0.5 -+ 1.96 * 0.025."""
    found = statistics.bootstrap(statistics.mean_statistic([0, 1] * 200), samples=4000)
    assert found["low"] == pytest.approx(0.451, abs=0.006) and found["high"] == pytest.approx(0.549, abs=0.006)


def test_a_wider_level_and_a_seed():
    values = statistics.mean_statistic(np.arange(50))
    narrow, wide = (statistics.bootstrap(values, level=level) for level in (0.5, 0.99))
    assert wide["low"] < narrow["low"] < 24.5 < narrow["high"] < wide["high"]
    assert statistics.bootstrap(values) == statistics.bootstrap(values, seed=0) != statistics.bootstrap(values, seed=1)


def test_what_every_sentence_agrees_on_has_no_width():
    assert statistics.bootstrap(statistics.mean_statistic([3.0] * 5)) == {"low": 3.0, "high": 3.0}


def test_wilson_by_hand():
    """8 of 10, z = 2: middle (0.8 + 0.2) / 1.4 = 0.7143, half 2 * sqrt(0.016 + 0.01) / 1.4 = 0.2303."""
    low, high = statistics.wilson(8, 10, z=2.0)
    assert (low, high) == pytest.approx((0.48393, 0.94464), abs=1e-4)
    assert statistics.wilson(0, 5)[0] == 0.0 and statistics.wilson(5, 5)[1] == pytest.approx(1.0)
    assert statistics.wilson(0, 0) == (0.0, 1.0)


def test_none_of_ten_may_still_be_some():
    """Wilson: 0 of 10 lies below z^2 / (10 + z^2) = 3.8415 / 13.8415; of 10 among 20, too. All of ten: the mirror."""
    bound = pytest.approx(0.27754, abs=1e-4)
    none, some = np.zeros(10, bool), np.arange(20) < 10
    assert statistics.bootstrap(statistics.mean_statistic(none)) == {"low": pytest.approx(0.0), "high": bound}
    assert statistics.bootstrap(statistics.ratio_statistic(some & False, some))["high"] == bound
    found = statistics.bootstrap(statistics.mean_statistic(~none))
    assert 1 - found["low"] == bound and found["high"] == pytest.approx(1.0)


def test_resamples_without_a_noun_are_left_out():
    """Only sentence 1 of 2 has a noun, and keeps it: every resample that has a score has 1."""
    assert statistics.bootstrap(statistics.ratio_statistic([1, 0], [1, 0])) == {"low": 1.0, "high": 1.0}


def test_an_interval_covers_the_truth_as_often_as_it_says():
    """95% intervals of 200 samples of 100 exponential lengths of mean 1: binomial deviation 1.5%, skew takes 2%."""
    rng = np.random.default_rng(0)
    found = [
        statistics.bootstrap(statistics.mean_statistic(rng.exponential(size=100)), samples=400) for _ in range(200)
    ]
    assert 0.88 <= np.mean([row["low"] <= 1 <= row["high"] for row in found]) <= 0.99


# ---- comparisons -----------------------------------------------------------------------------------------------------


def test_p_by_hand():
    """Three sentences, all 1 against 0: of the 8 ways to swap, 2 set them 1 apart: p = 1/4."""
    found = statistics.compare(statistics.mean_statistic([1, 1, 1]), statistics.mean_statistic([0, 0, 0]))
    assert found["difference"] == found["low"] == found["high"] == 1.0
    assert found["p"] == pytest.approx(0.25, abs=0.02)


def test_a_system_against_itself():
    same = statistics.bleu_statistic(sentences(40, 3), sentences(40, 5))
    assert statistics.compare(same, same, samples=200) == {"difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}


def test_pairing_finds_what_two_intervals_hide():
    """B is 0.1 below A in each sentence, while sentences differ by 1."""
    values = np.random.default_rng(0).normal(size=100)
    high, low = statistics.mean_statistic(values), statistics.mean_statistic(values - 0.1)
    assert statistics.bootstrap(high)["low"] < statistics.bootstrap(low)["high"]
    found = statistics.compare(high, low, samples=2000)
    assert found["p"] < 0.001 and found["low"] == pytest.approx(0.1) and found["high"] == pytest.approx(0.1)
    assert statistics.compare(low, high, samples=2000)["difference"] == pytest.approx(-0.1)


def test_p_is_uniform_where_nothing_differs():
    """Of 200 comparisons of equals about 10 are below 0.05, and the median is about 0.5."""
    rng = np.random.default_rng(1)
    pairs = [(rng.normal(size=30), rng.normal(size=30)) for _ in range(200)]
    found = [statistics.compare(*map(statistics.mean_statistic, pair), samples=200)["p"] for pair in pairs]
    assert 2 <= sum(p <= 0.05 for p in found) <= 20 and 0.4 < np.median(found) < 0.6


def test_bleu_of_a_better_system_is_found_better():
    references = sentences(150, 3)
    worse = [" ".join(text.split()[:-2]) for text in references]
    found = statistics.compare(
        statistics.bleu_statistic(references, references), statistics.bleu_statistic(worse, references), samples=500
    )
    assert found["low"] > 5 and found["p"] < 0.005


def test_other_sentences_and_other_scores_are_refused():
    with pytest.raises(ValueError, match="same ones"):
        statistics.compare(statistics.mean_statistic([1]), statistics.mean_statistic([1, 2]))
    with pytest.raises(ValueError, match="different scores"):
        statistics.compare(statistics.mean_statistic([1]), statistics.perplexity_statistic([1], [1]))


# ---- bad input, speed ------------------------------------------------------------------------------------------------


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="unequal"):
        statistics.ratio_statistic([1], [1, 2])
    with pytest.raises(ValueError, match="empty"):
        statistics.mean_statistic([])
    with pytest.raises(ValueError, match="finite"):
        statistics.mean_statistic([1, math.nan])
    with pytest.raises(ValueError, match="sums to 0"):
        statistics.ratio_statistic([0, 0], [0, 0])
    with pytest.raises(ValueError, match="belong together"):
        statistics.bleu_statistic(["a"], ["a", "b"])


def test_chunks_change_nothing(monkeypatch):
    values = statistics.mean_statistic(np.arange(7))
    monkeypatch.setattr(statistics, "_CELLS", 5)  # one resample at a time
    small = statistics.bootstrap(values, samples=3000)
    monkeypatch.setattr(statistics, "_CELLS", 10_000)
    large = statistics.bootstrap(values, samples=3000)
    assert small == large


def test_a_thousand_resamples_of_a_thousand_sentences_are_quick():
    statistic = statistics.bleu_statistic(sentences(1000, 3), sentences(1000, 5))
    start = time.perf_counter()
    statistics.bootstrap(statistic)
    assert time.perf_counter() - start < 1.0
