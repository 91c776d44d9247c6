"""The model of Whitney and Fergus (2017) written down directly, as its Appendix A reads, frame by frame: what
`sequential_vae.py` measures against.

At every step the convolutions see one frame a clip, each factor goes through its own transition, and the generator
draws one frame. Plain PyTorch; of textdis nothing but the weights. Axes: B clips, T frames, Z numbers of a code.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DirectVAE(nn.Module):
    """`pixels` a side; `width` channels of the first convolution; `factors` of `size` numbers."""

    def __init__(self, factors: int, size: int, pixels: int, width: int, features: int = 32, hidden: int = 128):
        super().__init__()
        z, widths = factors * size, [width << i for i in range(int(math.log2(pixels // 4)))]
        encoder: list[nn.Module] = []
        for before, after in zip([3, *widths], widths, strict=False):
            encoder += [nn.Conv2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
        self.encoder = nn.Sequential(*encoder, nn.Conv2d(widths[-1], features, 4), nn.LeakyReLU(0.2))
        self.transformed_x = nn.Linear(features, z)
        self.transformed_mu, self.transformed_sigma = nn.Linear(z, z), nn.Linear(z, z)
        self.latent = nn.Linear(3 * z, z)
        self.output_mu, self.output_sigma = nn.Linear(z, z), nn.Linear(z, z)
        self.transitions = nn.ModuleList(
            nn.Sequential(
                nn.Linear(size, hidden), nn.SELU(), nn.Linear(hidden, hidden), nn.SELU(), nn.Linear(hidden, hidden),
                nn.SELU(), nn.Linear(hidden, hidden), nn.SELU(), nn.Linear(hidden, 2 * size),
            )
            for _ in range(factors)
        )  # fmt: skip
        self.prepare = nn.Linear(z, z)
        generator: list[nn.Module] = []
        for before, after in zip([z, *widths[::-1]], widths[::-1], strict=False):
            way = (4, 2, 1) if generator else (4, 1, 0)
            generator += [nn.ConvTranspose2d(before, after, *way, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.generator = nn.Sequential(*generator, nn.ConvTranspose2d(width, 3, 4, 2, 1))
        self.size = size

    def predict(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of p(Z_t | Z_{t-1}), a factor after the other."""
        parts = [net(own) for net, own in zip(self.transitions, z.split(self.size, 1), strict=True)]
        means, logvars = zip(*(part.split(self.size, 1) for part in parts), strict=True)
        return torch.cat(means, 1), torch.cat(logvars, 1).clamp(-10, 10)

    def draw(self, z: Tensor) -> Tensor:
        return self.generator(F.relu(self.prepare(z))[:, :, None, None])

    def loss(self, frames: Tensor, noise: Tensor, variance: float = 0.25) -> tuple[Tensor, Tensor]:
        """-log p(X | Z) and the divergences, mean over clips. frames [B, 3, T, H, W], noise [B, T, Z]"""
        nll = kl = torch.zeros(())
        mean = logvar = torch.zeros(len(frames), noise.shape[2])
        for t in range(frames.shape[2]):
            x = frames[:, :, t]
            seen = F.leaky_relu(self.transformed_x(self.encoder(x).flatten(1)), 0.2)
            given_mean = F.leaky_relu(self.transformed_mu(mean.detach()), 0.2)
            given_logvar = F.leaky_relu(self.transformed_sigma(logvar.detach()), 0.2)
            latent = F.leaky_relu(self.latent(torch.cat([seen, given_mean, given_logvar], 1)), 0.2)
            own, own_logvar = self.output_mu(latent), self.output_sigma(latent).clamp(-10, 10)
            ratio = ((own_logvar.exp() + (own - mean) ** 2) / logvar.exp()).sum(1)
            kl = kl + 0.5 * ((logvar - own_logvar).sum(1) + ratio - own.shape[1]).mean()
            z = own + noise[:, t] * (0.5 * own_logvar).exp()
            errors = ((x - self.draw(z)) ** 2).flatten(1)
            nll = nll + 0.5 * (errors.sum(1) / variance + errors.shape[1] * math.log(2 * math.pi * variance)).mean()
            mean, logvar = self.predict(z)
        return nll, kl

    @torch.no_grad()
    def sample(self, count: int, frames: int) -> Tensor:
        """[count, 3, frames, H, W]"""
        z, drawn = torch.randn(count, self.prepare.in_features), []
        for t in range(frames):
            if t:
                mean, logvar = self.predict(z)
                z = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
            drawn.append(self.draw(z))
        return torch.stack(drawn, 2)


def direct_of(model: Any) -> DirectVAE:
    """The twin of a `SequentialVAE` of five layers, with its weights."""
    c = model.config
    direct: Any = DirectVAE(c.factors, c.size, c.pixels, c.width, c.features, c.hidden)
    pairs: list[tuple[Any, Any]] = [
        (direct.encoder, model.encoder), (direct.generator[0:], model.generator[1:]), (direct.prepare, model.prepare),
        (direct.transformed_x, model.see), (direct.transformed_mu, model.see_mean),
        (direct.transformed_sigma, model.see_logvar),
    ]  # fmt: skip
    with torch.no_grad():
        for one, other in pairs:
            for own, given in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
                own.copy_(given)
        direct.latent.weight.copy_(torch.cat([model.join_frame.weight, model.join_expected.weight], 1))
        direct.latent.bias.copy_(model.join_frame.bias)
        for part, head in enumerate((direct.output_mu, direct.output_sigma)):
            head.weight.copy_(model.posterior.weight.chunk(2)[part])
            head.bias.copy_(model.posterior.bias.chunk(2)[part])
        for i, net in enumerate(direct.transitions):
            for linear, layer in zip(list(net)[::2], model.transitions.layers, strict=True):
                linear.weight.copy_(layer.weight[i].T)
                linear.bias.copy_(layer.bias[i, 0])
    return direct
