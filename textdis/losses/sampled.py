"""A softmax over a large vocabulary, estimated from a part of it: importance sampling after Jean et al. (2015).

Axes: N tokens, H features, V words.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def sampled_nll(states: Tensor, targets: Tensor, table: Tensor, bias: Tensor, share: float) -> Tensor:
    """-log p of each target under softmax(states @ table.T + bias), in nats. [N]

    states [N, H], targets [N] int64, table [V, H], bias [V]. The partition function sums over all targets of the
    batch, and over a random `share` of the other words, which weigh 1 / share: its estimate has no bias, its
    logarithm a small one downwards. With `share` 1 nothing is estimated.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share {share}: must lie in (0, 1]")
    own = torch.zeros(len(table), dtype=torch.bool, device=targets.device)
    own[targets] = True
    drawn = ~own & (torch.rand(len(table), device=targets.device) < share)
    chosen = own | drawn
    weights = bias + drawn * -math.log(share)
    logits = F.linear(states, table[chosen], weights[chosen])
    return F.cross_entropy(logits.float(), chosen.cumsum(0)[targets] - 1, reduction="none")
