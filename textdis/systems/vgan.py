"""A clip as one point: VGAN, Vondrick et al. (2016), the baseline of MoCoGAN's table.

One vector of noise becomes a clip of fixed length by convolutions through space and time, against one critic of clips.
The form is their one-stream generator: shape motion is one thing on black, so that no background is to be learnt. Its
trainer is MoCoGAN's without the image critic, so that both differ in the generator alone.

Axes: B clips, C colours, T frames, H and W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from textdis.core.model import Model
from textdis.nn.pictures import SMALLEST, channels
from textdis.systems.mocogan import MoCoGANObjective, noise


@dataclass(frozen=True)
class VGANConfig:
    """For 64 pixels and 32 frames as published: 100 numbers of noise, 64 channels before the last layer."""

    code: int = 100  # numbers of noise
    pixels: int = 64  # H = W
    colours: int = 3
    width: int = 64  # channels of the last layer but one, doubled by each before it
    frames: int = 16  # T: the first layer's frames, doubled by each other layer
    kinds: int = 0  # it knows none

    def __post_init__(self) -> None:
        layers = len(channels(self.pixels, 1))
        if self.frames < 1 or self.frames % 2**layers or self.kinds:
            raise ValueError(f"frames must be a multiple of {2**layers} for {self.pixels} pixels, and kinds 0")


class VGAN(Model):
    """See the module's first lines."""

    Config = VGANConfig
    config: VGANConfig

    def __init__(self, config: VGANConfig):
        super().__init__(config)
        c = config
        sizes, layers = channels(c.pixels, c.width)[::-1], list[nn.Module]()
        for i, (before, after) in enumerate(pairwise([c.code, *sizes])):
            first = (c.frames >> len(sizes), SMALLEST, SMALLEST)
            layer = nn.ConvTranspose3d(before, after, 4, 2, 1, bias=False) if i else nn.ConvTranspose3d(
                before, after, first, bias=False
            )  # fmt: skip
            layers += [layer, nn.BatchNorm3d(after), nn.ReLU(inplace=True)]
        layers += [nn.ConvTranspose3d(sizes[-1], c.colours, 4, 2, 1), nn.Tanh()]
        self.generator = nn.Sequential(*layers)
        for module in layers:
            if isinstance(module, nn.ConvTranspose3d):
                nn.init.normal_(module.weight, std=0.02)

    def show(self, codes: Tensor) -> Tensor:
        """[B, code] -> clips [B, C, T, H, W] in [-1, 1]"""
        clips: Tensor = self.generator(codes[:, :, None, None, None])
        return clips

    def sample(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Clips that nobody filmed. [B, C, T, H, W]. Raises ValueError: another length than it was trained for."""
        if frames != self.config.frames or label is not None:
            raise ValueError(f"this model makes clips of {self.config.frames} frames, without kinds of motion")
        return self.show(noise((count, self.config.code), self.device, generator))


class VGANObjective(MoCoGANObjective):
    """One critic, of clips."""

    def __init__(self, model: VGAN, **options: Any):
        super().__init__(model, image=False, **options)
