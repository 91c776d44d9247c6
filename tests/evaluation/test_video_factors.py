"""Scores of factors, on models whose codes a test knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from textdis.evaluation.video_factors import (
    bounds,
    factor_scores,
    forecast_errors,
    moved_planes,
    plane_scores,
    read_codes,
    told_places,
    without_time,
)
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig
from textdis.video.batches import collate

CONFIG = SequentialVAEConfig(size=2, pixels=16, width=2, features=3, hidden=5)


def clips(count: int = 60, frames: int = 6) -> list[np.ndarray]:
    """A red and a green column of pixels, each walking at a pace of its own around the frame. uint8 [T, 16, 16, 3]"""
    rng = np.random.default_rng(0)
    made = np.zeros((count, frames, 16, 16, 3), np.uint8)
    for clip, starts, paces in zip(made, rng.integers(0, 16, (count, 2)), rng.integers(1, 4, (count, 2)), strict=True):
        for t, frame in enumerate(clip):
            for plane, place in enumerate((starts + paces * t) % 16):
                frame[:, place, plane] = 255
    return list(made)


class Known:
    """Reads where each column is, as two numbers on a circle a plane, and draws it there: factors without a fault.

    mixed: its first number of either factor is of the other's column.
    """

    config, device = CONFIG, torch.device("cpu")

    def __init__(self, mixed: bool = False):
        self.order = [0, 3, 2, 1] if mixed else [0, 1, 2, 3]

    def eval(self) -> None:
        pass

    def infer(self, batch: Any) -> Any:
        place = batch.frames[:, :2, :, 0].argmax(-1).transpose(1, 2).float()  # [B, T, 2]
        angle = place * (2 * np.pi / 16)
        codes = torch.stack([angle.sin(), angle.cos()], -1).flatten(2)
        codes = codes + 0.01 * torch.randn_like(codes)
        return type("Inferred", (), {"codes": codes[..., self.order]})

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        sines, cosines = codes[..., self.order].unflatten(-1, (2, 2)).unbind(-1)
        place = (torch.atan2(sines, cosines) * (16 / (2 * np.pi))).round().long() % 16  # [B, T, 2]
        frames = torch.full((*codes.shape[:2], 3, 16, 16), -1.0)
        frames[:, :, :2] += 2.0 * torch.nn.functional.one_hot(place, 16)[:, :, :, None, :]
        return frames.transpose(1, 2)


def test_factors_without_a_fault_score_as_such() -> None:
    model: Any = Known()
    codes = read_codes(model, clips(400))
    assert codes.information["same"] > 0.8 and abs(codes.information["cross"]) < 0.15
    moved = moved_planes(model, codes)
    assert (moved > 0).tolist() == [[True, False, False], [False, True, False]]
    assert plane_scores(moved) == {"plane_share": 1.0, "plane_least": 1.0}


def test_mixed_factors_score_worse() -> None:
    clean, mixed = (read_codes(model, clips(400)) for model in (Known(), Known(mixed=True)))  # type: ignore[arg-type]
    assert mixed.information["gap"] < clean.information["gap"] - 0.5
    known: Any = Known(mixed=True)
    assert plane_scores(moved_planes(known, mixed))["plane_share"] < 0.7
    # told which numbers belong together, it is as good as the other
    again = read_codes(known, clips(400), groups=[np.array([0, 3]), np.array([1, 2])])
    assert again.information["gap"] > clean.information["gap"] - 0.3


def test_each_factor_tells_its_own_place() -> None:
    """Columns move and rows do not: the first factor tells the red one's, the other the green one's, no more."""
    model, own = Known(), clips(600)
    for clip, row in zip(own, np.random.default_rng(1).integers(0, 16, (len(own), 2)), strict=True):
        for plane in (0, 1):
            clip[:, np.arange(16) != row[plane], :, plane] = 0
            clip[:, 0, :, plane] = clip[:, row[plane], :, plane]  # which the model reads
    told = told_places(read_codes(model, own), own)  # type: ignore[arg-type]
    assert told.shape == (2, 4)
    assert told[0, 1] > 0.9 and told[1, 3] > 0.9
    assert told[0, 3] < 0.1 and told[1, 1] < 0.1 and told[:, [0, 2]].max() < 0.2


def test_without_time_nothing_is_told() -> None:
    shuffled = without_time(clips(400, 5))
    assert [len(clip) for clip in shuffled] == [5] * 400
    assert np.concatenate(shuffled).sum() == np.concatenate(clips(400, 5)).sum()
    information = read_codes(Known(), shuffled).information  # type: ignore[arg-type]
    assert abs(information["same"]) < 0.15 and abs(information["cross"]) < 0.15


def test_shares_of_planes_by_hand() -> None:
    """Both groups move mostly the first plane: one of them must take another. (0.9 + 0.4) / 2 > (0.1 + 0.6) / 2."""
    scores = plane_scores(np.array([[90, 10, 0], [60, 40, 0]]))
    assert scores == pytest.approx({"plane_share": 0.65, "plane_least": 0.4})
    assert plane_scores(np.array([[0, 0, 0], [0, 5, 0]])) == {"plane_share": 0.5, "plane_least": 0.0}
    many = plane_scores(np.array([[8, 2], [9, 1], [0, 5]]))
    assert many == pytest.approx({"plane_share": 0.9, "plane_least": 0.8})


def test_pairs_stay_within_a_clip_and_after_its_first_frame() -> None:
    own = clips(30, 6)
    own[3] = own[3][:3]
    codes = read_codes(Known(), own)  # type: ignore[arg-type]
    assert codes.drawn.shape == (30, 6, 4) and codes.lengths[3] == 3
    with pytest.raises(ValueError):
        read_codes(Known(), [clip[:2] for clip in own])  # type: ignore[arg-type]


@pytest.mark.parametrize("factors", [1, 2])
def test_all_scores_of_a_model(factors: int) -> None:
    torch.manual_seed(0)
    model = SequentialVAE(SequentialVAEConfig(factors, 4 // factors, 16, width=2, features=3, hidden=5))
    scores = factor_scores(model, clips(40))
    again = factor_scores(model, clips(40))
    assert scores == again
    assert scores["elbo"] == pytest.approx(-scores["nll"] - scores["kl"])
    assert scores["elbo_per_frame"] == pytest.approx(scores["elbo"] / 6)
    assert scores["information_gap"] == pytest.approx(scores["information_same"] - scores["information_cross"])
    assert ("information_mean_gap" in scores) == (factors == 1)
    assert 0 <= scores["plane_least"] <= scores["plane_share"] <= 1 and scores["repeat_error"] > 0


def test_the_bound_is_a_mean_over_clips_of_any_length() -> None:
    torch.manual_seed(0)
    model = SequentialVAE(CONFIG).eval()
    own = [clip[: 3 + i % 4] for i, clip in enumerate(clips(12))]
    torch.manual_seed(0)
    expected = sum(model.bound(collate(own)).values()).mean().item()  # type: ignore[union-attr]
    assert bounds(model, own)["elbo"] == pytest.approx(-expected, rel=1e-6)


def test_forecasts_are_held_against_a_clip_that_stands_still() -> None:
    """Still clips: repeating errs by nothing. A model that draws black errs by what is not black."""
    still = [np.broadcast_to(clip[:1], clip.shape) for clip in clips(5)]
    model: Any = Known()
    model.forecast = lambda batch, frames: -torch.ones(len(batch), 3, frames, 16, 16)
    errors = forecast_errors(model, still)
    assert errors["repeat_error"] == 0
    assert errors["forecast_error"] == pytest.approx(2 * 4 / 48)  # two columns of 16 x 16, in 3 planes
