from __future__ import annotations

import re
import warnings
from itertools import combinations

import numpy as np
import pytest

from textdis.metrics import syntax
from textdis.metrics.syntax_words import WORDS, ing_form, s_form, words


@pytest.fixture(scope="module")
def sentences() -> tuple[list[str], np.ndarray]:
    return syntax.prototype_sentences()


@pytest.fixture(scope="module")
def controls(sentences) -> dict[str, np.ndarray]:
    return syntax.control_codes(*sentences)


# ---- sentences -------------------------------------------------------------------------------------------------------


def test_a_hundred_sentences_of_each_prototype(sentences):
    texts, categories = sentences
    assert len(texts) == 1400 and np.bincount(categories).tolist() == [100] * 14
    assert texts[1300:] == [""] * 100 and len(set(texts[:1300])) > 1200
    for text, category in zip(texts, categories, strict=True):
        plain = re.escape(syntax.PROTOTYPES[category]).replace("\\+", "+").replace("\\ ", " ")
        assert re.fullmatch(re.sub(r"\+[NVAD](s|ing|)", "[a-z]+", plain), text, re.IGNORECASE)
        assert text[:1] == text[:1].upper()


def test_a_seed_is_one_filling(sentences):
    assert syntax.prototype_sentences()[0] == sentences[0] != syntax.prototype_sentences(seed=1)[0]
    assert len(syntax.prototype_sentences(3)[0]) == 42


def test_halves_share_no_filler():
    function = set(re.findall(r"[a-z]+", re.sub(r"\+\w+", "", " ".join(syntax.PROTOTYPES)).lower()))
    seen, unseen = (
        set(re.findall(r"[a-z]+", " ".join(syntax.prototype_sentences(split=half)[0]).lower())) - function
        for half in ("seen", "unseen")
    )
    assert len(seen) > 100 and len(unseen) > 100 and not seen & unseen
    with pytest.raises(ValueError, match="must be one of all, seen, unseen"):
        syntax.prototype_sentences(split="half")


# ---- words -----------------------------------------------------------------------------------------------------------


def test_fifty_words_a_class_of_which_none_is_in_two():
    assert all(len(set(found)) == len(found) == 50 for found in WORDS.values())
    assert not any(set(a) & set(b) for a, b in combinations(WORDS.values(), 2))
    assert all(word[0] not in "aeiou" for kind in "NA" for word in WORDS[kind])  # "a" stands before each
    assert [len(half) for half in words("seen").values()] == [25] * 4


@pytest.mark.parametrize(
    ("word", "expected"),
    [("city", "cities"), ("day", "days"), ("church", "churches"), ("box", "boxes"), ("bus", "buses"), ("dog", "dogs"),
     ("study", "studies"), ("watch", "watches"), ("push", "pushes"), ("make", "makes"), ("house", "houses")],
)  # fmt: skip
def test_s_forms(word, expected):
    assert s_form(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("make", "making"), ("study", "studying"), ("see", "seeing"), ("stop", "stopping"), ("visit", "visiting"),
     ("lie", "lying"), ("play", "playing"), ("fix", "fixing"), ("follow", "following"), ("help", "helping"),
     ("join", "joining"), ("plan", "planning"), ("dye", "dyeing"), ("remember", "remembering")],
)  # fmt: skip
def test_ing_forms(word, expected):
    assert ing_form(word) == expected


# ---- the error -------------------------------------------------------------------------------------------------------


def test_error_by_hand():
    """Two far groups, 5 points of categories aaaab and 3 of bba: 1 + 1 lie with a majority of others."""
    codes = np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [9.0], [9.1], [9.2]])
    found = syntax.clustering_error(codes, [3, 3, 3, 3, 7, 7, 7, 3], runs=10)
    assert found == {"best": 2.0, "median": 2.0, "minimum_inertia": 2.0, "sentences": 8.0}


def test_two_clusters_may_count_for_one_category():
    """Category a is two far groups of 4, b one sentence beside the first: clusters are a's groups, b alone is wrong."""
    codes = np.array([[0.0]] * 4 + [[100.0]] * 4 + [[1.0]])
    assert syntax.clustering_error(codes, [0] * 8 + [1], runs=5)["best"] == 1.0


def test_best_is_by_error_and_not_by_inertia():
    """Groups of 5 at 0 and 2 (category a), 11 (b), 12.8 (c): joining b and c costs 8.1, joining a's two 10."""
    codes = np.repeat([0.0, 2.0, 11.0, 12.8], 5)[:, None]
    found = syntax.clustering_error(codes, [0] * 10 + [1] * 5 + [2] * 5, runs=100)
    assert found["minimum_inertia"] == 5.0 and found["best"] == 0.0


def test_identical_sentences_neither_warn_nor_fail(sentences):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = syntax.clustering_error(np.zeros((1400, 3)), sentences[1], runs=2)
        one = syntax.clustering_error(np.zeros((1, 3)), [5], runs=2)
    assert found == {"best": 1300.0, "median": 1300.0, "minimum_inertia": 1300.0, "sentences": 1400.0}
    assert one["best"] == 0.0


def test_scale_place_and_turn_change_nothing(controls, sentences):
    rng = np.random.default_rng(0)
    codes = controls["bag of words"][:, :7]
    turned = 3 * codes @ np.linalg.qr(rng.normal(size=(7, 7)))[0] + 5
    plain, other = (syntax.clustering_error(each, sentences[1], runs=3) for each in (codes, turned))
    assert plain == pytest.approx(other, abs=30)


def test_bad_codes_are_refused():
    with pytest.raises(ValueError, match="one row of numbers a sentence"):
        syntax.clustering_error(np.zeros((3, 2)), [0, 1])
    with pytest.raises(ValueError, match="one row of numbers a sentence"):
        syntax.clustering_error(np.zeros(3), [0, 1, 2])
    with pytest.raises(ValueError, match="not finite"):
        syntax.clustering_error(np.array([[0.0], [np.nan]]), [0, 1])
    with pytest.raises(ValueError, match="no code"):
        syntax.clustering_error(np.zeros((0, 2)), [])


# ---- anchors ---------------------------------------------------------------------------------------------------------


def test_perfect_tags_have_no_error(controls, sentences):
    found = syntax.clustering_error(controls["oracle tag counts"], sentences[1], runs=5)
    assert found == {"best": 0.0, "median": 0.0, "minimum_inertia": 0.0, "sentences": 1400.0}


def test_length_alone_by_hand(controls, sentences):
    """In words and marks the prototypes have 5 4 6 6 5 5 4 18 19 12 18 10 7 0: five are of a length taken before."""
    assert [int(controls["length"][i, 0]) for i in range(0, 1400, 100)] == [
        5,
        4,
        6,
        6,
        5,
        5,
        4,
        18,
        19,
        12,
        18,
        10,
        7,
        0,
    ]
    assert syntax.clustering_error(controls["length"], sentences[1], runs=3)["best"] == 500.0


def test_random_codes_are_near_chance(controls, sentences):
    assert 1200 <= syntax.clustering_error(controls["random"], sentences[1], runs=5)["best"] <= 1250


def test_a_bag_of_words_finds_some_prototypes(controls, sentences):
    assert 190 <= syntax.clustering_error(controls["bag of words"], sentences[1], runs=15)["best"] <= 320


@pytest.mark.slow
def test_anchors_of_the_full_protocol(controls, sentences):
    found = {name: syntax.clustering_error(codes, sentences[1]) for name, codes in controls.items()}
    assert found["oracle tag counts"]["median"] == 0.0
    assert 180 <= found["bag of words"]["best"] <= 230 and 450 <= found["bag of words"]["median"] <= 540
    assert found["length"]["median"] == 500.0
    assert 1205 <= found["random"]["best"] <= 1235
