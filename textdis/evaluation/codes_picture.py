"""Codes in the plane of their first two principal components, with moves as arrows: Larsson et al. (2017), figure 2.

Axes: N codes, B moved codes, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

COLOURS = ("#b2182b", "#2166ac", "#f4a582", "#92c5de", "#762a83", "#1b7837")  # of groups; legible without red or green
MARKS = ("o", "s", "^", "D", "v", "P")


class Plane:
    """The first two principal components of codes [N, D]."""

    def __init__(self, codes: np.ndarray):
        self.mean = codes.mean(0)
        _, values, rows = np.linalg.svd(codes - self.mean, full_matrices=False)
        self.axes = rows[:2]  # [2, D]
        self.shares = (values**2 / (values**2).sum())[:2]  # of the variance

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """[B, D] -> [B, 2]"""
        return (codes - self.mean) @ self.axes.T


def draw_codes(
    path: str | Path, groups: dict[str, np.ndarray], before: np.ndarray, after: np.ndarray, *, title: str = ""
) -> None:
    """Writes a PNG: the codes [N, D] of each group by its name, and arrows from the rows of `before` [B, D] to `after`.

    The plane is that of the groups; moves are projected onto it, so that what leaves it is not seen. Raises ValueError
    for fewer than three codes.
    """
    from matplotlib.figure import Figure

    everything = np.concatenate(list(groups.values()))
    if len(everything) < 3:
        raise ValueError(f"{len(everything)} codes span no plane; give three at least")
    plane = Plane(everything)
    figure = Figure(figsize=(7, 5.5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for i, (name, codes) in enumerate(groups.items()):
        style: dict[str, Any] = {
            "s": 16,
            "alpha": 0.55,
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKS[i % len(MARKS)],
        }
        axes.scatter(*plane(codes).T, label=name, linewidths=0, **style)
    for start, end in zip(plane(before), plane(after), strict=True):
        axes.annotate(
            "", end, start, arrowprops={"arrowstyle": "->", "color": "black", "lw": 1.1, "shrinkA": 0, "shrinkB": 0}
        )
    axes.set_xlabel(f"first principal component ({plane.shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second ({plane.shares[1]:.0%})")
    axes.legend(frameon=False, fontsize=8)
    axes.set_title(title, fontsize=10)
    figure.savefig(path)


def grouped(sets: Mapping[str, tuple[Sequence[str], np.ndarray]], words: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """The codes [N, D] of named sets of texts, each set split by which of `words` a text holds."""
    groups: dict[str, np.ndarray] = {}
    for name, (texts, codes) in sets.items():
        topics = np.array(by_word(texts, words))
        for topic in dict.fromkeys(topics.tolist()):
            groups[f"{name}, {topic}" if words else name] = codes[topics == topic]
    return groups


def by_word(texts: Sequence[str], words: Sequence[str]) -> list[str]:
    """Which of `words` each text holds, as the name of its group: the first of several, else `other`."""
    held = [set(text.lower().split()) for text in texts]
    return [next((word for word in words if word in own), "other") for own in held]
