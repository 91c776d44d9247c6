"""Schedules: functions from a step to a number."""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(value: float) -> Schedule:
    return lambda step: value


def linear(start: float, end: float, steps: int) -> Schedule:
    """From `start` at step 0 to `end` at step `steps`, and `end` from there on."""
    return lambda step: start + (end - start) * min(1.0, step / max(1, steps))


def cyclical(low: float, high: float, period: int, rise: float = 0.5) -> Schedule:
    """Saw: rises from `low` to `high` over the share `rise` of each `period`, then holds."""
    return lambda step: low + (high - low) * min(1.0, (step % period) / (rise * period))


def warmup_cosine(warmup: int, total: int, floor: float = 0.05) -> Schedule:
    """A factor that rises linearly for `warmup` steps, then falls as a half cosine to `floor`."""

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        progress = min(1.0, (step - warmup) / max(1, total - warmup))
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))

    return factor
