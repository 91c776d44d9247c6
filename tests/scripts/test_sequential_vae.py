"""The table of the sequential VAE goes on where it stopped, and its pictures are there."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from textdis.core.errors import UserError

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
import sequential_vae_pictures as pictures  # noqa: E402
import sequential_vae_table as script  # noqa: E402

TINY = {"recipe": "sprites", "clips": 40, "held_out": 10, "width": 2, "frames": 4, "size": 2, "hidden": 5}


def test_a_table_of_both_models_and_their_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "ROWS", {"tiny, factored": TINY, "tiny, entangled": TINY | {"factors": 1}})
    monkeypatch.setattr(script, "SCORED", 40)
    results = tmp_path / "lines.jsonl"

    for _ in range(2):
        script.main(tmp_path / "runs", results, None, [0], 2, False)
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [line["row"] for line in lines] == ["tiny, factored, 2 steps", "tiny, entangled, 2 steps"]
    assert "information_mean_gap" in lines[1]["scores"] and "information_mean_gap" not in lines[0]["scores"]
    rows = script.table(script.read(results)).splitlines()
    assert len(rows) == 4 and rows[2].startswith("| tiny, entangled, 2 steps | 1 |")
    assert len({line.count("|") for line in rows}) == 1

    factored, twin = (tmp_path / f"runs/tiny-{kind}-0-2/model" for kind in ("factored", "entangled"))
    monkeypatch.setattr(pictures, "CODED", 40)
    monkeypatch.setattr(pictures, "SEEN", 3)
    pictures.main(factored, twin, None, tmp_path / "drawn", "a_", 0)
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [
        "a_correlations.png", "a_forecast.png", "a_varied.gif", "a_varied.png",
    ]  # fmt: skip
    with pytest.raises(UserError, match="lines.jsonl: cannot be a folder"):
        pictures.main(factored, None, None, results, "", 0)


def test_a_row_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no row 'sprite'"):
        script.run("sprite", 0, tmp_path, 1)


def test_a_row_grows_from_another_of_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"small, factored": TINY | {"width": 4}, "large, factored": TINY | {"pixels": 64, "grow_from": "small"}}
    monkeypatch.setattr(script, "ROWS", rows)
    made = script.fit("large, factored", 3, tmp_path, 2)
    assert made.grow_from == str(tmp_path / "small-factored-3-2/model") and made.pixels == 64
    assert Path(made.grow_from).is_dir() and Path(made.output, "model").is_dir()
