"""Codes in the plane of their first two principal components, with moves as arrows: Larsson et al. (2017), figure 2.

Axes: N codes, B moved codes, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from textdis.core.pictures import save_figure

COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # of sets; legible without red or green
MARKS = ("o", "s", "^", "D", "v", "P")
SHOWN, ABREAST = 300, 3  # points of a group; panels side by side


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


@dataclass(frozen=True)
class CodeView:
    """What a picture of codes shows: groups of codes by name, and a panel of moves for each way of moving."""

    groups: dict[str, np.ndarray]  # [N, D]
    moves: dict[str, tuple[np.ndarray, np.ndarray]]  # codes before [B, D] and after [B, D]
    note: str = ""  # what a reader must know of the model and the moves


def draw_codes(
    path: str | Path, groups: dict[str, np.ndarray], before: np.ndarray, after: np.ndarray, *, title: str = ""
) -> None:
    """Draws the codes [N, D] of each group by its name, and arrows from the rows of `before` [B, D] to `after`.

    The plane is that of the groups; moves are projected onto it, so that what leaves it is not seen. Raises ValueError
    for fewer than three codes, UserError where it cannot be written.
    """
    draw_view(path, CodeView(groups, {title: (before, after)}))


def draw_view(path: str | Path | BinaryIO, view: CodeView) -> None:
    """Draws the same codes in every panel, the moves of one way in each; a PNG to a stream. Raises as `draw_codes`."""
    from matplotlib.figure import Figure

    everything = np.concatenate(list(view.groups.values()))
    if len(everything) < 3:
        raise ValueError(f"{len(everything)} codes span no plane; give three at least")
    plane, columns = Plane(everything), min(ABREAST, len(view.moves))
    rows = -(-len(view.moves) // columns)
    size = (7.0, 5.5) if columns == 1 else (4.4 * columns, 3.9 * rows + 0.6)
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for panel, (title, (before, after)) in zip(panels.ravel(), view.moves.items(), strict=False):
        _draw_panel(panel, plane, view.groups, plane(before), plane(after))
        panel.set_title(title, fontsize=10)
    for panel in panels.ravel()[len(view.moves) :]:
        panel.set_visible(False)
    for panel in panels[-1]:
        panel.set_xlabel(f"first principal component ({plane.shares[0]:.0%} of the variance)", fontsize=9)
    for panel in panels[:, 0]:
        panel.set_ylabel(f"second ({plane.shares[1]:.0%})", fontsize=9)
    _add_legend(figure, panels[0, 0], len(view.groups))
    if isinstance(path, str | Path):
        save_figure(figure, path)
    else:
        figure.savefig(path, format="png")


def _add_legend(figure: Any, panel: Any, size: int) -> None:
    handles = panel.get_legend_handles_labels()
    columns = next((n for n in (4, 3, 2) if size % n == 0), 4)
    for mark in figure.legend(*handles, loc="outside lower center", ncols=columns, frameon=False).legend_handles:
        mark.set_alpha(1.0)


def _draw_panel(panel: Any, plane: Plane, groups: dict[str, np.ndarray], before: np.ndarray, after: np.ndarray) -> None:
    """The groups' codes, evenly thinned, and arrows between points [B, 2] of the plane."""
    for name, style in looks(list(groups)).items():
        shown = groups[name][:: -(-len(groups[name]) // SHOWN)]
        panel.scatter(*plane(shown).T, label=name, s=18, alpha=0.5, linewidths=0, **style)
    arrow = {"arrowstyle": "->", "color": "black", "lw": 1.1, "shrinkA": 0, "shrinkB": 0}
    for start, end in zip(before, after, strict=True):
        panel.annotate("", end, start, arrowprops=arrow)
    panel.update_datalim(np.concatenate([before, after]))
    panel.autoscale_view()


def looks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """A colour for each set, a mark for each topic, of groups named "set" or "set, topic"."""
    parts = [name.rpartition(", ")[::2] if ", " in name else (name, "") for name in names]
    sets, topics = (list(dict.fromkeys(own)) for own in zip(*parts, strict=True))
    return {
        name: {"color": COLOURS[sets.index(own) % len(COLOURS)], "marker": MARKS[topics.index(topic) % len(MARKS)]}
        for name, (own, topic) in zip(names, parts, strict=True)
    }


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
