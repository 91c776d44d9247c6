"""An LSTM that reads a sentence and keeps nothing but its final state.

Axes: B sentences, T tokens, E features of a token, H hidden units.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FinalState(nn.Module):
    """`forward(x [B, T, E], lengths [B]) -> [B, 2H]`: h and c of the one layer after the true last token.

    `lengths` are at least 1. Pads change nothing and are never read: sentences leave the batch where they end. Between
    two ends runs one dense call, which on a CPU is much faster than a packed sequence's step by step; so batches of
    like lengths, as `Batches` makes them, take few calls.
    """

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        self.rnn = nn.LSTM(inputs, hidden, batch_first=True)
        self.size = 2 * hidden

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        order = lengths.argsort(descending=True, stable=True)
        x, ends = x[order], lengths[order].tolist()
        h = c = x.new_zeros(1, len(x), self.rnn.hidden_size)
        final: list[Tensor] = []  # of the sentences that end, the shortest first
        start, open_rows = 0, len(x)
        while open_rows:
            end = ends[open_rows - 1]
            _, (h, c) = self.rnn(
                x[:open_rows, start:end], (h[:, :open_rows].contiguous(), c[:, :open_rows].contiguous())
            )
            longer = sum(length > end for length in ends[:open_rows])
            final.append(torch.cat([h[0, longer:], c[0, longer:]], -1))
            start, open_rows = end, longer
        return torch.cat(final[::-1])[order.argsort()]


def backwards(lengths: Tensor, width: int) -> Tensor:
    """The positions that put each row's first `lengths[i]` tokens in reverse order, its pads left behind. [B, width]"""
    forward = torch.arange(width, device=lengths.device).expand(len(lengths), width)
    reverse = lengths[:, None] - 1 - forward
    return torch.where(reverse >= 0, reverse, forward)


def initialise(rnn: nn.LSTM | nn.GRU) -> None:
    """Weights that carry a signal over many steps from the start: recurrent ones orthogonal by gate, forget bias 1.

    Saxe et al. (2014); Jozefowicz et al. (2015). With torch's own, little of the first tokens reaches the last state.
    """
    hidden = rnn.hidden_size
    for name, p in rnn.named_parameters():
        if name.startswith("weight"):
            start = nn.init.orthogonal_ if "hh" in name else nn.init.xavier_uniform_
            for gate in p.detach().split(hidden):  # views, in torch's order: input, forget, cell, output
                start(gate)
        else:
            nn.init.zeros_(p)
            if "ih" in name and isinstance(rnn, nn.LSTM):
                nn.init.ones_(p.detach()[hidden : 2 * hidden])
