"""What the factors of a sequential VAE look like: clips for `video/write.py`, and the correlations of codes.

Axes: N clips, R rows for each, T frames, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from textdis.core.pictures import save_figure
from textdis.evaluation.video_factors import read_codes
from textdis.systems.sequential_vae import SequentialVAE
from textdis.video.batches import collate, to_pixels


@torch.no_grad()
def varied(model: SequentialVAE, clips: Sequence[np.ndarray]) -> np.ndarray:
    """Of each clip from its second frame: itself, its reconstruction, and each factor varied alone (figure 3).

    uint8 [N, R, T - 1, H, W, 3]. The clips are of one length.
    """
    batch = collate(clips).to(model.device)
    rows = [to_pixels(batch.frames)[:, 1:], to_pixels(model.reconstruct(batch))[:, 1:]]
    rows += [to_pixels(model.vary(batch, factor, sample=False)) for factor in range(model.config.factors)]
    return np.stack(rows, 1)


@torch.no_grad()
def forecast(model: SequentialVAE, clips: Sequence[np.ndarray], seen: int) -> np.ndarray:
    """Of each clip: itself, and its first `seen` frames reconstructed with what the model says follows on them.

    uint8 [N, 2, T, H, W, 3]. The clips are of one length.
    """
    batch = collate([clip[:seen] for clip in clips]).to(model.device)
    ahead = len(clips[0]) - seen
    told = np.concatenate([to_pixels(model.reconstruct(batch)), to_pixels(model.forecast(batch, ahead))], 1)
    return np.stack([np.stack(list(clips)), told], 1)


def draw_correlations(path: str | Path, models: dict[str, SequentialVAE], clips: Sequence[np.ndarray]) -> None:
    """Draws |r| of the codes of a frame (rows) with those of the next (columns), a square a model.

    The lines part the factors; of a twin the parts of its best partition. Raises UserError where it cannot be written.
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
    save_figure(figure, path)
