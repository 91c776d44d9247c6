"""The curves of `evaluation/traversal.py` as a figure, and as figures at one share of flipped sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.pictures import save_figure

WAYS = {
    "mmd": ("#b2182b", "o"),
    "mmd, nearest": ("#f4a582", "v"),
    "mean difference": ("#2166ac", "s"),
    "random": ("#777777", "^"),
}
FLIPPED = "accuracy_linear"
SCORES = {FLIPPED: "flipped (linear judge)", "nouns_kept": "nouns kept", "perplexity_ratio": "perplexity / real text"}
Rows = Sequence[Mapping[str, Any]]


def curve(rows: Rows, way: str, score: str) -> np.ndarray:
    """A score of one way of moving by random seed and budget, budgets rising. [seeds, budgets]; empty without any."""
    own = {(row["seed"], row["budget"]): row[score] for row in rows if row["way"] == way and "budget" in row}
    seeds, budgets = (sorted({key[i] for key in own}) for i in (0, 1))
    return np.array([[own[seed, budget] for budget in budgets] for seed in seeds])


def at_flipped(rows: Rows, way: str, score: str, share: float) -> list[float]:
    """The score where `share` of the sentences is flipped, by random seed, on the line between neighbouring budgets."""
    flipped, values = curve(rows, way, FLIPPED)[:, ::-1], curve(rows, way, score)[:, ::-1]
    return [
        float(np.interp(share, np.maximum.accumulate(x), y)) if x.max() >= share else float("nan")
        for x, y in zip(flipped, values, strict=True)
    ]


def draw_curves(path: str | Path, data: Mapping[str, Rows]) -> None:
    """Draws rows by data set: a row each, scores against lambda, and at the end flipped against nouns kept.

    Lines are means over random seeds, bars reach from the least to the greatest. The dotted line is the sentence of
    the unmoved code, the dashed one the source itself. Raises UserError where it cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.1 * (len(SCORES) + 1), 2.8 * len(data)), dpi=110, layout="constrained")
    grid = figure.subplots(len(data), len(SCORES) + 1, squeeze=False)
    for axes, (name, rows) in zip(grid, data.items(), strict=True):
        for axis, (score, heading) in zip(axes, SCORES.items(), strict=False):
            _against_budget(axis, rows, score)
            axis.set_title(f"{name}: {heading}", fontsize=9)
        axes[len(SCORES) - 1].set_yscale("log")
        _against_nouns(axes[-1], rows)
        axes[-1].set_title(f"{name}: flipped, by nouns kept", fontsize=9)
        for axis in axes:
            axis.tick_params(labelsize=7)
    grid[0][0].legend(fontsize=7, frameon=False)
    save_figure(figure, path)


def _against_budget(axis: Any, rows: Rows, score: str) -> None:
    budgets = sorted({row["budget"] for row in rows if "budget" in row})
    for way, (colour, mark) in WAYS.items():
        if len(found := curve(rows, way, score)):
            means = found.mean(0)
            bars = [means - found.min(0), found.max(0) - means]
            options = {"color": colour, "marker": mark, "ms": 3, "lw": 1, "capsize": 2, "label": way}
            axis.errorbar(np.arange(len(means)), means, bars, **options)
    for way, style in (("reconstruction", ":"), ("copy", "--")):
        axis.axhline(np.mean([row[score] for row in rows if row["way"] == way]), color="black", lw=0.8, ls=style)
    axis.set_xticks(np.arange(len(budgets)), [f"{budget:g}" for budget in budgets], rotation=60)
    axis.set_xlabel("lambda", fontsize=8)


def _against_nouns(axis: Any, rows: Rows) -> None:
    for way, (colour, mark) in WAYS.items():
        if len(found := curve(rows, way, "nouns_kept")):
            axis.plot(found.mean(0), curve(rows, way, FLIPPED).mean(0), color=colour, marker=mark, ms=3, lw=1)
    axis.set_xlabel("nouns kept", fontsize=8)
