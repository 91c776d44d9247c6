"""What the pipelines ask of models of clips. All methods run in eval mode, without gradients.

Axes: B clips, C colours, T frames, H and W pixels, Z numbers of a frame's code or content, M of motion, K factors.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from textdis.core.batch import ClipBatch


@runtime_checkable
class ClipModel(Protocol):
    """A model that makes clips."""

    config: Any  # with `pixels`, H = W

    def sample(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Clips that nobody filmed. [B, C, T, H, W] in [-1, 1]. Raises ValueError: a length that it cannot make."""
        ...


@runtime_checkable
class ClipReader(Protocol):
    """A model that sees clips and shows what it has seen."""

    config: Any

    def reconstruct(self, batch: ClipBatch) -> Tensor:
        """[B, C, T, H, W]; what stands at padding means nothing."""
        ...


@runtime_checkable
class ContentMotion(Protocol):
    """A model whose clips are one content and one motion, each drawn by itself: MoCoGAN."""

    config: Any

    def contents(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """[B, T, Z]"""
        ...

    def motions(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """label [B] int64: kinds of motion, for a model that knows some. [B, T, M]"""
        ...

    def show(self, content: Tensor, motion: Tensor) -> Tensor:
        """[B, C, T, H, W]"""
        ...


@runtime_checkable
class Factored(Protocol):
    """A model whose frames have codes of K factors of one size, each with a path of its own: the sequential VAE."""

    config: Any  # with `factors` and `size`

    def paths(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Codes of clips that nobody filmed. [B, T, Z]"""
        ...

    def decode(self, codes: Tensor) -> Tensor:
        """[B, T, Z] -> [B, C, T, H, W]"""
        ...
