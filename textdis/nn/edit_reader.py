"""What an edit is, to a network: a sentence and its rewriting as one sequence of words kept, taken out and put in.

Yin et al. (2019), "Learning to Represent Edits", section 3.1. A bidirectional GRU runs over it; its maximum and mean
over the words, and five numbers of the whole, go through one hidden layer to the log-odds that the edit is right.

Axes: M rewritings, L words of a sentence and a rewriting aligned.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import PAD, Batch
from textdis.nn.recurrent import RecurrentEncoder

KEPT, OUT, IN, PADDED = 0, 1, 2, 3  # what becomes of a word
FACTS = 5  # numbers of the whole


@dataclass(frozen=True)
class Reading(Batch):
    """Rewritings beside their sentences, as the reader sees them."""

    word: Tensor  # [M, L] int64
    op: Tensor  # [M, L] int64: KEPT, OUT, IN or PADDED
    whole: Tensor  # [M, 5]: the writer's score, log-probabilities of the new and of the old style, lengths in words
    wanted: Tensor  # [M] int64

    def __len__(self) -> int:
        return len(self.word)


class EditReader(nn.Module):
    """The log-odds that a rewriting is right."""

    def __init__(self, vocabulary: int, styles: int, embedding: int, hidden: int, units: int, dropout: float):
        super().__init__()
        told = 16
        self.embed = nn.Embedding(vocabulary, embedding)
        self.op, self.style = nn.Embedding(PADDED + 1, told), nn.Embedding(styles, told)
        self.rnn = RecurrentEncoder(embedding + 2 * told, hidden)
        self.norm = nn.BatchNorm1d(FACTS)
        self.mid, self.out = nn.Linear(2 * self.rnn.size + FACTS, units), nn.Linear(units, 1)
        self.drop = nn.Dropout(dropout)

    def forward(self, seen: Reading) -> Tensor:
        """[M]"""
        style = self.style(seen.wanted)[:, None].expand(-1, seen.word.shape[1], -1)
        words = torch.cat([self.drop(self.embed(seen.word)), self.op(seen.op), style], -1)
        there = seen.op != PADDED
        lengths = there.sum(-1)
        memory, _ = self.rnn(words, lengths)
        most = memory.masked_fill(~there[..., None], -1.0).amax(1)  # a GRU says nothing below -1
        mean = (memory * there[..., None]).sum(1) / lengths[:, None]
        whole = self.norm(seen.whole)
        mid = F.relu(self.mid(torch.cat([self.drop(torch.cat([most, mean], -1)), whole], -1)))
        return self.out(self.drop(mid)).squeeze(-1)


def aligned(sources: list[list[int]], rewritings: list[list[int]], owner: list[int]) -> tuple[Tensor, Tensor]:
    """Places [M, L] of each word of an edit, in the source where it is taken out and else in the rewriting; operations.

    Rows are ids with `</s>`, padded.
    """
    rows = []
    for number, said in zip(owner, rewritings, strict=True):
        a, b = ([i for i in row if i != PAD] for row in (sources[number], said))
        row: list[tuple[int, int]] = []
        for kind, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
            if kind == "equal":
                row += [(place, KEPT) for place in range(k, m)]
            else:
                row += [(place, OUT) for place in range(i, j)] + [(place, IN) for place in range(k, m)]
        rows.append(row)
    width = max(map(len, rows))
    table = torch.tensor([[*row, *[(0, PADDED)] * (width - len(row))] for row in rows])
    return table[..., 0], table[..., 1]
