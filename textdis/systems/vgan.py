"""A clip as one point: VGAN, Vondrick et al. (2016), the baseline of MoCoGAN's table.

One vector of noise becomes a clip of fixed length by convolutions through space and time, against one critic of clips.
The form is their one-stream generator: shape motion is one thing on black, so that no background is to be learnt. Its
trainer is MoCoGAN's without the image critic, so that both differ in the generator alone. `skip`: the clip is the sum
of what each layer shows, enlarged smoothly, as StyleGAN2's pictures are (Karras et al., 2020).

Axes: B clips, C colours, T frames, H and W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.model import Model
from textdis.nn.pictures import SMALLEST, channels, start_small
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
    skip: bool = False  # each layer shows a clip of its own size, and they are added

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
        start_small(self.generator)
        self.looks = nn.ModuleList(nn.Conv3d(size, c.colours, 1) for size in (sizes if c.skip else ()))

    def show(self, codes: Tensor) -> Tensor:
        """[B, code] -> clips [B, C, T, H, W] in [-1, 1]"""
        x, looks, sketch = codes[:, :, None, None, None], iter(self.looks), None
        *layers, squash = self.generator.children()
        for layer in layers:
            x = layer(x)
            if isinstance(layer, nn.ReLU) and self.looks:
                sketch = next(looks)(x) + (0 if sketch is None else enlarged(sketch))
        clips: Tensor = squash(x if sketch is None else x + enlarged(sketch))
        return clips

    def sample(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Clips that nobody filmed. [B, C, T, H, W]. Raises ValueError: another length than it was trained for."""
        if frames != self.config.frames or label is not None:
            raise ValueError(f"this model makes clips of {self.config.frames} frames, without kinds of motion")
        return self.show(noise((count, self.config.code), self.device, generator))


def enlarged(clips: Tensor) -> Tensor:
    """Twice as many frames, rows and columns, by straight lines between them."""
    return F.interpolate(clips, scale_factor=2, mode="trilinear")


class VGANObjective(MoCoGANObjective):
    """One critic, of clips."""

    def __init__(self, model: VGAN, **options: Any):
        super().__init__(model, image=False, **options)
