"""MoCoGAN and its baseline, trap by trap. Sizes are primes where they may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from textdis.core.batch import ClipBatch
from textdis.core.model import load
from textdis.losses.gan import zero_centred_penalty
from textdis.nn.critics import one_frame
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig, MoCoGANObjective
from textdis.systems.vgan import VGAN, VGANConfig, VGANObjective

SIZES: dict[str, Any] = {"content": 7, "motion": 5, "noise": 3, "pixels": 16, "width": 2, "frames": 4}


def made(**options: Any) -> MoCoGAN:
    torch.manual_seed(0)
    return MoCoGAN(MoCoGANConfig(**SIZES | options)).eval()


def clips(count: int = 5, frames: int = 4, label: bool = False) -> ClipBatch:
    pixels = torch.rand(count, 3, frames, 16, 16) * 2 - 1
    return ClipBatch(pixels, torch.full((count,), frames), torch.arange(count) % 2 if label else None)


def test_content_is_drawn_once_a_clip_and_motion_each_frame() -> None:
    model = made()
    content, motion = model.contents(5, 11), model.motions(5, 11)
    assert content.shape == (5, 11, 7) and motion.shape == (5, 11, 5)
    assert torch.equal(content, content[:, :1].expand_as(content))
    assert len(content[:, 0].unique(dim=0)) == 5
    assert all(len(path.unique(dim=0)) == 11 for path in motion)


def test_redrawn_content_differs_between_frames() -> None:
    content = made(redraw=True).contents(5, 11)
    assert len(content.flatten(0, 1).unique(dim=0)) == 55


def test_noise_is_fresh_at_each_step_and_the_start_random() -> None:
    model = made()
    with torch.no_grad():  # a GRU of zeros keeps half of its state a step: only the start and the noise can tell
        for weight in model.path.parameters():
            weight.zero_()
        path = model.motions(1000, 3)
    assert torch.allclose(path[:, 1], path[:, 0] / 2) and 0.4 < float(path[:, 0].std()) < 0.6
    with torch.no_grad():
        model.path.weight_ih_l0[10:].normal_()
        pushes = model.motions(1000, 3)
    steps = pushes[:, 1:] - pushes[:, :-1] / 2  # what the noise of each step adds
    assert abs(float(torch.corrcoef(steps[:, :, 0].T)[0, 1])) < 0.1 < float(steps.std())


def test_inertia_makes_paths_smooth() -> None:
    """The gate's bias is the only weight that it changes; a path's steps shrink with it."""
    plain, slow = made(), made(inertia=3.0)
    changed = [name for name, value in plain.state_dict().items() if not torch.equal(value, slow.state_dict()[name])]
    assert changed == ["path.bias_ih_l0"]
    steps = [float(m.motions(300, 9).diff(dim=1).square().mean()) for m in (plain, slow)]
    assert steps[1] < steps[0] / 4


def test_frames_are_in_range_and_each_is_its_own_code_s() -> None:
    model = made()
    content, motion = model.contents(3, 5), model.motions(3, 5)
    shown = model.show(content, motion)
    assert shown.shape == (3, 3, 5, 16, 16) and shown.abs().max() <= 1
    alone = model.show(content[1:2, 2:3], motion[1:2, 2:3])
    assert torch.allclose(shown[1, :, 2], alone[0, :, 0], atol=1e-6)


def test_clips_longer_than_in_training_and_the_same_for_a_generator() -> None:
    model = made()
    first, second = (model.sample(2, 40, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == (2, 3, 40, 16, 16) and torch.equal(first, second) and first.isfinite().all()
    late = model.motions(200, 100).detach()
    assert float(late[:, 90:].std()) < 2 * float(late[:, 5:15].std())  # it neither grows nor dies
    assert float(late[:, 90:].std()) > 0.5 * float(late[:, 5:15].std())


def test_a_kind_of_motion_reaches_the_path() -> None:
    model = made(kinds=2)
    one, other = (
        model.motions(3, 4, label=torch.full((3,), kind), generator=torch.Generator().manual_seed(1)) for kind in (0, 1)
    )
    assert not torch.allclose(one[:, 0], other[:, 0])
    with pytest.raises(ValueError, match="no kinds"):
        made().motions(3, 4, label=torch.zeros(3, dtype=torch.long))


def test_the_critics_of_time() -> None:
    """Shuffled frames are other clips to the video critic, and the same set of frames to the image critic."""
    objective = MoCoGANObjective(made()).eval()
    assert objective.image_critic is not None
    real = clips().frames
    turned = real[:, :, [2, 0, 3, 1]]
    assert not torch.allclose(objective.video_critic(real), objective.video_critic(turned), atol=1e-4)
    scores = [objective.image_critic(x.transpose(1, 2).flatten(0, 1)).unflatten(0, (5, 4)) for x in (real, turned)]
    assert torch.allclose(scores[0].sort(1)[0], scores[1].sort(1)[0], atol=1e-5)


def test_the_critics_turns_leave_no_gradient_in_the_generator() -> None:
    objective = MoCoGANObjective(made()).train()
    for turn in objective.turns(iter([clips()]), 0):
        reached = torch.autograd.grad(turn.total, list(objective.model.parameters()), allow_unused=True)
        if turn.player == "generator":
            assert all(g is not None and g.abs().max() > 0 for g in reached)  # the GRU and the pictures alike
        else:
            assert all(g is None for g in reached)


@pytest.mark.parametrize("loss", ["image", "video"])
def test_both_critics_teach_both_networks(loss: str) -> None:
    objective = MoCoGANObjective(made()).train()
    turn = list(objective.turns(iter([clips()]), 0))[-1]
    for part in (objective.model.path, objective.model.generator):
        reached = torch.autograd.grad(turn.losses[loss], list(part.parameters()), retain_graph=True)
        assert all(g.abs().max() > 0 for g in reached)


def test_the_slope_of_both_critics_is_charged_every_fourth_step_for_four() -> None:
    torch.manual_seed(0)
    objective = MoCoGANObjective(made(), penalty=0.5, spectral=False)
    batch = clips()
    for step in (0, 1, 3, 4):
        losses = {turn.player: turn.losses for turn in objective.turns(iter([batch]), step)}
        assert ("slope" in losses["video"]) == ("slope" in losses["image"]) == (step % 4 == 0)
    charged = next(objective.turns(iter([batch]), 0)).losses["slope"]
    real = batch.frames.clone().requires_grad_()
    (slope,) = torch.autograd.grad(objective.video_critic(real)[:, 0].sum(), real)
    assert float(charged) == pytest.approx(4 * 0.5 * float(slope.square().flatten(1).sum(1).mean()) / 2, rel=1e-4)


def test_the_slope_at_generated_clips_too() -> None:
    """`both` charges a critic the sum of the two mean slopes; `every` says how often."""
    torch.manual_seed(0)
    objective = MoCoGANObjective(made(), penalty=0.5, both=True, every=3, spectral=False)
    real, fake = clips().frames, objective.model.sample(5, 4).detach()
    _, losses = objective._told_apart(objective.video_critic, real, fake, 6)
    each = [zero_centred_penalty(lambda x: objective.video_critic(x)[:, 0], one) for one in (real, fake)]
    assert float(losses["slope"]) == pytest.approx(3 * 0.5 * float(sum(each)), rel=1e-4)
    assert "slope" not in objective._told_apart(objective.video_critic, real, fake, 4)[1]


def test_paired_losses_pull_both_ways() -> None:
    """A shift of all logits changes nothing; what the critic calls realer costs the generator less."""
    torch.manual_seed(0)
    objective = MoCoGANObjective(made(), paired=True, spectral=False)
    first, second = ([turn.losses for turn in objective.turns(iter([clips()]), 1)] for _ in range(2))
    assert set(first[0]) == set(first[1]) == {"pair"} and set(second[-1]) == {"video", "image"}
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([1.0, 0.0])
    costs = [float(objective._fooled(fake + shift, real + shift)) for shift in (0.0, 9.0)]
    assert costs[0] == pytest.approx(costs[1]) and costs[0] == pytest.approx(
        (torch.tensor([1.0, -1.0]).exp().log1p().mean()).item()
    )
    assert float(objective._fooled(fake + 1, real)) < costs[0]


def test_frames_of_points() -> None:
    """In use they are in range, each of its own code; both critics teach all that makes them."""
    model = made(points=True, hidden=11)
    content, motion = model.contents(3, 5), model.motions(3, 5)
    shown = model.show(content, motion)
    assert shown.shape == (3, 3, 5, 16, 16) and shown.abs().max() <= 1
    alone = model.show(content[1:2, 2:3], motion[1:2, 2:3])
    assert torch.allclose(shown[1, :, 2], alone[0, :, 0], atol=1e-5)
    turn = list(MoCoGANObjective(model.train()).turns(iter([clips()]), 0))[-1]
    for loss in turn.losses.values():
        reached = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
        assert all(g.abs().max() > 0 for g in reached)


@pytest.mark.parametrize("frozen", [{}, {"modulated": True}])
def test_models_of_before_points_are_read_as_they_were(frozen: dict[str, bool], tmp_path: Path) -> None:
    model = made(**frozen)
    model.save_pretrained(tmp_path)
    card = json.loads((tmp_path / "config.json").read_text())
    for name in ("points", "hidden", "quiet", "inertia"):
        card["config"].pop(name)
    (tmp_path / "config.json").write_text(json.dumps(card))
    again, code = load(tmp_path), (model.contents(2, 3), model.motions(2, 3))
    assert torch.equal(again.show(*code), model.show(*code))  # type: ignore[operator]
    assert isinstance(model.generator, torch.nn.Sequential) != bool(frozen)


def test_modulated_content_reaches_every_layer() -> None:
    plain, model = made(), made(modulated=True)
    content, motion = model.contents(2, 3), model.motions(2, 3)
    assert model.show(content, motion).shape == (2, 3, 3, 16, 16)
    assert sum(p.numel() for p in model.parameters()) > sum(p.numel() for p in plain.parameters())
    objective = MoCoGANObjective(model.train())
    turn = list(objective.turns(iter([clips()]), 0))[-1]
    reached = torch.autograd.grad(turn.total, list(model.generator.gains.parameters()))  # type: ignore[union-attr]
    assert all(g.abs().max() > 0 for g in reached)


def test_the_generator_may_have_rates_of_its_own() -> None:
    def slow(step: int) -> float:
        return step / 7

    both = MoCoGANObjective(made(), schedule=slow).players()
    own = MoCoGANObjective(made(), schedule=slow, own_schedule=lambda step: 5.0).players()
    assert {player.schedule for player in both.values()} == {slow}
    assert own["video"].schedule is own["image"].schedule is slow
    assert own["generator"].schedule is not None and own["generator"].schedule(1) == 5.0


def test_no_image_critic() -> None:
    objective = MoCoGANObjective(made(), image=False)
    assert set(objective.players()) == {"video", "generator"}
    assert [turn.player for turn in objective.turns(iter([clips()]), 0)] == ["video", "generator"]


def test_a_critic_of_drift() -> None:
    """It has turns of its own, between the two others', and the generator pays it too."""
    objective = MoCoGANObjective(made(), pooled=3, drift=2.0)
    turns = list(objective.turns(iter([clips()]), 0))
    assert [turn.player for turn in turns] == ["video", "drift", "image", "generator"]
    assert set(objective.players()) == {"video", "drift", "image", "generator"}
    reached = torch.autograd.grad(turns[-1].losses["drift"], list(objective.model.generator.parameters()))
    assert all(g.abs().max() > 0 for g in reached)
    for none in ({"pooled": 3}, {"drift": 2.0}):
        assert set(MoCoGANObjective(made(), **none).players()) == {"video", "image", "generator"}


def test_kinds_are_named_by_the_video_critic() -> None:
    objective = MoCoGANObjective(made(kinds=2))
    turns = {turn.player: turn.losses for turn in objective.turns(iter([clips(label=True)]), 0)}
    assert "kind" in turns["video"] and "kind" in turns["generator"]
    with pytest.raises(ValueError, match="without labels"):
        next(objective.turns(iter([clips()]), 0))


def test_longer_clips_are_judged_window_by_window() -> None:
    objective = MoCoGANObjective(made())
    turn = next(objective.turns(iter([clips(frames=7)]), 0))
    assert all(loss.isfinite() for loss in turn.losses.values())
    assert objective.video_critic(clips(frames=7).frames).shape == (5, 1, 4)


def test_averaged_weights_follow() -> None:
    objective = MoCoGANObjective(made(), average=0.5)
    with torch.no_grad():
        objective.model.generator[1].weight.add_(1.0)
    before = objective.averaged.generator[1].weight.clone()
    next(objective.turns(iter([clips()]), 0))
    assert torch.allclose(objective.averaged.generator[1].weight, before + 0.5, atol=1e-6)


def test_one_frame_of_each_clip() -> None:
    numbered = torch.arange(5.0)[None, None, :, None, None].expand(300, 3, 5, 2, 2)
    drawn = one_frame(numbered)
    assert drawn.shape == (300, 3, 2, 2)
    assert (drawn[:, 0, 0, 0].int().bincount(minlength=5) > 30).all()


def test_the_baseline_has_one_length_and_as_many_weights() -> None:
    model = VGAN(VGANConfig(code=7, pixels=16, width=3, frames=4)).eval()
    assert model.sample(2, 4).shape == (2, 3, 4, 16, 16)
    with pytest.raises(ValueError, match="4 frames"):
        model.sample(2, 5)
    with pytest.raises(ValueError, match="multiple of 4"):
        VGANConfig(pixels=16, frames=6)
    assert set(VGANObjective(model).players()) == {"video", "generator"}


def test_the_baseline_s_layers_show_clips_that_are_added() -> None:
    torch.manual_seed(0)
    model = VGAN(VGANConfig(code=7, pixels=16, width=3, frames=4, skip=True)).eval()
    assert not VGAN(VGANConfig(code=7, pixels=16, width=3, frames=4)).state_dict().keys() & {"looks.0.weight"}
    codes = torch.randn(2, 7)
    assert model.show(codes).shape == (2, 3, 4, 16, 16) and len(model.looks) == 2
    with torch.no_grad():
        for layer in (model.generator[-2], *model.looks):
            layer.weight.zero_(), layer.bias.zero_()
        for look, shade in zip(model.looks, (0.25, 0.5), strict=True):
            look.bias.fill_(shade)  # one colour stays one however it is enlarged
    assert torch.allclose(model.show(codes), torch.tensor(0.75).tanh(), atol=1e-6)


def test_refuses_sizes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        MoCoGANConfig(content=0)
    with pytest.raises(ValueError, match="pixels a side"):
        made(pixels=33)
