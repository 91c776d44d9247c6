"""A critic tells real from generated, a generator fools it: Goodfellow et al. (2014). Logits have any shape."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def critic_nll(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """-log p(real) of what is real and -log p(fake) of what is not, a mean over logits each, in nats."""
    return {"real": F.softplus(-real.float()).mean(), "fake": F.softplus(fake.float()).mean()}


def fooling_nll(fake: Tensor) -> Tensor:
    """-log p(real) of what is not, whose gradient does not fade while the critic is right. Scalar, in nats."""
    return F.softplus(-fake.float()).mean()
