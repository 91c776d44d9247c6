from __future__ import annotations

import itertools

import pytest

from textdis.core.errors import UserError
from textdis.evaluation.baselines import LexiconSwap

PAIRS = (("awful", "great"), ("rude", "kind"))
NOUNS = ("soup", "staff", "place")


def made_up() -> tuple[list[str], list[int]]:
    """Adjectives that stand in one place (`was ... .`), verbs that stand in another (`i ... the`)."""
    rows = []
    for label, (noun, pair) in itertools.product((0, 1), itertools.product(NOUNS, PAIRS)):
        rows += [(f"the {noun} was {pair[label]} .", label), (f"i {('hate', 'love')[label]} the {noun} .", label)]
    return [text for text, _ in rows], [label for _, label in rows]


@pytest.fixture(scope="module")
def swap() -> LexiconSwap:
    return LexiconSwap.fit(*made_up(), min_count=2)


def test_only_polar_words_are_in_the_lexicon(swap):
    assert set(swap.opposites[0]) == {"awful", "rude", "hate"}
    assert set(swap.opposites[1]) == {"great", "kind", "love"}


def test_a_word_is_swapped_for_one_that_stands_in_the_same_places(swap):
    assert swap.opposites[0]["hate"] == "love" and swap.opposites[1]["love"] == "hate"
    assert swap.opposites[0]["rude"] in {"great", "kind"}


def test_words_of_the_wanted_style_and_others_stay(swap):
    assert swap(["i love the awful soup"] * 2, [0, 1]) == [
        f"i love the {swap.opposites[0]['awful']} soup",
        "i hate the awful soup",
    ]
    assert swap(["nothing here", ""], [0, 1]) == ["nothing here", ""]


def test_rare_words_are_left_out():
    texts, labels = made_up()
    assert "meh" not in LexiconSwap.fit([*texts, "meh"], [*labels, 0], min_count=2).opposites[0]


def test_other_styles_are_refused():
    with pytest.raises(UserError, match="styles 0 and 1"):
        LexiconSwap.fit(["a", "b"], [0, 2])


def test_text_without_polar_words_is_refused():
    with pytest.raises(UserError, match="no polar word"):
        LexiconSwap.fit(["same words", "same words"], [0, 1], min_count=1)
