"""How far a score can be trusted: intervals and paired significance for any score of sums over sentences.

Axes: N sentences, K columns that are summed, R resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from textdis.metrics.text import bleu_counts, bleu_of

LEVEL = 0.95  # of the interval of `compare`
_CELLS = 2**22  # random numbers drawn at once, so that memory does not grow with the number of resamples


@dataclass(frozen=True, eq=False)
class Statistic:
    """A score that is a function of sums over sentences, so that a resample costs one product of matrices.

    rows [N, K]: what each sentence adds; score: sums [..., K] -> scores [...]. A score is NaN where the sums allow
    none (a ratio over 0). Raises ValueError: no sentence, a number that is not finite, no score of all rows.
    """

    rows: np.ndarray
    score: Callable[[np.ndarray], np.ndarray]

    def __post_init__(self) -> None:
        if self.rows.ndim != 2 or not len(self.rows):
            raise ValueError("an empty list has no score; give one sentence at least")
        if not np.isfinite(self.rows).all():
            raise ValueError("a number is not finite")
        if not np.isfinite(self.value):
            raise ValueError("these sentences have no score: what stands below the ratio sums to 0")

    @property
    def value(self) -> float:
        return float(self.score(self.rows.sum(0)))


def mean_statistic(values: Sequence[float] | np.ndarray) -> Statistic:
    """The mean of one number a sentence (a share, of booleans). values [N]."""
    return ratio_statistic(values, np.ones(len(values)))


def ratio_statistic(numerators: Sequence[float] | np.ndarray, denominators: Sequence[float] | np.ndarray) -> Statistic:
    """Sum over sum, as nouns kept over nouns or words over words. Both [N]; of booleans it is a share."""
    share = np.asarray(numerators).dtype == bool
    return Statistic(_columns(numerators, denominators), _share if share else _ratio)


def perplexity_statistic(nats: Sequence[float] | np.ndarray, tokens: Sequence[int] | np.ndarray) -> Statistic:
    """exp(all nats / all tokens), as `text.perplexity`. Both [N]."""
    return Statistic(_columns(nats, tokens), _perplexity)


def bleu_statistic(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> Statistic:
    """Corpus BLEU-4, as `text.self_bleu` and `text.ref_bleu`."""
    return Statistic(bleu_counts(predicted, references), bleu_of)


def bootstrap(statistic: Statistic, *, samples: int = 1000, level: float = 0.95, seed: int = 0) -> dict[str, float]:
    """Percentile interval (Efron, 1979): the N sentences are drawn N times with replacement, `samples` times.

    It says how much the score depends on which sentences were scored; not on how a system was trained. Resamples
    without a score (no noun in any sentence drawn) are left out. A share of 0 or 1, which no resample changes, has
    Wilson's interval.
    """
    if statistic.score is _share and statistic.value in (0.0, 1.0):
        right, count = statistic.rows.sum(0)
        low, high = wilson(right, count, NormalDist().inv_cdf((1 + level) / 2))
        return {"low": float(low), "high": float(high)}
    rng = np.random.default_rng(seed)
    scores = [statistic.score(drawn @ statistic.rows) for drawn in _draws(rng, samples, len(statistic.rows))]
    return _interval(np.concatenate(scores), level)


def wilson(right: float, count: float, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share, at 95 % by default: Wilson (1927). Nothing counted: 0 to 1."""
    if not count:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * ((share * (1 - share) + spread / 4) / count) ** 0.5 / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def compare(first: Statistic, second: Statistic, *, samples: int = 10_000, seed: int = 0) -> dict[str, float]:
    """Is `first` better than `second`, where row i of both is of the same sentence?

    difference: first - second. low, high: its 95% interval, both scored on the same resamples. p: two-sided, by paired
    approximate randomisation (Noreen, 1989; Riezler and Maxwell, 2005): the outputs of a sentence change sides at a
    coin's fall; p is the share of `samples` falls that set the two at least so far apart, the observed one counted in.
    Raises ValueError: other sentences, other scores.
    """
    if len(first.rows) != len(second.rows):
        raise ValueError(f"{len(first.rows)} sentences against {len(second.rows)}: a paired test needs the same ones")
    if first.score is not second.score:
        raise ValueError("two different scores cannot be compared")
    rng, size = np.random.default_rng(seed), len(first.rows)
    observed = first.value - second.value
    apart = [
        first.score(drawn @ first.rows) - second.score(drawn @ second.rows) for drawn in _draws(rng, samples, size)
    ]
    change, sums = second.rows - first.rows, (first.rows.sum(0), second.rows.sum(0))
    extreme = 1  # the observed one
    for coins in _coins(rng, samples, size):
        moved = coins @ change  # [R, K]
        swapped = first.score(sums[0] + moved) - second.score(sums[1] - moved)
        extreme += int((~(np.abs(swapped) < abs(observed) - 1e-9)).sum())  # no score counts against significance
    return {"difference": observed, **_interval(np.concatenate(apart), LEVEL), "p": extreme / (samples + 1)}


def _columns(*columns: Sequence[float] | np.ndarray) -> np.ndarray:
    arrays = [np.asarray(column, dtype=float) for column in columns]
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"lists of unequal length: {', '.join(str(len(array)) for array in arrays)}")
    return np.stack(arrays, axis=1)


def _ratio(sums: np.ndarray) -> np.ndarray:
    above, below = sums[..., 0], sums[..., 1]
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0)


def _share(sums: np.ndarray) -> np.ndarray:
    """`_ratio` of counts of sentences."""
    return _ratio(sums)


def _perplexity(sums: np.ndarray) -> np.ndarray:
    return np.exp(_ratio(sums))


def _draws(rng: np.random.Generator, samples: int, size: int) -> Iterator[np.ndarray]:
    """How often each sentence is in each resample [R, N], some resamples at a time."""
    for count in _chunks(samples, size):
        drawn = rng.integers(size, size=(count, size)) + size * np.arange(count)[:, None]
        yield np.bincount(drawn.ravel(), minlength=count * size).reshape(count, size).astype(float)


def _coins(rng: np.random.Generator, samples: int, size: int) -> Iterator[np.ndarray]:
    """0 or 1 for each sentence of each resample [R, N], some resamples at a time."""
    for count in _chunks(samples, size):
        yield rng.integers(2, size=(count, size), dtype=np.int8).astype(float)


def _chunks(samples: int, size: int) -> Iterator[int]:
    step = max(1, _CELLS // size)
    for start in range(0, samples, step):
        yield min(step, samples - start)


def _interval(scores: np.ndarray, level: float) -> dict[str, float]:
    low, high = np.nanquantile(scores, [(1 - level) / 2, (1 + level) / 2])
    return {"low": float(low), "high": float(high)}
