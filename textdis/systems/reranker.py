"""Choosing among a model's rewritings as people would: discriminative reranking over the edits that they make.

A transfer model (`writer`) makes candidates; a small network (`reader`), taught by people's marks, says of each how
likely it is right. It reads the sentence and its rewriting as one sequence of words kept, taken out and put in, the
representation of Yin et al. (2019), "Learning to Represent Edits", section 3.1. A bidirectional GRU runs over it; its
maximum and mean over the words, and five numbers of the whole (the score by which the writer ranks, in nats; the
log-probabilities of both styles by the writer's classifier; both lengths), go through one hidden layer to the log-odds
of being right. What the writer thinks of each single word was tried beside the words, and brought next to nothing for
two and a half times the time (docs/results.md).

Its loss is the binary cross-entropy of every mark and, at weight 0.3, the listwise loss of `systems/feedback.py`
among the candidates of one sentence: as Collins and Koo (2005), "Discriminative Reranking for Natural Language
Parsing", which compares what one sentence may become and nothing else. The writer is frozen.

Readers and labels do not ask for the same: a label says in which reviews such words stand. So a linear classifier of
words and pairs of words, fitted on labels alone, may add its log-probability of the wanted style to the log-odds, by a
weight that trades the one for the other (`label`).

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

from textdis.core.batch import PAD, Batch, TextBatch, begun
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import listwise
from textdis.nn import decoding
from textdis.nn.ngrams import NgramClassifier
from textdis.nn.recurrent import RecurrentEncoder
from textdis.systems.collaborative import Collaborative, CollaborativeConfig

KEPT, OUT, IN, PADDED = 0, 1, 2, 3  # what becomes of a word
FACTS, MOST = 5, 60.0  # numbers of the whole, and nats beyond which they say no more
ORDER = 2  # words of an n-gram
LEAST = 8.0  # nats beyond which a label that a sentence lacks counts no further


@dataclass(frozen=True)
class RerankerConfig:
    """`writer` holds the fields of CollaborativeConfig."""

    writer: dict[str, Any] = field(default_factory=dict)
    embedding: int = 128
    hidden: int = 128  # each way
    units: int = 128  # of the layer before the last
    dropout: float = 0.3
    searched: int = 1  # candidates that are read for each that is asked for: those that have the style are kept
    label: float = 0.0  # weight of log p(wanted style | n-grams) beside the log-odds
    grams: tuple[int, ...] = ()  # n-grams of each order of the classifier that says so

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
    whole: Tensor  # [M, 5]: the writer's score, log-probabilities of the new and of the old style, lengths in words
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
        self.rnn = RecurrentEncoder(c.embedding + 2 * told, c.hidden)
        self.norm = nn.BatchNorm1d(FACTS)
        self.mid, self.out = nn.Linear(2 * self.rnn.size + FACTS, c.units), nn.Linear(c.units, 1)
        self.drop = nn.Dropout(c.dropout)

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


class Reranker(Model):
    """A collaborative model whose candidates are ranked by a reader."""

    Config = RerankerConfig
    config: RerankerConfig

    def __init__(self, config: RerankerConfig):
        super().__init__(config)
        self.writer = Collaborative(CollaborativeConfig(**config.writer))
        self.reader = EditReader(config)
        self.labels = NgramClassifier(config.vocabulary, config.styles, config.grams) if config.grams else None

    def fit_labels(self, said: TextBatch, weight: float) -> None:
        """Learns from labelled sentences what n-grams say of the style, to count by `weight` beside the log-odds."""
        self.labels = NgramClassifier.fit(said.tokens, said.style, self.config.vocabulary, ORDER)
        self.config = replace(self.config, label=weight, grams=tuple(self.labels.sizes))

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.writer.classify(batch)

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `Collaborative.candidates`; of several the scores [B, N] are log-odds of being right, best first.

        With a weight `label` that of the style by labels has been added to them.
        """
        if n_best == 1:
            return self.writer.candidates(batch, target, 1, max_length)
        tokens, scores = self.writer.candidates(batch, target, n_best * self.config.searched, max_length)
        y, owner = begun(tokens, target)
        styles = self.classify(y)
        odds = self.reader(self.look(batch, y, owner, scores.flatten(), styles)) + self.labelled(y)
        odds = odds.view_as(scores).masked_fill(scores == -torch.inf, -torch.inf)
        styled = (styles.argmax(-1) == y.style).view_as(odds)
        tokens, odds = decoding.preferred(tokens, odds, styled, n_best)
        odds, order = odds.sort(-1, descending=True)
        return tokens.gather(1, order[..., None].expand_as(tokens)), odds

    def labelled(self, y: TextBatch) -> Tensor | float:
        """What the labels add: `label` times log p(style | n-grams) of the style that was asked for. [M]; 0 by none."""
        if self.labels is None:
            return 0.0
        nats = self.labels.classify(y.tokens).gather(-1, y.style[:, None]).squeeze(-1)
        return self.config.label * nats.clamp(min=-LEAST)

    @torch.no_grad()
    def look(self, x: TextBatch, y: TextBatch, owner: Tensor, scores: Tensor, styles: Tensor) -> Reading:
        """Rewritings y [M] of sentences x [B], of which `owner` [M] tells the one.

        Labels are the styles they have, or were to have. scores: of y by the writer [M]; styles: log-probabilities of
        what they have [M, K].
        """
        new, old = (p.gather(-1, t.style[:, None]).squeeze(-1) for p, t in ((styles, y), (self.classify(x), x)))
        lengths = [text.lengths - 2 for text in (y, x)]
        whole = torch.stack([scores, new, old[owner], lengths[0], lengths[1][owner]], -1)
        at, op = aligned(x.targets.tolist(), y.targets.tolist(), owner.tolist())
        at, op = at.to(scores.device), op.to(scores.device)
        out = op == OUT
        word = y.targets.gather(1, at.masked_fill(out, 0))
        word[out] = x.targets[owner].gather(1, at.masked_fill(~out, 0))[out]
        return Reading(word.masked_fill(op == PADDED, PAD), op, whole.clamp(-MOST, MOST), y.style)

    def read(self, x: TextBatch, y: TextBatch, owner: Tensor) -> Reading:
        """As `look`, of rewritings that nobody has scored yet."""
        with torch.no_grad():
            return self.look(x, y, owner, self.writer.scores(x.rows(owner), y), self.classify(y))


def writer_of(model: Model) -> Model:
    """What writes in a reranker; any other model is itself what writes."""
    return model.writer if isinstance(model, Reranker) else model


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
