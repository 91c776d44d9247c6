"""The curves of `evaluation/traversal.py` as a figure: a row a data set, a column a score, a line a way of moving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

WAYS = {
    "mmd": ("#b2182b", "o"),
    "mmd, nearest": ("#f4a582", "v"),
    "mean difference": ("#2166ac", "s"),
    "random": ("#777777", "^"),
}
COLUMNS = {
    "accuracy_linear": "flipped (linear judge)",
    "nouns_kept": "nouns kept",
    "self_bleu": "BLEU against the source",
    "perplexity_ratio": "perplexity / real text",
}


def draw_curves(path: str | Path, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Writes a PNG of rows by data set: means over random seeds against lambda, bars from the least to the greatest.

    The dotted line is the unmoved code's sentence, the dashed one the source itself.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.1 * len(COLUMNS), 2.7 * len(data)), dpi=110, layout="constrained")
    grid = figure.subplots(len(data), len(COLUMNS), squeeze=False)
    for axes, (name, rows) in zip(grid, data.items(), strict=True):
        for axis, (score, heading) in zip(axes, COLUMNS.items(), strict=True):
            _draw(axis, rows, score)
            axis.set_title(f"{name}: {heading}", fontsize=9)
            axis.tick_params(labelsize=7)
            if score == "perplexity_ratio":
                axis.set_yscale("log")
    for axis in grid[-1]:
        axis.set_xlabel("lambda", fontsize=8)
    grid[0][0].legend(fontsize=7, frameon=False)
    figure.savefig(path)


def _draw(axis: Any, rows: Sequence[Mapping[str, Any]], score: str) -> None:
    budgets = sorted({row["budget"] for row in rows if "budget" in row})
    places = np.arange(len(budgets))
    for way, (colour, mark) in WAYS.items():
        found = [[row[score] for row in rows if (row["way"], row.get("budget")) == (way, b)] for b in budgets]
        if not all(found):
            continue
        means = [np.mean(own) for own in found]
        bars = [[mean - min(own) for mean, own in zip(means, found, strict=True)]]
        bars += [[max(own) - mean for mean, own in zip(means, found, strict=True)]]
        axis.errorbar(places, means, bars, color=colour, marker=mark, ms=3, lw=1, capsize=2, label=way)
    for way, style in (("reconstruction", ":"), ("copy", "--")):
        axis.axhline(np.mean([row[score] for row in rows if row["way"] == way]), color="black", lw=0.8, ls=style)
    axis.set_xticks(places, [f"{budget:g}" for budget in budgets], rotation=60)
