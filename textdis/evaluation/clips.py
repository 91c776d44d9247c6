"""Scores of generated clips: content distance with the motion beside it, what a judge of factors sees, and swaps.

Axes: N clips, T frames, D features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data_recipes.clips import Clips
from textdis.core.schedule import warmup_cosine
from textdis.metrics.video import colour_distance, content_distance, frechet_distance, path_correlation, path_length
from textdis.systems.clip_classifier import ClipClassifier, ClipClassifierConfig, ClipClassifierObjective
from textdis.training.trainer import Trainer, TrainerConfig
from textdis.video.batches import clip_batches, once, to_pixels

BATCH = 64  # clips
Frames = Sequence[np.ndarray] | np.ndarray  # N times uint8 [T, H, W, 3]


@dataclass(frozen=True)
class FactorJudge:
    """A classifier of factors, and how often it is right on real held-out clips."""

    model: ClipClassifier
    names: tuple[str, ...]  # of the factors
    held_out: dict[str, float]  # accuracy by factor

    @torch.no_grad()
    def factors(self, clips: Frames) -> dict[str, np.ndarray]:
        """The probabilities of each factor's values. -> name: [N, V]"""
        parts = [self.model.factors(batch.frames) for batch in once(list(clips), batch_size=BATCH)]
        return {name: torch.cat([p[i] for p in parts]).numpy() for i, name in enumerate(self.names)}

    @torch.no_grad()
    def features(self, clips: Frames) -> np.ndarray:
        """[N, D], whose distributions a Frechet distance compares."""
        return torch.cat([self.model.features(batch.frames) for batch in once(list(clips), batch_size=BATCH)]).numpy()


def fit_judge(
    train: Clips, held_out: Clips, names: Sequence[str] = ("motion", "shape"), *, steps: int = 400,
    output: str | Path | None = None, seed: int = 0,
) -> FactorJudge:  # fmt: skip
    """Trains a judge on real clips, all of one size, and says how well it does on others."""
    values = tuple(int(train.factors[name].max()) + 1 for name in names)
    labels = np.ravel_multi_index([train.factors[name] for name in names], values)
    frames, pixels = train.frames[0].shape[:2]
    torch.manual_seed(seed)
    model = ClipClassifier(ClipClassifierConfig(values, pixels, frames))
    objective = ClipClassifierObjective(model, schedule=warmup_cosine(20, steps))
    trainer = Trainer(objective, TrainerConfig(steps, device="cpu", seed=seed), output)
    trainer.fit(clip_batches(train.frames, labels, batch_size=32, seed=seed))
    judge = FactorJudge(model.eval(), tuple(names), {})
    found = judge.factors(held_out.frames)
    judge.held_out.update({n: float((p.argmax(1) == held_out.factors[n]).mean()) for n, p in found.items()})
    return judge


def clip_scores(clips: Frames, real: Frames, judge: FactorJudge) -> dict[str, Any]:
    """Scores of generated clips against as many real ones, all uint8 [T, H, W, 3].

    `path_ratio`: the way generated shapes go, over that of real ones. `NAME_sure`: the mean probability of what the
    judge takes a clip for; `NAME_shares`: how often it takes it for each value.
    """
    scores: dict[str, Any] = content_distance(clips) | path_length(clips)
    scores["path_ratio"] = scores["path"] / path_length(real)["path"]
    for name, probabilities in judge.factors(clips).items():
        scores[f"{name}_sure"] = float(probabilities.max(1).mean())
        counts = np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1])
        scores[f"{name}_shares"] = (counts / len(clips)).round(4).tolist()
    return scores | {"frechet": frechet_distance(judge.features(clips), judge.features(real))}


@torch.no_grad()
def generate(model: Any, count: int, frames: int, *, seed: int = 0) -> np.ndarray:
    """uint8 [N, T, H, W, 3], the same for a random seed on every device."""
    rng = torch.Generator().manual_seed(seed)
    parts = [min(BATCH, count - start) for start in range(0, count, BATCH)]
    return np.concatenate([to_pixels(model.eval().sample(part, frames, generator=rng)) for part in parts])


@torch.no_grad()
def swap_scores(model: Any, count: int, frames: int, *, seed: int = 0) -> dict[str, float]:
    """What changes where one of content and motion is swapped, the other kept.

    `content_colour`, `motion_colour`: how far colours are apart, 0 to 255; `content_path`, `motion_path`: how alike the
    ways are, -1 to 1. Content swapped must change the colour and keep the way; motion swapped the reverse.
    """
    rng = torch.Generator().manual_seed(seed)
    contents = [model.eval().contents(count, frames, generator=rng) for _ in range(2)]
    motions = [model.motions(count, frames, generator=rng) for _ in range(2)]
    clips = _shown(model, contents[0], motions[0])
    scores = {}
    for name, content, motion in (("content", contents[1], motions[0]), ("motion", contents[0], motions[1])):
        other = _shown(model, content, motion)
        scores[f"{name}_colour"] = colour_distance(clips, other)
        scores[f"{name}_path"] = path_correlation(clips, other)
    return scores


def _shown(model: Any, content: Tensor, motion: Tensor) -> np.ndarray:
    pairs = zip(content.split(BATCH), motion.split(BATCH), strict=True)
    return np.concatenate([to_pixels(model.show(*pair)) for pair in pairs])
