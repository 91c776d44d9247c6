"""Plots of an evaluation as SVG text, to stand within a page: no file, no network, text that can be selected.

Colours are those of Okabe and Ito (2008), which colour-blind readers tell apart; baselines are grey and told apart by
their dashes or marks.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKS = ("o", "s", "D", "^", "v", "P", "X")
GREYS, DASHES = ("#888888", "#555555", "#aaaaaa", "#333333"), ("-", "--", ":", "-.")
INK, FAINT = "#333333", "#dddddd"
BINS = 25
Point = tuple[float, float]
NAME_WIDE, NAME_HIGH = 0.2, 0.04  # shares of what the axes show, within which two names would cover each other
STYLE: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "textdis", "font.family": "sans-serif", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": INK, "axes.labelcolor": INK,
    "xtick.color": INK, "ytick.color": INK, "text.color": INK, "axes.axisbelow": True,
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How one system is drawn in every plot."""

    colour: str
    mark: str
    dash: str


def looks(systems: Sequence[str], baselines: Sequence[str]) -> dict[str, Look]:
    """A look for each system; more than seven systems use colours again, with another mark."""
    found, others = {}, [name for name in systems if name not in baselines]
    for i, name in enumerate(name for name in systems if name in baselines):
        found[name] = Look(GREYS[i % len(GREYS)], MARKS[i % len(MARKS)], DASHES[i % len(DASHES)])
    for i, name in enumerate(others):
        turn = i // len(COLOURS)
        found[name] = Look(COLOURS[i % len(COLOURS)], MARKS[(i + turn) % len(MARKS)], DASHES[turn % len(DASHES)])
    return {name: found[name] for name in systems}


def histogram(
    columns: Mapping[str, np.ndarray], looked: Mapping[str, Look], label: str, limits: tuple[float, float] | None = None
) -> str:
    """The share of each system's sentences at each value. columns: system -> [N]; the ends hold what lies beyond."""
    figure, axes = _figure(5.6, 3.1)
    every = np.concatenate(list(columns.values()))
    low, high = limits or (float(every.min()), float(np.quantile(every, 0.99)))
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    for name, values in columns.items():
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        own = looked[name]
        axes.stairs(100 * counts / len(values), edges, color=own.colour, linestyle=own.dash, linewidth=1.6)
    axes.set(xlabel=label, ylabel="% of sentences", xlim=(edges[0], edges[-1]), ylim=(0, None))
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    return _svg(figure)


def scatter(points: Mapping[str, tuple[float, float]], looked: Mapping[str, Look], labels: tuple[str, str]) -> str:
    """One mark a system; points: system -> (x, y), both out of 100."""
    figure, axes = _figure(5.8, 4.4)
    for name, (x, y) in points.items():
        own = looked[name]
        axes.plot([x], [y], own.mark, color=own.colour, markersize=8, markeredgecolor="white", clip_on=False, zorder=3)
    axes.set(xlabel=labels[0], ylabel=labels[1], xlim=(0, 100), ylim=(0, 100))
    axes.grid(color=FAINT, linewidth=0.6)
    return _svg(figure)


def curves(
    points: Mapping[str, Sequence[tuple[float, float, str]]], baselines: Sequence[str], labels: tuple[str, str]
) -> str:
    """One line a system through its points (x, y, what stands beside it), one mark a baseline; names at their ends."""
    figure, axes = _figure(6.4, 4.4)
    named: list[Point] = []  # where names stand
    for name, look in looks(list(points), baselines).items():
        x, y, notes = zip(*points[name], strict=True)
        axes.plot(x, y, marker=look.mark, color=look.colour, linewidth=1.4, markeredgecolor="white", markersize=7)
        for at, note in zip(zip(x, y, strict=True), notes, strict=True):
            axes.annotate(note, at, (5, 5), textcoords="offset points", fontsize=8, color=look.colour)
        under = -11 * (1 + sum(_close(points.values(), (x[0], y[0]), other) for other in named))
        axes.annotate(name, (x[0], y[0]), (7, under), textcoords="offset points", fontsize=9, color=look.colour)
        named.append((x[0], y[0]))
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.margins(0.12)
    axes.grid(color=FAINT, linewidth=0.6)
    return _svg(figure)


def _close(lines: Iterable[Sequence[tuple[float, float, str]]], one: Point, other: Point) -> bool:
    """Whether names at these two points would cover each other, on axes that hold all lines."""
    spans = [max(values) - min(values) for values in zip(*((p[0], p[1]) for line in lines for p in line), strict=True)]
    across, along = (abs(a - b) / (span or 1.0) for a, b, span in zip(one, other, spans, strict=True))
    return across < NAME_WIDE and along < NAME_HIGH


def swatch(look: Look) -> str:
    """The line and mark of one system, for a legend in text."""
    figure, axes = _figure(0.42, 0.16)
    axes.plot([0, 1], [0, 0], look.dash, color=look.colour, linewidth=1.6)
    axes.plot([0.5], [0], look.mark, color=look.colour, markersize=6, markeredgecolor="white")
    axes.axis("off")
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure in inches, without the state of pyplot."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _svg(figure: Any) -> str:
    """The `svg` element alone, as wide as its place and no wider than drawn."""
    from matplotlib import rc_context

    file = io.StringIO()
    with rc_context(STYLE):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    return re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
