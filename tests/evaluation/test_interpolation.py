"""Scores of lines and sums, with a coder that knows sentences of two numbers: "3 4" is the code (3, 4)."""

import math

import numpy as np
import pytest

from textdis.evaluation.interpolation import FIVE, arithmetic_scores, interpolation_scores


class Numbers:
    """Says a code rounded down; what holds a 9 it cannot say right."""

    def encode(self, texts):
        return np.array([[float(x) for x in text.split()] for text in texts])

    def say(self, codes):
        return [" ".join("8" if x == 9 else str(math.floor(x)) for x in code) for code in codes.tolist()]


def even(text):
    return all(int(x) % 2 == 0 for x in text.split())


def test_a_line_by_hand():
    # t = 1/4, 1/2, 3/4 of (0 0) -> (4 8): (1 2), (2 4), (3 6); of them (2 4) is even, and neither end
    found = interpolation_scores(Numbers(), [("0 0", "4 8")], even, steps=5)
    assert found == {
        "lines": 1,
        "exact_ends": 1.0,
        "exact_lines": 1,
        "inner": 1 / 3,
        "inner_exact": 1 / 3,
        "new": 1 / 3,
    }


def test_inexact_ends_are_counted_and_their_lines_left_out():
    # of (9 0) the coder says "8 0"; its line (9 0) -> (0 0) at t = 1/2 is (4 0), even; the other's point is (1 1)
    found = interpolation_scores(Numbers(), [("9 0", "0 0"), ("0 0", "2 2")], even, steps=3)
    assert found["exact_ends"] == 0.75 and found["exact_lines"] == 1
    assert (found["inner"], found["inner_exact"], found["new"]) == (0.5, 0.0, 0.5)


def test_points_that_repeat_an_end_are_not_new():
    found = interpolation_scores(Numbers(), [("2 2", "2 2")], even)
    assert (found["inner"], found["new"]) == (1.0, 0.0)


def test_no_exact_line():
    assert "inner_exact" not in interpolation_scores(Numbers(), [("9 9", "0 0")], even)


def test_arithmetic_by_hand():
    # 5 5 - 4 5 + 1 2 = 2 2, right; 9 1 - 0 1 + 0 0 = 9 0, said "8 0"
    found = arithmetic_scores(Numbers(), [("5 5", "4 5", "1 2", "2 2"), ("9 1", "0 1", "0 0", "9 0")])
    assert found["exact"] == found["decode_d"] == 0.5
    assert found["decode_a"] == found["decode_c"] == 0.0
    assert found["exact_words"] == pytest.approx((1 + 0.5) / 2)
    assert found["decode_c_words"] == pytest.approx((0.5 + 0.5) / 2)  # 1 2 against 2 2; 0 0 against 9 0
    assert found["quadruples"] == 2


def test_the_papers_five_examples_are_whole():
    assert len(FIVE) == 5 and all(len(three) == 3 and all(text.endswith(".") for text in three) for three in FIVE)
