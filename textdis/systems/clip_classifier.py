"""What a clip shows, told by a CNN trained on real clips: the judge of generated ones.

DCGAN's encoder sees each frame, and one convolution a whole window of what it tells. Several factors are one label, all
their combinations, so that each factor's probabilities are sums.

Axes: B clips, C colours, T frames, H and W pixels, D features.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import ClipBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import label_nll
from textdis.nn.pictures import picture_encoder

ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=2e-3)


@dataclass(frozen=True)
class ClipClassifierConfig:
    values: tuple[int, ...]  # how many values each factor has; their product is the number of labels
    pixels: int = 64
    frames: int = 16  # a window; of longer clips features are a mean over windows
    colours: int = 3
    width: int = 16
    features: int = 64


class ClipClassifier(Model):
    """Logits [B, labels] of clips [B, C, T, H, W]."""

    Config = ClipClassifierConfig
    config: ClipClassifierConfig

    def __init__(self, config: ClipClassifierConfig):
        super().__init__(config)
        c = config
        self.see = picture_encoder(c.pixels, c.colours, c.width, c.features)
        self.follow = nn.Conv1d(c.features, c.features, c.frames)
        self.out = nn.Linear(c.features, prod(c.values))

    def features(self, clips: Tensor) -> Tensor:
        """[B, C, T, H, W] -> [B, D]. Raises ValueError: fewer frames than a window."""
        if clips.shape[2] < self.config.frames:
            raise ValueError(f"clips of {clips.shape[2]} frames: this classifier looks at {self.config.frames}")
        frames = clips.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        seen = self.see(frames).unflatten(0, (len(clips), -1)).transpose(1, 2)  # [B, D, T]
        return F.leaky_relu(self.follow(seen), 0.2).mean(-1)

    def forward(self, clips: Tensor) -> Tensor:
        logits: Tensor = self.out(self.features(clips))
        return logits

    def factors(self, clips: Tensor) -> list[Tensor]:
        """The probabilities of each factor's values. [B, C, T, H, W] -> as many [B, V] as there are factors"""
        joint = self(clips).softmax(-1).unflatten(-1, self.config.values)
        axes = range(1, joint.ndim)
        return [joint.sum([a for a in axes if a != own]) if joint.ndim > 2 else joint for own in axes]


class ClipClassifierObjective(Objective):
    """Cross entropy of the label, in nats."""

    def __init__(self, model: ClipClassifier, *, optimizer: OptimizerFactory = ADAM, schedule: Schedule | None = None):
        super().__init__(model)
        self.optimizer, self.schedule = optimizer, schedule

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model, optimizer=self.optimizer, schedule=self.schedule)}

    def turns(self, batches: Iterator[ClipBatch], step: int) -> Iterator[Turn]:
        batch = next(batches)
        if batch.label is None:
            raise ValueError("a batch without labels: a classifier needs clips whose factors are known")
        yield Turn("model", {"nll": label_nll(self.model(batch.frames), batch.label)})
