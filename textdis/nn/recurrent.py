"""LSTM and GRU with their state passed in and out.

Axes: B examples, T time steps, E input features, H hidden units, L layers, D directions (1 or 2).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

Cell = Literal["gru", "lstm"]
_KINDS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


def _rnn(cell: Cell, inputs: int, hidden: int, layers: int, bidirectional: bool, dropout: float) -> nn.GRU | nn.LSTM:
    if cell not in _KINDS:
        raise ValueError(f"cell {cell!r}: choose one of {sorted(_KINDS)}")
    between = dropout if layers > 1 else 0.0  # torch warns about dropout after a lone layer
    return _KINDS[cell](inputs, hidden, layers, batch_first=True, bidirectional=bidirectional, dropout=between)


class RecurrentEncoder(nn.Module):
    """Reads a padded sequence; pads change neither a state nor the memory.

    `forward(x [B, T, E], lengths [B]) -> (memory [B, T, D*H], last [B, D*H])`, where `last` joins the
    top layer's state at the true last step (forwards) and at the first step (backwards).
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        layers: int = 1,
        cell: Cell = "gru",
        bidirectional: bool = True,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.rnn = _rnn(cell, inputs, hidden, layers, bidirectional, dropout)
        self.size = hidden * (2 if bidirectional else 1)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, state = self.rnn(packed)
        memory, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
        h = state[0] if isinstance(state, tuple) else state  # [L*D, B, H]
        directions = 2 if self.rnn.bidirectional else 1
        return memory, torch.cat(tuple(h[-directions:]), dim=-1)


class RecurrentDecoder(nn.Module):
    """A recurrent network over a state that the caller holds: `forward(x, state) -> (output, state)`.

    x [B, T, E], T = 1 for one step at a time; state [B, L*S] with S = H (GRU) or 2H (LSTM: h then c),
    batch first so that rows can be picked, repeated and dropped like any other tensor's.
    """

    def __init__(self, inputs: int, hidden: int, *, layers: int = 1, cell: Cell = "gru", dropout: float = 0.0):
        super().__init__()
        self.rnn = _rnn(cell, inputs, hidden, layers, False, dropout)
        self.size = hidden
        self.state_size = layers * hidden * (2 if cell == "lstm" else 1)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        parts = state.view(len(state), -1, self.rnn.num_layers, self.size).permute(1, 2, 0, 3).contiguous()
        output, new = self.rnn(x, (parts[0], parts[1]) if isinstance(self.rnn, nn.LSTM) else parts[0])
        stacked = torch.stack(new) if isinstance(new, tuple) else new[None]  # [1 or 2, L, B, H]
        return output, stacked.permute(2, 0, 1, 3).reshape(len(state), -1)
