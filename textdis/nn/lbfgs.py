"""Many small minimisations at once by L-BFGS: Liu and Nocedal (1989). Each row is a problem of its own.

Step lengths satisfy the weak Wolfe conditions and are found by bisection (Lewis and Overton, 2013), which needs nothing
but comparisons and so runs on all rows together. Rows that are done leave the batch.
Axes: B problems, b of them still open, K unknowns, H remembered steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

# unknowns [b, K], numbers of the problems they belong to [b] -> values [b], gradients [b, K]
Function = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

CONVERGED, LIMIT, STUCK = 0, 1, 2  # slope below tolerance; iterations used up; no step along the gradient descends
DECREASE, CURVATURE = 1e-4, 0.9  # of the weak Wolfe conditions
TRIALS = 40  # step lengths tried along one direction


class Minimum(NamedTuple):
    """The best point found for each problem, whatever its status."""

    point: Tensor  # [B, K]
    value: Tensor  # [B]
    slope: Tensor  # [B] largest absolute number of the gradient
    status: Tensor  # [B] int64: CONVERGED, LIMIT or STUCK
    iterations: Tensor  # [B] int64


class _Place(NamedTuple):
    """Where the open problems stand."""

    x: Tensor  # [b, K]
    value: Tensor  # [b]
    gradient: Tensor  # [b, K]

    @property
    def slope(self) -> Tensor:
        return self.gradient.abs().amax(-1)

    def select(self, rows: Tensor) -> _Place:
        return _Place(*(part[rows] for part in self))

    def put(self, rows: Tensor, other: _Place) -> None:
        for own, new in zip(self, other, strict=True):
            own[rows] = new


def minimise(
    function: Function, start: Tensor, *, tolerance: float = 1e-6, iterations: int = 500, history: int = 10
) -> Minimum:
    """Minimises each row of `start` [B, K] until the largest number of its gradient is below `tolerance`.

    Raises ValueError where value or gradient at the start is not finite.
    """
    rows = torch.arange(len(start), device=start.device)
    here = _Place(start.clone(), *function(start, rows))
    if not all(torch.isfinite(part).all() for part in here):
        raise ValueError("the function is not finite at the start")
    best = Minimum(here.x.clone(), here.value.clone(), here.slope, torch.full_like(rows, LIMIT), torch.zeros_like(rows))
    stuck, memory = torch.zeros_like(rows, dtype=torch.bool), _Memory(history, start)
    for iteration in range(iterations + 1):
        status = torch.where(here.slope < tolerance, CONVERGED, torch.where(stuck, STUCK, LIMIT))
        best.point[rows], best.value[rows], best.slope[rows] = here.x, here.value, here.slope
        best.status[rows], best.iterations[rows] = status, iteration
        still = status == LIMIT
        if iteration == iterations or not still.any():
            break
        if not still.all():
            rows, here = rows[still], here.select(still)
            memory.keep(still)
        here, stuck = _advance(function, rows, here, memory)
    return best


def _advance(function: Function, rows: Tensor, here: _Place, memory: _Memory) -> tuple[_Place, Tensor]:
    """One step of every open problem, and which of them found none [b]; those forget what they remembered first."""
    fresh = memory.empty()
    direction = memory.direction(here.gradient)
    uphill = (direction * here.gradient).sum(-1) >= 0  # rounding, far down
    direction = torch.where(uphill[:, None], -here.gradient, direction)
    length = torch.where(fresh | uphill, 1 / here.gradient.norm(dim=-1), 1.0)
    there, found = _search(function, rows, here, direction, length)
    memory.push(there.x - here.x, there.gradient - here.gradient)
    memory.forget(~found)
    return there, ~found & fresh


def _search(function: Function, rows: Tensor, here: _Place, direction: Tensor, length: Tensor) -> tuple[_Place, Tensor]:
    """Steps that fulfil the weak Wolfe conditions: (where they lead, which were found [b]); the others stay."""
    descent = (direction * here.gradient).sum(-1)  # [b], below 0
    low, high = torch.zeros_like(length), torch.full_like(length, float("inf"))
    there = _Place(*(part.clone() for part in here))
    open_ = torch.arange(len(length), device=length.device)
    for _ in range(TRIALS):
        x = here.x[open_] + length[open_, None] * direction[open_]
        tried = _Place(x, *function(x, rows[open_]))
        lower = tried.value <= here.value[open_] + DECREASE * length[open_] * descent[open_]
        there.put(open_[lower], tried.select(lower))  # good enough, should nothing better be found
        flatter = (tried.gradient * direction[open_]).sum(-1) >= CURVATURE * descent[open_]
        low[open_] = torch.where(lower, length[open_], low[open_])
        high[open_] = torch.where(lower, high[open_], length[open_])
        length = torch.where(high.isinf(), 2 * length, (low + high) / 2)
        open_ = open_[~(lower & flatter)]
        if not len(open_):
            break
    return there, low > 0


class _Memory:
    """The last H steps of each open problem, and what they say of the curvature."""

    def __init__(self, history: int, like: Tensor):
        self.steps = like.new_zeros(history, *like.shape)  # [H, b, K], the latest first
        self.turns = torch.zeros_like(self.steps)  # changes of the gradient
        self.weights = like.new_zeros(history, len(like))  # [H, b] 1 / (step . turn); 0: no step there
        self.scale = like.new_ones(len(like))  # [b]

    def empty(self) -> Tensor:
        """[b]"""
        return (self.weights == 0).all(0)

    def direction(self, gradient: Tensor) -> Tensor:
        """Minus the inverse Hessian times the gradient, by the two-loop recursion. [b, K]"""
        q, shares = gradient.clone(), []
        for step, turn, weight in zip(self.steps, self.turns, self.weights, strict=True):
            shares.append(weight * (step * q).sum(-1))
            q -= shares[-1][:, None] * turn
        q *= self.scale[:, None]
        for i in reversed(range(len(shares))):
            back = self.weights[i] * (self.turns[i] * q).sum(-1)
            q += (shares[i] - back)[:, None] * self.steps[i]
        return -q

    def push(self, step: Tensor, turn: Tensor) -> None:
        """Remembers a step and how the gradient turned [b, K]; one without positive curvature weighs nothing."""
        product, square = (step * turn).sum(-1), turn.square().sum(-1)
        sound = product > 1e-12 * square.sqrt() * step.norm(dim=-1)
        for past, new in ((self.steps, step), (self.turns, turn)):
            past.copy_(torch.cat([new[None], past[:-1]]))
        weight = torch.where(sound, 1 / product, 0.0)
        self.weights = torch.cat([weight[None], self.weights[:-1]])
        self.scale = torch.where(sound, product / square, self.scale)

    def forget(self, rows: Tensor) -> None:
        self.weights[:, rows], self.scale[rows] = 0.0, 1.0

    def keep(self, rows: Tensor) -> None:
        self.steps, self.turns, self.weights = self.steps[:, rows], self.turns[:, rows], self.weights[:, rows]
        self.scale = self.scale[rows]
