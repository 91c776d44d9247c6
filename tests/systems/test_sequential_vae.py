"""The factorised sequential VAE: its objective against a direct transcription, and every trap of the paper."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from textdis.core.batch import ClipBatch
from textdis.core.clips import ClipModel, ClipReader, Factored
from textdis.core.model import load
from textdis.losses.gaussian import gaussian_kl, gaussian_nll
from textdis.nn.factors import Transitions
from textdis.nn.pictures import picture_encoder, picture_generator
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig, SequentialVAEObjective

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
from sequential_vae_direct import direct_of  # noqa: E402

SMALL: dict[str, Any] = {"factors": 2, "size": 3, "pixels": 16, "width": 5, "features": 7, "hidden": 11}


def vae(seed: int = 0, **fields: Any) -> Any:
    torch.manual_seed(seed)
    return SequentialVAE(SequentialVAEConfig(**SMALL | fields)).eval()


def clips(count: int = 3, frames: int = 5, pixels: int = 16, lengths: list[int] | None = None) -> ClipBatch:
    torch.manual_seed(1)
    own = torch.tensor(lengths or [frames] * count)
    return ClipBatch(torch.rand(count, 3, frames, pixels, pixels) * 2 - 1, own)


# ---- its parts -------------------------------------------------------------------------------------------------------


def test_divergence_in_closed_form() -> None:
    """N(1, 1) against N(0, 4): (ln 4 + (1 + 1) / 4 - 1) / 2; and torch's own for random Gaussians."""
    one = torch.ones(1)
    assert gaussian_kl(one, 0 * one, 0 * one, math.log(4) * one).item() == pytest.approx((math.log(4) - 0.5) / 2)
    mean, logvar, other, other_logvar = torch.randn(4, 7, 5)
    p, q = (torch.distributions.Normal(m, torch.exp(0.5 * v)) for m, v in ((mean, logvar), (other, other_logvar)))
    expected = torch.distributions.kl_divergence(p, q).sum(-1)
    assert torch.allclose(gaussian_kl(mean, logvar, other, other_logvar), expected, atol=1e-5)


def test_likelihood_has_its_constant_and_may_be_above_one() -> None:
    values, mean = torch.tensor([[1.0, 3.0]]), torch.ones(1, 2)
    assert gaussian_nll(values, mean, 0.25).item() == pytest.approx(math.log(math.pi / 2) + 8)
    assert gaussian_nll(mean, mean, 0.05).item() < 0
    expected = -torch.distributions.Normal(mean, 0.5).log_prob(values).sum()
    assert gaussian_nll(values, mean, 0.25).item() == pytest.approx(expected.item())  # 0.25 is a variance


def test_a_factor_s_prediction_knows_its_own_past_alone() -> None:
    torch.manual_seed(0)
    net, code = Transitions(3, 2, 11, 5), torch.randn(5, 6, requires_grad=True)
    mean, logvar, past = net(code, net.start(5))
    assert past.shape == (5, 0)
    (gradient,) = torch.autograd.grad(mean[:, 2:4].sum() + logvar[:, 2:4].sum(), code)
    assert (gradient[:, 2:4] != 0).all() and not gradient[:, :2].any() and not gradient[:, 4:].any()


def test_with_memory_it_knows_all_of_its_own_past_alone() -> None:
    torch.manual_seed(0)
    net, codes = Transitions(3, 2, 11, 2, memory=4), torch.randn(5, 4, 6, requires_grad=True)
    past = net.start(5)
    for code in codes.unbind(1):
        mean, logvar, past = net(code, past)
    assert past.shape == (5, 12)
    (gradient,) = torch.autograd.grad(mean[:, 2:4].sum() + logvar[:, 2:4].sum(), codes)
    assert (gradient[..., 2:4] != 0).all() and not gradient[..., :2].any() and not gradient[..., 4:].any()


def test_memory_is_torch_s_gru() -> None:
    torch.manual_seed(0)
    net, gru, code, past = (
        Transitions(1, 3, 11, 2, memory=4),
        torch.nn.GRUCell(3, 4),
        torch.randn(5, 3),
        torch.randn(5, 4),
    )
    with torch.no_grad():
        for ours, weight, bias in ((net.seen, gru.weight_ih, gru.bias_ih), (net.kept, gru.weight_hh, gru.bias_hh)):
            ours.weight[0], ours.bias[0, 0] = weight.T, bias
    expected = gru(code, past)
    assert torch.allclose(net(code, past)[2], expected, atol=1e-6)


def test_factors_have_parameters_of_their_own() -> None:
    torch.manual_seed(0)
    net = Transitions(2, 3, 11, 5)
    mean, _, _ = net(torch.ones(1, 6), net.start(1))
    assert not torch.allclose(mean[:, :3], mean[:, 3:])
    layers: Any = Transitions(2, 3, 128, 5).layers
    sizes = [tuple(layer.weight.shape[1:]) for layer in layers]
    assert sizes == [(3, 128), (128, 128), (128, 128), (128, 128), (128, 6)]
    assert len(Transitions(2, 3, 128, 2).layers) == 2


@pytest.mark.parametrize(("pixels", "convolutions"), [(64, 5), (32, 4), (8, 2)])
def test_layers_follow_the_size_of_pictures(pixels: int, convolutions: int) -> None:
    encoder, generator = picture_encoder(pixels, 3, 5, 7), picture_generator(11, pixels, 3, 5)
    assert encoder(torch.randn(2, 3, pixels, pixels)).shape == (2, 7)
    assert generator(torch.randn(2, 11)).shape == (2, 3, pixels, pixels)
    assert sum(isinstance(layer, torch.nn.Conv2d) for layer in encoder) == convolutions
    assert sum(isinstance(layer, torch.nn.ConvTranspose2d) for layer in generator) == convolutions


@pytest.mark.parametrize("pixels", [4, 48, 65])
def test_sizes_that_cannot_be_halved_are_named(pixels: int) -> None:
    with pytest.raises(ValueError, match=f"pictures of {pixels} pixels"):
        vae(pixels=pixels)


# ---- the objective ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{}, {"factors": 1, "size": 6}, {"factors": 3, "size": 2, "pixels": 32}])
def test_it_is_the_direct_transcription(fields: dict[str, Any]) -> None:
    """Frame by frame, with the same weights and noise; `factors=1` is the twin that predicts all from all."""
    model, batch = vae(**fields), clips(pixels=fields.get("pixels", 16))
    direct = direct_of(model).eval()
    torch.manual_seed(5)
    found = {name: nats.mean() for name, nats in model.bound(batch).items()}
    torch.manual_seed(5)
    nll, kl = direct.loss(batch.frames, torch.randn(3, 5, 6))
    assert found["nll"].item() == pytest.approx(nll.item(), rel=1e-5)
    assert found["kl"].item() == pytest.approx(kl.item(), rel=1e-4)


def test_gradients_are_those_of_the_direct_transcription() -> None:
    model, batch = vae(), clips()
    direct: Any = direct_of(model).eval()
    torch.manual_seed(5)
    losses = model.bound(batch)
    (losses["nll"] + losses["kl"]).mean().backward()
    torch.manual_seed(5)
    nll, kl = direct.loss(batch.frames, torch.randn(3, 5, 6))
    (nll + kl).backward()
    ours, theirs = model.transitions.layers[2].weight.grad, direct.transitions[1][4].weight.grad
    assert torch.allclose(ours[1].T, theirs, rtol=1e-3, atol=1e-5)
    assert torch.allclose(model.encoder[0].weight.grad, direct.encoder[0].weight.grad, rtol=1e-3, atol=1e-3)


def test_transitions_do_not_learn_through_the_inference_network() -> None:
    """The likelihood moves them not at all, the divergence does; and samples carry it back to earlier frames."""
    model, batch = vae(), clips()
    losses = model.bound(batch)
    own = list(model.transitions.parameters())
    assert torch.autograd.grad(losses["nll"].sum(), own, allow_unused=True, retain_graph=True) == (None,) * len(own)
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(losses["kl"].sum(), own, retain_graph=True))
    inferred = model.infer(batch)
    last = gaussian_kl(
        inferred.mean[:, -1].detach(), inferred.logvar[:, -1].detach(),
        inferred.prior_mean[:, -1], inferred.prior_logvar[:, -1],
    )  # fmt: skip
    (gradient,) = torch.autograd.grad(last.sum(), [model.see.weight])
    assert gradient.abs().sum() > 0


def test_the_inference_network_reads_the_prediction() -> None:
    model, batch = vae(), clips()
    before = model.infer(batch, sample=False).mean
    with torch.no_grad():
        model.transitions.layers[-1].bias += 1.0
    after = model.infer(batch, sample=False).mean
    assert torch.equal(before[:, 0], after[:, 0])  # at the first frame there is none: zeros
    assert not torch.allclose(before[:, 1], after[:, 1])


@torch.no_grad()
def test_parts_are_drawn_by_themselves_and_added() -> None:
    """What a factor adds to a frame does not depend on the others; drawn whole, it does."""
    one, other = torch.randn(2, 4, 6)
    swapped = torch.cat([one[:, :3], other[:, 3:]], 1), torch.cat([other[:, :3], one[:, 3:]], 1)
    for parts in (1, 2):
        model = vae(parts=parts)
        left = model.draw(one) - model.draw(swapped[0])
        right = model.draw(swapped[1]) - model.draw(other)
        assert torch.allclose(left, right, atol=1e-5) == (parts == 2)
    model = vae(parts=2)
    halves = torch.cat([model.generator(torch.relu(model.prepare(half))) for half in one.split(3, 1)])
    assert torch.allclose(model.draw(one), halves[:4] + halves[4:], atol=1e-5)
    with pytest.raises(ValueError, match="2 factors of 3 numbers cannot be cut into 4"):
        vae(parts=4)


def test_a_twin_is_drawn_as_its_model_is() -> None:
    model, twin = vae(parts=2), vae(parts=2, factors=1, size=6)
    assert [p.shape for p in model.generator.parameters()] == [p.shape for p in twin.generator.parameters()]


def test_the_first_frame_is_held_against_the_standard_normal() -> None:
    inferred = vae().infer(clips())
    assert not inferred.prior_mean[:, 0].any() and not inferred.prior_logvar[:, 0].any()
    assert inferred.prior_mean[:, 1].abs().sum() > 0


def test_no_activation_bounds_means_variances_or_pixels() -> None:
    model, batch = vae(), clips(7)
    inferred = model.infer(batch)
    outputs = [inferred.mean, inferred.logvar, inferred.prior_mean[:, 1:], inferred.prior_logvar[:, 1:]]
    for output in [*outputs, model.draw(inferred.codes[:, 0])]:
        assert output.min() < 0 < output.max()


def test_wild_variances_are_bounded() -> None:
    model = vae()
    with torch.no_grad():
        model.posterior.bias[6:] = 1e4
        model.transitions.layers[-1].bias -= 1e4
    assert all(torch.isfinite(nats).all() for nats in model.bound(clips()).values())


@pytest.mark.parametrize("training", [False, True])
def test_padding_is_nothing(training: bool) -> None:
    """A padded clip scores as it would alone; in training too, as batch norm does not count padding."""
    model = vae().train(training)
    batch = clips(2, 5, lengths=[5, 3])
    other = ClipBatch(batch.frames.clone(), batch.lengths)
    other.frames[1, :, 3:] = 9.0
    results = []
    for one in (batch, other):
        torch.manual_seed(2)
        results.append(model.bound(one))
    for name in ("nll", "kl"):
        assert torch.equal(results[0][name], results[1][name])
    if not training:
        torch.manual_seed(2)
        noise = torch.randn(2, 5, 6)[1:, :3]
        nll, kl = direct_of(model).eval().loss(batch.frames[1:, :, :3], noise)
        assert results[0]["nll"][1].item() == pytest.approx(nll.item(), rel=1e-5)
        assert results[0]["kl"][1].item() == pytest.approx(kl.item(), rel=1e-4)


def test_one_clip_of_one_frame() -> None:
    model = vae().train()
    losses = model.bound(clips(1, 1))
    assert losses["nll"].shape == (1,) and torch.isfinite(losses["nll"] + losses["kl"]).all()


def test_the_elbo_is_logged_and_is_the_loss() -> None:
    turn = next(SequentialVAEObjective(vae()).turns(iter([clips()]), 5))
    assert turn.total.item() == pytest.approx(-turn.losses["elbo"].item())
    assert turn.losses["elbo"].item() == pytest.approx(-(turn.losses["nll"] + turn.losses["kl"]).item())


# ---- use -------------------------------------------------------------------------------------------------------------


def test_varying_a_factor_holds_the_others() -> None:
    """Of the codes that are drawn, factor 1 alone moves, and it goes where it was inferred to go."""
    model, batch = vae(), clips()
    inferred = model.infer(batch, sample=False).mean
    assert model.vary(batch, 1, sample=False).shape == (3, 3, 4, 16, 16)
    model.decode = lambda codes: codes
    codes = model.vary(batch, 1, sample=False)
    assert torch.equal(codes[:, :, 3:], inferred[:, 1:, 3:])
    assert torch.equal(codes[:, :, :3], inferred[:, 1:2, :3].expand(-1, 4, -1))
    with pytest.raises(ValueError, match="factor 2"):
        model.vary(batch, 2)


@torch.no_grad()
@pytest.mark.parametrize("memory", [0, 4])
def test_a_forecast_starts_at_each_clip_s_own_end(memory: int) -> None:
    model, batch = vae(memory=memory), clips(2, 5, lengths=[5, 3])
    short = ClipBatch(batch.frames[1:, :, :3], batch.lengths[1:])
    assert torch.allclose(model.forecast(batch, 4)[1:], model.forecast(short, 4), atol=1e-5)
    past = model.transitions.start(1)
    for code in model.infer(short, sample=False).mean.unbind(1):
        mean, _, past = model.predict(code, past)
    expected = model.decode(mean[:, None])
    assert torch.allclose(model.forecast(short, 1), expected, atol=1e-6)


@torch.no_grad()
def test_samples_are_clips_of_any_length_and_repeat() -> None:
    model = vae()
    for frames in (1, 2, 23):
        torch.manual_seed(7)
        first = model.sample(2, frames)
        torch.manual_seed(7)
        assert first.shape == (2, 3, frames, 16, 16) and torch.equal(first, model.sample(2, frames))
    assert not torch.allclose(first[:, :, 0], first[:, :, 1])


@torch.no_grad()
def test_pipelines_find_what_they_ask_for() -> None:
    """Paths of one generator repeat, whatever else was drawn; each frame follows the prediction of the one before."""
    model = vae()
    assert all(isinstance(model, kind) for kind in (ClipModel, ClipReader, Factored))
    first, second = (model.paths(500, 3, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    mean, logvar, _ = model.predict(first[:, 1], model.transitions.start(500))
    noise = (first[:, 2] - mean) / torch.exp(0.5 * logvar)
    assert noise.mean().abs() < 0.1 and noise.std().item() == pytest.approx(1.0, abs=0.1)


@torch.no_grad()
def test_the_folder_rebuilds_the_model(tmp_path: Path) -> None:
    model = vae(layers=2, variance=0.05, memory=4, parts=2)
    model.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert isinstance(again, SequentialVAE) and again.config == model.config
    assert torch.allclose(again.reconstruct(clips()), model.reconstruct(clips()), atol=1e-6)
