"""Scores on held-out batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.objective import Objective
from textdis.training import processes

COUNT = ""  # no loss has this name


def mean_losses(
    objective: Objective, batches: Iterable[Any], step: int, device: torch.device, autocast: torch.autocast
) -> dict[str, float]:
    """Means over examples (of all processes) of `Objective.validate`; a loss missing from a batch counts as 0 there.

    Raises UserError: no batch at all.
    """
    sums: dict[str, Tensor] = {}
    count = 0
    for batch in batches:
        with torch.no_grad(), autocast:
            losses = objective.validate(batch.to(device), step)
        for name, loss in losses.items():
            sums[name] = sums.get(name, torch.zeros((), device=device)) + loss.detach().float() * len(batch)
        count += len(batch)
    if not count:
        raise UserError("validation gave no batch; give something that can be iterated again and again")
    ranks = processes.gather({name: value.item() for name, value in sums.items()} | {COUNT: count})
    together = {name: sum(own.get(name, 0.0) for own in ranks) for own in ranks for name in own}
    total = together.pop(COUNT)
    return {name: value / total for name, value in together.items()}


def named(losses: Mapping[str, float], player: str, weights: Mapping[str, float]) -> dict[str, float]:
    """The names that training logs (`player/loss`; a name with a slash stays), and the weighted `total`."""
    total = sum(weights.get(name, 1.0) * loss for name, loss in losses.items() if weights.get(name, 1.0) != 0.0)
    return {name if "/" in name else f"{player}/{name}": loss for name, loss in losses.items()} | {"total": total}


def is_better(score: float, best: float | None, mode: str) -> bool:
    """Whether `score` beats `best`; nothing that is not a number does."""
    if best is None:
        return score == score
    return score < best if mode == "min" else score > best
