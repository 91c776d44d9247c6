from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from textdis.text.frames import Breaker, Frames

TAGS = {
    "the": "DT", "a": "DT", "was": "VBD", "were": "VBD", "is": "VBZ", "in": "IN", "soup": "NN", "rooms": "NNS",
    "room": "NN", "tasty": "JJ", "dirty": "JJ", "walked": "VBD", "walk": "VB", "slowly": "RB", ".": ".",
}  # fmt: skip
SENTENCES = [
    "the soup was tasty .", "the rooms were dirty .", "we walked in slowly .", "a dirty room is in the soup .",
    "they walk in the room slowly .", "the tasty soup was in a room .",
]  # fmt: skip


@pytest.fixture
def frames() -> Frames:
    return Frames(TAGS, ["the", "a", "was", "were", "in", "."])


def test_rare_words_become_tags_and_unknown_ones_are_guessed_by_their_end(frames):
    assert frames("the lobster was tasty .".split()) == ["^", "the", "NN", "was", "JJ", "$"]
    assert frames([".", "!"]) == ["^", "$"]
    assert frames.tag("quickly") == "RB" and frames.tag("zzz") == "NN"


def test_what_stands_for_itself():
    found = Frames.fit(SENTENCES, TAGS, least=4)
    assert {"the", "in", ".", "soup"} - {"soup"} <= found.own and "dirty" not in found.own
    assert "^" not in Frames.fit(["^ ^ ^"] * 9, {}, least=1).own


@pytest.mark.parametrize("seed", range(5))
def test_breaking_keeps_the_words_of_all_sentences_together(frames, seed):
    words = [text.split() for text in SENTENCES]
    broken = Breaker(frames)(words, np.random.default_rng(seed))
    assert words == [text.split() for text in SENTENCES]  # left alone
    assert len(broken) == len(words)
    assert Counter(w for row in broken for w in row) == Counter(w for row in words for w in row)
    assert sum(a != b for a, b in zip(broken, words, strict=True)) >= 4


def test_the_same_seed_breaks_the_same_way(frames):
    words = [text.split() for text in SENTENCES]
    first, second = (Breaker(frames)(words, np.random.default_rng(3)) for _ in range(2))
    assert first == second


def test_forms_of_one_word_are_known(frames):
    family = Breaker(frames).family
    assert family["walk"] == family["walked"] and family["was"] == family["were"] != family["walk"]
    assert family["room"] == family["rooms"] and "soup" not in family


def test_forms_change_places(frames):
    first, second = "the soup was tasty .".split(), "the rooms were dirty .".split()
    assert Breaker(frames)._forms(first, second, np.random.default_rng(0))
    assert (first[2], second[2]) == ("were", "was")


def test_one_sentence_is_broken_beside_itself(frames):
    assert len(Breaker(frames)([["the", "soup", "was", "tasty", "."]], np.random.default_rng(0))) == 1
    assert Breaker(frames)([], np.random.default_rng(0)) == []
