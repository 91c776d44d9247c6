"""Generators of pictures whose channels a part of the code modulates."""

from __future__ import annotations

import torch

from textdis.nn.pictures import Modulated, inherit, picture_encoder, picture_generator, start_small


def made() -> Modulated:
    torch.manual_seed(0)
    return Modulated(picture_generator(7, 16, 3, 2), told=3).eval()


def test_without_gains_it_is_the_generator_itself() -> None:
    model, codes = made(), torch.randn(5, 7)
    assert not torch.allclose(model(codes), model.layers(codes), atol=1e-3)
    for gain in model.gains:
        torch.nn.init.zeros_(gain.weight)
    assert torch.allclose(model(codes), model.layers(codes), atol=1e-6)


def test_only_the_told_part_modulates() -> None:
    """Each norm's output is scaled and shifted by what the gains make of the first three numbers."""
    model, codes = made(), torch.randn(5, 7)
    seen: list[torch.Tensor] = []
    for gain in model.gains:
        gain.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    assert model(codes).shape == (5, 3, 16, 16)
    assert len(seen) == 2 and all(torch.equal(given, codes[:, :3]) for given in seen)


def test_every_weight_learns() -> None:
    model = made().train()
    model(torch.randn(5, 7)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.gains.parameters())


def test_a_small_start_is_of_the_layers_that_enlarge_alone() -> None:
    torch.manual_seed(0)
    flat, deep, other = (
        torch.nn.ConvTranspose2d(7, 50, 4),
        torch.nn.ConvTranspose3d(7, 50, 4),
        torch.nn.Conv2d(7, 50, 4),
    )
    before = other.weight.clone()
    start_small(torch.nn.Sequential(flat, torch.nn.Sequential(deep), other))
    assert all(0.019 < float(layer.weight.detach().std()) < 0.021 for layer in (flat, deep))
    assert torch.equal(other.weight, before)


def both_ways(pixels: int, width: int) -> torch.nn.ModuleDict:
    made = {"encoder": picture_encoder(pixels, 3, width, 5), "generator": picture_generator(7, pixels, 3, width)}
    return torch.nn.ModuleDict(made | {"inner": torch.nn.Linear(5, 7)})


def test_a_model_of_larger_pictures_inherits_all_but_the_outermost_layers() -> None:
    small, large = both_ways(16, 4), both_ways(32, 2)
    before = {name: value.clone() for name, value in large.state_dict().items()}
    left = inherit(large, small)

    now, given = large.state_dict(), small.state_dict()
    assert torch.equal(now["inner.weight"], given["inner.weight"])
    for ours, theirs in (("encoder.4.bias", "encoder.1.bias"), ("encoder.6.weight", "encoder.3.weight")):
        assert torch.equal(now[ours], given[theirs])
    for same in ("encoder.9.weight", "generator.1.weight", "generator.4.weight", "generator.5.running_var"):
        assert torch.equal(now[same], given[same.replace("encoder.9", "encoder.6")])
    assert {name.rpartition(".")[0] for name in left} == {
        "encoder.0", "encoder.1", "encoder.3", "generator.7", "generator.8", "generator.10",
    }  # fmt: skip
    assert all(torch.equal(now[name], before[name]) for name in left)
