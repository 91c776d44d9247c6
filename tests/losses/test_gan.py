"""Losses of a critic and of what it judges."""

from __future__ import annotations

import math

import pytest
import torch

from textdis.losses.gan import critic_nll, fooling_nll, pair_nll, zero_centred_penalty


def test_an_undecided_critic_pays_ln_2_a_side() -> None:
    zero = torch.zeros(5)
    assert critic_nll(zero, zero) == {"real": torch.tensor(math.log(2.0)), "fake": torch.tensor(math.log(2.0))}
    assert float(fooling_nll(torch.tensor([40.0]))) == pytest.approx(0, abs=1e-6)


def test_a_pair_costs_what_its_difference_says() -> None:
    """ln(1 + e^-d) of differences d = ln 3 and 0: ln 4/3 and ln 2, whatever both are; the mean of pairs."""
    real, fake = torch.tensor([math.log(3.0) + 50, -7.0]), torch.tensor([50.0, -7.0])
    assert float(pair_nll(real, fake)) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2, rel=1e-4)
    assert float(pair_nll(fake, real)) == pytest.approx((math.log(4) + math.log(2)) / 2, rel=1e-4)


def test_the_slope_of_a_plane_and_of_a_bowl() -> None:
    """Half of |w|^2 for w x, wherever x is; half of |2 x|^2 for |x|^2, a mean over examples."""
    weight, real = torch.tensor([3.0, 4.0], requires_grad=True), torch.tensor([[1.0, 2.0], [0.0, 5.0]])
    penalty = zero_centred_penalty(lambda x: x @ weight, real)
    assert penalty.item() == pytest.approx(12.5)
    penalty.backward()
    assert weight.grad is not None and weight.grad.tolist() == [3.0, 4.0]
    bowl = zero_centred_penalty(lambda x: x.square().sum(-1), real)
    assert bowl.item() == pytest.approx((4 * 5 + 4 * 25) / 2 / 2)
