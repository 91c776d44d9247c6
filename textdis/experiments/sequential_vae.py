"""Train a video model whose factors are predicted each by itself (`systems/sequential_vae.py`), or its entangled twin.

The best model is that of the greatest ELBO on held-out clips.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.core.schedule import warmup_cosine
from textdis.experiments.experiment import built, record
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig, SequentialVAEObjective
from textdis.training import processes
from textdis.training.callbacks import Callback, Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig
from textdis.video.batches import clip_batches, once
from textdis.video.clips import read_clips as read_files

CARD = """# {title}

A sequential variational autoencoder (Whitney and Fergus, 2017) of {factors} factor(s) of {size} numbers, trained by
textdis on {count:,} clips of {frames} frames from {source}, {pixels} x {pixels} pixels.

- **Random seed** {seed}; {steps:,} batches of {batch} clips.
- **Limits**: it knows scenes like those of its data and no others; factors are predicted by themselves, so that things
  which meet and push each other are beyond it.
"""


@dataclass(frozen=True)
class SequentialVAEExperiment:
    """Everything a run needs. The defaults take some minutes on one core; the paper's sizes are those of the model's
    Config, with clips of 64 pixels and a learning rate of 3e-4.
    """

    output: str  # folder of the run; the best model goes to output/model
    data: str | None = None  # a user's own clips: a folder of frames or of clips, gif, mp4, npz (`video/clips.py`)
    recipe: Literal["moving_mnist", "sprites"] | None = None  # or clips that are made
    motion: Literal["bounce", "circle"] = "bounce"  # how what is made moves
    seed: int = 0  # random seed of clips, weights, batches and noise
    clips: int = 5_000  # of training that are made
    held_out: int = 1_000  # that validate: made, or at most a tenth of `data`
    pixels: Literal[32, 64] = 32  # a side
    frames: int = 8  # of a clip
    steps: int = 4_000
    batch_size: int = 16  # clips
    lr: float = 2e-3  # of Adam, falling as a cosine; the paper: 3e-4
    warmup: int = 100  # steps in which the rate rises from 0; where things stay undrawn, give more (800 for sprites)
    max_norm: float | None = 3_000.0  # of the gradient, in nats
    grow_from: str | None = None  # a model of half the pixels and twice the width, whose inner layers are begun from
    factors: int = 2  # 1: the entangled twin, of the same size in all where `size` is the factors' together
    size: int = 32  # numbers of a factor
    parts: int | None = None  # of a code, drawn each by itself and added; None: the factors; the paper: 1, all at once
    width: int = 16  # channels of the first convolution; the paper: 64
    features: int = 64  # what the convolutions tell of a frame; the paper: 32
    layers: int = 2  # of a transition; the paper: 5, and 2 so that correlations show
    hidden: int = 128  # units of a transition
    memory: int = 64  # units that remember a factor's past for its transition; 0, the paper: the last code is all
    variance: float = 0.05  # of a pixel in [-1, 1]; the paper: 0.25 for moving MNIST, 0.05 for real scenes
    validate_every: int = 500  # steps
    precision: Literal["auto", "float32", "bf16"] = "auto"  # of the convolutions; bf16 is faster on newer processors
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl

    @property
    def model(self) -> SequentialVAEConfig:
        return SequentialVAEConfig(
            self.factors, self.size, self.pixels, 3, self.width, self.features, self.hidden, self.layers,
            self.variance, self.memory, self.factors if self.parts is None else self.parts,
        )  # fmt: skip


def train(experiment: SequentialVAEExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the best scores.

    Raises UserError: no data, sizes that cannot be, an output that holds another run.
    """
    e = experiment
    processes.join(e.device)
    torch.manual_seed(e.seed)
    model = built(lambda: SequentialVAE(e.model))
    if e.grow_from:
        grow(model, e.grow_from)
    train_clips, held_out = read_clips(e)
    record(Path(e.output), e, (hashlib.sha256(clip.tobytes()).hexdigest() for clip in train_clips))
    objective = SequentialVAEObjective(
        model,
        optimizer=partial(torch.optim.Adam, lr=e.lr),
        max_norm=e.max_norm,
        schedule=warmup_cosine(min(e.warmup, e.steps // 4 + 1), e.steps),
    )
    config = TrainerConfig(
        e.steps, seed=e.seed, minutes=e.minutes, device=e.device, precision=e.precision,
        validate_every=e.validate_every, save_every=e.validate_every, monitor="model/elbo", mode="max",
    )  # fmt: skip
    batches = clip_batches(train_clips, batch_size=e.batch_size, frames=e.frames, seed=e.seed, **processes.share())
    callbacks: list[Callback] = [Tensorboard()] if e.tensorboard else []
    trainer = Trainer(objective, config, e.output, callbacks, partial(_write, e, model, len(train_clips)))
    return trainer.fit(batches, list(once(held_out, batch_size=128, frames=e.frames)))


def grow(model: SequentialVAE, folder: str) -> None:
    """Begins `model` from that of `folder`, of half the pixels. Raises UserError: another model, other sizes."""
    small = load(folder)
    if not isinstance(small, SequentialVAE):
        raise UserError(f"{folder}: holds a {type(small).__name__}; a sequential VAE grows from a sequential VAE")
    try:
        model.grow_from(small)
    except ValueError as error:
        raise UserError(f"{folder}: {error}") from None


def read_clips(experiment: SequentialVAEExperiment) -> tuple[Sequence[np.ndarray], Sequence[np.ndarray]]:
    """Training and held-out clips, uint8 [N, T, H, W, 3] each. Raises UserError: neither or both sources, one clip."""
    e = experiment
    if bool(e.data) == bool(e.recipe):
        raise UserError("say where clips come from: either --data FOLDER or --recipe moving_mnist or sprites")
    if e.recipe:
        from data_recipes.clips import load_clips

        sizes: dict[str, Any] = {"pixels": e.pixels, "frames": e.frames, "counts": (e.clips, e.held_out)}
        made = load_clips(e.recipe, **sizes, seed=e.seed, motion=e.motion)
        return made["train"].frames, made["test"].frames
    clips = read_files(str(e.data), pixels=e.pixels, frames=e.frames)
    if len(clips) < 2:
        raise UserError(f"{e.data}: one clip; there must be another to validate on, so cut it or add one")
    order = np.random.default_rng(e.seed).permutation(len(clips))
    held = min(e.held_out, max(1, len(clips) // 10))
    return [clips[i] for i in order[held:]], [clips[i] for i in order[:held]]


def _write(experiment: SequentialVAEExperiment, model: SequentialVAE, count: int, folder: Path) -> None:
    e = experiment
    trained_on = f"{e.recipe}:train" if e.recipe else None
    model.save_pretrained(folder, frames=e.frames, trained_on=trained_on, motion=e.motion)
    card = CARD.format(
        title=Path(e.output).name, factors=e.factors, size=e.size, count=count, frames=e.frames, pixels=e.pixels,
        source=f"the recipe {e.recipe}" if e.recipe else "files of its own",
        seed=e.seed, steps=e.steps, batch=e.batch_size,
    )  # fmt: skip
    (folder / "README.md").write_text(card, encoding="utf-8")
