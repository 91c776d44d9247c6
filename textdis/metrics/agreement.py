"""How far human raters agree beyond chance.

Axes: R raters, N items, V different values.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(ratings: np.ndarray, level: Level = "nominal") -> float:
    """Krippendorff's alpha (2011, "Computing Krippendorff's Alpha-Reliability"): 1 - observed / expected disagreement.

    ratings [R, N]: numbers, NaN where a rater left an item out; items of fewer than two ratings do not count.
    level: how far apart two values are: `nominal` equal or not, `ordinal` by how many ratings lie between,
    `interval` by the square of their difference. 1: all agree; 0: as chance would; below: worse than that.
    NaN where every rating is the same, for then none could disagree. Raises ValueError: another level, another shape,
    an infinite rating, or no item with two ratings.
    """
    ratings = np.asarray(ratings, dtype=float)
    if ratings.ndim != 2 or np.isinf(ratings).any():
        raise ValueError("ratings must be numbers [raters, items], NaN where one is missing")
    paired = ratings[:, (~np.isnan(ratings)).sum(0) >= 2]
    if not paired.size:
        raise ValueError("no item has two ratings, so there is nothing to agree on")
    values = np.unique(paired[~np.isnan(paired)])
    counts = (paired[:, :, None] == values).sum(0).astype(float)  # [N, V] how often an item was given a value
    raters = counts.sum(1)
    pairs = (counts.T / (raters - 1)) @ counts - np.diag((counts / (raters - 1)[:, None]).sum(0))  # [V, V] coincidences
    totals = pairs.sum(1)  # [V]
    distances = _distances(values, totals, level)
    expected = (np.outer(totals, totals) * distances).sum() / (totals.sum() - 1)
    return 1 - float((pairs * distances).sum() / expected) if expected else math.nan


def _distances(values: np.ndarray, totals: np.ndarray, level: Level) -> np.ndarray:
    """How far each value is from each other [V, V], squared."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "interval":
        return (values[:, None] - values) ** 2
    if level == "ordinal":
        middles = totals.cumsum() - totals / 2  # the mean rank of each value
        return (middles[:, None] - middles) ** 2
    raise ValueError(f"level {level!r}; it must be nominal, ordinal or interval")
