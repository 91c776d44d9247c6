"""Runs of MoCoGAN and VGAN: they resume, and their folders are all that use needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import data_recipes.clips
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments.mocogan import MoCoGANExperiment, VGANExperiment, make_objective, take_clips, train

SMALL: dict[str, Any] = {
    "recipe": "bezier_shapes", "pixels": 16, "frames": 4, "steps": 4, "batch_size": 7, "width": 2, "critic_width": 2,
    "device": "cpu", "save_every": 2,
}  # fmt: skip


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe of few clips."""
    load_clips = data_recipes.clips.load_clips
    monkeypatch.setattr(data_recipes.clips, "load_clips", lambda name, **o: load_clips(name, counts=(30, 5, 5), **o))


@pytest.mark.parametrize("kind", [MoCoGANExperiment, VGANExperiment])
def test_a_run_writes_a_folder_and_resumes_to_the_same_weights(kind: Any, tmp_path: Path) -> None:
    train(kind(str(tmp_path / "whole"), **SMALL))
    train(kind(str(tmp_path / "parts"), minutes=0.0, **SMALL))
    train(kind(str(tmp_path / "parts"), **SMALL))
    first, second = (load(tmp_path / name / "model").state_dict() for name in ("whole", "parts"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert read_config(tmp_path / "whole/model")["frames"] == 4
    assert "bezier_shapes" in (tmp_path / "whole/model/README.md").read_text()
    with pytest.raises(UserError, match="other settings"):
        train(kind(str(tmp_path / "whole"), **SMALL | {"lr": 0.5}))
    lines = [json.loads(line) for line in (tmp_path / "whole/metrics.jsonl").read_text().splitlines()]
    assert "generator/video" in lines[-1]


def test_each_process_takes_its_share(tmp_path: Path, second_of_two: list[Any]) -> None:
    train(MoCoGANExperiment(str(tmp_path), **SMALL))
    (batches,) = second_of_two
    assert (batches.rank, batches.world) == (1, 2)


def test_the_folder_holds_averaged_weights(tmp_path: Path) -> None:
    settings = MoCoGANExperiment(str(tmp_path), average=1.0, **SMALL)
    train(settings)
    first = make_objective(settings).model.state_dict()
    kept = load(tmp_path / "model").state_dict()
    still = [name for name, value in first.items() if value.is_floating_point()]
    assert all(torch.equal(first[name], kept[name]) for name in still)  # which never moved


def test_settings_reach_model_and_critics() -> None:
    one = make_objective(MoCoGANExperiment("", **SMALL | {"every": 3, "both": False, "image_width": 5, "hidden": 7}))
    assert one.model.config.points and one.model.config.hidden == 7
    assert one.paired and (one.every, one.both, one.penalty) == (3, False, MoCoGANExperiment("").penalty)
    assert one.image_critic is not None and one.image_critic.layers[0].weight.shape[0] == 5
    assert one.video_critic.layers[0].weight.shape[:3] == (2, 3, 4) and one.video_critic.pooled is not None
    plain = make_objective(
        MoCoGANExperiment("", **SMALL | {"points": False, "at_once": False, "paired": False, "pooled": 0})
    )
    assert not plain.model.config.points and not plain.paired and plain.video_critic.pooled is None
    assert plain.video_critic.layers[0].weight.shape[2] < 4
    assert len(make_objective(VGANExperiment("", **SMALL)).model.looks) == 2


def test_rates_rise_and_fall() -> None:
    """The generator's rises for `warmup` steps; both fall to a twentieth, or not at all."""
    settings = SMALL | {"steps": 100, "warmup": 10, "lr": 0.2, "critic_lr": 0.4}
    for falling, end in ((True, 0.05), (False, 1.0)):
        players = make_objective(MoCoGANExperiment("", falling=falling, **settings)).players()
        generator, critic = players["generator"], players["video"]
        assert generator.optimizer.param_groups[0]["lr"] == 0.2 and critic.optimizer.param_groups[0]["lr"] == 0.4
        assert generator.optimizer.param_groups[0]["betas"] == (0.0, 0.99)
        assert generator.schedule is not None and critic.schedule is not None
        assert (generator.schedule(0), critic.schedule(0)) == (0.1, 1.0)
        assert generator.schedule(100) == critic.schedule(100) == pytest.approx(end)


def test_kinds_of_motion_are_those_of_the_recipe(tmp_path: Path) -> None:
    train(MoCoGANExperiment(str(tmp_path), labelled=True, **SMALL))
    model: Any = load(tmp_path / "model")
    assert model.config.kinds == 2
    assert read_config(tmp_path / "model")["labels"] == ["left to right", "top to bottom"]


def test_a_user_s_own_clips(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", frames=np.zeros((3, 5, 20, 24, 3), np.uint8))
    own = SMALL | {"recipe": None, "data": str(tmp_path / "mine.npz")}
    taken = take_clips(MoCoGANExperiment("", **own))
    assert len(taken.clips) == 3 and taken.clips[0].shape == (5, 16, 16, 3)
    with pytest.raises(UserError, match="5 frames"):
        take_clips(MoCoGANExperiment("", **own | {"frames": 6}))
    with pytest.raises(UserError, match="--labelled takes a recipe"):
        take_clips(MoCoGANExperiment("", labelled=True, **own))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recipe": None}, "either --data"),
        ({"data": "x"}, "either --data"),
        ({"pixels": 24}, "pixels a side"),
        ({"content": 0}, "at least 1"),
    ],
)
def test_says_what_cannot_be(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        train(MoCoGANExperiment(str(tmp_path), **SMALL | settings))


def test_the_baseline_says_which_lengths_it_makes(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="multiple of 4"):
        train(VGANExperiment(str(tmp_path), **SMALL | {"frames": 6}))


def test_both_have_as_many_weights_by_default() -> None:
    one, other = (
        sum(p.numel() for p in make_objective(kind("x")).model.parameters())
        for kind in (MoCoGANExperiment, VGANExperiment)
    )
    assert 0.97 < one / other < 1.03
