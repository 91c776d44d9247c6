import math

import pytest
import torch
import torch.nn.functional as F

from textdis.losses.sampled import sampled_nll

N, H, V = 7, 5, 211


@pytest.fixture
def parts():
    rng = torch.Generator().manual_seed(0)
    states, table, bias = (torch.randn(*shape, generator=rng) for shape in ((N, H), (V, H), (V,)))
    return states, torch.tensor([3, 3, 100, 4, 210, 0, 7]), table, bias


def test_everything_sampled_is_the_softmax(parts):
    states, targets, table, bias = parts
    exact = F.cross_entropy(F.linear(states, table, bias), targets, reduction="none")
    assert torch.allclose(sampled_nll(*parts, share=1.0), exact, atol=1e-5)


def test_by_hand():
    """Uniform over 5 words of which one is the target: log 5; the four others, all drawn, weigh 1 each."""
    nats = sampled_nll(torch.zeros(1, 2), torch.tensor([2]), torch.ones(5, 2), torch.zeros(5), share=1.0)
    assert nats.item() == pytest.approx(math.log(5))


def test_the_partition_function_is_right_on_average(parts):
    states, targets, table, bias = parts
    torch.manual_seed(1)
    right = F.linear(states, table, bias).gather(1, targets[:, None])[:, 0]
    exact = F.linear(states, table, bias).exp().sum(-1)
    found = torch.stack([(sampled_nll(*parts, share=0.3) + right).exp() for _ in range(3000)])
    error = (found.mean(0) - exact) / (found.std(0) / 3000**0.5)
    assert error.abs().max() < 4


def test_gradients_reach_sampled_words_only(parts):
    states, targets, table, bias = parts
    table.requires_grad_()
    torch.manual_seed(0)
    sampled_nll(states, targets, table, bias, share=0.1).sum().backward()
    touched = (table.grad != 0).any(1)
    assert touched[targets].all() and targets.unique().numel() < touched.sum() < 0.4 * V


def test_a_share_that_is_none_is_refused(parts):
    for share in (0.0, 1.5):
        with pytest.raises(ValueError, match="share"):
            sampled_nll(*parts, share=share)
