"""The table of MoCoGAN: means over random seeds, of the lines that are there."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from textdis.experiments.mocogan import MoCoGANExperiment, make_objective

SCRIPT = Path(__file__).parents[2] / "scripts" / "video_table.py"


def script() -> Any:
    found = importlib.util.spec_from_file_location("video_table", SCRIPT)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_means_over_random_seeds(tmp_path: Path) -> None:
    own = {"empty_share": 0.5, "path": 0.8, "path_ratio": 1.0, "motion_sure": 0.9, "shape_sure": 0.7, "frechet": 3.0}
    lines = [
        {"row": "MoCoGAN", "seed": seed, "cpu_minutes": 2.0, "scores": own | {"acd": acd},
         "swaps": {"content_colour": 40.0, "content_path": 0.9, "motion_colour": 2.0, "motion_path": 0.1}}
        for seed, acd in ((1, 4.0), (0, 2.0))
    ]  # fmt: skip
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    table = script()
    done = table.read(tmp_path / "x.jsonl")
    assert set(done) == {("MoCoGAN", 0), ("MoCoGAN", 1)} and table.read(tmp_path / "none") == {}
    row = table.table(done).splitlines()[2]
    assert row.startswith("| MoCoGAN | 3.00 (2.00, 4.00) | 50.00 | 0.80 | 1.00 |")
    assert row.endswith("| 40.00, 0.90 | 2.00, 0.10 | 2.00 |")


def test_a_row_of_what_is_missing(tmp_path: Path) -> None:
    scores = {"acd": 0.0, "empty_share": 0.0}
    shown = script().table({("real clips", 0): {"row": "real clips", "seed": 0, "scores": scores}})
    assert shown.splitlines()[2].startswith("| real clips | 0.00 | 0.00 | - |")


def test_a_row_before_training_scores_random_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table, seen = script(), []
    monkeypatch.setattr(table, "_scored", lambda model, output, *, swaps: seen.append((model, swaps)) or {"scores": {}})
    assert table._run(table.UNTRAINED, 3, tmp_path) == {"steps": 0, "scores": {}}
    (model, swaps), first = seen[0], make_objective(MoCoGANExperiment("", seed=3)).model.state_dict()
    assert swaps and all(torch.equal(value, first[name]) for name, value in model.state_dict().items())
