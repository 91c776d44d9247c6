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


def test_the_twin_has_one_factor_of_the_same_size(tmp_path: Path) -> None:
    run(tmp_path, factors=1, size=6, warmup=5, precision="bf16", layers=2)
    model: Any = load(tmp_path / "model")
    assert model.code_size == 6 and len(model.transitions.layers) == 2


def test_clips_differ_by_split_and_seed() -> None:
    one, two = (read_clips(SequentialVAEExperiment("", **SMALL | {"seed": seed})) for seed in (0, 1))
    assert len(one[0]) == 60 and len(one[1]) == 20
    assert not np.array_equal(one[0], two[0]) and not np.array_equal(one[0][:20], one[1])


@pytest.mark.parametrize("wrong", [{"factors": 0}, {"variance": 0.0}])
def test_sizes_that_cannot_be(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="at least 1"):
        run(tmp_path, **wrong)
