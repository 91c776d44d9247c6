"""Near codes for near sentences, on models whose answer is known. V=30."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.evaluation.smoothness import gaussian_like, said_of, smoothness, swapped
from textdis.text.tokenizer import WordTokenizer

RNG = np.random.default_rng(0)
ROWS = [[BOS, *RNG.permutation(np.arange(4, 30))[: 4 + i % 5].tolist(), EOS] for i in range(120)] + [[BOS, 5, EOS]]
LABELS = [i % 2 for i in range(121)]


class Counter:
    """Its code counts words, whatever their order, or with `ordered` their places too; it says what it read."""

    device, config = torch.device("cpu"), SimpleNamespace(styles=2)

    def __init__(self, ordered: bool):
        self.ordered, self.code_size = ordered, 300 if ordered else 30

    def encode(self, batch):
        marks = torch.nn.functional.one_hot(batch.tokens, 30).float()
        if not self.ordered:
            return marks.sum(1)
        return torch.nn.functional.pad(marks.flatten(1), (0, 300))[:, :300]

    def candidates(self, batch, target, n_best=1):
        return batch.targets[:, None], torch.zeros(len(batch), 1)


def test_swaps_keep_the_words_and_the_ends():
    for row in ROWS:
        other = swapped(row, 3, RNG)
        assert sorted(other) == sorted(row) and (other[0], other[-1]) == (BOS, EOS)
    assert swapped(ROWS[0], 1, RNG) != ROWS[0]
    assert swapped([BOS, 5, EOS], 3, RNG) == [BOS, 5, EOS]


def test_a_bag_of_words_is_as_smooth_as_can_be_and_an_ordered_code_less():
    bag, ordered = (smoothness(Counter(kind), ROWS, LABELS) for kind in (False, True))
    assert bag["near_over_far_1"] == bag["near_over_far_3"] == 0.0
    assert 0 < ordered["near_over_far_1"] < ordered["near_over_far_3"] < 1
    assert bag["restored_1"] == 0.0  # it says what it read, which one swap has changed


def test_a_gaussian_has_the_moments_of_the_codes():
    codes = RNG.standard_normal((4000, 3)) @ np.array([[1.0, 0.5, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.1]]) + [1, 2, 3]
    drawn = gaussian_like(codes, 4000)
    assert drawn.mean(0) == pytest.approx(codes.mean(0), abs=0.15)
    assert np.cov(drawn.T) == pytest.approx(np.cov(codes.T), abs=0.35)


def test_sentences_of_codes_come_in_number_and_in_turn():
    class Speaker(Counter):
        def say(self, codes, max_length, style):
            return torch.stack([4 + style, torch.full_like(style, EOS), torch.full_like(style, PAD)], 1)

    texts = said_of(Speaker(False), WordTokenizer(["a", "b"]), lambda n: torch.zeros(n + 1, 30), 5, 3)
    assert texts == ["a", "b", "a", "b", "a"]
