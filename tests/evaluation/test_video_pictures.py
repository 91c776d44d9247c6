"""Pictures of factors: each pixel where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from textdis.evaluation.video_pictures import draw_correlations, forecast, varied
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig

CLIPS = [np.random.default_rng(seed).integers(0, 256, (6, 16, 16, 3), np.uint8) for seed in range(25)]


def vae(factors: int = 3) -> SequentialVAE:
    torch.manual_seed(0)
    config = SequentialVAEConfig(factors, 6 // factors, pixels=16, width=2, features=3, hidden=5)
    return SequentialVAE(config).eval()


def test_rows_of_varied_factors() -> None:
    """A clip, its reconstruction, three factors: the held frame, the first of each row, is the reconstruction's."""
    rows = varied(vae(), CLIPS[:2])
    assert rows.shape == (2, 5, 5, 16, 16, 3)
    assert np.array_equal(rows[1, 0], CLIPS[1][1:])
    assert np.abs(rows[1, 2:, 0].astype(int) - rows[1, 1, 0]).max() <= 1


def test_a_forecast_sees_what_it_may_see_only() -> None:
    other = [np.concatenate([CLIPS[0][:4], CLIPS[1][4:]])]
    first, second = forecast(vae(), CLIPS[:1], 4)[0], forecast(vae(), other, 4)[0]
    assert first.shape == (2, 6, 16, 16, 3) and np.array_equal(first[0], CLIPS[0])
    assert np.array_equal(first[1], second[1]) and not np.array_equal(first[0], second[0])


def test_correlations_are_drawn(tmp_path: Path) -> None:
    draw_correlations(tmp_path / "r.png", {"factored": vae(), "entangled": vae(1)}, CLIPS)
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
