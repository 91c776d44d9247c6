"""Moving codes from one set of examples towards another: the latent traversal of Larsson et al. (2017), section 3.2,
after Gardner et al. (2015), "Deep Manifold Traversal".

The witness function of the maximum mean discrepancy (Gretton et al., 2012) is large at the sources x and small at the
targets y (eq. 2):

    f(z) = 1/m sum_i k(x_i, z) - 1/n sum_j k(y_j, z),    k(x, x') = exp(-|x - x'|^2 / (2 sigma))

with sigma not squared, as printed. A code z moves to z* = z + V delta, V = [y_1 ... y_n, x_1 ... x_m, z], where delta
minimises f(z*) + lambda |V delta|^2; lambda is the budget of change. Where the paper is silent or leaves a trap:

- sigma is the median of |x_i - y_j|^2 unless given. One far too small leaves no slope anywhere: status `flat`.
- lambda is not free of scale: codes ten times as long need a hundredth of it. `relative` counts lengths in units of
  sqrt(sigma), so that one budget means the same for all models.
- delta enters through V delta alone. So the unknowns are the coordinates of z* in an orthonormal basis of the span of
  V, in units of sqrt(sigma). They come from the Gram matrix of the examples: at most n + m + 1 numbers a code, whatever
  its size, on which L-BFGS takes some ten steps where it takes hundreds on delta. It starts at delta = 0.
- A moved code may leave the region of real codes (features below zero, say); it is not clipped.

Axes: B codes, D numbers of a code, N = n + m examples, R coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from textdis.nn.lbfgs import CONVERGED, Minimum, minimise

STATUS = ("converged", "limit", "stuck", "flat")  # by number; the first three are those of `lbfgs`
FLAT = 3  # no slope at z: the bandwidth is too small for any example to be seen, or the two sets are alike
BUDGET = 7e-5  # lambda, as printed
SIZES = ("sources", "targets")
RANK = 1e-12  # share of the largest eigenvalue below which a direction counts as none


@dataclass(frozen=True)
class Traversal:
    """Moved codes, and all that was decided on the way."""

    codes: Tensor  # [B, D] float64
    lengths: Tensor  # [B] |V delta|
    start: Tensor  # [B] witness at z
    witness: Tensor  # [B] witness at z*
    status: list[str]  # B of STATUS
    iterations: Tensor  # [B] int64
    bandwidth: Tensor  # [B] sigma
    budget: Tensor  # [B] lambda that |V delta|^2 was multiplied with
    sources: int  # m
    targets: int  # n
    scale: float  # mean length of the examples

    @classmethod
    def joined(cls, parts: Sequence[Traversal]) -> Traversal:
        """Several as one; `scale` is their mean."""
        columns: dict[str, Any] = {f.name: [getattr(part, f.name) for part in parts] for f in fields(cls)}
        scale, sizes = sum(columns.pop("scale")) / len(parts), {name: columns.pop(name)[0] for name in SIZES}
        status = [one for own in columns.pop("status") for one in own]
        whole: dict[str, Any] = {name: torch.cat(own) for name, own in columns.items()}
        return cls(status=status, scale=scale, **sizes, **whole)

    @property
    def converged(self) -> float:
        """Share of the codes."""
        return self.status.count("converged") / max(1, len(self.status))


def median_bandwidth(sources: Tensor, targets: Tensor) -> float:
    """sigma by the median heuristic: the median squared distance of a source [m, D] from a target [n, D].

    Raises ValueError where it is 0.
    """
    squared = torch.cdist(sources.double(), targets.double()).square()
    if not (sigma := float(squared.median())):
        raise ValueError(
            "half of the sources equal a target, so there is no bandwidth; give other sets, or a bandwidth"
        )
    return sigma


def traverse(
    codes: Tensor,
    sources: Tensor,
    targets: Tensor,
    *,
    budget: float = BUDGET,
    bandwidth: float | None = None,
    relative: bool = False,
    nearest: int | None = None,
    iterations: int = 500,
    batch_size: int = 256,
) -> Traversal:
    """Moves each code [B, D] from what the sources [m, D] have towards what the targets [n, D] have.

    budget: lambda; with `relative` it counts squared lengths in units of sigma. bandwidth: sigma. nearest: each code
    has as many sources and targets of its own, those nearest to it, as in Gardner et al.; code after code, so slower.
    Raises ValueError: empty sets, unequal sizes, numbers that are not finite, a bandwidth not above 0, a budget below.
    """
    codes, sources, targets = _checked(codes, sources, targets)
    if nearest is not None and len(codes):
        own: dict[str, Any] = {"budget": budget, "bandwidth": bandwidth, "relative": relative, "iterations": iterations}
        sets = zip(codes[:, None], _near(codes, sources, nearest), _near(codes, targets, nearest), strict=True)
        return Traversal.joined([traverse(*three, **own) for three in sets])
    sigma = median_bandwidth(sources, targets) if bandwidth is None else float(bandwidth)
    if not (0 < sigma < float("inf") and 0 <= budget < float("inf")):
        raise ValueError(f"bandwidth {sigma:g} must be above 0, and budget {budget:g} not below")
    weight = budget if relative else budget * sigma
    space = _Space.of(sources, targets, sigma)
    parts = [_move(part, space, weight, iterations) for part in codes.split(batch_size)]
    moved, start, witness, status, steps = (torch.cat(column) for column in zip(*parts, strict=True))
    return Traversal(
        codes=moved,
        lengths=(moved - codes).norm(dim=-1),
        start=start,
        witness=witness,
        status=[STATUS[i] for i in status.tolist()],
        iterations=steps,
        bandwidth=torch.full_like(start, sigma),
        budget=torch.full_like(start, weight / sigma),
        sources=len(sources),
        targets=len(targets),
        scale=float(torch.cat([sources, targets]).norm(dim=-1).mean()),
    )


@dataclass(frozen=True)
class _Space:
    """The span of the examples, in units of sqrt(sigma)."""

    basis: Tensor  # [D, R] orthonormal
    places: Tensor  # [N, R] coordinates of the examples
    shares: Tensor  # [N] 1/m for sources, -1/n for targets
    unit: float  # sqrt(sigma)

    @classmethod
    def of(cls, sources: Tensor, targets: Tensor, sigma: float) -> _Space:
        examples = torch.cat([targets, sources]) / sigma**0.5
        values, vectors = torch.linalg.eigh(examples @ examples.T)  # of the Gram matrix [N, N]
        sound = values > RANK * values[-1].clamp(min=1e-300)
        roots, vectors = values[sound].sqrt(), vectors[:, sound]
        shares = torch.cat(
            [targets.new_full((len(targets),), -1 / len(targets)), sources.new_full((len(sources),), 1 / len(sources))]
        )
        return cls(examples.T @ (vectors / roots), vectors * roots, shares, sigma**0.5)

    def witness(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f [B] and its gradient [B, R + 1] at the coordinates x [B, R + 1]; the last one lies outside the span."""
        inner = x[:, :-1]
        squared = x.square().sum(-1, keepdim=True) - 2 * inner @ self.places.T + self.places.square().sum(-1)
        felt = torch.exp(-squared / 2) * self.shares  # [B, N]
        value = felt.sum(-1)
        gradient = -value[:, None] * x
        gradient[:, :-1] += felt @ self.places
        return value, gradient


def _move(codes: Tensor, space: _Space, weight: float, iterations: int) -> tuple[Tensor, ...]:
    """-> moved codes [B, D], witness before and after [B], status [B], iterations [B]"""
    inner = codes / space.unit @ space.basis  # [B, R]
    outer = codes / space.unit - inner @ space.basis.T  # [B, D] what the examples do not span
    height = outer.norm(dim=-1, keepdim=True)
    start = torch.cat([inner, height], 1)

    def objective(x: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        value, gradient = space.witness(x)
        moved = x - start[rows]
        return value + weight * moved.square().sum(-1), gradient.add_(moved, alpha=2 * weight)

    found = minimise(objective, start, iterations=iterations)
    moved = found.point - start
    outer = torch.where(height > RANK**0.5 * start.norm(dim=-1, keepdim=True), outer / height, 0.0)
    codes = codes + space.unit * (moved[:, :-1] @ space.basis.T + moved[:, -1:] * outer)
    return codes, space.witness(start)[0], space.witness(found.point)[0], _status(found), found.iterations


def _status(found: Minimum) -> Tensor:
    at_once = (found.status == CONVERGED) & (found.iterations == 0)
    return torch.where(at_once, FLAT, found.status)


def _near(codes: Tensor, examples: Tensor, count: int) -> Iterator[Tensor]:
    """For each of the codes [B, D] its `count` nearest rows of `examples` [N, D]."""
    near = torch.cdist(codes, examples).argsort(stable=True, dim=-1)[:, :count]
    return (examples[rows] for rows in near)


def _checked(*sets: Tensor) -> list[Tensor]:
    """The sets in float64. Raises ValueError."""
    if len({rows.shape[-1] for rows in sets}) > 1 or any(rows.ndim != 2 for rows in sets):
        raise ValueError(f"codes, sources and targets of shapes {[tuple(rows.shape) for rows in sets]} do not fit")
    if not all(len(rows) for rows in sets[1:]):
        raise ValueError("sources and targets need one example at least")
    if not all(torch.isfinite(rows).all() for rows in sets):
        raise ValueError("a code holds a number that is not finite")
    return [rows.double() for rows in sets]
