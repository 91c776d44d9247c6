"""Recurrent networks between a padded batch and one code a sentence, without work on padding.

Rows are sorted by length and run in groups of nearly equal length: on a CPU a padded group is a third faster than the
same rows packed, and groups this small lose next to nothing to padding. What leaves are the valid positions alone.
Axes: B sentences, T tokens, E embedding, C context (a code, and what else is told), H hidden units, N valid tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import PAD, TextBatch
from textdis.core.precision import half_if_allowed
from textdis.nn.recurrent import Cell, RecurrentDecoder

GROUP, GROUPS = 32, 8  # at least so many rows run together on a CPU, in at most so many groups; a GPU runs all at once


def length_groups(lengths: Tensor, size: int | None = None) -> list[tuple[Tensor, int]]:
    """(row numbers, the longest length among them) of groups of similar length, short ones first. lengths [B]"""
    if lengths.device.type != "cpu" and size is None:
        return [(torch.arange(len(lengths), device=lengths.device), int(lengths.max()))] if len(lengths) else []
    order, size = lengths.argsort(stable=True), size or max(GROUP, -(-len(lengths) // GROUPS))
    return [(rows, int(lengths[rows[-1]])) for rows in order.split(size)] if len(order) else []


def label_groups(label: Tensor) -> list[tuple[int, Tensor]]:
    """(label, the numbers of the rows that have it), of those there are. label [B] int64"""
    return [(value, (label == value).nonzero().squeeze(-1)) for value in label.unique().tolist()]


def joined(batches: Sequence[TextBatch]) -> TextBatch:
    """One batch of all rows: tokens and lengths, and labels where all have them."""
    width = max(batch.tokens.shape[1] for batch in batches)
    tokens = torch.cat([F.pad(b.tokens, (0, width - b.tokens.shape[1]), value=PAD) for b in batches])
    labels = [b.label for b in batches if b.label is not None]
    label = torch.cat(labels) if len(labels) == len(batches) else None
    return TextBatch(tokens, torch.cat([b.lengths for b in batches]), label)


class CodeEncoder(nn.Module):
    """Words to the state at the true last one. `forward(tokens [B, T], lengths [B]) -> [B, H]`"""

    def __init__(self, vocabulary: int, embedding: int, hidden: int, *, cell: Cell = "lstm"):
        super().__init__()
        self.embed = word_table(vocabulary, embedding)
        self.rnn = RecurrentDecoder(embedding, hidden, cell=cell)

    def forward(self, tokens: Tensor, lengths: Tensor, start: Tensor | None = None) -> Tensor:
        """start [B, H]: the state before the first word (GRU); zeros where None."""
        groups, last = length_groups(lengths), []
        words = looked_up(self.embed, [tokens[rows, :longest] for rows, longest in groups])
        for (rows, _), x in zip(groups, words, strict=True):
            state = x.new_zeros(len(rows), self.rnn.state_size) if start is None else start[rows]
            with half_if_allowed(x.device):
                output, _ = self.rnn(x, state)  # what follows the last word cannot reach it
            last.append(output[torch.arange(len(rows), device=rows.device), lengths[rows] - 1])
        order = torch.cat([rows for rows, _ in groups])
        return torch.cat(last)[order.argsort()].float()


class CodeDecoder(nn.Module):
    """Says a sentence from a context that it reads again at every step; its first state is zero."""

    def __init__(self, vocabulary: int, embedding: int, context: int, hidden: int, *, cell: Cell = "lstm"):
        super().__init__()
        self.embed = word_table(vocabulary, embedding)
        self.rnn = RecurrentDecoder(embedding + context, hidden, cell=cell)

    def forward(self, batch: TextBatch, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Teacher forcing, context [B, C]. -> states [N, H] before the words targets [N] of sentences rows [N]"""
        states, targets, owners = [], [], []
        groups = length_groups(batch.lengths)
        words = looked_up(self.embed, [batch.tokens[rows, : longest - 1] for rows, longest in groups])
        for (rows, longest), said in zip(groups, words, strict=True):
            goals = batch.tokens[rows, 1:longest]
            x = torch.cat([said, context[rows][:, None].expand(-1, longest - 1, -1)], -1)
            with half_if_allowed(x.device):
                output, _ = self.rnn(x, x.new_zeros(len(rows), self.rnn.state_size))
            valid = goals != PAD
            states.append(output[valid].float())
            targets.append(goals[valid])
            owners.append(rows[:, None].expand_as(goals)[valid])
        return torch.cat(states), torch.cat(targets), torch.cat(owners)

    def step(self, token: Tensor, context: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One word: token [B], context [B, C], state [B, S] -> hidden [B, H], next state"""
        with half_if_allowed(state.device):
            output, state = self.rnn(torch.cat([self.embed(token), context], -1)[:, None], state)
        return output[:, 0], state


def looked_up(table: nn.Embedding, tokens: Sequence[Tensor]) -> list[Tensor]:
    """The rows [b, t, E] of each of the `tokens` [b, t], in one look-up: its gradient is as large as the table."""
    rows = table(torch.cat([piece.flatten() for piece in tokens])).split([piece.numel() for piece in tokens])
    return [own.view(*piece.shape, -1) for own, piece in zip(rows, tokens, strict=True)]


def word_table(vocabulary: int, size: int) -> nn.Embedding:
    """Small numbers: torch's unit normal ones would drown a code of norm 1."""
    table = nn.Embedding(vocabulary, size)
    nn.init.normal_(table.weight, std=0.1)
    return table
