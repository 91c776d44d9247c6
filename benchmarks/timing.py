"""Processor seconds, which other programs disturb less than those of the clock."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(works: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each, taken in turn, so that all meet the same machine; the first round warms up."""
    took = [{name: seconds(work) for name, work in works.items()} for _ in range(rounds + 1)][1:]
    return {name: statistics.median(each[name] for each in took) for name in works}
