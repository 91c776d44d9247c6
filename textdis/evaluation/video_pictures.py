"""What the factors of a sequential VAE look like: strips of frames, and the correlations of codes.

Axes: N clips, T frames, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from textdis.evaluation.video_factors import read_codes
from textdis.systems.sequential_vae import SequentialVAE
from textdis.video.batches import collate, to_pixels

GAP, GREY = 1, 96  # pixels between frames, and their shade


def strips(clips: Sequence[np.ndarray]) -> np.ndarray:
    """Clips uint8 [T, H, W, 3], one below the other, time to the right; short ones end in grey. [rows, columns, 3]"""
    longest = max(map(len, clips))
    high, wide = (size + GAP for size in clips[0].shape[1:3])
    sheet = np.full((len(clips) * high + GAP, longest * wide + GAP, 3), GREY, np.uint8)
    for row, clip in enumerate(clips):
        for column, frame in enumerate(clip):
            top, left = row * high + GAP, column * wide + GAP
            sheet[top : top + high - GAP, left : left + wide - GAP] = frame
    return sheet


@torch.no_grad()
def varied(model: SequentialVAE, clips: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of each clip from its second frame: itself, its reconstruction, and each factor varied alone (figure 3)."""
    batch = collate(clips).to(model.device)
    rows = [to_pixels(batch.frames)[:, 1:], to_pixels(model.reconstruct(batch))[:, 1:]]
    rows += [to_pixels(model.vary(batch, factor, sample=False)) for factor in range(model.config.factors)]
    return [row[i] for i in range(len(clips)) for row in rows]


@torch.no_grad()
def forecast(model: SequentialVAE, clips: Sequence[np.ndarray], seen: int) -> list[np.ndarray]:
    """Of each clip: itself, and its first `seen` frames reconstructed with what the model says follows on them."""
    batch = collate([clip[:seen] for clip in clips]).to(model.device)
    ahead = len(clips[0]) - seen
    told = np.concatenate([to_pixels(model.reconstruct(batch)), to_pixels(model.forecast(batch, ahead))], 1)
    return [row for clip, own in zip(clips, told, strict=True) for row in (clip, own)]


def draw_correlations(path: str | Path, models: dict[str, SequentialVAE], clips: Sequence[np.ndarray]) -> None:
    """Writes a PNG: |r| of the codes of a frame (rows) with those of the next (columns), a square a model.

    The lines part the factors; of a twin the parts of its best partition.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * len(models), 3.4), dpi=90, layout="constrained")
    for axis, (name, model) in zip(figure.subplots(1, len(models), squeeze=False)[0], models.items(), strict=True):
        codes = read_codes(model, clips)
        image = axis.imshow(np.abs(codes.matrix), cmap="magma", vmin=0, vmax=1)
        for edge in np.cumsum([len(group) for group in codes.groups])[:-1]:
            axis.axhline(edge - 0.5, color="white", lw=0.8)
            axis.axvline(edge - 0.5, color="white", lw=0.8)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("code of the next frame", fontsize=8)
        axis.set_ylabel("code of a frame", fontsize=8)
        axis.tick_params(labelsize=6)
    figure.colorbar(image, ax=axis, label="|r|", shrink=0.8)
    figure.savefig(path)
