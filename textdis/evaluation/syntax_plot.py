"""A picture of a space of sentence codes: its two directions of most variance, and its neighbourhoods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.pictures import save_figure
from textdis.metrics.syntax import PROTOTYPES

NAMES = [*PROTOTYPES[:-1], "(empty)"]


def draw(codes: np.ndarray, categories: np.ndarray, path: str | Path, *, title: str, seed: int = 0) -> None:
    """Writes a picture of codes [N, D] by PCA and by t-SNE, a colour a prototype. Raises UserError where it cannot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(13, 7.6))
    for axis, (name, points) in zip(axes, projections(codes, seed).items(), strict=True):
        for number in np.unique(categories):
            own = points[categories == number]
            marker = "o^s"[number % 3]
            colour = plt.colormaps["tab20"](number / 20)
            axis.scatter(*own.T, s=14, marker=marker, color=colour, label=_short(NAMES[number]), linewidths=0)
        axis.set(title=name, xticks=[], yticks=[])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.suptitle(title)
    figure.legend(handles, labels, loc="lower center", ncols=3, markerscale=2, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.17, 1, 1))
    try:
        save_figure(figure, path, dpi=110)
    finally:
        plt.close(figure)


def projections(codes: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """[N, 2] by PCA, with the share of the variance it shows, and by t-SNE (of at most 30 principal components)."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    centred = np.asarray(codes, float) - np.mean(codes, axis=0)
    if centred.shape[1] < 2:
        centred = np.pad(centred, ((0, 0), (0, 1)))
    pca: Any = PCA(min(30, *centred.shape), random_state=seed)
    reduced = pca.fit_transform(centred)
    shown = np.nan_to_num(pca.explained_variance_ratio_[:2]).sum()
    perplexity = min(30.0, (len(codes) - 1) / 3)
    near = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    return {f"PCA ({shown:.0%} of the variance)": reduced[:, :2], "t-SNE": near}


def _short(name: str) -> str:
    return name if len(name) <= 42 else f"{name[:40]}..."
