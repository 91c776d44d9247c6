import math

import pytest

from textdis.pipelines.choice import (
    Candidate,
    choose,
    free_words,
    is_sound,
    repeats,
    similarity,
    untouchable,
    word_weight,
)

FREE = free_words("the food was great awful very good a and but or , $ % _num_ ( ) [ ] `` '' . !".split())


def weight(word):
    return {"great": 0.05, "awful": 0.05, "the": 0.25, "was": 0.25}.get(word, 1.0)


def test_similarity_by_hand():
    """kept: the, food, was = 1.5; each side adds 0.05 for its marker; e = 0.25: 2 * 1.75 / (2 * 1.55 + 0.5)"""
    assert similarity("the food was great", "the food was awful", weight) == pytest.approx(3.5 / 3.6)


def test_similarity_of_equal_and_of_unlike_sentences():
    assert similarity("the food", "the food", weight) == 1.0
    assert similarity("food", "staff", weight) == pytest.approx(0.5 / 2.5)  # only the end is shared
    assert similarity("food food", "food", weight) == pytest.approx(2.5 / 3.5)  # a bag counts


def test_a_word_that_tells_the_style_weighs_little():
    assert word_weight("food", [0.5, 0.5], [0.5, 0.5]) == 1.0
    assert word_weight("food", [0.75, 0.25], [0.5, 0.5]) == pytest.approx(0.5)
    assert word_weight("great", [0.0, 1.0], [0.5, 0.5]) == 0.05
    assert word_weight("the", [0.5, 0.5], [0.5, 0.5]) == word_weight("!", [0.5, 0.5], [0.5, 0.5]) == 0.25
    assert word_weight("great", [0.0, 0.0, 1.0], [0.25, 0.25, 0.5]) == pytest.approx(1 - 0.5 / 0.75)


def test_repeats():
    assert repeats("a a b".split()) == 1
    assert repeats("the food the food".split()) == 1
    assert repeats("x y z x y z".split()) == 1
    assert repeats("a a a".split()) == 2
    assert repeats("a b a".split()) == repeats([]) == 0


def test_a_content_word_on_both_sides_of_a_joint_is_a_repeat():
    for text in ("fresh and fresh", "good , good food", "so rude or rude", "bad but bad", "nice and very nice"):
        assert repeats(text.split()) == 1, text
    assert repeats("good , so good and good".split()) == 2
    for text in ("fresh and good", "the and the", ", and ,", "and", "very and very", "nice and it was nice"):
        assert repeats(text.split()) == 0, text


@pytest.mark.parametrize(
    ("source", "output", "sound"),
    [
        ("the food was great", "the food was awful", True),
        ("Marta was great", "Marta was awful", True),
        ("Marta was great", "the food was awful", False),  # a name lost
        ("the food was great", "Marta was awful", False),  # a name invented
        ("a _num_ was great", "a was awful", False),
        ("the food was great", "the food was _num_ awful", False),
        ("a $ _num_ great", "a _num_ great", False),
        ("good % great", "good great", False),
        ("the food was great", "the food was was awful", False),
        ("very very good", "very very awful", True),  # the source stutters too
        ("great and good", "awful and awful", False),
        ("great and great", "awful and very awful", True),
        ("( the food ) was great", "( the food was awful", False),
        ("the food was great", "the food ( was ) awful", False),
        ("`` great food '' !", "`` awful food !", False),
        ("[ `` the ( food ) was great", "[ `` the ( food ) was awful", True),  # left open by the source too
        ("great !", "!", False),
        ("great", "", False),
        ("great", "<unk> awful", False),
    ],
)
def test_is_sound(source, output, sound):
    assert is_sound(source, output, FREE) is sound


def test_words_with_digits_are_figures_though_the_model_knows_them():
    known = free_words("we waited 20+ great minutes 10:30 until the food came .".split())
    assert not is_sound("we waited 20+ minutes", "we waited great minutes", known)
    assert not is_sound("we came", "we came 10:30", known)
    assert is_sound("we waited 20+ minutes", "we waited 20+ great minutes", known)


def test_without_a_vocabulary_symbols_are_untouchable():
    words = "the café at http://x.co 😀 on 3/14 was great ! #yum '' n't".split()
    assert set(untouchable(words, None)) == {"http://x.co", "😀", "3/14", "#yum", "''"}


def pick(candidates, strength=0.5, min_similarity=0.0, source="the food was great"):
    return choose(source, candidates, 0, weight, None, strength, min_similarity)


def test_reasons():
    good = Candidate("the food was awful", -0.1, 0, 0.9)
    assert pick([good]).taken == good
    assert pick([]).reason == pick([Candidate("awful awful", -0.1, 0, 0.9)]).reason == "broke the sentence"
    assert pick([Candidate("the food was awful", -0.1, 1, 0.4)]).reason == "missed the style"
    assert pick([Candidate("the food was awful", -0.1, 0, 0.45)]).reason == "missed the style"  # likeliest of three
    assert pick([Candidate("bad staff", -0.1, 0, 0.9)], min_similarity=0.5).reason == "too different"


def test_strength_weighs_style_against_similarity():
    styled, near = Candidate("awful bad staff", -0.1, 0, 0.99), Candidate("the food was awful", -0.1, 0, 0.6)
    assert pick([styled, near], strength=0.0).taken == near
    assert pick([styled, near], strength=1.0).taken == styled


def test_full_strength_outweighs_nats_of_fluency():
    """Models that score whole sentences differ by nats where style and similarity differ by shares."""
    fluent, styled = Candidate("the food was awful", -4.0, 0, 0.6), Candidate("bad awful staff", -8.0, 0, 0.99)
    assert [pick([fluent, styled], strength=s).taken == styled for s in (0.0, 0.5, 1.0)] == [False, False, True]
    near, loose = Candidate("the food was so awful", -8.0, 0, 0.9), Candidate("food so awful", -4.0, 0, 0.9)
    assert [pick([near, loose], strength=s).taken == near for s in (0.0, 0.5, 1.0)] == [True, False, False]


def test_fluency_decides_between_equals():
    clumsy, fluent = Candidate("the food was awful", -2.0, 0, 0.9), Candidate("food was the awful", -0.5, 0, 0.9)
    assert pick([clumsy, fluent]).taken == fluent


def test_a_certain_candidate_has_a_finite_score():
    assert math.isfinite(pick([Candidate("the food was awful", -0.1, 0, 1.0)]).similarity)
