"""Train MoCoGAN, or VGAN, its baseline (`systems/mocogan.py`, `systems/vgan.py`), on a recipe's clips or a user's own.

A generator and its critics have no loss that falls as clips get better: the last weights are kept, averaged.
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
from textdis.core.schedule import warmup_cosine
from textdis.experiments.experiment import built, record
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig, MoCoGANObjective
from textdis.systems.vgan import VGAN, VGANConfig, VGANObjective
from textdis.training import processes
from textdis.training.callbacks import Callback, Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig
from textdis.video.batches import clip_batches
from textdis.video.clips import read_clips

CARD = """# {title}

A {kind} trained by textdis on {count:,} clips from {source}, in windows of {frames} frames of {pixels} x {pixels}
pixels.

- **Random seed** {seed}; {steps:,} batches of {batch} clips.
- **Use**: `textdis sample FOLDER --output clips.gif`{uses}.
- **Limits**: it makes clips like those of its data and no others; it cannot take up a clip that is given to it.
"""


@dataclass(frozen=True)
class ClipExperiment:
    """What both have. Defaults take some minutes on a core; the paper's are 64 pixels, 16 frames, rates of 2e-4."""

    output: str  # folder of the run; the model goes to output/model
    data: str | None = None  # clips of your own: a folder, gif, mp4 or npz (docs/systems/mocogan.md)
    recipe: Literal["shape_motion", "shape_motion_small", "bezier_shapes", "weizmann"] | None = None  # or these clips
    seed: int = 0  # random seed of weights, batches and noise
    pixels: int = 32  # a side
    frames: int = 8  # of a window
    steps: int = 6_000
    batch_size: int = 8  # clips
    lr: float = 4e-4  # of the generator: slower than the critics, or it runs to whatever they have not seen yet
    critic_lr: float = 1e-3  # of the critics
    warmup: int = 300  # steps in which the generator's rate rises from 0
    falling: bool = True  # both rates fall as a cosine
    beta1: float = 0.0  # of Adam, its memory of gradients; the released code: 0.5
    beta2: float = 0.99  # and of their squares; the released code: 0.999
    paired: bool = True  # losses compare real and generated; the paper's judge each by itself
    penalty: float = 0.1  # weight of R1 in the critics' losses, their squared slope at real clips
    both: bool = True  # the same at generated clips
    every: int = 8  # steps from one such penalty to the next
    spectral: bool = False  # critics are bounded by spectral normalisation
    critic_width: int = 32  # channels of the clip critic's first convolution, doubled by each other
    image_width: int = 16  # of the frame critic's
    at_once: bool = True  # the clip critic's first layer sees all frames; else each layer some, which is dearer
    pooled: int = 16  # channels of its second way, which compares what frames hold wherever it is; 0: there is none
    drift: float = 3.0  # how much a third critic (`pooled` wide) enlarges slow changes of looks; 0 or pooled 0: none
    seen_noise: float = 0.0  # standard deviation of noise on what critics see; pixels lie in [-1, 1]
    average: float = 0.9995  # share of the old that averaged weights keep a step
    save_every: int = 1_000  # steps
    precision: Literal["auto", "float32", "bf16"] = "auto"  # of convolutions; bf16 is faster on newer processors
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl


@dataclass(frozen=True)
class MoCoGANExperiment(ClipExperiment):
    """MoCoGAN."""

    content: int = 10  # numbers of content; the released code: 50
    motion: int = 10  # of motion
    noise: int = 10  # of noise a frame
    width: int = 16  # channels at each point; without points of the last layer but one, doubled by each before it
    image: bool = True  # a critic of single frames beside that of clips
    quiet: float = 0.1  # with points: a gain on motion for what does not place things, which is learnt as slowly
    flat: bool = False  # with points: a thing has one colour, which content alone says
    inertia: float = 1.5  # before training, of the GRU's gate that keeps the last state: higher, smoother paths
    redraw: bool = False  # ablation: content drawn anew for each frame
    points: bool = True  # frames are drawn point by point, not by layers that enlarge
    hidden: int = 232  # with points: units of what reads the code
    modulated: bool = True  # without points: content scales and shifts the generator's channels too
    labelled: bool = False  # the recipe's kinds of motion are known to the model, which can then be asked for one

    def model(self, kinds: int) -> MoCoGAN:
        return MoCoGAN(
            MoCoGANConfig(
                self.content, self.motion, self.noise, self.pixels, 3, self.width, self.frames, kinds,
                redraw=self.redraw, modulated=self.modulated, points=self.points, hidden=self.hidden,
                quiet=self.quiet, flat=self.flat, inertia=self.inertia,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class VGANExperiment(ClipExperiment):
    """VGAN. By default its generator has as many weights as MoCoGAN's by default: 210,000 and 207,000."""

    code: int = 20  # numbers of noise; as published: 100
    width: int = 17  # channels of the generator's last layer but one, doubled by each before it
    skip: bool = True  # each layer shows a clip of its own size, and they are added

    def model(self, kinds: int) -> VGAN:
        return VGAN(VGANConfig(self.code, self.pixels, 3, self.width, self.frames, skip=self.skip))


@dataclass(frozen=True)
class Taken:
    """The clips of a run, and what is known of their motion."""

    clips: Sequence[np.ndarray]  # uint8 [T, H, W, 3]
    labels: np.ndarray | None = None  # [N], kinds of motion
    names: tuple[str, ...] = ()  # of the kinds


def train(experiment: MoCoGANExperiment | VGANExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: no clips, sizes that cannot be, an output that holds another run.
    """
    e = experiment
    processes.join(e.device)
    built(e.model, 0)  # sizes that cannot be are refused before clips are made, which takes long
    taken = take_clips(e)
    objective = make_objective(e, len(taken.names))
    record(Path(e.output), e, (hashlib.sha256(clip.tobytes()).hexdigest() for clip in taken.clips))
    config = TrainerConfig(
        e.steps, seed=e.seed, minutes=e.minutes, device=e.device, precision=e.precision, save_every=e.save_every
    )
    own: dict[str, Any] = {"batch_size": e.batch_size, "frames": e.frames, "seed": e.seed}
    batches = clip_batches(taken.clips, taken.labels, **own, **processes.share())
    callbacks: list[Callback] = [Tensorboard()] if e.tensorboard else []
    trainer = Trainer(objective, config, e.output, callbacks, partial(_write, e, taken, objective.averaged))
    return trainer.fit(batches)


def take_clips(experiment: MoCoGANExperiment | VGANExperiment) -> Taken:
    """Of the recipe's training split, or of the user's files. Raises UserError."""
    e = experiment
    labelled = isinstance(e, MoCoGANExperiment) and e.labelled
    if (e.data is None) == (e.recipe is None):
        raise UserError("give either --data, a folder or file of clips, or --recipe")
    if e.data is not None:
        if labelled:
            raise UserError("--labelled takes a recipe: files say nothing about kinds of motion")
        return Taken(read_clips(e.data, pixels=e.pixels, frames=e.frames))
    from data_recipes.clips import load_clips

    sized: dict[str, Any] = {
        "shape_motion": {"pixels": e.pixels, "frames": e.frames},
        "bezier_shapes": {"pixels": e.pixels, "frames": e.frames},
        "shape_motion_small": {"frames": e.frames},
    }
    made = load_clips(str(e.recipe), **sized.get(str(e.recipe), {}))["train"]
    if (side := made.frames[0].shape[1]) != e.pixels:
        raise UserError(f"clips of {e.recipe} have {side} pixels a side: give --pixels {side}")
    if not labelled:
        return Taken(made.frames)
    name = "motion" if "motion" in made.factors else "action"
    return Taken(made.frames, made.factors[name], made.names[name])


def make_objective(experiment: MoCoGANExperiment | VGANExperiment, kinds: int = 0) -> MoCoGANObjective:
    """A new model with random weights, in its objective. Raises UserError: sizes that cannot be."""
    e = experiment
    torch.manual_seed(e.seed)
    adam = partial(torch.optim.Adam, betas=(e.beta1, e.beta2), fused=True)
    rates = partial(warmup_cosine, total=e.steps, floor=0.05 if e.falling else 1.0)
    same = ("average", "image_width", "at_once", "pooled", "drift", "spectral", "paired", "penalty", "both", "every")
    own: dict[str, Any] = {name: getattr(e, name) for name in same} | {
        "noise": e.seen_noise, "width": e.critic_width, "schedule": rates(0), "own_schedule": rates(e.warmup),
        "optimizer": partial(adam, lr=e.lr), "critic": partial(adam, lr=e.critic_lr),
    }  # fmt: skip
    if isinstance(e, VGANExperiment):
        return built(lambda: VGANObjective(e.model(kinds), **own))
    return built(lambda: MoCoGANObjective(e.model(kinds), image=e.image, **own))


def _write(e: MoCoGANExperiment | VGANExperiment, taken: Taken, model: Any, folder: Path) -> None:
    notes = {"trained_on": f"{e.recipe}:train"} if e.recipe else {}
    model.save_pretrained(folder, frames=e.frames, labels=list(taken.names), **notes)
    mocogan = isinstance(e, MoCoGANExperiment)
    card = CARD.format(
        title=Path(e.output).name,
        kind="MoCoGAN (Tulyakov et al., 2018)" if mocogan else "VGAN (Vondrick et al., 2016)",
        count=len(taken.clips), source=f"the recipe {e.recipe}" if e.recipe else str(e.data), frames=e.frames,
        pixels=e.pixels, seed=e.seed, steps=e.steps, batch=e.batch_size,
        uses="; `textdis sample FOLDER --sheet --output sheet.png`: content down, motion across" if mocogan else "",
    )  # fmt: skip
    (folder / "README.md").write_text(card, encoding="utf-8")
