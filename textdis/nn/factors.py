"""Networks that go through each factor of a code by itself, all factors at once.

Axes: B examples, K factors of F numbers each, which stand in a code [B, K F] one after another: factor i is
[i F : (i + 1) F].
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FactorLinear(nn.Module):
    """K linear layers with parameters of their own, as one product. [K, B, inputs] -> [K, B, outputs]"""

    def __init__(self, factors: int, inputs: int, outputs: int):
        super().__init__()
        # variance 1 / inputs, bias 0: what keeps SELU's activations normal (Klambauer et al., 2017)
        self.weight = nn.Parameter(torch.randn(factors, inputs, outputs) * inputs**-0.5)
        self.bias = nn.Parameter(torch.zeros(factors, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class Transitions(nn.Module):
    """p(z_t^i | z_{t-1}^i) of every factor i: a SELU network each, nothing after its last layer."""

    def __init__(self, factors: int, size: int, hidden: int, layers: int):
        super().__init__()
        sizes = [size, *[hidden] * (layers - 1), 2 * size]
        self.factors = factors
        self.layers = nn.ModuleList(FactorLinear(factors, a, b) for a, b in zip(sizes, sizes[1:], strict=False))

    def forward(self, code: Tensor) -> tuple[Tensor, Tensor]:
        """code [B, K F] -> mean and log-variance of the next, [B, K F] each."""
        x = code.unflatten(-1, (self.factors, -1)).transpose(0, 1)  # [K, B, F]
        for i, layer in enumerate(self.layers):
            x = layer(F.selu(x) if i else x)
        mean, logvar = x.transpose(0, 1).chunk(2, -1)  # [B, K, F] each
        return mean.flatten(1), logvar.flatten(1)
