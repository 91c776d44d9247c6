"""Traversals a second, and how many times the one-by-one calls of scipy that is. Prints a table, asserts nothing.

    python benchmarks/traversal.py            a minute on two cores
    python benchmarks/traversal.py --device cuda

Codes of 300 numbers, 90 sources and 90 targets, made up as in docs/systems/mmd_traversal.md. Scipy minimises the same
objective in two ways, each with the analytic gradient: over delta with the 300 x 181 matrix V, as the paper writes it,
and over the same coordinates in the span of V as ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor

from textdis.evaluation.made_codes import MadeCodes
from textdis.nn.traversal import _Space
from textdis.systems.mmd_traversal import Traversal, traverse

BUDGETS = (0.0, 7e-5, 1e-3)
Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


def over_delta(code: Tensor, made: MadeCodes, sigma: float, budget: float) -> tuple[Objective, int]:
    """The paper's objective of delta, and its number of unknowns."""
    z, x, y = (part.numpy() for part in (code, made.sources, made.targets))
    v = np.concatenate([y, x, z[None]]).T  # [D, n + m + 1]

    def objective(delta: np.ndarray) -> tuple[float, np.ndarray]:
        step = v @ delta
        moved = z + step
        near, far = (np.exp(-((part - moved) ** 2).sum(1) / (2 * sigma)) / len(part) for part in (x, y))
        slope = (near @ (x - moved) - far @ (y - moved)) / sigma + 2 * budget * step
        return near.sum() - far.sum() + budget * step @ step, v.T @ slope

    return objective, v.shape[1]


def in_the_span(code: Tensor, made: MadeCodes, sigma: float, budget: float) -> tuple[Objective, int]:
    """The same objective of the coordinates of V delta."""
    space = _Space.of(made.sources, made.targets, sigma)
    inner = code / space.unit @ space.basis
    height = (code / space.unit - inner @ space.basis.T).norm()
    start = torch.cat([inner, height[None]])

    def objective(step: np.ndarray) -> tuple[float, np.ndarray]:
        moved = torch.from_numpy(step)
        value, slope = space.witness((start + moved)[None])
        total = value[0] + budget * sigma * moved.square().sum()
        return total.item(), (slope[0] + 2 * budget * sigma * moved).numpy()

    return objective, len(start)


def scipy_rate(build: Callable, made: MadeCodes, found: Traversal, budget: float, count: int) -> tuple[float, float]:
    """(calls a second, the worst gap of ours above scipy's optimum) over the first `count` codes."""
    from scipy.optimize import minimize

    seconds, gap = 0.0, -np.inf
    for k in range(count):
        objective, unknowns = build(made.codes[k], made, found.bandwidth[k].item(), budget)
        began = time.perf_counter()
        best = minimize(objective, np.zeros(unknowns), jac=True, method="L-BFGS-B", options={"maxiter": 5000})
        seconds += time.perf_counter() - began
        mine = found.witness[k].item() + budget * found.lengths[k].item() ** 2
        gap = max(gap, mine - best.fun)
    return count / seconds, gap


def main(
    codes: Annotated[int, typer.Option(help="that are moved at once")] = 2000,
    calls: Annotated[int, typer.Option(help="of scipy, one code each")] = 10,
    device: Annotated[str, typer.Option(help="of ours; scipy stays on the CPU")] = "cpu",
) -> None:
    made = MadeCodes.draw("shared", 0, codes=codes)
    table = Table(
        "lambda", "ours /s", "iterations", "scipy on delta /s", "ratio", "scipy in the span /s", "ratio", "worst gap"
    )
    sets = [part.to(device) for part in (made.codes, made.sources, made.targets)]
    traverse(sets[0][:10], *sets[1:])  # first calls load libraries
    for budget in BUDGETS:
        began = time.perf_counter()
        found = traverse(*sets, budget=budget)
        ours = codes / (time.perf_counter() - began)
        delta, span = (scipy_rate(build, made, found, budget, calls) for build in (over_delta, in_the_span))
        cells = [f"{delta[0]:.1f}", f"{ours / delta[0]:,.0f}", f"{span[0]:.1f}", f"{ours / span[0]:,.0f}"]
        steps = f"{found.iterations.double().mean():.1f}"
        table.add_row(f"{budget:g}", f"{ours:,.0f}", steps, *cells, f"{max(delta[1], span[1]):.0e}")
    Console(width=120).print(table)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {device}")


if __name__ == "__main__":
    typer.run(main)
