"""Additive (Bahdanau et al., 2015) and multiplicative (Luong et al., 2015) attention.

Axes: B examples, T queries, S source positions, Q query features, M memory features, A attention units.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["additive", "multiplicative"]


class Attention(nn.Module):
    """Weights over source positions, and the weighted mean of the memory.

    additive: v . tanh(W q + U m), Bahdanau's equation in appendix A.1.2;
    multiplicative: q . W m, Luong's "general" score (eq. 8).
    Source keys are computed once by `keys` and handed back at every step.
    """

    def __init__(self, query: int, memory: int, units: int, kind: Kind = "additive"):
        super().__init__()
        if kind not in ("additive", "multiplicative"):
            raise ValueError(f"attention {kind!r}: choose additive or multiplicative")
        self.kind = kind
        self.to_key = nn.Linear(memory, units if kind == "additive" else query, bias=False)
        if kind == "additive":
            self.to_query = nn.Linear(query, units)
            self.score = nn.Linear(units, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """memory [B, S, M] -> keys [B, S, A] (or [B, S, Q])"""
        return self.to_key(memory)

    def forward(self, query: Tensor, keys: Tensor, memory: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """query [B, T, Q], valid [B, S] bool -> (context [B, T, M], weights [B, T, S], pads exactly 0)."""
        if self.kind == "additive":
            mixed = torch.tanh(self.to_query(query)[:, :, None] + keys[:, None])  # [B, T, S, A]
            scores = self.score(mixed).squeeze(-1)
        else:
            scores = query @ keys.transpose(1, 2)
        weights = scores.masked_fill(~valid[:, None], float("-inf")).softmax(-1)
        return weights @ memory, weights
