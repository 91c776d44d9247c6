"""Recurrent layers and attention. Sizes are different primes: B=2, T=5, D=7, H=3, Q=11, M=13."""

import pytest
import torch

from textdis.nn.attention import Attention
from textdis.nn.recurrent import RecurrentDecoder, RecurrentEncoder

B, T, D, H, Q, M = 2, 5, 7, 3, 11, 13


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_pads_change_nothing(cell, layers, bidirectional):
    torch.manual_seed(0)
    encoder = RecurrentEncoder(D, H, layers=layers, cell=cell, bidirectional=bidirectional)
    x, lengths = torch.randn(B, T, D), torch.tensor([5, 3])
    memory, last = encoder(x, lengths)
    assert memory.shape == (B, T, encoder.size) and last.shape == (B, encoder.size)
    alone_memory, alone = encoder(x[1:, :3], torch.tensor([3]))
    assert torch.allclose(last[1], alone[0], atol=1e-6)
    assert torch.allclose(memory[1, :3], alone_memory[0], atol=1e-6)
    assert memory[1, 3:].abs().sum() == 0


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_all_steps_at_once_equal_one_at_a_time(cell, layers):
    torch.manual_seed(0)
    decoder = RecurrentDecoder(D, H, layers=layers, cell=cell)
    x, start = torch.randn(B, T, D), torch.randn(B, decoder.state_size)
    together, end = decoder(x, start)
    state, outputs = start, []
    for t in range(T):
        output, state = decoder(x[:, t : t + 1], state)
        outputs.append(output)
    assert torch.allclose(torch.cat(outputs, 1), together, atol=1e-6)
    assert torch.allclose(state, end, atol=1e-6)


def test_rows_of_a_state_are_independent():
    torch.manual_seed(0)
    decoder = RecurrentDecoder(D, H, layers=2, cell="lstm")
    x, start = torch.randn(B, T, D), torch.randn(B, decoder.state_size)
    assert torch.allclose(decoder(x.flip(0), start.flip(0))[0].flip(0), decoder(x, start)[0], atol=1e-6)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="choose one of"):
        RecurrentEncoder(D, H, cell="rnn")
    with pytest.raises(ValueError, match="choose additive"):
        Attention(Q, M, 4, "cosine")


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
def test_attention_sums_to_one_over_what_is_valid(kind):
    torch.manual_seed(0)
    attention = Attention(Q, M, 4, kind)
    memory, valid = torch.randn(B, T, M), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]).bool()
    context, weights = attention(torch.randn(B, 3, Q), attention.keys(memory), memory, valid)
    assert context.shape == (B, 3, M) and weights.shape == (B, 3, T)
    assert torch.allclose(weights.sum(-1), torch.ones(B, 3))
    assert weights[1, :, 2:].abs().sum() == 0
    assert torch.allclose(context[1], weights[1, :, :2] @ memory[1, :2], atol=1e-6)


def test_multiplicative_score_by_hand():
    """q . W m with W = 1: softmax of [1 * 2, 1 * 0] over two memories."""
    attention = Attention(1, 1, 1, "multiplicative")
    torch.nn.init.ones_(attention.to_key.weight)
    memory = torch.tensor([[[2.0], [0.0]]])
    _, weights = attention(torch.tensor([[[1.0]]]), attention.keys(memory), memory, torch.ones(1, 2).bool())
    assert torch.allclose(weights[0, 0], torch.tensor([2.0, 0.0]).softmax(-1))


def test_additive_score_by_hand():
    """v tanh(q + m) with v = 3: softmax of [3 tanh(1 + 2), 3 tanh(1 - 1)]."""
    attention = Attention(1, 1, 1, "additive")
    for p, value in ((attention.to_key.weight, 1.0), (attention.to_query.weight, 1.0), (attention.score.weight, 3.0)):
        torch.nn.init.constant_(p, value)
    torch.nn.init.zeros_(attention.to_query.bias)
    memory = torch.tensor([[[2.0], [-1.0]]])
    _, weights = attention(torch.tensor([[[1.0]]]), attention.keys(memory), memory, torch.ones(1, 2).bool())
    assert torch.allclose(weights[0, 0], (3 * torch.tensor([3.0, 0.0]).tanh()).softmax(-1))
