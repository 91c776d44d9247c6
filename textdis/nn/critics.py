"""Convolutions that tell real pictures and clips from generated ones. B clips, C colours, K frames, H and W pixels.

DCGAN's without batch norm: a critic then judges every clip by itself, and real and generated ones in one pass. Each
layer may be bounded by spectral normalisation (Miyato et al., 2018). A bounded critic of something small on black is
nearly blind for its colour: ten pixels that are off by a tenth are an input off by 0.5 in norm.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from textdis.nn.pictures import SMALLEST, channels

SLOPE = 0.2  # of leaky ReLU
SHARP = 4.0  # of weights over places, before training: a thing weighs more than its ground, or less


class ImageCritic(nn.Module):
    """A vanilla CNN on single frames. [B, C, H, W] -> logits [B]"""

    def __init__(self, pixels: int, colours: int, width: int, *, spectral: bool = True):
        super().__init__()
        sizes, layers, bound = channels(pixels, width), list[nn.Module](), bounded(spectral)
        for before, after in pairwise([colours, *sizes]):
            layers += [bound(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(SLOPE, inplace=True)]
        layers.append(bound(nn.Conv2d(sizes[-1], 1, SMALLEST)))
        self.layers = nn.Sequential(*layers).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, frames: Tensor) -> Tensor:
        logits: Tensor = self.layers(frames.contiguous(memory_format=torch.channels_last))
        return logits.flatten()


class VideoCritic(nn.Module):
    """A spatio-temporal CNN on windows of `frames` frames: [B, C, K, H, W] -> logits [B, outputs, K - frames + 1].

    Time is neither padded nor strided, so that one pass over a longer clip judges each of its windows, in order.
    `at_once`: the first layer sees all frames of a window; else each layer sees some, which is dearer by far.
    `pooled`: channels of a second way that adds to the logits. What a frame holds, summed over its places, is compared
    over time, so that a thing that moves far between frames is seen to change or not; 0: there is none.
    """

    def __init__(
        self, pixels: int, frames: int, colours: int, width: int, outputs: int = 1, *, spectral: bool = True,
        at_once: bool = False, pooled: int = 0,
    ):  # fmt: skip
        super().__init__()
        sizes, layers, bound = channels(pixels, width), list[nn.Module](), bounded(spectral)
        self.frames, self.colours = frames, colours
        share = min(4, (frames - 1) // len(sizes) + 1)
        spans = [frames] + [1] * (len(sizes) - 1) if at_once else [share] * len(sizes)  # frames that a layer sees
        for span, (before, after) in zip(spans, pairwise([colours, *sizes]), strict=True):
            layer = nn.Conv3d(before, after, (span, 4, 4), (1, 2, 2), (0, 1, 1))
            layers += [bound(layer), nn.LeakyReLU(SLOPE, inplace=True)]
        left = frames - sum(spans) + len(spans)
        layers.append(bound(nn.Conv3d(sizes[-1], outputs, (left, SMALLEST, SMALLEST))))
        self.layers = nn.Sequential(*layers).to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self.pooled = Pooled(frames, colours, pooled, outputs, bound) if pooled else None

    def forward(self, clips: Tensor) -> Tensor:
        """Raises ValueError: clips shorter than a window, or axes in another order."""
        if clips.ndim != 5 or clips.shape[1] != self.colours:
            raise ValueError(f"clips {tuple(clips.shape)}: the axes are clips, {self.colours} colours, frames, H, W")
        if clips.shape[2] < self.frames:
            raise ValueError(f"clips of {clips.shape[2]} frames: this critic looks at {self.frames} at a time")
        clips = clips.contiguous(memory_format=torch.channels_last_3d)
        logits: Tensor = self.layers(clips).flatten(2)
        return logits if self.pooled is None else logits + self.pooled(clips)


class Pooled(nn.Module):
    """Sums over space, and a network over time. [B, C, K, H, W] -> [B, outputs, K - frames + 1]"""

    def __init__(
        self, frames: int, colours: int, width: int, outputs: int, bound: Callable[[nn.Module], nn.Module]
    ):  # fmt: skip
        super().__init__()
        self.look = bound(nn.Conv3d(colours, width, (1, 4, 4), (1, 2, 2), (0, 1, 1)))
        self.compare = bound(nn.Conv1d(width, 4 * width, frames))
        self.judge = bound(nn.Conv1d(4 * width, outputs, 1))

    def forward(self, clips: Tensor) -> Tensor:
        held = F.leaky_relu(self.look(clips), SLOPE)
        side = held.shape[-1]
        held = held.sum((3, 4)) / side  # things are small: a mean would hide them
        logits: Tensor = self.judge(F.leaky_relu(self.compare(held), SLOPE))
        return logits


class DriftCritic(nn.Module):
    """How far what a frame shows lies from what its window shows. [B, C, K, H, W] -> logits [B, 1, K - frames + 1]

    What a frame shows is a mean over its places, weighted by a map that is learnt: of a thing's colours, say, however
    large it is and wherever. What keeps its looks differs by next to nothing (strides fall otherwise as it moves),
    so that a small, slow change, which other critics hardly see, can be `enlarged` without their seeing all else so.
    """

    def __init__(self, frames: int, colours: int, width: int, enlarged: float, *, spectral: bool = True):
        super().__init__()
        bound = bounded(spectral)
        self.frames, self.enlarged = frames, enlarged
        self.look = bound(nn.Conv3d(colours, 2 * width, (1, 4, 4), (1, 2, 2), (0, 1, 1)))
        self.widen = bound(nn.Conv1d(width, 4 * width, 1))
        self.judge = bound(nn.Conv1d(4 * width, 1, 1))

    def forward(self, clips: Tensor) -> Tensor:
        clips = clips.contiguous(memory_format=torch.channels_last_3d)
        shown, where = self.look(clips).flatten(3).chunk(2, 1)
        means = (F.leaky_relu(shown, SLOPE) * (SHARP * where).softmax(-1)).sum(-1)
        windows = means.unfold(2, self.frames, 1)  # [B, width, K - frames + 1, frames]
        away = (windows - windows.mean(-1, keepdim=True)).abs().mean(-1)
        logits: Tensor = self.judge(F.leaky_relu(self.widen(self.enlarged * away), SLOPE))
        return logits


def realness(logits: Tensor) -> Tensor:
    """Of a critic's outputs the first, which tells real from generated. [B] or [B, outputs, K] -> [B] or [B, K]"""
    return logits if logits.ndim == 1 else logits[:, 0]


def one_frame(clips: Tensor) -> Tensor:
    """A frame drawn from each clip on its own. [B, C, T, H, W] -> [B, C, H, W]"""
    rows = torch.arange(len(clips), device=clips.device)
    return clips[rows, :, torch.randint(clips.shape[2], (len(clips),), device=clips.device)]


def shown(critic: nn.Module, clips: Tensor) -> Tensor:
    """What a critic sees of clips [B, C, T, H, W]: a critic of single frames one of each."""
    return one_frame(clips) if isinstance(critic, ImageCritic) else clips


def bounded(spectral: bool) -> Callable[[nn.Module], nn.Module]:
    """What is done to each layer: spectral normalisation, or nothing."""
    return spectral_norm if spectral else lambda layer: layer
