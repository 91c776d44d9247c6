"""Phrases by their neighbours. Words 4 ... 9; kinds: even and odd words."""

import torch

from textdis.nn.phrases import Neighbours, Phrases, Place

KIND = [0, 1, 2, 3, 4, 5, 4, 5, 4, 5]
PLACES = [
    Place((4,), 0, 6, 7), Place((4,), 0, 6, 7), Place((4, 5), 0, 6, 7), Place((4, 5), 0, 8, 7),
    Place((9,), 1, 6, 7), Place((9,), 1, 6, 9), Place((5,), 1, 6, 7),
]  # fmt: skip


def fitted(least=2):
    return Phrases.fit(PLACES, KIND, 2, least=least)


def offered(phrases, words, style):
    numbers, weights = phrases.between(words, tuple(KIND[w] for w in words), style)
    return {phrases.spans[n]: w for n, w in zip(numbers, weights, strict=True)}


def test_neighbours_are_counted_and_found():
    table = Neighbours.count(3, [(7, 2), (7, 2), (7, 0), (5, 1)])
    assert table.of(7) == {0: 1, 2: 2} and table.of(5) == {1: 1} and table.of(6) == {}


def test_rare_phrases_are_left_out():
    assert fitted().spans == [(4,), (4, 5), (9,)] and fitted(1).spans[-1] == (5,)


def test_phrases_of_one_style_between_two_words():
    """(4,) was twice behind 6 and twice before 7, of two times: 2 * 2 / 2; (4, 5) once behind 6: 1 * 2 / 2."""
    found = offered(fitted(), (6, 7), 0)
    assert set(found) == {(4,), (4, 5)} and found[4,] > found[4, 5]
    assert torch.tensor([found[4,], found[4, 5]]).exp().tolist() == [2.0, 1.0]
    assert set(offered(fitted(), (6, 7), 1)) == {(9,)}


def test_kinds_help_where_the_words_were_never_seen():
    found = offered(fitted(), (4, 9), 0)  # 4 is of the kind of 6 and 8, 9 of that of 7
    assert set(found) == {(4,), (4, 5)} and max(found.values()) < 0
    assert offered(fitted(), (5, 9), 0) == {}


def test_tables_come_back_from_a_state():
    phrases = fitted()
    other = Phrases(len(phrases.words), 2, phrases.sizes)
    other.load_state_dict(phrases.state_dict())
    assert other.spans == phrases.spans
    assert offered(other, (6, 7), 0) == offered(phrases, (6, 7), 0)
