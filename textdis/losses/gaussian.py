"""Gaussians with a variance for each number. Axes: D numbers, before them any others. Nats throughout."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gaussian_kl(mean: Tensor, logvar: Tensor, prior_mean: Tensor, prior_logvar: Tensor) -> Tensor:
    """KL(N(mean, e^logvar) || N(prior_mean, e^prior_logvar)), summed over numbers. All [..., D] -> [...]

    Example: mean 1, variance 1 against mean 0, variance 4: (ln 4 - 0 + (1 + 1) / 4 - 1) / 2 = 0.443.
    """
    mean, logvar, prior_mean, prior_logvar = (given.float() for given in (mean, logvar, prior_mean, prior_logvar))
    distance = (logvar.exp() + (mean - prior_mean).square()) * torch.exp(-prior_logvar)
    return 0.5 * (prior_logvar - logvar + distance - 1.0).sum(-1)


def gaussian_nll(values: Tensor, mean: Tensor, variance: float) -> Tensor:
    """-log N(values; mean, variance), its constant counted, summed over all axes but the first. [N, ...] -> [N]

    Example: values 1 and 3 with mean 1 and variance 0.25: ln(2 pi 0.25) + 4 / 0.5 = 8.452. A density: it may be
    negative.
    """
    errors = (values.float() - mean.float()).square().flatten(1)
    return 0.5 * (errors.sum(1) / variance + errors.shape[1] * math.log(2 * math.pi * variance))
