"""Numbers worked out by hand."""

import math

import pytest
import torch
from torch import nn

from textdis.losses.adversarial import confusion_nll, gradient_penalty

LOGITS, LABEL = torch.tensor([[0.0, math.log(3.0)]]), torch.tensor([1])  # p = 1/4, 3/4


@pytest.mark.parametrize(
    ("form", "nats"), [("flipped", math.log(4)), ("uniform", math.log(16 / 3) / 2), ("ascent", math.log(0.75))]
)
def test_each_form_of_two_styles(form, nats):
    assert confusion_nll(LOGITS, LABEL, form).item() == pytest.approx(nats, rel=1e-6)


def test_three_styles_flip_evenly_to_the_two_others():
    logits = torch.tensor([[0.1, 0.6, 0.3]]).log()  # p
    assert confusion_nll(logits, LABEL).item() == pytest.approx(-(math.log(0.1) + math.log(0.3)) / 2, rel=1e-5)


def test_flipping_is_strong_and_climbing_weak_where_the_classifier_is_right():
    sizes = {}
    for form in ("flipped", "uniform", "ascent"):
        logits = torch.tensor([[-6.0, 6.0]], requires_grad=True)
        confusion_nll(logits, LABEL, form).backward()
        sizes[form] = logits.grad.norm().item()
    assert sizes["flipped"] > sizes["uniform"] > 1000 * sizes["ascent"]


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="flipped, uniform or ascent"):
        confusion_nll(LOGITS, LABEL, "other")


def test_the_penalty_of_a_linear_critic_is_the_square_of_its_slope_less_one():
    critic = nn.Linear(2, 1)
    nn.init.constant_(critic.weight, 3.0)  # slope sqrt(18)
    real, fake = torch.randn(5, 2), torch.randn(7, 2)
    penalty = gradient_penalty(critic, real, fake)
    assert penalty.item() == pytest.approx((math.sqrt(18) - 1) ** 2, rel=1e-5)
    penalty.backward()
    assert critic.weight.grad.abs().sum() > 0
