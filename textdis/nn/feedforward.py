"""Stacks of linear layers over codes. B examples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def mlp(
    sizes: Sequence[int], *, batch_norm: bool = False, spectral: bool = False, std: float | None = None
) -> nn.Sequential:
    """[B, sizes[0]] -> [B, sizes[-1]]; LeakyReLU 0.2 between layers, or batch norm and ReLU; nothing after the last.

    spectral: each layer is divided by its largest singular value (Miyato et al., 2018), so that it is 1-Lipschitz.
    std: of normal initial weights, biases 0; None: torch's own.
    """
    layers: list[nn.Module] = []
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        if i:
            layers += [nn.BatchNorm1d(inputs), nn.ReLU()] if batch_norm else [nn.LeakyReLU(0.2)]
        linear = nn.Linear(inputs, outputs)
        if std is not None:
            nn.init.normal_(linear.weight, std=std)
            nn.init.zeros_(linear.bias)
        layers.append(spectral_norm(linear) if spectral else linear)
    return nn.Sequential(*layers)
