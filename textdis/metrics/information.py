"""How much one part of a code tells of another: mutual information by nearest neighbours, and correlations.

Axes: N samples, D and E numbers of two codes, K factors of F numbers each, which stand in a code one after another.
Information is in nats.
"""

from __future__ import annotations

import numpy as np

NOISE = 1e-10  # standard deviations added to every number, so that no two distances are equal


def mutual_information(x: np.ndarray, y: np.ndarray, *, neighbours: int = 3, seed: int = 0) -> float:
    """I(x; y) in nats by the first estimator of Kraskov, Stoegbauer and Grassberger (2004), eq. 8.

    x [N, D], y [N, E], or [N] each. For every sample the distance to its `neighbours`-th neighbour in the joint space,
    the greater of the distances in x and y (largest difference of a number), is counted in x and in y alone: samples
    strictly nearer than that. Numbers are first brought to standard deviation 1, which changes the information of
    none and keeps one from drowning the others. An estimate may fall below 0, and is far too low in many dimensions:
    compare at equal N, D and E only. Raises ValueError: not as many x as y, not finite, N <= neighbours, a number
    that is the same in all samples.
    """
    from scipy.special import digamma

    x, y = _samples(x, neighbours, seed), _samples(y, neighbours, seed + 1)
    if len(x) != len(y):
        raise ValueError(f"{len(x)} samples of x for {len(y)} of y")
    radius = np.nextafter(_distance_to(np.hstack([x, y]), neighbours), 0.0)  # strictly nearer
    counts = _within(x, radius), _within(y, radius)
    near = sum(digamma(count + 1).mean() for count in counts)
    return float(digamma(neighbours) + digamma(len(x)) - near)


def factor_information(
    past: np.ndarray, future: np.ndarray, factors: int, *, neighbours: int = 3, seed: int = 0
) -> dict[str, float]:
    """Mean I(future of a factor; its own past) and I(future of a factor; past of another), and their `gap`, in nats.

    past, future [N, K F]: samples of Z_t and Z_{t+1}. Whitney and Fergus (2017), table 2. Raises ValueError: fewer than
    two factors, sizes that do not divide; a factor that is constant is named by `mutual_information`.
    """
    before, after = _blocks(past, factors), _blocks(future, factors)
    found = np.array([[mutual_information(y, x, neighbours=neighbours, seed=seed) for x in before] for y in after])
    own = np.eye(factors, dtype=bool)
    same, cross = float(found[own].mean()), float(found[~own].mean())
    return {"same": same, "cross": cross, "gap": same - cross}


def best_partition(
    past: np.ndarray, future: np.ndarray, factors: int, *, partitions: int = 20, neighbours: int = 3, seed: int = 0
) -> tuple[dict[str, float], np.ndarray]:
    """`factor_information` of a code that has no factors: of random equal partitions the one with the greatest gap.

    past, future [N, K F]. -> its scores with `mean_gap` over all partitions; the order [K F] that puts the numbers of
    each part beside each other.
    """
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(past.shape[1]) for _ in range(partitions)]
    found = [
        factor_information(past[:, order], future[:, order], factors, neighbours=neighbours, seed=seed)
        for order in orders
    ]
    gaps = [scores["gap"] for scores in found]
    best = int(np.argmax(gaps))
    return found[best] | {"mean_gap": float(np.mean(gaps))}, orders[best]


def correlations(past: np.ndarray, future: np.ndarray) -> np.ndarray:
    """Pearson's r of each number of `past` (rows) with each of `future` (columns). [N, D], [N, E] -> [D, E]

    0 where a number is the same in all samples.
    """
    x, y = (_centred(np.asarray(z, float)) for z in (past, future))
    norms = np.outer(np.linalg.norm(x, axis=0), np.linalg.norm(y, axis=0))
    return np.divide(x.T @ y, norms, out=np.zeros_like(norms), where=norms > 0)


def _centred(values: np.ndarray) -> np.ndarray:
    """0 where a number is the same in all samples, which its mean, a rounded one, may not be. [N, D] -> [N, D]"""
    return np.where(np.ptp(values, axis=0) == 0, 0.0, values - values.mean(0))


def correlation_blocks(matrix: np.ndarray, factors: int) -> dict[str, float]:
    """Mean |r| within a factor and across factors, and the share of |r| within. matrix [K F, K F], of `correlations`.

    Only what is linear shows. `block_share` is within / (within + across): 1 for a block diagonal, 0.5 for no blocks.
    """
    size = _size(matrix.shape[0], factors)
    own = np.kron(np.eye(factors), np.ones((size, size))).astype(bool)
    within, across = float(np.abs(matrix[own]).mean()), float(np.abs(matrix[~own]).mean())
    return {"within": within, "across": across, "block_share": within / max(within + across, 1e-12)}


def _samples(values: np.ndarray, neighbours: int, seed: int) -> np.ndarray:
    """[N] or [N, D] -> [N, D] of mean 0 and standard deviation 1, with a trace of noise."""
    values = np.asarray(values, dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("samples must be finite numbers [N, D]")
    if not 1 <= neighbours < len(values):
        raise ValueError(f"{neighbours} neighbours among {len(values)} samples: there must be more samples than that")
    if (same := np.ptp(values, axis=0) == 0).any():
        raise ValueError(f"number {int(same.argmax())} is the same in all samples: it carries no information")
    scaled = (values - values.mean(0)) / values.std(0)
    return scaled + NOISE * np.random.default_rng(seed).standard_normal(scaled.shape)


def _distance_to(points: np.ndarray, neighbour: int) -> np.ndarray:
    """Of each point to its n-th nearest other, by the largest difference of a number. [N]"""
    from scipy.spatial import cKDTree

    return cKDTree(points).query(points, k=[neighbour + 1], p=np.inf)[0][:, 0]


def _within(points: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """How many others lie within `radius` [N] of each point. [N]"""
    from scipy.spatial import cKDTree

    return cKDTree(points).query_ball_point(points, radius, p=np.inf, return_length=True) - 1


def _blocks(codes: np.ndarray, factors: int) -> list[np.ndarray]:
    if factors < 2:
        raise ValueError(f"{factors} factor: there is no other whose past could tell something")
    return np.split(codes, factors, axis=1) if _size(codes.shape[1], factors) else []


def _size(numbers: int, factors: int) -> int:
    if numbers % factors:
        raise ValueError(f"{numbers} numbers are not {factors} factors of one size")
    return numbers // factors
