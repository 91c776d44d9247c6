"""An LSTM that reads a sentence and keeps nothing but its final state.

Axes: B sentences, T tokens, E features of a token, H hidden units.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence


class FinalState(nn.Module):
    """`forward(x [B, T, E], lengths [B]) -> [B, 2H]`: h and c of the one layer after the true last token.

    `lengths` are at least 1. Packed, so that pads change nothing and cost nothing.
    """

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        self.rnn = nn.LSTM(inputs, hidden, batch_first=True)
        self.size = 2 * hidden

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, (h, c) = self.rnn(packed)
        return torch.cat([h[-1], c[-1]], -1)
