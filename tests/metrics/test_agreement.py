from __future__ import annotations

import math

import numpy as np
import pytest

from textdis.metrics.agreement import krippendorff_alpha

_ = math.nan
# Krippendorff (2011), section C: four observers, twelve units, some left out; the twelfth unit has one value only
PUBLISHED = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
])  # fmt: skip


def test_two_observers_by_hand():
    """Section A: of 10 units 4 are 01 or 10, 1 is 11, 5 are 00; so o_01 = 4, n_0 = 14, n_1 = 6, n = 20.

    1 - 19 * 4 / (14 * 6) = 0.095
    """
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(np.array([meg, owen])) == pytest.approx(1 - 19 * 4 / 84)
    assert krippendorff_alpha(np.array([meg, owen]), "interval") == pytest.approx(1 - 19 * 4 / 84)


def test_five_categories():
    """Section B, two observers and twelve units, gives 0.692."""
    ratings = np.array([["abcde".index(letter) for letter in row] for row in ("aabbdcccedda", "babbbccceddd")])
    assert krippendorff_alpha(ratings) == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_published_values_with_missing_ratings(level, expected):
    assert krippendorff_alpha(PUBLISHED, level) == pytest.approx(expected, abs=5e-4)


def test_order_of_raters_and_items_is_nothing():
    rng = np.random.default_rng(0)
    shuffled = PUBLISHED[rng.permutation(4)][:, rng.permutation(12)]
    assert krippendorff_alpha(shuffled, "ordinal") == pytest.approx(krippendorff_alpha(PUBLISHED, "ordinal"))


def test_the_most_and_the_least():
    """All agree: 1. Four items, all 01 or 10: o_01 = 4, n_0 = n_1 = 4, n = 8: 1 - 7 * 4 / 16."""
    assert krippendorff_alpha(np.array([[1, 2, 3], [1, 2, 3]]), "interval") == 1.0
    assert krippendorff_alpha(np.array([[0, 1, 0, 1], [1, 0, 1, 0]])) == pytest.approx(1 - 7 * 4 / 16)


def test_chance_gives_nothing():
    ratings = np.random.default_rng(0).integers(1, 6, size=(3, 5000))
    assert abs(krippendorff_alpha(ratings, "interval")) < 0.03


def test_what_cannot_be_scored():
    assert math.isnan(krippendorff_alpha(np.ones((2, 3))))
    with pytest.raises(ValueError, match="two ratings"):
        krippendorff_alpha(np.array([[1, _], [_, 2]]))
    with pytest.raises(ValueError, match="raters, items"):
        krippendorff_alpha(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="must be nominal"):
        krippendorff_alpha(PUBLISHED, "ratio")
