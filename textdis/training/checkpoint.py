"""The run folder, in one place.

    output/model/            the best model: all that inference needs
    output/last/             the last model, where a best one was chosen by validation
    output/training/state.pt the state to resume from: tensors and plain values, read with `weights_only=True`
    output/metrics.jsonl     one line a log

Each is written beside and renamed, so that a kill at any moment leaves the last good one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError

from textdis.core.errors import UserError

FORMAT = 1  # raised when a state written now could not be read by an older textdis


class CheckpointError(UserError):
    """A training state that cannot be written or read."""


class RunFolder:
    """Where a run keeps its models, its state and its log."""

    def __init__(self, root: str | Path):
        """Makes the folder. Raises CheckpointError where that cannot be."""
        self.root = Path(root)
        self.state, self.metrics = self.root / "training" / "state.pt", self.root / "metrics.jsonl"
        try:
            self.state.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(f"{self.root}: no run folder can be made there ({error.strerror})") from None

    def prepare(self) -> Path:
        """Mends what a kill between the two renames of `write_model` left behind; the log's path."""
        for final in (self.root / "model", self.root / "last"):
            old = final.with_name(f".{final.name}.old")
            if old.exists() and not final.exists():
                old.rename(final)
        return self.metrics

    def save(self, state: dict[str, Any]) -> None:
        """Replaces the training state. Raises CheckpointError; the former state is then as it was."""
        content, beside = plain({"format": FORMAT, **state}), self.state.with_name("state.pt.new")
        try:
            with beside.open("wb") as file:
                torch.save(content, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.state)
        except (OSError, RuntimeError) as error:
            beside.unlink(missing_ok=True)
            raise CheckpointError(f"{self.state}: cannot be written ({error}); free some space and resume") from None

    def load(self) -> dict[str, Any] | None:
        """The training state on the CPU, None where there is none yet. Raises CheckpointError."""
        if not self.state.exists():
            return None
        try:
            state = torch.load(self.state, map_location="cpu", weights_only=True)
        except Exception as error:  # a damaged archive surfaces as one of a dozen types
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CheckpointError(f"{self.state}: not readable ({reason}); delete it to start again") from None
        if not isinstance(state, dict) or not isinstance(state.get("format"), int) or state["format"] > FORMAT:
            raise CheckpointError(f"{self.state}: not a state this textdis reads; upgrade it, or delete the file")
        return state

    def write_model(self, write: Callable[[Path], None], name: str = "model") -> None:
        """Replaces the folder `name` by what `write` puts into an empty one. Raises CheckpointError.

        A folder cannot be renamed over another: between two renames the former one is called `.model.old`.
        """
        final, beside, old = self.root / name, self.root / f".{name}.new", self.root / f".{name}.old"
        for leftover in (beside, old):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            beside.mkdir()
            write(beside)
            if final.exists():
                final.rename(old)
            beside.rename(final)
        except (OSError, SafetensorError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise CheckpointError(f"{final}: cannot be written ({error}); free some space and resume") from None
        shutil.rmtree(old, ignore_errors=True)


def plain(value: Any) -> Any:
    """`value` in types that `torch.load(weights_only=True)` reads back. Raises CheckpointError on any other."""
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str | bytes | torch.Tensor):
        return value
    raise CheckpointError(f"a {type(value).__name__} in a state_dict(): only tensors and plain values can be saved")
