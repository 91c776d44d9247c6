"""Adversarially regularised autoencoder, as a generator and for transfer: Zhao et al. (2018), Algorithm 1.

A sentence becomes one code on the unit sphere; a critic makes the distribution of codes that of a generator's, and a
code classifier takes the style out of them, so that the decoder must bring it. Where the paper is silent:

- Sizes, noise and optimisers are those of the authors' released code; they train the autoencoder by SGD. Adam is an
  option for step (1). The encoder's turns of (3) and (3b) are SGD either way: Adam would divide lambda out again.
- lambda1 is missing in Algorithm 1: it scales the encoder's share of step (3), and nothing else; lambda2 that of (3b).
- The two halves of step (3) share no parameter while the critic stands still: two turns are that step.
- Every "sample x" is a fresh batch. Codes are computed anew wherever the encoder has moved, and nowhere else: after (1)
  once for the k batches of (2) and the one of (2b), joined, without a graph, as no turn there moves the encoder; then
  for (3); then, as (3) moved it, for (3b). The algorithm is unchanged.
- 1 - y exists for two styles; `losses/adversarial.py` says what stands for it where there are more.

Axes: B sentences, D numbers of a code, S styles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Literal

import torch
from torch import Tensor

from textdis.core.batch import TextBatch
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule, constant
from textdis.losses.adversarial import Confusion, confusion_nll, gradient_penalty
from textdis.losses.likelihood import label_nll
from textdis.nn.feedforward import mlp
from textdis.nn.groups import joined
from textdis.systems.arae_model import ARAE

Lipschitz = Literal["clip", "penalty", "spectral"]
ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=1e-4, betas=(0.5, 0.999), fused=True)
SGD: OptimizerFactory = partial(torch.optim.SGD, lr=1.0, fused=True)


class ARAEObjective(Objective):
    """Algorithm 1. `nll` is in nats a sentence; the critic's `gap` is f(real) - f(generated), in its own units.

    lambda1 = 0 leaves critic and generator out, lambda2 = 0 the classifier; with both 0 it is a plain autoencoder.
    lipschitz: how the critic is bounded: weights clipped to +-`bound` (the paper), a gradient penalty of weight
    `penalty`, or spectral normalisation. noise: standard deviation added to the codes of step (1), by step.
    """

    model: ARAE

    def __init__(
        self,
        model: ARAE,
        *,
        lambda1: float = 1.0,
        lambda2: float = 1.0,
        critic_steps: int = 5,
        lipschitz: Lipschitz = "clip",
        bound: float = 0.01,
        penalty: float = 10.0,
        confusion: Confusion = "flipped",
        noise: Schedule | None = None,
        hidden: Sequence[int] = (128, 128),  # of critic and classifier
        optimizer: OptimizerFactory = SGD,  # of step (1)
        max_norm: float = 1.0,  # of the gradient of step (1)
        schedule: Schedule | None = None,  # of its learning rate, and of the encoder's below: lambda keeps its meaning
        adversary: OptimizerFactory = ADAM,  # of critic, classifier and generator
        encoder: OptimizerFactory = SGD,  # of the encoder's shares of (3) and (3b), of norm 1 before lambda at most
    ):
        super().__init__(model)
        c = model.config
        self.lambda1, self.lambda2 = lambda1, lambda2 if c.styles > 1 else 0.0
        self.critic_steps, self.lipschitz, self.bound, self.penalty = critic_steps, lipschitz, bound, penalty
        self.confusion, self.noise = confusion, noise or constant(0.1)
        self.optimizer, self.max_norm, self.schedule = optimizer, max_norm, schedule
        self.adversary, self.encoder = adversary, encoder
        self.critic = mlp([c.code, *hidden, 1], spectral=lipschitz == "spectral", std=0.02)
        self.classifier = mlp([c.code, *hidden, max(2, c.styles)], std=0.02)

    def players(self) -> dict[str, Player]:
        m, norm = self.model, {"max_norm": self.max_norm, "schedule": self.schedule}
        bound = self.bound if self.lipschitz == "clip" else None
        return {
            "autoencoder": Player(m.encoder, m.decoders, m.out, optimizer=self.optimizer, **norm),  # type: ignore[arg-type]
            "critic": Player(self.critic, optimizer=self.adversary, bound=bound),
            "classifier": Player(self.classifier, optimizer=self.adversary),
            "generator": Player(m.generator, optimizer=self.adversary),
            # two, as each counts its own steps by the schedule; gradients are bounded before lambda scales them
            "encoder": Player(m.encoder, optimizer=self.encoder, max_norm=self.lambda1, schedule=self.schedule),
            "confuser": Player(m.encoder, optimizer=self.encoder, max_norm=self.lambda2, schedule=self.schedule),
        }

    def turns(self, batches: Iterator[TextBatch], step: int) -> Iterator[Turn]:
        x, m = next(batches), self.model
        yield Turn("autoencoder", {"nll": m.nll(self._noisy(m.encode(x), step), x)})  # (1)

        k, b = (self.critic_steps if self.lambda1 else 0), bool(self.lambda2)
        drawn = list(islice(batches, k + b))
        codes = self._fixed(drawn)
        for real in codes[:k]:
            yield self._critic_turn(real)  # (2)
        if self.lambda2:
            yield Turn("classifier", {"label": label_nll(self.classifier(codes[k]), drawn[k].style)})  # (2b)

        if self.lambda1:
            x = next(batches)
            fake = m.prior(len(x))
            norm = fake.float().norm(dim=-1).mean()
            losses = {"fake": self._judged(fake).mean(), "norm": norm}
            yield Turn("generator", losses, {"fake": -1.0, "norm": 0.0})  # (3)
            yield Turn("encoder", {"real": self._judged(m.encode(x)).mean()}, {"real": self.lambda1})  # (3)
        if self.lambda2:
            x = next(batches)
            wrong = confusion_nll(self.classifier(m.encode(x)), x.style, self.confusion)
            yield Turn("confuser", {self.confusion: wrong}, {self.confusion: self.lambda2})  # (3b)

    def _critic_turn(self, real: Tensor) -> Turn:
        """f rises on the codes `real` [B, D] and falls on as many generated ones."""
        fake = self._generated(len(real))
        scores = self._judged(torch.cat([real, fake]))
        losses = {"gap": scores[: len(real)].mean() - scores[len(real) :].mean()}
        if self.lipschitz == "penalty":
            losses["slope"] = gradient_penalty(self.critic, real, fake)
        return Turn("critic", losses, {"gap": -1.0, "slope": self.penalty})

    def _judged(self, codes: Tensor) -> Tensor:
        """f of each code, in float32 whatever the critic computes in. [B, D] -> [B, 1]"""
        return self.critic(codes).float()

    def _noisy(self, codes: Tensor, step: int) -> Tensor:
        """In training only: spheres around codes, so that near codes mean near sentences."""
        return codes + self.noise(step) * torch.randn_like(codes) if self.training else codes

    @torch.no_grad()
    def _fixed(self, batches: Sequence[TextBatch]) -> tuple[Tensor, ...]:
        """The codes of each batch, from one pass of the encoder."""
        return self.model.encode(joined(batches)).split([len(b) for b in batches]) if batches else ()

    @torch.no_grad()
    def _generated(self, count: int) -> Tensor:
        return self.model.prior(count)


def decaying(start: float, factor: float, every: int = 100) -> Schedule:
    """`start` times `factor` once `every` so many steps: the released code's noise is decaying(0.1, 0.9995)."""
    return lambda step: start * factor ** (step // every)
