"""Losses against numbers worked out by hand."""

import math

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, UNK, PairBatch
from textdis.losses.likelihood import emphasis, label_nll, listwise, masked_sum, noun_nll, sequence_nll
from textdis.text.batches import collate


def test_uniform_logits_cost_log_v_a_word():
    """V = 7, words 3 and 1, pads left out: (3 ln 7 + 1 ln 7) / 2 = 2 ln 7."""
    targets = torch.tensor([[4, 5, 2], [2, PAD, PAD]])
    assert math.isclose(sequence_nll(torch.zeros(2, 3, 7), targets).item(), 2 * math.log(7), rel_tol=1e-6)


def test_masked_sum_by_hand():
    nats, mask = torch.tensor([[1.0, 2.0], [3.0, 9.0]]), torch.tensor([[1, 1], [1, 0]]).bool()
    assert masked_sum(nats, mask).item() == 3.0
    assert masked_sum(nats, mask, torch.tensor([[1.0, 2.0], [4.0, 1.0]])).item() == (1 + 4 + 12) / 2


def test_nothing_to_count_is_zero_with_a_graph():
    nats = torch.ones(2, 3, requires_grad=True)
    loss = masked_sum(nats, torch.zeros(2, 3).bool())
    loss.backward()
    assert loss.item() == 0 and nats.grad.abs().sum() == 0


def test_masked_infinities_do_not_leak():
    nats = torch.tensor([[1.0, float("inf")]], requires_grad=True)
    loss = masked_sum(nats, torch.tensor([[True, False]]))
    loss.backward()
    assert loss.item() == 1 and torch.isfinite(nats.grad).all()


def test_label_nll_by_hand():
    """Logits ln 3 and 0: p = 3/4, 1/4; labels 0 and 1: -(ln 3/4 + ln 1/4) / 2."""
    logits = torch.tensor([[math.log(3), 0.0]] * 2)
    expected = -(math.log(0.75) + math.log(0.25)) / 2
    assert math.isclose(label_nll(logits, torch.tensor([0, 1])).item(), expected, rel_tol=1e-6)


def test_half_precision_is_lifted():
    assert sequence_nll(torch.zeros(1, 1, 5, dtype=torch.bfloat16), torch.tensor([[3]])).dtype == torch.float32


def test_the_listwise_loss_of_half_precision_is_taken_in_float32():
    """Scores 0 and 8, the second right: ln(1 + e^-8) = 0.000335, which bfloat16 rounds to 0; none right: 0."""
    scores, owner = torch.tensor([0.0, 8.0], dtype=torch.bfloat16), torch.tensor([0, 0])
    loss = listwise(scores, owner, torch.tensor([False, True]))
    assert loss.dtype == torch.float32 and loss.item() == pytest.approx(math.log1p(math.exp(-8)), rel=1e-2)
    assert listwise(scores, owner, torch.tensor([False, False])).dtype == torch.float32


def test_beside_a_source_without_a_word_all_words_weigh_one():
    target = collate([[BOS, 5, 6, EOS], [BOS, 5, 6, EOS]])
    pair = PairBatch(collate([[BOS, 5, EOS], [BOS, EOS]]), target)
    assert emphasis(pair, 3.0).tolist() == [[1.0, 3.0, 1.0], [1.0, 1.0, 1.0]]


def test_noun_loss_by_hand():
    """Source <s> 5 6 </s>, noun 6 at position 2, which step 1 attends to most (0.9); p(6) there is 0.25."""
    x = collate([[BOS, 5, 6, EOS]], [0], [[1]])
    attention = torch.tensor([[[0.0, 0.7, 0.3, 0.0], [0.0, 0.1, 0.9, 0.0], [0.0, 0.0, 1.0, 0.0]]])
    probs = torch.full((1, 3, 7), 0.01)
    probs[0, 1, 6] = 0.25
    said = torch.tensor([[True, True, False]])  # step 2 attends even more, but it is the end
    assert noun_nll(x, attention, probs, said).item() == pytest.approx(1.3863, abs=1e-3)


def test_unknown_nouns_are_skipped_and_no_nouns_cost_nothing():
    probs = torch.full((1, 2, 7), 1 / 7, requires_grad=True)
    attention, said = torch.full((1, 2, 3), 1 / 3), torch.tensor([[True, False]])
    for nouns, word in (([[0]], UNK), ([[]], 5)):
        loss = noun_nll(collate([[BOS, word, EOS]], [0], nouns), attention, probs, said)
        loss.backward()
        assert loss.item() == 0
