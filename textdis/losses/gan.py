"""A critic tells real from generated, a generator fools it: Goodfellow et al. (2014). Logits have any shape."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def critic_nll(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """-log p(real) of what is real and -log p(fake) of what is not, a mean over logits each, in nats."""
    return {"real": F.softplus(-real.float()).mean(), "fake": F.softplus(fake.float()).mean()}


def fooling_nll(fake: Tensor) -> Tensor:
    """-log p(real) of what is not, whose gradient does not fade while the critic is right. Scalar, in nats."""
    return F.softplus(-fake.float()).mean()


def pair_nll(real: Tensor, fake: Tensor) -> Tensor:
    """-log p(a real one is the realer of the two), pair by pair, a mean in nats: RpGAN (Jolicoeur-Martineau, 2019).

    A critic descends it as it stands, a generator with the arguments changed: it must come up to each real example and
    not merely over a threshold, which leaves no bad local minima (Sun et al., 2020; R3GAN, Huang et al., 2024).
    """
    return F.softplus(fake.float() - real.float()).mean()


def zero_centred_penalty(critic: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """Half of |grad f|^2 at what is real: R1, with which such games converge (Mescheder et al., 2018).

    real [B, ...] -> scalar. The critic must treat each example by itself; all its logits are summed.
    """
    real = real.detach().requires_grad_()
    with torch.autocast(real.device.type, enabled=False):
        (slope,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
    return slope.square().flatten(1).sum(1).mean() / 2
