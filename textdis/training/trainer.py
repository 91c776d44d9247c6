"""Takes the turns of any objective. Knows nothing of what they mean."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.memory import keep_freed_memory
from textdis.core.objective import Objective, Turn
from textdis.training import processes
from textdis.training.callbacks import Callback
from textdis.training.checkpoint import CheckpointError, RunFolder
from textdis.training.config import State, TrainerConfig
from textdis.training.log import Bar, Log, Meter
from textdis.training.players import NonFiniteLoss, Players
from textdis.training.randomness import own_randomness, random_state, seed_all, set_random_state
from textdis.training.validation import is_better, mean_losses, named

say = logging.getLogger("textdis")


class Feed:
    """Batches on their device, examples counted."""

    def __init__(self, batches: Iterable[Any], device: torch.device):
        self.batches, self.device, self.examples = iter(batches), device, 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            batch = next(self.batches)
        except StopIteration:
            raise UserError("the training batches came to an end; training needs an endless iterator") from None
        self.examples += len(batch)
        return batch.to(self.device)


class Trainer:
    """Takes turns, logs, validates, keeps the best model and the last state, resumes.

    `model_writer(folder)` fills an empty model folder; by default it is `objective.model.save_pretrained`.
    Open to callbacks: `objective`, `config`, `state`, `folder` (None without output), `first` (the process that
    writes), `stop(reason)`. Raises UserError: no such device, an output that cannot be made.
    """

    def __init__(
        self,
        objective: Objective,
        config: TrainerConfig,
        output: str | Path | None = None,
        callbacks: Sequence[Callback] = (),
        model_writer: Callable[[Path], None] | None = None,
    ):
        self.config, self.callbacks = config, callbacks
        self.device = processes.join(config.device)
        if self.device.type == "cpu":
            keep_freed_memory()
        self.first = processes.rank() == 0
        self.objective = objective.to(self.device)
        self.players = Players(objective.players(), config.accumulate)
        self.folder = None if output is None else RunFolder(output)
        self.model_writer = model_writer or (lambda folder: objective.model.save_pretrained(folder))
        self.half = config.precision == "bf16" or (config.precision == "auto" and self.device.type == "cuda")
        self.state, self.meter = State(), Meter()
        self.saved = 0  # step of the last state saved
        self.stopped = ""  # why the last `fit` ended before its steps were done

    def fit(self, batches: Any, validation: Iterable[Any] | None = None) -> dict[str, float]:
        """Trains up to `config.steps`, from the state in the output folder where there is one.

        `batches` never ends and has state_dict() and load_state_dict(), of plain values; `validation` can be iterated
        again and again. Returns the scores of the best validation; without validation, the last logged losses.
        After an early end (`minutes`, `patience`, Ctrl-C, a callback) `stopped` says why.
        Raises NonFiniteLoss and CheckpointError, which leave the last good state as it was.
        """
        self._start(batches)
        config, state, feed = self.config, self.state, Feed(batches, self.device)
        with processes.stop_signals() as signals, contextlib.closing(self.bar):
            while state.step < config.steps and not self._must_stop(signals):
                self._call("on_step", self._advance(feed))
                if state.step % config.log_every == 0:
                    self._log()
                if validation is not None and state.step % config.validate_every == 0:
                    self._validate(validation)
                if state.step % config.save_every == 0:
                    self._save(batches, validation is not None)
            self._end(batches, validation)
        return state.scores

    def stop(self, reason: str) -> None:
        """Ends the run in good order after this step."""
        self.stopped = reason

    # ---- a step ------------------------------------------------------------------------------------------------------

    def _advance(self, feed: Feed) -> dict[str, Tensor]:
        """One step of the objective: its turns, each descended before the next is computed. The losses."""
        self.objective.train()
        state, before, logs = self.state, feed.examples, dict[str, Tensor]()
        turns = self.objective.turns(feed, state.step)
        while (turn := self._next(turns)) is not None:
            self.players.descend(turn, state.step + 1)
            if not logs:
                state.player, state.weights = turn.player, {name: float(w) for name, w in turn.weights.items()}
            losses = {f"{turn.player}/{name}": loss.detach() for name, loss in turn.losses.items()}
            self.meter.add(losses)
            logs |= losses
        state.step += 1
        self.bar.advance((feed.examples - before) * processes.world())
        return logs

    def _next(self, turns: Iterator[Turn]) -> Turn | None:
        # autocast is left between turns: it would otherwise keep half copies of old weights
        with self._autocast():
            return next(turns, None)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)

    # ---- between steps -----------------------------------------------------------------------------------------------

    def _log(self) -> None:
        means, rate = self.meter.read(), self.bar.rate()
        if self.state.best is None:
            self.state.scores.update(means)
        self.bar.show(means, rate)
        self._record("train", means | {"sentences_per_second": round(rate, 1)})

    def _validate(self, validation: Iterable[Any]) -> None:
        began, state, monitor = time.monotonic(), self.state, self.config.monitor or "total"
        self.objective.eval()
        with own_randomness(self.config.seed):
            means = mean_losses(self.objective, validation, state.step, self.device, self._autocast())
            scores = named(means, state.player, state.weights)
            state.validations, state.validated = state.validations + 1, state.step
            self._call("on_validate", scores)
        if monitor not in scores:
            raise UserError(f"monitor {monitor!r}: validation gives only {', '.join(sorted(scores))}")
        state.stale += 1
        if is_better(scores[monitor], state.best, self.config.mode):
            state.best, state.stale = scores[monitor], 0
            state.scores.clear()
            state.scores.update(scores)
            self._write_model("model")
        self._record("validation", scores)
        self.bar.pause(time.monotonic() - began)

    def _must_stop(self, signals: list[str]) -> bool:
        state, config = self.state, self.config
        if signals:
            self.stopped = signals[0]
        elif config.minutes is not None and time.monotonic() - self.began > 60 * config.minutes:
            self.stopped = f"{config.minutes:g} minutes are over"
        elif config.patience is not None and state.stale >= config.patience:
            self.stopped = f"no better score in {state.stale} validations"
        if processes.any_of(bool(self.stopped), self.device):
            self.stopped = self.stopped or "another process stopped"
        return bool(self.stopped)

    def _record(self, split: str, values: dict[str, float]) -> None:
        self.log.write(self.state.step, split, values)
        self._call("on_log", split, values)

    def _call(self, event: str, *values: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self, *values)

    # ---- the two ends, and the state between them --------------------------------------------------------------------

    def _start(self, batches: Any) -> None:
        self.began, self.stopped = time.monotonic(), ""
        saved = None if self.folder is None else self.folder.load()
        if saved is None:
            seed_all(self.config.seed + processes.rank())
        else:
            self._load(saved, batches)
        processes.broadcast(self.objective)
        path = self.folder.prepare() if self.folder is not None and self.first else None
        self.log = Log(path, self.state.step)
        self.bar = Bar(self.config.steps, self.state.step, self.first)
        self._call("on_start")

    def _end(self, batches: Any, validation: Iterable[Any] | None) -> None:
        state, done = self.state, self.state.step >= self.config.steps
        if done and self.meter.counts:
            self._log()
        if validation is not None and state.validated < state.step and not self.stopped.startswith("SIG"):
            self._validate(validation)
        if self.saved < state.step:
            self._save(batches, validation is not None)
        self._call("on_end")
        if self.stopped and self.first:
            where = "" if self.folder is None else f"; the same command goes on from {self.folder.root}"
            say.warning("stopped at step %d of %d (%s)%s", state.step, self.config.steps, self.stopped, where)

    def _write_model(self, name: str) -> None:
        if self.folder is not None and self.first:
            self.folder.write_model(self.model_writer, name)

    def _save(self, batches: Any, validated: bool) -> None:
        """Saves the state; without validation the last model counts as the best. Raises NonFiniteLoss."""
        began, step = time.monotonic(), self.state.step
        if not all(torch.isfinite(p).all() for p in self.objective.parameters()):
            raise NonFiniteLoss(f"step {step}: a weight is not finite; the last saved state is intact")
        ranks = processes.gather({"random": random_state(), "batches": batches.state_dict()})
        self._write_model("last" if validated else "model")
        if self.folder is not None and self.first:
            own = {"objective": self.objective.state_dict(), "players": self.players.state_dict()}
            own |= {"state": dataclasses.asdict(self.state), "meter": self.meter.state_dict()}
            self.folder.save({"ranks": ranks, **own})
        self.saved = step
        self.bar.pause(time.monotonic() - began)

    def _load(self, saved: dict[str, Any], batches: Any) -> None:
        """Takes up a saved state. Raises CheckpointError: of another model, other players, more or fewer processes."""
        if len(saved["ranks"]) != processes.world():
            raise CheckpointError(f"the run was trained by {len(saved['ranks'])} processes; resume it with as many")
        try:
            self.objective.load_state_dict(saved["objective"])
            self.players.load_state_dict(saved["players"])
        except (RuntimeError, KeyError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise CheckpointError(f"the run holds another model ({reason}); choose another output folder") from None
        self.meter.load_state_dict(saved["meter"], self.device)
        self.state, own = State(**saved["state"]), saved["ranks"][processes.rank()]
        self.saved = self.state.step
        batches.load_state_dict(own["batches"])
        set_random_state(own["random"])
