"""Motion and content pulled apart by two critics of one generator: MoCoGAN, Tulyakov et al. (2018).

    z_C ~ N(0, I), once a clip;   z_M(k) = GRU(eps(k), z_M(k - 1)), eps(k) ~ N(0, I);   x(k) = G_I([z_C, z_M(k)])   (1)

D_I tells single frames of real clips from generated ones, D_V windows of T frames; generator and GRU descend both.
Where the paper gives words and no formula, or nothing:

- Losses are Goodfellow's, the generator's in the form that does not fade. G_I is DCGAN's generator with tanh.
- Sizes 50, 10 and 10 are those of the authors' released code, as are the random start of the GRU, Adam at 2e-4 with
  betas 0.5 and 0.999; noise on what the critics see is an option.
- Critics have no batch norm, as the release has, so that frames of one clip, which are alike, do not stand in for
  statistics; `spectral` bounds them by spectral normalisation instead.
- `modulated`: content reaches the generator at its first layer, and scales and shifts the channels of each as well
  (`nn/pictures.py`). The paper does not say what G_I is.
- One set of clips is generated a step. Critics see it detached; then the generator, which has not moved, is judged on
  it by the critics as they are now. Of each clip D_I sees one frame.
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
from textdis.losses.gan import critic_nll, fooling_nll, zero_centred_penalty
from textdis.losses.likelihood import label_nll
from textdis.nn.critics import ImageCritic, VideoCritic
from textdis.nn.pictures import Modulated, picture_generator

EVERY = 4  # steps from one penalty of the critics to the next, which weighs as much more
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

    def __post_init__(self) -> None:
        if min(self.content, self.motion, self.noise, self.frames) < 1 or self.kinds < 0:
            raise ValueError("content, motion, noise and frames must be at least 1, and kinds not below 0")


class MoCoGAN(Model):
    """See the module's first lines."""

    Config = MoCoGANConfig
    config: MoCoGANConfig

    def __init__(self, config: MoCoGANConfig):
        super().__init__(config)
        c = config
        self.path = nn.GRU(c.noise + c.kinds, c.motion, batch_first=True)
        self.generator: nn.Module = picture_generator(c.content + c.motion, c.pixels, c.colours, c.width)
        for layer in self.generator.modules():
            if isinstance(layer, nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.02)
        if c.modulated:
            self.generator = Modulated(self.generator, c.content)

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
        frames = torch.tanh(self.generator(codes.flatten(0, 1)))
        return frames.unflatten(0, codes.shape[:2]).transpose(1, 2)

    def sample(
        self, count: int, frames: int, *, label: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Clips that nobody filmed, of any length. [B, C, T, H, W]"""
        content = self.contents(count, frames, generator=generator)
        return self.show(content, self.motions(count, frames, label=label, generator=generator))


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
        spectral: bool = True,  # critics are bounded by spectral normalisation
        penalty: float = 0.0,  # weight of R1, the critics' squared slope at real clips
        schedule: Schedule | None = None,  # of all learning rates
        optimizer: OptimizerFactory = ADAM,
        critic: OptimizerFactory = ADAM,
    ):
        super().__init__(model)
        c = model.config
        own = width or c.width
        self.image_critic = ImageCritic(c.pixels, c.colours, own, spectral=spectral) if image else None
        self.video_critic = VideoCritic(c.pixels, c.frames, c.colours, own, 1 + c.kinds, spectral=spectral)
        self.noise, self.average, self.penalty, self.schedule = noise, average, penalty, schedule
        self.optimizer, self.critic = optimizer, critic
        self.averaged = copy.deepcopy(model).requires_grad_(False).eval()

    def players(self) -> dict[str, Player]:
        critics = {"video": self.video_critic, "image": self.image_critic}
        owned = {name: (one, self.critic) for name, one in critics.items() if one is not None}
        owned["generator"] = (self.model, self.optimizer)
        return {k: Player(one, optimizer=own, schedule=self.schedule) for k, (one, own) in owned.items()}

    def turns(self, batches: Iterator[ClipBatch], step: int) -> Iterator[Turn]:
        batch, m = next(batches), self.model
        self._follow()
        frames = max(batch.frames.shape[2], m.config.frames)
        label = m.draw_labels(len(batch)) if m.config.kinds else None
        fake = m.sample(len(batch), frames, label=label)
        slope = self.penalty * EVERY if step % EVERY == 0 else 0.0
        yield self._video_turn(batch, fake.detach(), slope)
        if self.image_critic is not None:
            yield self._image_turn(one_frame(batch.frames), one_frame(fake.detach()), slope)

        logits = self.video_critic(self._seen(fake))
        losses = {"video": fooling_nll(logits[:, 0])}
        if label is not None:
            losses["kind"] = label_nll(logits[:, 1:].mean(-1), label)
        if self.image_critic is not None:
            losses["image"] = fooling_nll(self.image_critic(self._seen(one_frame(fake))))
        yield Turn("generator", losses)

    def _image_turn(self, real: Tensor, fake: Tensor, slope: float) -> Turn:
        critic: Any = self.image_critic
        losses = critic_nll(*critic(self._seen(torch.cat([real, fake]))).chunk(2))
        if slope:
            losses["slope"] = slope * zero_centred_penalty(critic, real)
        return Turn("image", losses)

    def _video_turn(self, batch: ClipBatch, fake: Tensor, slope: float) -> Turn:
        logits = self.video_critic(self._seen(torch.cat([batch.frames, fake])))
        losses = critic_nll(*logits[:, 0].chunk(2))
        if slope:
            losses["slope"] = slope * zero_centred_penalty(lambda clips: self.video_critic(clips)[:, 0], batch.frames)
        if self.model.config.kinds:
            if batch.label is None:
                raise ValueError("a batch without labels: this system needs to know the kind of each motion")
            losses["kind"] = label_nll(logits[: len(batch), 1:].mean(-1), batch.label)
        return Turn("video", losses)

    @torch.no_grad()
    def _follow(self) -> None:
        """Before each step: `averaged` moves a little towards where the model now is, batch norm's statistics too."""
        for own, new in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
            own.lerp_(new, 1 - self.average) if own.is_floating_point() else own.copy_(new)

    def _seen(self, pixels: Tensor) -> Tensor:
        return pixels + self.noise * torch.randn_like(pixels) if self.noise else pixels


def one_frame(clips: Tensor) -> Tensor:
    """A frame drawn from each clip on its own. [B, C, T, H, W] -> [B, C, H, W]"""
    rows = torch.arange(len(clips), device=clips.device)
    return clips[rows, :, torch.randint(clips.shape[2], (len(clips),), device=clips.device)]


def noise(shape: tuple[int, ...], device: torch.device, generator: torch.Generator | None = None) -> Tensor:
    """Standard normal numbers on `device`, drawn where the generator is: the processor's draws are the same for all."""
    return torch.randn(shape, generator=generator, device=generator.device if generator else device).to(device)
