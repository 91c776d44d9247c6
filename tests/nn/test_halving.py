"""Convolutions of nine products for sixteen: torch's results and gradients, wherever they are taken."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from textdis.nn import halving
from textdis.nn.halving import Double, Halve

Way = tuple[nn.Module, type[nn.Module], tuple[int, ...]]


@pytest.fixture(params=["halve", "double"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Way:
    """A layer, the torch layer that it is, and a shape it takes by nine products."""
    monkeypatch.setattr(halving, "LEAST", 5)
    monkeypatch.setattr(halving, "wide_vectors", lambda: False)
    torch.manual_seed(0)
    halve, double = (Halve(5, 7), nn.Conv2d, (3, 5, 8, 12)), (Double(7, 5), nn.ConvTranspose2d, (3, 7, 4, 6))
    return halve if request.param == "halve" else double


def nine(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """What `torch.bmm` is given from now on: empty where torch's convolution is taken."""
    seen: list[tuple[int, ...]] = []
    product = torch.bmm

    def watched(left: Tensor, right: Tensor) -> Tensor:
        seen.append(tuple(left.shape))
        return product(left, right)

    monkeypatch.setattr(torch, "bmm", watched)
    return seen


def test_results_and_gradients_are_torchs(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, torchs, shape = way
    taken, x = nine(monkeypatch), torch.randn(shape, requires_grad=True)
    ours, plain = layer(x), torchs.forward(layer, x)
    assert ours.shape == plain.shape and taken and taken[0][0] == 9
    assert torch.allclose(ours, plain, atol=1e-5)
    seed = torch.randn_like(plain)
    for one, other in zip(gradients(ours, x, layer, seed), gradients(plain, x, layer, seed), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_with_avx_512_torchs_convolution_is_taken(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, torchs, shape = way
    monkeypatch.setattr(halving, "wide_vectors", lambda: True)
    taken, x = nine(monkeypatch), torch.randn(shape)
    assert torch.equal(layer(x), torchs.forward(layer, x)) and not taken


def test_gradients_have_gradients(way: Way) -> None:
    """As a penalty on a critic's slope asks for."""
    layer, torchs, shape = way
    x = torch.randn(shape, requires_grad=True)
    found = []
    for said in (layer(x), torchs.forward(layer, x)):
        (slope,) = torch.autograd.grad(said.square().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(slope.square().sum(), [x, layer.weight]))
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-3 * float(other.abs().max()))


def test_colours_may_stand_last(way: Way) -> None:
    layer, torchs, shape = way
    x = torch.randn(shape).contiguous(memory_format=torch.channels_last)
    assert torch.allclose(layer(x), torchs.forward(layer, x), atol=1e-5)


def test_odd_sides_and_bfloat16_are_torchs_own(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, torchs, shape = way
    taken, odd = nine(monkeypatch), torch.randn(*shape[:2], 6 if isinstance(layer, Halve) else 3, 8)
    assert torch.equal(layer(odd), torchs.forward(layer, odd))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.randn(shape)).dtype == torch.bfloat16
    assert not taken


def test_few_channels_are_torchs_own(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, torchs, shape = way
    monkeypatch.setattr(halving, "LEAST", 6)
    taken, x = nine(monkeypatch), torch.randn(shape)
    assert torch.equal(layer(x), torchs.forward(layer, x)) and not taken


def gradients(said: Tensor, x: Tensor, layer: nn.Module, seed: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(said, [x, layer.weight], seed)  # type: ignore[list-item]
