from __future__ import annotations

import math

import numpy as np
import pytest

from textdis.metrics import joint
from textdis.metrics.statistics import mean_statistic

LIMITS = {"min_similarity": 0.5, "max_nats": 3.0}


def test_joint_by_hand():
    """Sentence 1 passes all, 2 fails the style, 3 the similarity, 4 the fluency, 5 stands on both limits: 2 of 5."""
    styled, similarity, nats = [True, False, True, True, True], [0.9, 0.9, 0.4, 0.9, 0.5], [1.0, 1.0, 1.0, 3.1, 3.0]
    assert joint.joint_score(styled, similarity, nats, **LIMITS) == {
        "joint": 0.4, "styled": 0.8, "similar": 0.8, "fluent": 0.8,
    }  # fmt: skip
    passed = joint.sentence_joint(styled, similarity, nats, **LIMITS)
    assert passed.tolist() == [True, False, False, False, True] and mean_statistic(passed).value == 0.4


def test_halves_cannot_buy_the_joint_score():
    """Half copies (similar, not styled), half stock phrases (styled, not similar): nothing of both."""
    styled, similarity = [False] * 5 + [True] * 5, [1.0] * 5 + [0.0] * 5
    scores = joint.joint_score(styled, similarity, [1.0] * 10, **LIMITS)
    assert scores == {"joint": 0.0, "styled": 0.5, "similar": 0.5, "fluent": 1.0}


def test_a_sentence_of_no_token_is_not_fluent():
    assert joint.joint_score([True], [1.0], [math.inf], **LIMITS)["joint"] == 0.0


def test_thresholds_let_nine_of_ten_humans_pass_each():
    similarity, nats = np.arange(1, 101) / 100, np.arange(1, 101) / 10
    limits = joint.joint_thresholds(similarity, nats)
    assert limits == {"min_similarity": 0.1, "max_nats": pytest.approx(9.1)}  # 91 of 100 pass each: `lower`, `higher`
    scores = joint.joint_score(np.ones(100, dtype=bool), similarity, nats, **limits)
    assert scores["similar"] == scores["fluent"] == 0.91


def test_similarity_of_the_same_of_nothing_and_of_others():
    found = joint.sentence_similarity(["The Food was good", "", "xyz"], ["the food was good", "a b", "abc"])
    assert found.tolist() == [1.0, 0.0, 0.0]


def test_similarity_by_hand():
    """ab against abcd, blanks out: of letters 2/2 and 2/4, of pairs 1/1 and 1/3; no triple in the output.

    Precisions and recalls are averaged over the orders both have, 1 and 2: 1 and 5/12; F1 = 10/17.
    """
    assert joint.sentence_similarity(["ab"], ["a bcd"])[0] == pytest.approx(10 / 17)


def test_similarity_minds_what_is_added_as_much_as_what_is_lost():
    short, long = "the food was good", "the food was good and the staff friendly"
    forth, back = joint.sentence_similarity([short, long], [long, short])
    assert forth == pytest.approx(back) and 0.4 < forth < 0.9


def test_bad_lists_are_refused():
    with pytest.raises(ValueError, match="unequal"):
        joint.joint_score([True], [1.0, 1.0], [1.0], **LIMITS)
    with pytest.raises(ValueError, match="empty list"):
        joint.joint_thresholds([], [])
    with pytest.raises(ValueError, match="NaN"):
        joint.joint_score([True], [math.nan], [1.0], **LIMITS)
    with pytest.raises(ValueError, match="belong together"):
        joint.sentence_similarity(["a"], ["a", "b"])
