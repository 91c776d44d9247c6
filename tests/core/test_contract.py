"""Batches, players, turns and schedules."""

from functools import partial

import pytest
import torch
from torch import nn

from textdis.core.batch import BOS, EOS, PAD, PairBatch
from textdis.core.objective import Player, Turn
from textdis.core.schedule import constant, cyclical, linear, warmup_cosine
from textdis.text.batches import collate

SGD = partial(torch.optim.SGD, lr=1.0)


def test_what_a_decoder_reads_and_says():
    x = collate([[BOS, 5, 6, EOS], [BOS, 7, EOS]], [1, 0])
    assert x.inputs.tolist() == [[BOS, 5, 6], [BOS, 7, EOS]]
    assert x.targets.tolist() == [[5, 6, EOS], [7, EOS, PAD]]
    assert x.mask.tolist() == [[True, True, True], [True, True, False]]
    assert x.valid.sum().item() == 7 and len(x) == len(PairBatch(x, x)) == 2


def test_batches_move_as_one():
    pair = PairBatch(*[collate([[BOS, EOS]], [0], [[]])] * 2).to("meta")
    assert {t.device.type for t in (pair.source.tokens, pair.target.nouns, pair.target.label)} == {"meta"}


def test_a_player_descends_its_own_parameters():
    """loss = (a b)^2 at a = 2, b = 3: d/da = 2 a b^2 = 36."""
    a, b = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(a.weight, 2.0)
    nn.init.constant_(b.weight, 3.0)
    player = Player(a, optimizer=SGD)
    player.backward((b(a(torch.ones(1, 1)))).square().sum())
    player.step()
    assert a.weight.item() == 2.0 - 36.0 and b.weight.item() == 3.0 and b.weight.grad is None


def test_gradients_are_bounded_by_norm_and_weights_by_value():
    a = nn.Linear(2, 1, bias=False)
    nn.init.constant_(a.weight, 5.0)
    player = Player(a, optimizer=SGD, max_norm=1.0, bound=0.5)
    assert a.weight.abs().max() == 0.5  # before the first step, too
    player.backward(100 * a(torch.tensor([[3.0, 4.0]])).sum())
    player.step()
    assert torch.allclose(a.weight, torch.tensor([[0.5 - 0.6, 0.5 - 0.8]]), atol=1e-5)


def test_the_learning_rate_follows_the_players_own_steps():
    a = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(a.weight)
    player = Player(a, optimizer=SGD, schedule=lambda step: 1.0 / (1 + step))
    for expected in (-1.0, -1.5):
        player.backward(a(torch.ones(1, 1)).sum())
        player.step()
        assert a.weight.item() == pytest.approx(expected)
    twin = Player(a, optimizer=SGD)
    twin.load_state_dict(player.state_dict())
    assert twin.steps == 2


def test_a_turn_weighs_its_losses_and_leaves_zeros_out():
    losses = {"a": torch.tensor(2.0), "b": torch.tensor(3.0), "c": torch.tensor(float("nan"))}
    assert Turn("x", losses, {"b": 10.0, "c": 0.0}).total.item() == 32.0


def test_schedules_by_hand():
    assert constant(3.0)(99) == 3.0
    assert [linear(1.0, 0.0, 4)(s) for s in (0, 1, 4, 9)] == [1.0, 0.75, 0.0, 0.0]
    assert [cyclical(0.0, 1.0, 10)(s) for s in (0, 2, 5, 9, 10)] == [0.0, 0.4, 1.0, 1.0, 0.0]
    factor = warmup_cosine(2, 12, floor=0.1)
    assert [round(factor(s), 3) for s in (0, 1, 2, 7, 12, 99)] == [0.5, 1.0, 1.0, 0.55, 0.1, 0.1]
