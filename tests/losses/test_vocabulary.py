"""The walk over the vocabulary against the plain form. N=131 words (three chunks), H=7, V=23."""

import pytest
import torch
import torch.nn.functional as F

from textdis.core import precision
from textdis.losses import vocabulary
from textdis.losses.vocabulary import vocabulary_logits, vocabulary_nll


@pytest.fixture
def inputs():
    torch.manual_seed(0)
    states, weight, bias = torch.randn(131, 7), torch.randn(23, 7), torch.randn(23)
    return [x.requires_grad_() for x in (states, weight, bias)], torch.randint(23, (131,))


def plain(states, weight, bias, targets):
    return F.cross_entropy(F.linear(states, weight, bias), targets, reduction="sum")


def test_loss_and_gradients_are_those_of_the_plain_form(inputs):
    parts, targets = inputs
    expected = torch.autograd.grad(plain(*parts, targets) / 3, parts)
    found = torch.autograd.grad(vocabulary_nll(*parts, targets) / 3, parts)
    assert vocabulary_nll(*parts, targets).item() == pytest.approx(plain(*parts, targets).item(), rel=1e-5)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_without_gradients_it_is_the_plain_form(inputs):
    parts, targets = inputs
    with torch.no_grad():
        assert torch.equal(vocabulary_nll(*parts, targets), plain(*parts, targets))


def test_in_half_precision_the_gradient_points_the_same_way(inputs, monkeypatch):
    parts, targets = inputs
    expected = torch.autograd.grad(vocabulary_nll(*parts, targets), parts)
    monkeypatch.setattr(vocabulary, "half_products", lambda: True)
    loss = vocabulary_nll(*parts, targets)
    found = torch.autograd.grad(loss, parts)
    assert loss.item() == pytest.approx(plain(*parts, targets).item(), rel=5e-3)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.float32
        assert F.cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.999


def test_an_impossible_word_costs_a_finite_number_of_nats():
    states = torch.tensor([[1.0]], requires_grad=True)
    weight, bias = torch.tensor([[0.0], [1000.0]], requires_grad=True), torch.zeros(2, requires_grad=True)
    loss = vocabulary_nll(states, weight, bias, torch.tensor([0]))
    loss.backward()
    assert 80 < loss.item() < 100 and weight.grad.isfinite().all()


def test_logits_are_those_of_a_linear_layer_and_in_half_precision_near_them(inputs, monkeypatch):
    (states, weight, bias), _ = inputs
    with torch.no_grad():
        expected = F.linear(states, weight, bias)
        assert torch.equal(vocabulary_logits(states, weight, bias), expected)
        monkeypatch.setattr(precision, "half_products", lambda: True)
        found = vocabulary_logits(states, weight, bias)
    assert found.dtype == torch.float32 and not torch.equal(found, expected)
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=5e-2)
