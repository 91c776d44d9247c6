"""Which word of the source each word of an output is."""

import pytest

from textdis.text.alignment import align, replaced


@pytest.mark.parametrize(
    ("source", "output", "places"),
    [
        ("a b c", "a x c", [0, -1, 2]),
        ("a b c d e", "a d b c e", [0, -1, 1, 2, 4]),  # as long as it gets, in the source's order
        ("a b", "x a y b z", [-1, 0, -1, 1, -1]),
        ("a a b", "a b", [0, 2]),
        ("a", "", []),
        ("", "a", [-1]),
    ],
)
def test_each_word_finds_its_place_in_the_source(source, output, places):
    assert align(source.split(), output.split()) == places


def test_a_long_pair_is_aligned_in_order_too():
    source = ["a", "b", "c"] * 50
    assert align(["x", *source, "y"], [*source, "z"]) == [*range(1, 151), -1]


@pytest.mark.parametrize(
    ("places", "length", "runs"),
    [
        ([0, -1, 2], 3, [((1, 2), (1, 2))]),  # one for one
        ([-1, -1, 3, -1], 4, [((0, 2), (0, 3)), ((3, 4), (4, 4))]),  # two for three; one put in at the end
        ([0, -1], 3, [((1, 2), (1, 3))]),
        ([1, -1, 0], 2, [((1, 2), (2, 0))]),  # a number that moved: nothing lies between
        ([0, 1], 2, []),
    ],
)
def test_new_words_stand_in_the_place_of_those_that_went(places, length, runs):
    assert [*replaced(places, length)] == [(range(*new), range(*old)) for new, old in runs]
