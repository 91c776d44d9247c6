"""A small objective that leans on everything a resume must restore, and a script that trains it.

`python training_toys.py OUTPUT STEPS [KILL_AT]` trains, and dies by SIGKILL after step KILL_AT.
Under torchrun, `python training_toys.py OUTPUT STEPS` trains two processes on halves of each batch.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_model
from torch import nn
from torch.nn import functional as F

from textdis.core.batch import TextBatch
from textdis.core.objective import Objective, Player, Turn
from textdis.training.callbacks import Callback
from textdis.training.trainer import Trainer, TrainerConfig

B, T, D, V = 2, 5, 7, 11


class Toy(nn.Module):
    """tokens [B, T] -> logits [B, T, V]"""

    def __init__(self, dropout: float = 0.3):
        super().__init__()
        self.embed, self.dropout, self.out = nn.Embedding(V, D), nn.Dropout(dropout), nn.Linear(D, V)
        self.unused = nn.Parameter(torch.ones(3))
        self.rare = nn.Linear(D, 1)  # has a gradient only where a batch holds token 10

    def forward(self, tokens):
        return self.out(self.dropout(self.embed(tokens)))

    def save_pretrained(self, folder):
        save_model(self, str(folder / "model.safetensors"))


class Noisy(Objective):
    """Two players share the embedding; each generator of randomness has its part in the loss."""

    def __init__(self, model):
        super().__init__(model)
        self.critic = nn.Linear(D, 1)

    def players(self):
        return {
            "model": Player(self.model, max_norm=1.0, schedule=lambda step: 1 / (1 + step)),
            "critic": Player(self.critic, self.model.embed, optimizer=partial(torch.optim.SGD, lr=0.1, momentum=0.9)),
        }

    def turns(self, batches, step):
        x = next(batches)
        noise = random.random() + float(np.random.rand()) + torch.rand(())
        yield Turn("model", {"nll": nll(self.model, x), "size": noise * self.model.out.weight.square().mean()})
        y = next(batches)
        yield Turn("critic", {"real": F.softplus(self.critic(self.model.embed(y.tokens))).mean()}, {"real": 0.5})


class PerExample(Objective):
    """One loss, a mean over examples; token 10 also asks for a part of the model that others leave alone."""

    def players(self):
        return {"model": Player(self.model, optimizer=partial(torch.optim.AdamW, lr=0.01, weight_decay=0.1))}

    def turns(self, batches, step):
        x = next(batches)
        losses = {"nll": nll(self.model, x)}
        flagged = (x.tokens == 10).any(1).float()  # [B]
        if flagged.any():
            losses["rare"] = (self.model.rare(self.model.embed(x.tokens).mean(1))[:, 0].square() * flagged).mean()
        yield Turn("model", losses)


def nll(model, x):
    return F.cross_entropy(model(x.inputs).transpose(1, 2), x.targets)


class Stream:
    """Endless made-up batches, the i-th always the same: rows `rank::world` of B * world."""

    def __init__(self, size: int = B, rank: int = 0, world: int = 1):
        self.position, self.size, self.rank, self.world = 0, size, rank, world

    def __iter__(self):
        return self

    def __next__(self):
        self.position += 1
        tokens = torch.randint(4, 10, (self.size, T), generator=torch.Generator().manual_seed(self.position))
        if self.position % 3 == 0:
            tokens[1, 2] = 10
        tokens = tokens[self.rank :: self.world]
        return TextBatch(tokens, torch.full((len(tokens),), T))

    def state_dict(self):
        return {"position": np.int64(self.position)}

    def load_state_dict(self, state):
        self.position = state["position"]


class At(Callback):
    """Calls `what(trainer)` after step `step`."""

    def __init__(self, step, what):
        self.step, self.what = step, what

    def on_step(self, trainer, logs):
        if trainer.state.step == self.step:
            self.what(trainer)


def train(output, steps, objective=Noisy, callbacks=(), validation=None, stream=None, dropout=0.3, **config):
    """A trained Trainer over a toy that always starts the same."""
    torch.manual_seed(13)
    objective = objective(Toy(dropout))
    config = {"log_every": 3, "save_every": 5, "validate_every": 4, "device": "cpu"} | config
    trainer = Trainer(objective, TrainerConfig(steps, **config), output, callbacks)
    trainer.fit(stream or Stream(), validation)
    return trainer


def held_out(count: int = 3):
    stream = Stream()
    stream.position = 1000
    return [next(stream) for _ in range(count)]


def weights(source) -> dict[str, torch.Tensor]:
    """Copies of a trainer's weights, or those of a model folder."""
    if isinstance(source, Path):
        return load_file(source / "model.safetensors")
    return {name: value.clone() for name, value in source.objective.state_dict().items()}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


if __name__ == "__main__":
    folder, last = Path(sys.argv[1]), int(sys.argv[2])
    if "WORLD_SIZE" in os.environ:
        own = Stream(4, int(os.environ["RANK"]), 2)
        train(folder, last, PerExample, stream=own, dropout=0.0, validation=held_out())
        torch.distributed.destroy_process_group()
    else:
        die = At(int(sys.argv[3]), lambda trainer: os.kill(os.getpid(), signal.SIGKILL))
        train(folder, last, callbacks=[die], validation=held_out())
