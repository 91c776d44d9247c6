"""What each part of the collaborative objective is worth: one row a change, from one shared warm start.

The losses are Melnyk et al. (2017), eq. 7; then come other kinds of words that carry gradients
than the softmax rows of the first row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from textdis.experiments.lines import read
from textdis.experiments.transfer import TransferExperiment, train

LOSSES: dict[str, dict[str, Any]] = {
    "all six losses": {},
    "no content loss": {"weights": {"content": 0.0}},
    "no back-transfer": {"weights": {"back_rec": 0.0, "class_btd": 0.0}},
    "no classification": {"weights": {"class_td": 0.0, "class_btd": 0.0}},
    "no original-data classification": {"weights": {"class_od": 0.0}},
}
WORDS: dict[str, dict[str, Any]] = {
    "softmax rows, temperature 0.5": {"temperature": 0.5},
    "straight-through": {"mode": "straight-through"},
    "Gumbel": {"mode": "gumbel"},
    "softmax rows, through time": {"replay": False},
}
ROWS = LOSSES | WORDS


def run(name: str, seed: int, base: TransferExperiment) -> Path:
    """Trains one row with one random seed below `base.output`. -> its model folder"""
    output = Path(base.output) / f"{name.replace(' ', '-').replace(',', '')}-{seed}"
    train(replace(base, output=str(output), seed=seed, **ROWS[name]))
    return output / "model"


def finished(path: Path) -> dict[tuple[str, int], dict[str, float]]:
    """The scores of earlier calls, by row and random seed: one JSON line each."""
    return {key: line["scores"] for key, line in read(path).items()}


def summary(
    scores: Mapping[tuple[str, int], Mapping[str, float]], rows: Iterable[str], columns: Mapping[str, tuple[str, float]]
) -> str:
    """A markdown table: mean and sample standard deviation over random seeds. columns: key -> (heading, factor)"""
    lines = [["row", "seeds", *(heading for heading, _ in columns.values())], ["---"] + ["---:"] * (len(columns) + 1)]
    for row in rows:
        runs = [own for (name, _), own in scores.items() if name == row]
        if runs:
            cells = [_spread([own[key] * factor for own in runs]) for key, (_, factor) in columns.items()]
            lines.append([row, str(len(runs)), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _spread(values: Sequence[float]) -> str:
    deviation = f" ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{deviation}"
