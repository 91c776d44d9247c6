"""What a run may be asked to do besides training. Callbacks see the trainer; the trainer knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.training.trainer import Trainer


class Callback:
    """Override what is needed. Under torchrun every process calls them: look at `trainer.first` before writing."""

    def on_start(self, trainer: Trainer) -> None:
        """Before the first step of this call of `fit`, after a resume."""

    def on_step(self, trainer: Trainer, logs: dict[str, Tensor]) -> None:
        """After each step; `logs` are its losses on their device, so reading one waits for it."""

    def on_log(self, trainer: Trainer, split: str, values: Mapping[str, float]) -> None:
        """Whenever a line goes to `metrics.jsonl`."""

    def on_validate(self, trainer: Trainer, scores: dict[str, float]) -> None:
        """After a validation, in eval mode; what it adds to `scores` is logged and may be monitored."""

    def on_end(self, trainer: Trainer) -> None:
        """After the last state was saved."""


class Score(Callback):
    """Adds `{name: function(model)}`, or each `{name/key: value}` where the function returns a dict.

    It runs at every `every`-th validation, in eval mode, with random generators of its own.
    """

    def __init__(self, name: str, function: Callable[[Any], float | Mapping[str, float]], every: int = 1):
        self.name, self.function, self.every = name, function, every

    def on_validate(self, trainer: Trainer, scores: dict[str, float]) -> None:
        if trainer.state.validations % self.every:
            return
        value = self.function(trainer.objective.model)
        named = {f"{self.name}/{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {self.name: value}
        scores.update({name: float(number) for name, number in named.items()})


class Guard(Callback):
    """Stops a run that collapses, once `score` is under `least`, or under `share` of what it was at the best
    validation, if that was `once` at least: a score that never rose has not fallen. The best model stays as it was: the
    trainer keeps it, and the guard needs no memory of its own.
    """

    def __init__(self, score: str, *, least: float | None = None, share: float | None = None, once: float = 0.0):
        self.score, self.least, self.share, self.once = score, least, share, once

    def on_validate(self, trainer: Trainer, scores: dict[str, float]) -> None:
        value, best = scores.get(self.score), trainer.state.scores.get(self.score)
        if value is None:
            return
        if self.least is not None and not value >= self.least:
            trainer.stop(f"collapse: {self.score} is {value:.4g}, under {self.least:g}")
        elif self.share is not None and best is not None and best >= self.once and not value >= self.share * best:
            trainer.stop(f"collapse: {self.score} fell from {best:.4g} to {value:.4g}")


class Tensorboard(Callback):
    """Writes what goes to `metrics.jsonl` for tensorboard too, into `output/tensorboard`."""

    def on_start(self, trainer: Trainer) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise UserError('--tensorboard needs tensorboard; pip install "textdis[tensorboard]"') from None

        if trainer.folder is not None and trainer.first:
            self.writer = SummaryWriter(str(trainer.folder.root / "tensorboard"), purge_step=trainer.state.step + 1)

    def on_log(self, trainer: Trainer, split: str, values: Mapping[str, float]) -> None:
        for name, value in values.items() if hasattr(self, "writer") else ():
            self.writer.add_scalar(f"{split}/{name}", value, trainer.state.step)

    def on_end(self, trainer: Trainer) -> None:
        if hasattr(self, "writer"):
            self.writer.close()
