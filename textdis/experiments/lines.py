"""The file of a table's script: one JSON line a finished run, from which a later call goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError


def read(results: Path, **wanted: Any) -> dict[tuple[str, int], dict[str, Any]]:
    """The lines of earlier calls by row and random seed; none where there is no file yet.

    wanted: fields that a line must have, with these values.
    """
    text = results.read_text(encoding="utf-8") if results.exists() else ""
    lines = [line for line in map(json.loads, text.splitlines()) if wanted.items() <= line.items()]
    return {(line["row"], line["seed"]): line for line in lines}


def write(results: Path, line: Mapping[str, Any]) -> None:
    """Adds a line at the end."""
    results.parent.mkdir(parents=True, exist_ok=True)
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def require_end(folder: Path, steps: int) -> None:
    """Raises UserError where the run in `folder` was stopped before its last step."""
    log = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    if (last := json.loads(log[-1])["step"]) < steps:
        raise UserError(f"{folder}: stopped at step {last} of {steps}; the same command goes on from there")
