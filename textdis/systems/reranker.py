"""Choosing among a model's rewritings as people would: discriminative reranking over the edits that they make.

A transfer model (`writer`) makes candidates; a small network (`reader`), taught by people's marks, says of each how
likely it is right. It reads the sentence and its rewriting as one sequence of words kept, taken out and put in, the
representation of Yin et al. (2019), "Learning to Represent Edits", section 3.1, with what the writer thought of each
word beside it, so that few marks are enough: -log p in nats of a word of the rewriting, given the sentence and given
the style alone, and of a word of the sentence, given the rewriting and given its own style alone. A bidirectional GRU
runs over the sequence; its maximum and mean over the words, and what the writer says of both sentences as wholes, go
through one hidden layer to the log-odds of being right.

Its loss is the binary cross-entropy of every mark and, at weight 0.3, the listwise loss of `systems/feedback.py`
among the candidates of one sentence: as Collins and Koo (2005), "Discriminative Reranking for Natural Language
Parsing", which compares what one sentence may become and nothing else. The writer is frozen.

Axes: B sentences, N candidates, M rewritings of all of them, T tokens, L words of a sentence and a rewriting aligned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD, Batch, TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import listwise
from textdis.nn.recurrent import RecurrentEncoder
from textdis.systems.collaborative import Collaborative, CollaborativeConfig, unsaid

KEPT, OUT, IN, PADDED = 0, 1, 2, 3  # what becomes of a word
MOST, WHOLE = 12.0, 60.0  # nats of a word, and of a sentence, beyond which it says no more


@dataclass(frozen=True)
class RerankerConfig:
    """`writer` holds the fields of CollaborativeConfig."""

    writer: dict[str, Any] = field(default_factory=dict)
    embedding: int = 128
    hidden: int = 128  # each way
    units: int = 128  # of the layer before the last
    dropout: float = 0.3

    @property
    def vocabulary(self) -> int:
        return int(self.writer["vocabulary"])

    @property
    def styles(self) -> int:
        return int(self.writer.get("styles", 2))


@dataclass(frozen=True)
class Reading(Batch):
    """Rewritings beside their sentences, as the reader sees them."""

    word: Tensor  # [M, L] int64
    op: Tensor  # [M, L] int64: KEPT, OUT, IN or PADDED
    nats: Tensor  # [M, L, 4] of each word; 0 where it has none
    whole: Tensor  # [M, 8]: nats of both sentences in both ways, of their styles, and their lengths in words
    wanted: Tensor  # [M] int64

    def __len__(self) -> int:
        return len(self.word)


@dataclass(frozen=True)
class MarkedBatch(Batch):
    """Rewritings of several sentences, and which of them people found right."""

    reading: Reading
    owner: Tensor  # [M] int64: number of the sentence, from 0
    right: Tensor  # [M] bool

    def __len__(self) -> int:
        return int(self.owner.max()) + 1


class EditReader(nn.Module):
    """The log-odds that a rewriting is right."""

    def __init__(self, config: RerankerConfig):
        super().__init__()
        c, told = config, 16
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.op, self.style = nn.Embedding(PADDED + 1, told), nn.Embedding(c.styles, told)
        self.rnn = RecurrentEncoder(c.embedding + 2 * told + 4, c.hidden)
        self.norm = nn.BatchNorm1d(8)
        self.mid, self.out = nn.Linear(2 * self.rnn.size + 8, c.units), nn.Linear(c.units, 1)
        self.drop = nn.Dropout(c.dropout)

    def forward(self, seen: Reading) -> Tensor:
        """[M]"""
        style = self.style(seen.wanted)[:, None].expand(-1, seen.word.shape[1], -1)
        words = torch.cat([self.drop(self.embed(seen.word)), self.op(seen.op), style, seen.nats], -1)
        there = seen.op != PADDED
        lengths = there.sum(-1)
        memory, _ = self.rnn(words, lengths)
        most = memory.masked_fill(~there[..., None], -1.0).amax(1)  # a GRU says nothing below -1
        mean = (memory * there[..., None]).sum(1) / lengths[:, None]
        whole = self.norm(seen.whole.clamp(-WHOLE, WHOLE))
        mid = F.relu(self.mid(torch.cat([self.drop(torch.cat([most, mean], -1)), whole], -1)))
        return self.out(self.drop(mid)).squeeze(-1)


class Reranker(Model):
    """A collaborative model whose candidates are ranked by a reader."""

    Config = RerankerConfig
    config: RerankerConfig

    def __init__(self, config: RerankerConfig):
        super().__init__(config)
        self.writer = Collaborative(CollaborativeConfig(**config.writer))
        self.reader = EditReader(config)

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.writer.classify(batch)

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `Collaborative.candidates`; of several the scores [B, N] are log-odds of being right, best first."""
        tokens, scores = self.writer.candidates(batch, target, n_best, max_length)
        if n_best == 1:
            return tokens, scores
        owner = torch.arange(len(batch), device=tokens.device).repeat_interleave(tokens.shape[1])
        said = F.pad(tokens.flatten(0, 1), (1, 0), value=BOS)
        y = TextBatch(said, (said != PAD).sum(-1), target[owner])
        odds = self.reader(self.look(batch, y, owner)).view_as(scores)
        odds, order = odds.masked_fill(scores == -torch.inf, -torch.inf).sort(-1, descending=True)
        return tokens.gather(1, order[..., None].expand_as(tokens)), odds

    @torch.no_grad()
    def look(self, x: TextBatch, y: TextBatch, owner: Tensor) -> Reading:
        """Rewritings y [M] of sentences x [B], of which `owner` [M] tells the one; labels are the styles they have."""
        both = TextBatch(torch.cat([F.pad(t, (0, max(x.tokens.shape[1], y.tokens.shape[1]) - t.shape[1]))
                                    for t in (x.tokens, y.tokens)]), torch.cat([x.lengths, y.lengths]))  # fmt: skip
        network, narrow, _ = self.writer.seq2seq.narrowed(both)
        a = replace(x, tokens=narrow.tokens[: len(x), : x.tokens.shape[1]])
        b = replace(y, tokens=narrow.tokens[len(x) :, : y.tokens.shape[1]])
        own = a.rows(owner)
        nats = [
            network.token_nll(network.start(own, b.style), b),
            network.token_nll(network.start(unsaid(b), b.style), b),
            network.token_nll(network.start(b, own.style), own),
            network.token_nll(network.start(unsaid(a), a.style), a)[owner],
        ]
        sums = [(n * t.mask).sum(-1) for n, t in zip(nats, (b, b, own, own), strict=True)]
        styles = [self.classify(t).gather(-1, t.style[:, None]).squeeze(-1) for t in (y, x)]
        lengths = [(t.lengths - 2).float() for t in (y, x)]
        whole = torch.stack([*sums, styles[0], styles[1][owner], lengths[0], lengths[1][owner]], -1)
        at, op = aligned(x.tokens[:, 1:].tolist(), y.tokens[:, 1:].tolist(), owner.tolist())
        at, op = at.to(x.tokens.device), op.to(x.tokens.device)
        word = torch.where(op == OUT, x.targets[owner].gather(1, at[..., 0]), y.targets.gather(1, at[..., 1]))
        places = (at[..., 1], at[..., 1], at[..., 0], at[..., 0])
        beside = torch.stack([n.gather(1, place) for n, place in zip(nats, places, strict=True)], -1)
        has = torch.stack([op != OUT, op != OUT, op != IN, op != IN], -1) & (op != PADDED)[..., None]
        return Reading(word.masked_fill(op == PADDED, PAD), op, (beside * has).clamp(max=MOST) / 4.0, whole, y.style)


def aligned(sources: list[list[int]], rewritings: list[list[int]], owner: list[int]) -> tuple[Tensor, Tensor]:
    """Places in the source and in the rewriting [M, L, 2] of each word of their edit, and its operation [M, L].

    Rows are ids with `</s>`, padded; a place that a word has not is 0.
    """
    rows = []
    for number, said in zip(owner, rewritings, strict=True):
        a, b = ([i for i in row if i != PAD] for row in (sources[number], said))
        row: list[tuple[int, int, int]] = []
        for kind, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
            if kind == "equal":
                row += [(i + step, k + step, KEPT) for step in range(j - i)]
            else:
                row += [(place, 0, OUT) for place in range(i, j)] + [(0, place, IN) for place in range(k, m)]
        rows.append(row)
    width = max(map(len, rows))
    table = torch.tensor([[*row, *[(0, 0, PADDED)] * (width - len(row))] for row in rows])
    return table[..., :2], table[..., 2]


class RerankerObjective(Objective):
    """`right`, binary cross-entropy in nats a rewriting, and `choice`, the listwise loss in nats a sentence."""

    model: Reranker

    def __init__(self, model: Reranker, *, choice: float = 0.3, lr: float = 1e-3, schedule: Schedule | None = None):
        super().__init__(model)
        self.choice, self.lr, self.schedule = choice, lr, schedule
        model.writer.requires_grad_(False)

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"reader": Player(self.model.reader, optimizer=adam, max_norm=1.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[MarkedBatch], step: int) -> Iterator[Turn]:
        yield Turn("reader", self._losses(next(batches)), {"choice": self.choice})

    def _losses(self, batch: MarkedBatch) -> dict[str, Tensor]:
        odds = self.model.reader(batch.reading)
        right = F.binary_cross_entropy_with_logits(odds, batch.right.float())
        return {"right": right, "choice": listwise(odds, batch.owner, batch.right)}

    @torch.no_grad()
    def validate(self, batch: MarkedBatch, step: int) -> dict[str, Tensor]:  # type: ignore[override]
        return self._losses(batch)
