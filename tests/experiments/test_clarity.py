"""Of several right rewritings, those that say their style plainly."""

import pytest

from textdis.experiments.clarity import clear_ones
from textdis.experiments.data import Sentences
from textdis.experiments.verdicts import Judged
from textdis.text.tokenizer import WordTokenizer

BAD, GOOD = ["the food was awful .", "an awful place ."] * 6, ["the food was great .", "a great place ."] * 6
PLAIN, DULL, WRONG = "the food was great .", "the food was food .", "the place was awful ."
LABELLED = Sentences([*BAD, *GOOD], [0] * len(BAD) + [1] * len(GOOD), ["negative", "positive"])


@pytest.fixture(scope="module")
def tokenizer():
    return WordTokenizer.fit([*BAD, *GOOD])


def marks(*right: bool, rewritings=(DULL, PLAIN, WRONG)) -> Judged:
    return Judged("the food was awful .", 0, 1, rewritings, right)


def test_the_plain_one_alone_stays_right(tokenizer):
    narrowed, second = clear_ones([marks(True, True, False), marks(True, True, True)], LABELLED, tokenizer, 0.8)
    assert narrowed.right == (False, True, False)
    assert second.right == (False, True, False)  # a wrong style is not plain in the right one
    assert narrowed.rewritings == (DULL, PLAIN, WRONG) and narrowed.wanted == 1


def test_where_none_is_plain_all_stay(tokenizer):
    assert clear_ones([marks(True, False, False)], LABELLED, tokenizer, 0.8) == [marks(True, False, False)]
    assert clear_ones([marks(False, False, False)], LABELLED, tokenizer, 0.8) == [marks(False, False, False)]
    assert clear_ones([], LABELLED, tokenizer, 0.8) == []


def test_each_sentence_keeps_its_own(tokenizer):
    several = [marks(True, rewritings=(DULL,)), marks(True, True, True), marks(True, True, rewritings=(PLAIN, DULL))]
    assert [one.right for one in clear_ones(several, LABELLED, tokenizer, 0.8)] == [
        (True,),
        (False, True, False),
        (True, False),
    ]


def test_all_are_plain_enough_where_nothing_is_asked(tokenizer):
    assert clear_ones([marks(True, True, False)], LABELLED, tokenizer, 0.0)[0].right == (True, True, False)
