"""What a run says: `metrics.jsonl` always, a progress bar on a terminal."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm


class Meter:
    """Means of named scalars since it was last read, kept on their device so that nothing waits for it."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            value = value.detach().float()
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1

    def read(self) -> dict[str, float]:
        """The means, in one transfer from the device; the meter is empty afterwards."""
        sums, counts = self.sums, self.counts
        self.sums, self.counts = {}, {}
        values = torch.stack(list(sums.values())).tolist() if sums else []
        return {name: value / counts[name] for name, value in zip(sums, values, strict=True)}

    def state_dict(self) -> dict[str, Any]:
        return {"sums": self.sums, "counts": self.counts}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        self.sums = {name: value.to(device) for name, value in state["sums"].items()}
        self.counts = dict(state["counts"])


class Log:
    """One JSON object a line: `{"step": 50, "split": "train", "model/nll": 3.2, ...}`."""

    def __init__(self, path: Path | None, step: int = 0):
        """Opens `path`, less what a run wrote there beyond `step` and lost. None: nothing is written."""
        self.path = path
        if path is not None and path.exists():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            beside = path.with_name(path.name + ".new")
            beside.write_text("".join(line + "\n" for line in lines if _step_of(line) <= step), encoding="utf-8")
            os.replace(beside, path)

    def write(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Appends a line; a value that is not finite becomes null, for JSON knows none."""
        if self.path is None:
            return
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "split": split, **finite}) + "\n")


class Bar:
    """A progress bar with losses, sentences/s and time left; silent where stderr is not a terminal."""

    def __init__(self, steps: int, step: int, show: bool = True):
        self.bar = tqdm(total=steps, initial=step, unit="step", dynamic_ncols=True, disable=None if show else True)
        self.clock, self.examples = time.monotonic(), 0

    def advance(self, examples: int) -> None:
        """Another step, on that many examples."""
        self.examples += examples
        self.bar.update()

    def rate(self) -> float:
        """Examples per second of training since it was last asked for."""
        now = time.monotonic()
        rate = self.examples / max(now - self.clock, 1e-9)
        self.clock, self.examples = now, 0
        return rate

    def pause(self, seconds: float) -> None:
        """Leaves seconds spent on anything but training out of the rate."""
        self.clock += seconds

    def show(self, means: Mapping[str, float], rate: float) -> None:
        self.bar.set_postfix({name: f"{value:.3g}" for name, value in means.items()} | {"sentences/s": f"{rate:.0f}"})

    def close(self) -> None:
        self.bar.close()


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf  # cut short by a kill
