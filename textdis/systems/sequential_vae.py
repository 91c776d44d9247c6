"""Video pulled apart by prediction: Whitney and Fergus (2017), "Disentangling Video with Independent Prediction".

Each frame has a code Z_t of K factors, and each factor is predicted from its own past by its own transition, so that
what moves independently comes to stand in factors of its own. With one factor of the same total size it is the paper's
entangled twin.

    p(X, Z) = prod_t p(x_t | Z_t) prod_i p(z_t^i | z_{t-1}^i),   q(Z | X) = prod_t q(Z_t | Z_{t-1}, x_t)
    ELBO = E log p(X | Z) - KL(q(Z_1) || N(0, I)) - sum_{t >= 2} E KL(q(Z_t | Z_{t-1}, x_t) || p(Z_t | Z_{t-1}))

The inference network is given the prediction p(Z_t | Z_{t-1}) instead of Z_{t-1}, detached: transitions learn from
the divergence alone. Where the paper is silent or cannot be meant: of the prediction it gets mean and log-variance, so
that the zeros at the first frame are N(0, I); no activation follows the last layer of a network; log-variances are
bounded by LIMIT; batch norm counts the frames of all steps together, and no padding. The likelihood is summed over
pixels and frames. Pixels lie in [-1, 1].

Two things are ours, and off in the Config. `parts`: each part of a code is drawn by itself, by one network, and the
frames are added. What predicts alone is then drawn alone, and a factor is a thing: where one network draws the whole
code, factors share things out among them, as a thing's row and its column are independent too. `memory`: a factor is
predicted from all of its past, so that a speed need not be coded to be known.

Axes: B clips, T frames, C colours, H and W pixels, K factors of F numbers, Z = K F, M frames that are not padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import Batch, ClipBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.gaussian import gaussian_kl, gaussian_nll
from textdis.nn.factors import Transitions
from textdis.nn.pictures import inherit, picture_encoder, picture_generator

LIMIT = 10.0  # of a log-variance, either way
ADAM = partial(torch.optim.Adam, lr=3e-4, fused=True)


@dataclass(frozen=True)
class SequentialVAEConfig:
    """Appendix A, whose latent sizes are not given. For 32 pixels there is a layer of stride 2 less, as everywhere."""

    factors: int = 2  # K; 1: the entangled twin
    size: int = 16  # F, numbers of a factor
    pixels: int = 64  # H = W
    colours: int = 3
    width: int = 64  # channels of the first convolution, doubled by each other
    features: int = 32  # what the convolutions tell of a frame
    hidden: int = 128  # units of a transition
    layers: int = 5  # linear layers of a transition; 2 in the paper's figure of correlations
    variance: float = 0.25  # of a pixel; 0.05 for real scenes
    memory: int = 0  # units that remember a factor's past for its transition; 0: the last code is all, as in the paper
    parts: int = 1  # of a code, each drawn by itself by one network, and added; 1: it is drawn whole, as in the paper

    def __post_init__(self) -> None:
        if min(self.factors, self.size, self.layers, self.parts) < 1 or self.variance <= 0 or self.memory < 0:
            raise ValueError("factors, size, layers and parts: 1 or more; memory: 0 or more; variance: above 0")
        if self.factors * self.size % self.parts:
            raise ValueError(
                f"{self.factors} factors of {self.size} numbers cannot be cut into {self.parts} equal parts"
            )


@dataclass(frozen=True)
class Inferred(Batch):
    """q(Z_t | Z_{t-1}, x_t), what was drawn of it, and p(Z_t | Z_{t-1}) of what was drawn before. [B, T, Z] each."""

    codes: Tensor
    mean: Tensor
    logvar: Tensor
    prior_mean: Tensor
    prior_logvar: Tensor
    past: Tensor  # what was remembered of the codes before [B, T, K memory]


class SequentialVAE(Model):
    """See the module's first lines."""

    Config = SequentialVAEConfig
    config: SequentialVAEConfig

    def __init__(self, config: SequentialVAEConfig):
        super().__init__(config)
        c, z = config, config.factors * config.size
        self.encoder = picture_encoder(c.pixels, c.colours, c.width, c.features)
        self.see = nn.Linear(c.features, z)
        self.see_mean, self.see_logvar = nn.Linear(z, z), nn.Linear(z, z)
        # one layer over [frame, mean, log-variance], in two parts: that of the frame needs no loop over time
        self.join_frame, self.join_expected = nn.Linear(z, z), nn.Linear(2 * z, z, bias=False)
        self.posterior = nn.Linear(z, 2 * z)
        self.transitions = Transitions(c.factors, c.size, c.hidden, c.layers, c.memory)
        self.prepare = nn.Linear(z // c.parts, z // c.parts)
        self.generator = picture_generator(z // c.parts, c.pixels, c.colours, c.width)

    @property
    def code_size(self) -> int:
        """Z"""
        return self.config.factors * self.config.size

    def grow_from(self, small: SequentialVAE) -> None:
        """Begins from all but the outermost layers of a model of half the pixels. Raises ValueError: other sizes."""
        wanted = asdict(replace(self.config, pixels=self.config.pixels // 2, width=2 * self.config.width))
        wrong = [f"{k} {v} (needed: {wanted[k]})" for k, v in asdict(small.config).items() if v != wanted[k]]
        if wrong:
            raise ValueError(f"a model of {self.config.pixels} pixels cannot grow from one of {', '.join(wrong)}")
        inherit(self, small)

    # --- the two directions ---------------------------------------------------------------------------------------

    def infer(self, batch: ClipBatch, *, sample: bool = True) -> Inferred:
        """Codes of all frames, drawn from the posterior, or its means. What stands at padding means nothing.

        The convolutions see all frames at once; only vectors go through time, in float32.
        """
        seen = self._seen(batch)
        with torch.autocast(seen.device.type, enabled=False):
            noise = torch.randn_like(seen) if sample else torch.zeros_like(seen)
            mean = logvar = torch.zeros_like(seen[:, 0])
            past = self.transitions.start(len(seen))
            steps = []
            for frame, drawn in zip(seen.unbind(1), noise.unbind(1), strict=True):
                own = self._posterior(frame, mean.detach(), logvar.detach())
                code = own[0] + drawn * torch.exp(0.5 * own[1])
                steps.append((code, *own, mean, logvar, past))
                mean, logvar, past = self.predict(code, past)
            return Inferred(*(torch.stack(parts, 1) for parts in zip(*steps, strict=True)))

    def predict(self, code: Tensor, past: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """p(Z_t | Z_{t-1}), or with memory p(Z_t | Z_1, ..., Z_{t-1}): mean, log-variance and what is now remembered.

        code [B, Z], past [B, K memory] -> [B, Z], [B, Z], [B, K memory]
        """
        mean, logvar, past = self.transitions(code, past)
        return mean, logvar.clamp(-LIMIT, LIMIT), past

    def draw(self, codes: Tensor) -> Tensor:
        """The mean frame of each code. [M, Z] -> [M, C, H, W]"""
        parts = codes.unflatten(1, (self.config.parts, -1)).flatten(0, 1)
        return self.generator(F.relu(self.prepare(parts))).unflatten(0, (len(codes), -1)).sum(1)

    def bound(self, batch: ClipBatch) -> dict[str, Tensor]:
        """The two parts of -ELBO by clip, in nats: `nll`, -log p(X | Z), and `kl`, all divergences. [B] each"""
        inferred, valid = self.infer(batch), batch.valid
        drawn = self.draw(inferred.codes[valid])
        nats = gaussian_nll(batch.frames.transpose(1, 2)[valid], drawn, self.config.variance)  # [M]
        nll = nats.new_zeros(len(batch)).index_add(0, valid.nonzero()[:, 0], nats)
        kl = gaussian_kl(inferred.mean, inferred.logvar, inferred.prior_mean, inferred.prior_logvar)  # [B, T]
        return {"nll": nll, "kl": (kl * valid).sum(1)}

    def _seen(self, batch: ClipBatch) -> Tensor:
        """The frame's part of the joint layer. [B, T, Z] float32, 0 at padding"""
        valid = batch.valid
        frames = batch.frames.transpose(1, 2)[valid].contiguous(memory_format=torch.channels_last)
        own = self.join_frame(F.leaky_relu(self.see(self.encoder(frames)), 0.2)).float()  # [M, Z]
        return own.new_zeros(*valid.shape, self.code_size).masked_scatter(valid[:, :, None], own)

    def _posterior(self, frame: Tensor, mean: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
        """q(Z_t | Z_{t-1}, x_t) from `_seen` and the prediction: mean and log-variance. [B, Z] each"""
        expected = torch.cat([self.see_mean(mean), self.see_logvar(logvar)], -1)
        latent = F.leaky_relu(frame + self.join_expected(F.leaky_relu(expected, 0.2)), 0.2)
        own, own_logvar = self.posterior(latent).chunk(2, -1)
        return own, own_logvar.clamp(-LIMIT, LIMIT)

    # --- use ------------------------------------------------------------------------------------------------------

    def decode(self, codes: Tensor) -> Tensor:
        """The frames of codes [B, T, Z]. -> [B, C, T, H, W]"""
        return self.draw(codes.flatten(0, 1)).unflatten(0, codes.shape[:2]).transpose(1, 2)

    def reconstruct(self, batch: ClipBatch) -> Tensor:
        """The clips from the means of their codes. [B, C, T, H, W]"""
        return self.decode(self.infer(batch, sample=False).mean)

    def forecast(self, batch: ClipBatch, frames: int, *, sample: bool = False) -> Tensor:
        """`frames` frames that follow on each clip's last, predicted or drawn. [B, C, frames, H, W]"""
        inferred = self.infer(batch, sample=False)
        last = torch.arange(len(batch), device=self.device), batch.lengths - 1
        return self.decode(self.roll(inferred.mean[last], inferred.past[last], frames, sample=sample))

    def vary(self, batch: ClipBatch, factor: int, *, hold: int = 1, sample: bool = True) -> Tensor:
        """The clips from frame `hold` on, one factor as it was inferred, the others still. [B, C, T - hold, H, W]

        The paper holds the values of its second frame, and draws from the posterior; else its means are taken.
        Raises ValueError: no such factor or frame.
        """
        if not (0 <= factor < self.config.factors and 0 <= hold < batch.frames.shape[2]):
            raise ValueError(f"factor {factor}, frame {hold}: there are {self.config.factors}, {batch.frames.shape[2]}")
        codes = self.infer(batch, sample=sample).codes[:, hold:]
        own = slice(factor * self.config.size, (factor + 1) * self.config.size)
        held = codes[:, :1].repeat(1, codes.shape[1], 1)
        held[:, :, own] = codes[:, :, own]
        return self.decode(held)

    def sample(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Clips that nobody filmed. [count, C, frames, H, W]"""
        return self.decode(self.paths(count, frames, generator=generator))

    def paths(self, count: int, frames: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Codes of such clips, drawn from N(0, I) and from each prediction. [count, frames, Z]"""
        first = torch.randn(count, self.code_size, generator=generator).to(self.device)
        past = self.transitions.start(count)
        return torch.cat([first[:, None], self.roll(first, past, frames - 1, sample=True, generator=generator)], 1)

    def roll(
        self, code: Tensor, past: Tensor, frames: int, *, sample: bool, generator: torch.Generator | None = None
    ) -> Tensor:
        """Codes of the frames after `code` [B, Z], drawn from each prediction or its means. [B, frames, Z]

        past: what is remembered of the codes before, of `infer` or `transitions.start`.
        """
        shape = (len(code), frames, self.code_size)
        noise = torch.randn(shape, generator=generator).to(code.device) if sample else code.new_zeros(shape)
        found = [code.new_empty(len(code), 0, self.code_size)]
        for drawn in noise.unbind(1):
            mean, logvar, past = self.predict(code, past)
            code = mean + drawn * torch.exp(0.5 * logvar)
            found.append(code[:, None])
        return torch.cat(found, 1)


class SequentialVAEObjective(Objective):
    """Minus the ELBO, mean over clips, in nats."""

    model: SequentialVAE

    def __init__(
        self,
        model: SequentialVAE,
        *,
        optimizer: OptimizerFactory = ADAM,
        max_norm: float | None = None,  # of the gradient, in nats
        schedule: Schedule | None = None,  # of the learning rate
    ):
        super().__init__(model)
        self.optimizer, self.max_norm, self.schedule = optimizer, max_norm, schedule

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model, optimizer=self.optimizer, max_norm=self.max_norm, schedule=self.schedule)}

    def turns(self, batches: Iterator[ClipBatch], step: int) -> Iterator[Turn]:
        losses = {name: nats.mean() for name, nats in self.model.bound(next(batches)).items()}
        elbo = -(losses["nll"] + losses["kl"]).detach()
        yield Turn("model", losses | {"elbo": elbo}, {"elbo": 0.0})
