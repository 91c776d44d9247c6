"""Losses against numbers worked out by hand."""

import math

import torch

from textdis.core.batch import PAD
from textdis.losses.likelihood import label_nll, masked_sum, sequence_nll


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
