"""Clips to batches of windows, endlessly, and exactly resumable: the same iterator as sentences have.

Axes: N clips, T frames of a clip, B clips of a batch, C colours, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch

from textdis.core.batch import ClipBatch
from textdis.core.errors import UserError
from textdis.text.batches import Batches


def clip_batches(
    clips: Sequence[np.ndarray],
    labels: Sequence[int] | np.ndarray | None = None,
    *,
    batch_size: int,
    frames: int | None = None,
    seed: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Batches:
    """An endless iterator of `ClipBatch`; `Batches` describes order, processes and how it resumes.

    clips: N arrays uint8 [T, H, W, C], T may differ. frames: consecutive frames a window, whose first is drawn anew
    each time; None: whole clips, padded by their last frame. Raises UserError for a clip that has too few frames.
    """
    lengths = [len(clip) for clip in clips]
    if frames is not None and min(lengths, default=frames) < frames:
        short = int(np.argmin(lengths))
        raise UserError(
            f"clip {short} has {lengths[short]} frames, windows take {frames}; leave it out or ask for less"
        )
    own = None if labels is None else np.asarray(labels, np.int64)
    return Batches(
        [range(length) for length in lengths], own, batch_size=batch_size, seed=seed, rank=rank, world=world,
        transform=partial(_windows, clips, own, frames),
    )  # fmt: skip


def once(
    clips: Sequence[np.ndarray],
    labels: Sequence[int] | np.ndarray | None = None,
    *,
    batch_size: int = 64,
    frames: int | None = None,
) -> Iterator[ClipBatch]:
    """Every clip once, in order: its first `frames` frames, or all of them."""
    own = None if labels is None else np.asarray(labels, np.int64)
    for start in range(0, len(clips), batch_size):
        rows = np.arange(start, min(start + batch_size, len(clips)))
        windows = [clips[int(i)][:frames] for i in rows]
        yield collate(windows, None if own is None else own[rows])


def collate(clips: Sequence[np.ndarray], labels: np.ndarray | None = None) -> ClipBatch:
    """B arrays uint8 [T, H, W, C] -> frames [B, C, T, H, W] in [-1, 1], short clips padded by their last frame."""
    lengths = np.fromiter(map(len, clips), np.int64, len(clips))
    steps = np.minimum(np.arange(lengths.max()), lengths[:, None] - 1)  # [B, T]
    pixels = torch.from_numpy(np.stack([clip[own] for clip, own in zip(clips, steps, strict=True)]))
    return ClipBatch(
        pixels.permute(0, 4, 1, 2, 3).float().div_(127.5).sub_(1.0),
        torch.from_numpy(lengths),
        None if labels is None else torch.as_tensor(labels),
    )


def to_pixels(frames: torch.Tensor) -> np.ndarray:
    """Frames [B, C, T, H, W] in [-1, 1] -> uint8 [B, T, H, W, C]; what lies outside is cut."""
    pixels = frames.detach().clamp(-1.0, 1.0).add(1.0).mul(127.5).round()
    return pixels.to(torch.uint8).permute(0, 2, 3, 4, 1).cpu().numpy()


def _windows(
    clips: Sequence[np.ndarray], labels: np.ndarray | None, frames: int | None,
    rows: np.ndarray, rng: np.random.Generator,
) -> ClipBatch:  # fmt: skip
    chosen = [clips[int(i)] for i in rows]
    if frames is not None:
        starts = [int(rng.integers(len(clip) - frames + 1)) for clip in chosen]
        chosen = [clip[start : start + frames] for clip, start in zip(chosen, starts, strict=True)]
    return collate(chosen, None if labels is None else labels[rows])
