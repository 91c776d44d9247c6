"""The run of a video model: it learns, resumes, and its folder is all that use needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.experiments.sequential_vae import SequentialVAEExperiment, read_clips, train
from textdis.systems.sequential_vae import SequentialVAE
from textdis.systems.vgan import VGAN, VGANConfig

SMALL: dict[str, Any] = {
    "recipe": "sprites", "clips": 60, "held_out": 20, "frames": 4, "steps": 8, "batch_size": 10, "width": 2, "size": 3,
    "hidden": 7, "validate_every": 4, "device": "cpu",
}  # fmt: skip


def run(output: Path, **settings: Any) -> tuple[SequentialVAEExperiment, dict[str, float]]:
    experiment = SequentialVAEExperiment(str(output), **SMALL | settings)
    return experiment, train(experiment)


def test_it_learns_and_writes_a_folder(tmp_path: Path) -> None:
    experiment, scores = run(tmp_path / "run", steps=30, validate_every=10, lr=1e-2, seed=3)
    log = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    elbos = [line["model/elbo"] for line in log if line["split"] == "validation"]
    assert len(elbos) == 3 and scores["model/elbo"] == max(elbos) > elbos[0]
    model: Any = load(tmp_path / "run/model")
    assert model.config == experiment.model
    assert "sprites" in (tmp_path / "run/model/README.md").read_text()


def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with pytest.raises(UserError, match="other settings"):
        run(tmp_path / "whole", lr=0.5)
    run(tmp_path / "parts", minutes=0.0)
    run(tmp_path / "parts", minutes=None)
    first, second = (load(tmp_path / name / "last").state_dict() for name in ("whole", "parts"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_longer_warm_up_starts_slower(tmp_path: Path) -> None:
    moved = []
    for warmup in (0, 3):
        experiment, _ = run(tmp_path / str(warmup), warmup=warmup)
        torch.manual_seed(experiment.seed)
        fresh = SequentialVAE(experiment.model).prepare.weight
        after: Any = load(tmp_path / str(warmup) / "last")
        moved.append(float((after.prepare.weight - fresh).detach().abs().mean()))
    assert 0 < moved[1] < 0.95 * moved[0]


def test_a_model_of_larger_pictures_grows_from_a_smaller_one(tmp_path: Path) -> None:
    run(tmp_path / "small", width=4)
    run(tmp_path / "large", pixels=64, grow_from=str(tmp_path / "small/model"), lr=0.0, steps=4)
    small, large = (dict(load(tmp_path / name / "model").named_parameters()) for name in ("small", "large"))
    assert len(large) > len(small)
    for name in ("posterior.weight", "transitions.layers.0.weight", "prepare.bias", "generator.4.weight"):
        assert torch.equal(large[name], small[name])
    assert torch.equal(large["encoder.12.weight"], small["encoder.9.weight"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "small/model: a model of 64 pixels cannot grow from one of width 2 \\(needed: 4\\)"),
        ({"width": 1, "size": 4}, "from one of size 3 \\(needed: 4\\)"),
        ({"width": 1, "pixels": 32}, "from one of pixels 32 \\(needed: 16\\)"),
    ],
)
def test_a_model_that_others_cannot_grow_from(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    run(tmp_path / "small")
    with pytest.raises(UserError, match=message):
        run(tmp_path / "large", **{"pixels": 64, "grow_from": str(tmp_path / "small/model")} | wrong)
    assert not (tmp_path / "large/experiment.json").exists()


def test_another_system_is_nothing_to_grow_from(tmp_path: Path) -> None:
    VGAN(VGANConfig(pixels=32, width=1)).save_pretrained(tmp_path / "vgan")
    with pytest.raises(UserError, match="holds a VGAN"):
        run(tmp_path / "large", grow_from=str(tmp_path / "vgan"))


def test_each_process_takes_its_share(tmp_path: Path, second_of_two: list[Any]) -> None:
    run(tmp_path)
    (batches,) = second_of_two
    assert (batches.rank, batches.world) == (1, 2)


def test_the_twin_has_one_factor_of_the_same_size(tmp_path: Path) -> None:
    run(tmp_path, factors=1, size=6, parts=2, precision="bf16", layers=2)
    model: Any = load(tmp_path / "model")
    assert model.code_size == 6 and len(model.transitions.layers) == 2 and model.config.parts == 2


def test_clips_differ_by_split_and_seed() -> None:
    one, two = (read_clips(SequentialVAEExperiment("", **SMALL | {"seed": seed})) for seed in (0, 1))
    assert len(one[0]) == 60 and len(one[1]) == 20
    assert not np.array_equal(one[0], two[0]) and not np.array_equal(one[0][:20], one[1])


def test_a_user_s_own_clips(tmp_path: Path) -> None:
    """Of any size and length; a tenth is held out, and never trained on."""
    made = np.random.default_rng(0).integers(0, 256, (30, 6, 20, 24, 3), np.uint8)
    np.savez(tmp_path / "mine.npz", frames=made)
    experiment, _ = run(tmp_path / "run", data=str(tmp_path / "mine.npz"), recipe=None, steps=2)
    train_clips, held_out = read_clips(experiment)
    assert len(train_clips) == 27 and len(held_out) == 3 and train_clips[0].shape == (6, 32, 32, 3)
    assert not {clip.tobytes() for clip in train_clips} & {clip.tobytes() for clip in held_out}
    assert "files of its own" in (tmp_path / "run/model/README.md").read_text()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"recipe": None}, "say where clips come from"),
        ({"data": "x"}, "say where clips come from"),
        ({"data": "nowhere", "recipe": None}, "nowhere"),
        ({"data": "one.npz", "recipe": None}, "one clip"),
    ],
)
def test_sources_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("one.npz", frames=np.zeros((1, 6, 8, 8, 3), np.uint8))
    with pytest.raises(UserError, match=message):
        run(tmp_path / "run", **wrong)


@pytest.mark.parametrize("wrong", [{"factors": 0}, {"variance": 0.0}, {"memory": -1}, {"parts": 0}])
def test_sizes_that_cannot_be(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="1 or more"):
        run(tmp_path, **wrong)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from textdis.cli import main

    options = [f"--{name.replace('_', '-')}={value}" for name, value in (SMALL | {"steps": 2}).items()]
    with pytest.raises(SystemExit) as end:
        main(["train", "sequential-vae", "--output", str(tmp_path / "run"), *options, "--factors=3"])
    assert not end.value.code and "is ready" in capsys.readouterr().err
    model: Any = load(tmp_path / "run/model")
    assert model.config.factors == model.config.parts == 3  # each factor is drawn by itself


def test_a_refused_run_leaves_its_folder_free(tmp_path: Path) -> None:
    """What the error asks for can be done at the same place; a run that saved something keeps it."""
    with pytest.raises(UserError, match="48 pixels"):
        run(tmp_path / "a", pixels=48)
    (tmp_path / "b").mkdir()
    with pytest.raises(UserError, match="not finite"):
        run(tmp_path / "b", lr=1e9, steps=60, validate_every=60, max_norm=None)
    for name in "ab":
        run(tmp_path / name)
        assert (tmp_path / name / "model").is_dir()
        assert json.loads((tmp_path / name / "experiment.json").read_text())["settings"]["lr"] == 2e-3
        log = [json.loads(line) for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        assert max(line["step"] for line in log) == 8
