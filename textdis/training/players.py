"""The players of an objective at their turns: what one descent needs beyond the optimiser itself."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.objective import Player, Turn
from textdis.training import processes


class NonFiniteLoss(UserError):
    """A loss, or a weight, that is not finite: names turn, loss and step."""


class Players:
    """Descends turns: checks the loss, accumulates, averages over processes.

    With `every=n` a player steps on every n-th of its own turns, on loss / n. That equals one batch n times as
    large only for a player with one turn a step. Gradients of a group of turns that is not full yet belong to
    the state; where training ends they are dropped.
    """

    def __init__(self, players: dict[str, Player], every: int = 1):
        self.players, self.every = players, every
        self.taken = dict.fromkeys(players, 0)  # turns
        self.pending: dict[str, list[Tensor | None]] = {}  # gradients of groups that are not full yet

    def descend(self, turn: Turn, step: int) -> None:
        """Takes `turn`, of step number `step`. Raises NonFiniteLoss, with all weights as they were."""
        player, loss = self.players[turn.player], turn.total
        if not torch.isfinite(loss):  # the one wait for the device in a turn
            raise NonFiniteLoss(_blame(turn, step))
        for p, gradient in zip(player.parameters, self.pending.pop(turn.player, ()), strict=False):
            p.grad = gradient
        player.backward(loss / self.every if self.every > 1 else loss)
        self.taken[turn.player] += 1
        if self.taken[turn.player] % self.every == 0:
            processes.average_gradients(player.parameters)
            player.step()
            return
        # set aside, because another player may share these parameters and would step on them
        self.pending[turn.player] = [p.grad for p in player.parameters]
        for p in player.parameters:
            p.grad = None

    def state_dict(self) -> dict[str, Any]:
        players = {name: player.state_dict() for name, player in self.players.items()}
        return {"players": players, "taken": self.taken, "pending": self.pending}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Raises KeyError or ValueError: the state of other players."""
        for name, player in self.players.items():
            player.load_state_dict(state["players"][name])
        self.taken = {name: state["taken"][name] for name in self.players}
        self.pending = {
            name: [None if g is None else g.to(p.device) for g, p in zip(held, self._owned(name), strict=True)]
            for name, held in state["pending"].items()
        }

    def _owned(self, name: str) -> list[torch.nn.Parameter]:
        return self.players[name].parameters


def _blame(turn: Turn, step: int) -> str:
    bad = [name for name, loss in turn.losses.items() if not torch.isfinite(loss)] or ["weighted total"]
    return (
        f"step {step}: loss {', '.join(bad)} of turn {turn.player!r} is not finite; what was saved before is intact: "
        "begin anew, into another output, with a lower learning rate or weight, or a smaller gradient norm"
    )
