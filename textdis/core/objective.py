"""The contract between a paper and the trainer: a model, its players, and their turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from textdis.core.batch import Batch
from textdis.core.errors import UserError

OptimizerFactory = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=1e-3)


def weighed(usual: dict[str, float], weights: dict[str, float] | None) -> dict[str, float]:
    """The weights of losses, some of them others than `usual`. Raises UserError for a loss that is not there."""
    if unknown := sorted(set(weights or ()) - set(usual)):
        raise UserError(f"a weight for the loss {unknown[0]!r}, which is not there; there are {', '.join(usual)}")
    return usual | (weights or {})


class Player:
    """One optimiser, and the only parameters it may change.

    `max_norm` bounds the L2 norm of the gradient; `bound` bounds the absolute value of each weight
    (WGAN), after every step and before the first. `schedule` maps the player's own step count to a
    factor on the learning rate.
    """

    def __init__(
        self,
        *modules: nn.Module,
        optimizer: OptimizerFactory = ADAM,
        max_norm: float | None = None,
        bound: float | None = None,
        schedule: Callable[[int], float] | None = None,
    ):
        self.parameters = [p for p in nn.ModuleList(modules).parameters() if p.requires_grad]
        self.optimizer = optimizer(self.parameters)
        self.max_norm, self.bound, self.schedule = max_norm, bound, schedule
        self.steps = 0
        self._base_rates = [group["lr"] for group in self.optimizer.param_groups]
        self._clamp()

    def backward(self, loss: Tensor) -> None:
        """Adds the gradient of `loss` to this player's parameters; nobody else receives one."""
        loss.backward(inputs=self.parameters)

    def step(self) -> None:
        """One optimiser step on the gradients at hand, which it then clears."""
        if self.max_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.max_norm)
        if self.schedule is not None:
            factor = self.schedule(self.steps)
            for group, rate in zip(self.optimizer.param_groups, self._base_rates, strict=True):
                group["lr"] = rate * factor
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        self._clamp()

    def state_dict(self) -> dict[str, Any]:
        return {"optimizer": self.optimizer.state_dict(), "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]

    @torch.no_grad()
    def _clamp(self) -> None:
        if self.bound is not None:
            for p in self.parameters:
                p.clamp_(-self.bound, self.bound)


@dataclass(frozen=True)
class Turn:
    """`player` now descends the weighted sum of `losses` (weight 1 unless named)."""

    player: str
    losses: dict[str, Tensor]
    weights: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> Tensor:
        """The scalar to descend, in nats where the losses are. Weight 0 leaves a loss out."""
        terms = [
            self.weights.get(name, 1.0) * loss
            for name, loss in self.losses.items()
            if self.weights.get(name, 1.0) != 0.0
        ]
        return torch.stack(terms).sum()


class Objective(nn.Module):
    """What a paper minimises: the model, the networks that only train it, and the algorithm."""

    model: Any  # a system's objective says which

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model)}

    def turns(self, batches: Iterator[Any], step: int) -> Iterator[Turn]:
        """One step of the algorithm. Each turn is taken before the next is computed.

        Keep no state in the generator's locals between steps, and never `yield` inside
        `torch.no_grad()`: the caller would inherit it.
        """
        raise NotImplementedError

    def validate(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Losses on held-out data, by default those of the first turn, under `no_grad`."""
        with torch.no_grad():
            return next(self.turns(iter([batch] * 8), step)).losses
