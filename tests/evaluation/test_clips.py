"""Scores of generated clips, with models whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data_recipes.clips import Clips, load_clips
from textdis.evaluation.clips import FactorJudge, clip_scores, fit_judge, generate, swap_scores
from textdis.systems.clip_classifier import ClipClassifier, ClipClassifierConfig


class Painter(torch.nn.Module):
    """Content is the colour of a square, motion its column: a model that takes both perfectly apart."""

    def contents(self, count: int, frames: int, *, generator: torch.Generator) -> torch.Tensor:
        return torch.rand(count, 1, 3, generator=generator).expand(-1, frames, -1) / 2 + 0.5

    def motions(self, count: int, frames: int, *, generator: torch.Generator) -> torch.Tensor:
        return torch.stack([torch.randint(0, 11, (count, frames), generator=generator) for _ in range(2)], -1)

    def show(self, content: torch.Tensor, motion: torch.Tensor) -> torch.Tensor:
        clips = -torch.ones(*motion.shape[:2], 16, 16, 3)
        for n, t in np.ndindex(*motion.shape[:2]):
            row, column = motion[n, t].tolist()
            clips[n, t, row : row + 5, column : column + 5] = content[n, t]
        return clips.permute(0, 4, 1, 2, 3)

    def sample(self, count: int, frames: int, *, generator: torch.Generator) -> torch.Tensor:
        content = self.contents(count, frames, generator=generator)
        return self.show(content, self.motions(count, frames, generator=generator))


def test_swaps_of_a_perfect_model() -> None:
    scores = swap_scores(Painter(), 70, 4)
    assert scores["content_path"] == pytest.approx(1) and scores["content_colour"] > 20
    assert abs(scores["motion_path"]) < 0.2 and scores["motion_colour"] < 1e-9


def test_clips_are_the_same_for_a_random_seed() -> None:
    first, second, other = (generate(Painter(), 70, 3, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (70, 3, 16, 16, 3) and np.array_equal(first, second) and not np.array_equal(first, other)


def test_a_judge_learns_and_says_how_well() -> None:
    made = load_clips("bezier_shapes", pixels=16, frames=4, counts=(200, 60, 60))
    judge = fit_judge(made["train"], made["dev"], ["motion"], steps=40)
    assert judge.held_out["motion"] > 0.9
    blank = Clips(np.zeros_like(made["dev"].frames), made["dev"].factors)
    found = judge.factors(blank.frames)["motion"]
    assert found.shape == (60, 2) and np.allclose(found, found[0]) and np.allclose(found.sum(1), 1)


def test_scores_of_real_and_of_still_clips() -> None:
    made = load_clips("bezier_shapes", pixels=16, frames=4, counts=(5, 40, 40))
    torch.manual_seed(0)
    model = ClipClassifier(ClipClassifierConfig((2, 2), 16, 4, width=2, features=5)).eval()
    judge = FactorJudge(model, ("motion", "shape"), {})
    real = clip_scores(made["dev"].frames, made["test"].frames, judge)
    assert real["acd"] < 1 and 0.8 < real["path_ratio"] < 1.25 and sum(real["motion_shares"]) == pytest.approx(1)
    still = clip_scores([np.repeat(clip[:1], 4, 0) for clip in made["dev"].frames], made["test"].frames, judge)
    assert still["acd"] == 0 and still["path_ratio"] == 0  # so that content distance alone cannot win
    same = clip_scores(made["test"].frames, made["test"].frames, judge)
    assert same["frechet"] == pytest.approx(0, abs=1e-6) and same["path_ratio"] == 1


def test_factors_are_sums_of_the_joint_label() -> None:
    torch.manual_seed(0)
    model = ClipClassifier(ClipClassifierConfig((2, 3), 16, 4, width=2, features=5)).eval()
    clips = torch.randn(7, 3, 6, 16, 16)
    joint = model(clips).softmax(-1).view(7, 2, 3)
    first, second = model.factors(clips)
    assert torch.allclose(first, joint.sum(2)) and torch.allclose(second, joint.sum(1))
    with pytest.raises(ValueError, match="3 frames"):
        model(clips[:, :, :3])
