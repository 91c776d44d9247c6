"""MoCoGAN written down directly, as the paper and its released trainer read: what `video.py` measures against.

The GRU and the image generator go frame by frame, x(k) = G_I([z_C, z_M(k)]). Each turn generates its own clips, whole
ones also where the image critic sees one frame of each, and keeps their graph also where a critic learns; critics see
real and generated ones in two passes. `loop=False` has the image generator draw all frames at once, as the release
does. Plain PyTorch; of textdis nothing but the weights. Axes: B clips, T frames.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class DirectMoCoGAN(nn.Module):
    """d_C, d_M and d_E; `pixels` a side; `width` channels of the last layer but one."""

    def __init__(self, content: int, motion: int, noise: int, pixels: int, width: int, *, loop: bool = True):
        super().__init__()
        self.content, self.motion, self.noise, self.loop = content, motion, noise, loop
        self.recurrent = nn.GRUCell(noise, motion)
        widths, layers = [width << i for i in range(int(math.log2(pixels // 4)))][::-1], list[nn.Module]()
        for before, after in zip([content + motion, *widths], widths, strict=False):
            way = (4, 2, 1) if layers else (4, 1, 0)
            layers += [nn.ConvTranspose2d(before, after, *way, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.main = nn.Sequential(*layers, nn.ConvTranspose2d(width, 3, 4, 2, 1), nn.Tanh())

    def clips(self, content: Tensor, driven: Tensor, state: Tensor) -> Tensor:
        """content [B, d_C], driven [B, T, d_E], the GRU's start [B, d_M] -> [B, 3, T, H, W]"""
        codes = []
        for noise in driven.unbind(1):
            state = self.recurrent(noise, state)
            codes.append(torch.cat([content, state], 1)[:, :, None, None])
        if self.loop:
            return torch.stack([self.main(code) for code in codes], 2)
        return self.main(torch.cat(codes)).unflatten(0, (len(codes), len(content))).permute(1, 2, 0, 3, 4)

    def sample(self, count: int, frames: int) -> Tensor:
        sizes = ((count, self.content), (count, frames, self.noise), (count, self.motion))
        return self.clips(*(torch.randn(size) for size in sizes))

    def sample_images(self, count: int, frames: int) -> Tensor:
        """One frame of each of `count` clips. [B, 3, H, W]"""
        return one_of_each(self.sample(count, frames))


def one_of_each(clips: Tensor) -> Tensor:
    return torch.stack([clip[:, int(torch.randint(clip.shape[1], ()))] for clip in clips])


def image_critic(pixels: int, width: int) -> nn.Sequential:
    widths, layers = [3, *(width << i for i in range(int(math.log2(pixels // 4))))], list[nn.Module]()
    for before, after in zip(widths, widths[1:], strict=False):
        layers += [spectral_norm(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], 1, 4)))


def video_critic(pixels: int, frames: int, width: int) -> nn.Sequential:
    widths, layers = [3, *(width << i for i in range(int(math.log2(pixels // 4))))], list[nn.Module]()
    span = min(4, (frames - 1) // (len(widths) - 1) + 1)
    for before, after in zip(widths, widths[1:], strict=False):
        layers += [spectral_norm(nn.Conv3d(before, after, (span, 4, 4), (1, 2, 2), (0, 1, 1))), nn.LeakyReLU(0.2)]
    left = frames - (len(widths) - 1) * (span - 1)
    return nn.Sequential(*layers, spectral_norm(nn.Conv3d(widths[-1], 1, (left, 4, 4))))


class DirectTrainer:
    """One step after the other: the image critic's, the video critic's, the generator's."""

    def __init__(self, generator: DirectMoCoGAN, images: nn.Module, videos: nn.Module):
        self.generator, self.images, self.videos = generator, images, videos
        self.adams = [torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in (images, videos, generator)]

    def step(self, real: Tensor) -> None:
        count, frames = len(real), real.shape[2]
        of_images, of_videos, of_generator = self.adams
        fake = self.generator.sample_images(count, frames)
        descend(of_images, self.critic_loss(self.images, one_of_each(real), fake.detach()))
        fake = self.generator.sample(count, frames)
        descend(of_videos, self.critic_loss(self.videos, real, fake.detach()))
        videos = self.videos(self.generator.sample(count, frames))
        images = self.images(self.generator.sample_images(count, frames))
        descend(of_generator, F.softplus(-videos).mean() + F.softplus(-images).mean())

    @staticmethod
    def critic_loss(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        return F.softplus(-critic(real)).mean() + F.softplus(critic(fake)).mean()


def descend(adam: torch.optim.Optimizer, loss: Tensor) -> None:
    adam.zero_grad()
    loss.backward()
    adam.step()


def direct_of(objective: Any, *, loop: bool = True) -> DirectTrainer:
    """The twin of a `MoCoGANObjective` without kinds of motion, with its weights."""
    c = objective.model.config
    direct: Any = DirectMoCoGAN(c.content, c.motion, c.noise, c.pixels, c.width, loop=loop)
    images, videos = image_critic(c.pixels, c.width), video_critic(c.pixels, c.frames, c.width)
    for own, given in (
        (direct.recurrent, objective.model.path), (direct.main, objective.model.generator),
        (images, objective.image_critic), (videos, objective.video_critic),
    ):  # fmt: skip
        names, values = list(own.state_dict()), list(given.state_dict().values())
        own.load_state_dict({name: value.clone() for name, value in zip(names, values, strict=True)})
    return DirectTrainer(direct, images, videos)
