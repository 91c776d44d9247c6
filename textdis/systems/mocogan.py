"""Motion and content pulled apart by two critics of one generator: MoCoGAN, Tulyakov et al. (2018).

    z_C ~ N(0, I), once a clip;   z_M(k) = GRU(eps(k), z_M(k - 1)), eps(k) ~ N(0, I);   x(k) = G_I([z_C, z_M(k)])   (1)

D_I tells single frames of real clips from generated ones, D_V windows of T frames; generator and GRU descend both.
Where the paper gives words and no formula, or nothing:

- Losses are Goodfellow's, the generator's in the form that does not fade. G_I is DCGAN's generator with tanh.
- Sizes 50, 10 and 10, the random start of the GRU and Adam at 2e-4 with betas 0.5 and 0.999 are the released code's.
- `drift` adds a third critic, of how far the looks of a window's frames lie from each other (`nn/critics.py`).
- Critics have no batch norm, as the release has, so that frames of one clip, which are alike, do not stand in for
  statistics; `spectral` bounds them by spectral normalisation instead.
- `modulated`: content also scales and shifts the channels of each layer (`nn/pictures.py`). G_I is not given.
- One set of clips is generated a step. Critics see it detached; then the generator, which has not moved, is judged on
  it by the critics as they are now. Of each clip D_I sees one frame.
- `points`: each pixel follows from its place and the code (`nn/points.py`), in training a little beyond [-1, 1].
- `paired` losses ask which of two clips is real; `both` adds R1 at generated clips (R3GAN, Huang et al., 2024).
- What is kept is the mean of the generator's weights over its last steps, by an exponential average (`averaged`).
- With `kinds` of motion the GRU is told the kind at every step, and D_V must name it (released code): an option.

Axes: B clips, C colours, T frames, H and W pixels, Z numbers of content, M of motion.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import ClipBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.gan import critic_nll, fooling_nll, pair_nll, zero_centred_penalty
from textdis.losses.likelihood import label_nll
from textdis.nn.critics import DriftCritic, ImageCritic, VideoCritic, realness, shown
from textdis.nn.pictures import Modulated, picture_generator, start_small
from textdis.nn.points import PointGenerator

ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999), fused=True)


@dataclass(frozen=True)
class MoCoGANConfig:
    """Sizes; d_C, d_M and d_E of the paper are `content`, `motion` and `noise`."""

    content: int = 50
    motion: int = 10
    noise: int = 10  # of what drives the GRU
    pixels: int = 64  # H = W
    colours: int = 3
    width: int = 64  # channels of the last layer but one, doubled by each before it
    frames: int = 16  # T, of a window in training; `sample` makes clips of any length
    kinds: int = 0  # of motion, where clips are labelled with it
    redraw: bool = False  # ablation: content is drawn anew for each frame
    modulated: bool = False  # content also scales and shifts the generator's channels
    points: bool = False  # frames are drawn point by point, by layers of `width` channels each
    hidden: int = 128  # with points: units of what reads the code
    quiet: float = 0.1  # with points: a gain on motion for what does not place things, which is learnt as slowly
    flat: bool = False  # with points: a thing has one colour, which content alone says
    inertia: float = 0.0  # before training, of the GRU's gate that keeps the last state: higher, smoother paths

    def __post_init__(self) -> None:
        if min(self.content, self.motion, self.noise, self.frames, self.hidden) < 1 or self.kinds < 0:
            raise ValueError("content, motion, noise, frames and hidden must be at least 1, and kinds not below 0")


class MoCoGAN(Model):
    """See the module's first lines."""

    Config = MoCoGANConfig
    config: MoCoGANConfig

    def __init__(self, config: MoCoGANConfig):
        super().__init__(config)
        c = config
        self.path = nn.GRU(c.noise + c.kinds, c.motion, batch_first=True)
        gates: Any = self.path.bias_ih_l0
        gates.data[c.motion : 2 * c.motion] += c.inertia
        self.generator = frame_generator(c)

    def contents(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """z_C of `count` clips, the same in all frames. [B, T, Z]"""
        drawn = 1 if not self.config.redraw else frames
        return noise((count, drawn, self.config.content), self.device, generator).expand(-1, frames, -1)

    def motions(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """z_M of `count` clips: a path that fresh noise drives from a random start. [B, T, M]

        label [B] int64: kinds of motion; None: drawn. Raises ValueError: a label for a model without kinds.
        """
        c = self.config
        if label is not None and not c.kinds:
            raise ValueError("this model knows no kinds of motion: give no label")
        driven = noise((count, frames, c.noise), self.device, generator)
        start = noise((1, count, c.motion), self.device, generator)
        if c.kinds:
            label = self.draw_labels(count, generator=generator) if label is None else label.to(self.device)
            told = F.one_hot(label, c.kinds).to(driven.dtype)
            driven = torch.cat([driven, told[:, None].expand(-1, frames, -1)], -1)
        with torch.autocast(self.device.type, enabled=False):
            path: Tensor = self.path(driven, start)[0]
        return path

    def draw_labels(self, count: int, *, generator: torch.Generator | None = None) -> Tensor:
        """[B] int64, all kinds alike often"""
        home = generator.device if generator else self.device
        return torch.randint(self.config.kinds, (count,), generator=generator, device=home).to(self.device)

    def show(self, content: Tensor, motion: Tensor) -> Tensor:
        """Frames of content [B, T, Z] and motion [B, T, M], all at once, in [-1, 1]. -> [B, C, T, H, W]"""
        codes = torch.cat([content, motion], -1)
        frames = self.generator(codes.flatten(0, 1))
        if not self.config.points:
            frames = torch.tanh(frames)
        elif not self.training:
            frames = frames.clamp(-1, 1)
        return frames.unflatten(0, codes.shape[:2]).transpose(1, 2)

    def sample(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Clips that nobody filmed, of any length. [B, C, T, H, W]"""
        content = self.contents(count, frames, generator=generator)
        return self.show(content, self.motions(count, frames, label=label, generator=generator))


def frame_generator(c: MoCoGANConfig) -> nn.Module:
    """G_I, of [content, motion]; before tanh but for `points`."""
    if c.points:
        return PointGenerator(c.content, c.motion, c.pixels, c.colours, c.width, c.hidden, quiet=c.quiet, flat=c.flat)
    layers = picture_generator(c.content + c.motion, c.pixels, c.colours, c.width)
    start_small(layers)
    return Modulated(layers, c.content) if c.modulated else layers


class MoCoGANObjective(Objective):
    """Turns of the critics, then of the generator; losses in nats.

    image: whether there is a critic of single frames. noise: standard deviation of what is added to all that the
    critics see, the generator's turn included.
    """

    model: Any  # a MoCoGAN, or what else has `sample` and the same fields

    def __init__(
        self,
        model: Model,
        *,
        image: bool = True,
        noise: float = 0.0,
        average: float = 0.99,  # share of the old that the averaged weights keep a step
        width: int | None = None,  # channels of the critics' first layers; None: the generator's
        image_width: int | None = None,  # of the image critic's; None: as wide
        at_once: bool = False,  # the video critic's first layer sees all frames of a window
        pooled: int = 0,  # channels of the video critic's second way (`nn/critics.py`)
        drift: float = 0.0,  # how much a third critic, of `pooled` channels, enlarges what changes within a clip
        spectral: bool = True,  # critics are bounded by spectral normalisation
        paired: bool = False,  # losses compare real and generated
        penalty: float = 0.0,  # weight of R1, the critics' squared slope at real clips
        both: bool = False,  # and of the same at generated ones
        every: int = 4,  # steps from one such penalty to the next, which weighs as much more
        schedule: Schedule | None = None,  # of learning rates
        own_schedule: Schedule | None = None,  # of the generator's; None: the same
        optimizer: OptimizerFactory = ADAM,
        critic: OptimizerFactory = ADAM,
    ):
        super().__init__(model)
        c = model.config
        own = width or c.width
        ways: Any = {"at_once": at_once, "pooled": pooled, "spectral": spectral}
        self.video_critic = VideoCritic(c.pixels, c.frames, c.colours, own, 1 + c.kinds, **ways)
        looks = c.frames, c.colours, pooled, drift
        self.drift_critic = DriftCritic(*looks, spectral=spectral) if pooled and drift else None
        self.image_critic = ImageCritic(c.pixels, c.colours, image_width or own, spectral=spectral) if image else None
        self.noise, self.average, self.schedules = noise, average, (schedule, own_schedule or schedule)
        self.paired, self.penalty, self.both, self.every = paired, penalty, both, every
        self.optimizer, self.critic = optimizer, critic
        self.averaged = copy.deepcopy(model).requires_grad_(False).eval()

    @property
    def critics(self) -> dict[str, Any]:
        """In the order of their turns."""
        every = (("video", self.video_critic), ("drift", self.drift_critic), ("image", self.image_critic))
        return {name: critic for name, critic in every if critic is not None}

    def players(self) -> dict[str, Player]:
        schedule, own = self.schedules
        players = {k: Player(critic, optimizer=self.critic, schedule=schedule) for k, critic in self.critics.items()}
        return players | {"generator": Player(self.model, optimizer=self.optimizer, schedule=own)}

    def turns(self, batches: Iterator[ClipBatch], step: int) -> Iterator[Turn]:
        batch, m = next(batches), self.model
        self._follow()
        length = max(batch.frames.shape[2], m.config.frames)
        label = m.draw_labels(len(batch)) if m.config.kinds else None
        fake, real = m.sample(len(batch), length, label=label), {}
        for name, critic in self.critics.items():
            logits, losses = self._told_apart(critic, shown(critic, batch.frames), shown(critic, fake.detach()), step)
            real[name] = realness(logits)[: len(batch)].detach()
            yield Turn(name, losses | (self._kind_loss(logits, batch.label) if name == "video" else {}))
        judged = {k: critic(self._seen(shown(critic, fake))) for k, critic in self.critics.items()}
        losses = {k: self._fooled(logits, real[k]) for k, logits in judged.items()}
        kind = {} if label is None else {"kind": label_nll(judged["video"][:, 1:].mean(-1), label)}
        yield Turn("generator", losses | kind)

    def _fooled(self, logits: Tensor, real: Tensor) -> Tensor:
        """What the generator pays. real: the critic's verdicts before its own step of this turn."""
        return pair_nll(realness(logits), real) if self.paired else fooling_nll(realness(logits))

    def _told_apart(self, critic: Any, real: Tensor, fake: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The critic's logits of both, real ones first, and what it pays for them."""
        logits = critic(self._seen(torch.cat([real, fake])))
        one, other = realness(logits).chunk(2)
        losses = {"pair": pair_nll(one, other)} if self.paired else critic_nll(one, other)
        if self.penalty and step % self.every == 0:
            examples = torch.cat([real, fake]) if self.both else real
            slope = zero_centred_penalty(lambda x: realness(critic(x)), examples)  # a mean: of both it is half the sum
            losses["slope"] = self.penalty * self.every * (2 if self.both else 1) * slope
        return logits, losses

    def _kind_loss(self, logits: Tensor, label: Tensor | None) -> dict[str, Tensor]:
        """Of the video critic, which names the kinds of real motion where the model knows any."""
        if not self.model.config.kinds:
            return {}
        if label is None:
            raise ValueError("a batch without labels: this system needs to know the kind of each motion")
        return {"kind": label_nll(logits[: len(label), 1:].mean(-1), label)}

    @torch.no_grad()
    def _follow(self) -> None:
        """Before each step: `averaged` moves a little towards where the model now is, batch norm's statistics too."""
        for own, new in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
            own.lerp_(new, 1 - self.average) if own.is_floating_point() else own.copy_(new)

    def _seen(self, pixels: Tensor) -> Tensor:
        return pixels + self.noise * torch.randn_like(pixels) if self.noise else pixels


def noise(shape: tuple[int, ...], device: torch.device, generator: torch.Generator | None = None) -> Tensor:
    """Standard normal numbers on `device`, drawn where the generator is: the processor's draws are the same for all."""
    return torch.randn(shape, generator=generator, device=generator.device if generator else device).to(device)
