"""Networks that go through each factor of a code by itself, all factors at once.

Axes: B examples, K factors of F numbers each, which stand in a code [B, K F] one after another: factor i is
[i F : (i + 1) F].
"""

from __future__ import annotations

from itertools import pairwise

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
    """p(z_t^i | z_{t-1}^i) of every factor i: a SELU network each, nothing after its last layer.

    memory: units of a GRU that goes along each factor, which makes it p(z_t^i | z_1^i, ..., z_{t-1}^i); 0: none, the
    last code is all that is known. What it holds, M = K memory numbers, is handed in and out.
    """

    def __init__(self, factors: int, size: int, hidden: int, layers: int, memory: int = 0):
        super().__init__()
        self.factors, self.memory = factors, memory
        sizes = [size + memory, *[hidden] * (layers - 1), 2 * size]
        self.layers = nn.ModuleList(FactorLinear(factors, a, b) for a, b in pairwise(sizes))
        if memory:
            self.seen = FactorLinear(factors, size, 3 * memory)
            self.kept = FactorLinear(factors, memory, 3 * memory)

    def start(self, count: int) -> Tensor:
        """What is remembered before the first code: nothing. [B, M]"""
        like = next(self.parameters())
        return like.new_zeros(count, self.factors * self.memory)

    def forward(self, code: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """code [B, K F], what is remembered [B, M] -> mean and log-variance of the next code, what now is."""
        x = by_factor(code, self.factors)  # [K, B, F]
        if self.memory:
            held = self._remember(x, by_factor(state, self.factors))
            x, state = torch.cat([x, held], -1), held.transpose(0, 1).flatten(1)
        for i, layer in enumerate(self.layers):
            x = layer(F.selu(x) if i else x)
        mean, logvar = x.transpose(0, 1).chunk(2, -1)  # [B, K, F] each
        return mean.flatten(1), logvar.flatten(1), state

    def _remember(self, x: Tensor, held: Tensor) -> Tensor:
        """A step of a GRU in each factor. [K, B, F], [K, B, memory] -> [K, B, memory]"""
        (reset, keep, new), (old_reset, old_keep, old) = self.seen(x).chunk(3, -1), self.kept(held).chunk(3, -1)
        new = torch.tanh(new + torch.sigmoid(reset + old_reset) * old)
        return torch.lerp(new, held, torch.sigmoid(keep + old_keep))


def by_factor(numbers: Tensor, factors: int) -> Tensor:
    """[B, K N] -> [K, B, N]"""
    return numbers.unflatten(-1, (factors, -1)).transpose(0, 1)
