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

Some sentences have no style to change. The writer's classifier is fitted on labels, which every sentence has, and only
its doubt tells; where readers said of sentences that they are neutral, a linear classifier of words, pairs of words,
what that classifier's filters saw, and its doubt learns it (`opinions`).

Axes: B sentences, N candidates, M rewritings of all of them, T tokens, L words of a sentence and a rewriting aligned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.batch import PAD, Batch, TextBatch, begun
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import listwise
from textdis.nn import decoding
from textdis.nn.edit_reader import OUT, PADDED, EditReader, Reading, aligned
from textdis.nn.ngram_classifier import NgramClassifier
from textdis.systems.collaborative import Collaborative, CollaborativeConfig

MOST = 60.0  # nats beyond which a number of the whole says no more
ORDER = 2  # words of an n-gram
LOOKED = 512  # sentences that the classifier looks at together
LEAST = 8.0  # nats beyond which a label that a sentence lacks counts no further


@dataclass(frozen=True)
class RerankerConfig:
    """`writer` holds the fields of CollaborativeConfig."""

    writer: Annotated[dict[str, Any], CollaborativeConfig] = field(default_factory=dict)
    embedding: int = 128
    hidden: int = 128  # each way
    units: int = 128  # of the layer before the last
    dropout: float = 0.3
    reads: bool = True  # whether there is a reader; else candidates are ranked as the writer ranks them
    searched: int = 1  # candidates that are read for each that is asked for: those that have the style are kept
    label: float = 0.0  # weight of log p(wanted style | n-grams) beside the log-odds
    grams: tuple[int, ...] = ()  # n-grams of each order of the classifier that says so
    opinion_grams: tuple[int, ...] = ()  # of the classifier that says whether a sentence has a style at all

    @property
    def vocabulary(self) -> int:
        return int(self.writer["vocabulary"])

    @property
    def styles(self) -> int:
        return int(self.writer.get("styles", 2))


@dataclass(frozen=True)
class MarkedBatch(Batch):
    """Rewritings of several sentences, and which of them people found right."""

    reading: Reading
    owner: Tensor  # [M] int64: number of the sentence, from 0
    right: Tensor  # [M] bool

    def __len__(self) -> int:
        return int(self.owner.max()) + 1


class Reranker(Model):
    """A collaborative model whose candidates are ranked by a reader."""

    Config = RerankerConfig
    config: RerankerConfig

    def __init__(self, config: RerankerConfig):
        super().__init__(config)
        c = config
        self.writer = Collaborative(CollaborativeConfig(**c.writer))
        own = c.embedding, c.hidden, c.units, c.dropout
        self.reader: Any = EditReader(c.vocabulary, c.styles, *own) if c.reads else None
        self.labels = NgramClassifier(c.vocabulary, c.styles, c.grams) if c.grams else None
        seen = self.writer.classifier.output.in_features + 1
        self.opinions = NgramClassifier(c.vocabulary, 2, c.opinion_grams, beside=seen) if c.opinion_grams else None

    def fit_labels(self, said: TextBatch, weight: float) -> None:
        """Learns from labelled sentences what n-grams say of the style, to count by `weight` beside the log-odds."""
        self.labels = grams_of_labels(said, self.config.vocabulary)
        self.config = replace(self.config, label=weight, grams=tuple(self.labels.sizes))

    def fit_opinions(self, said: TextBatch, has_style: Tensor) -> None:
        """Learns from sentences of which readers said whether they have a style at all. has_style [B] bool"""
        order = said.lengths.argsort()
        seen = torch.cat([self._seen(said.rows(rows))[0] for rows in order.split(LOOKED)])
        own: dict[str, Any] = {"beside": seen[order.argsort()], "least": 2, "decay": 1e-4}
        self.opinions = NgramClassifier.fit(said.tokens, has_style.long(), self.config.vocabulary, ORDER, **own)
        self.config = replace(self.config, opinion_grams=tuple(self.opinions.sizes))

    def take_over(self, other: Reranker, *, labels: bool, opinions: bool) -> None:
        """What another reader of the same words learnt from other things than marks: labels, opinions, or both."""
        if labels:
            self.labels = other.labels
            self.config = replace(self.config, label=other.config.label, grams=other.config.grams)
        if opinions:
            self.opinions = other.opinions
            self.config = replace(self.config, opinion_grams=other.config.opinion_grams)

    def style_or_none(self, batch: TextBatch) -> Tensor:
        """Probabilities of the styles [B, K]; what they lack to 1 is that of none, which readers' marks teach."""
        seen, styles = self._seen(batch)
        if self.opinions is None:
            return styles
        return styles * self.opinions.classify(batch.tokens, seen)[:, 1:].exp()

    @torch.no_grad()
    def _seen(self, batch: TextBatch) -> tuple[Tensor, Tensor]:
        """What the classifier's filters saw, and its sureness [B, F + 1]; its probabilities of the styles [B, K]."""
        width = int(batch.lengths.max())
        seen = self.writer.classifier.features(batch.tokens[:, :width], batch.valid[:, :width])
        styles = self.writer.classifier.output(seen).softmax(-1)
        return torch.cat([seen, styles.amax(-1, keepdim=True).logit(eps=1e-4)], -1), styles

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.writer.classify(batch)

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `Collaborative.candidates`; of several a reader's scores [B, N] are log-odds of being right, best first.

        With a weight `label` that of the style by labels has been added to them.
        """
        if n_best == 1:
            return self.writer.candidates(batch, target, 1, max_length)
        tokens, scores = self.writer.candidates(batch, target, n_best * self.config.searched, max_length)
        y, owner = begun(tokens, target)
        styles = self.classify(y)
        odds = scores.flatten()
        if self.reader is not None:
            odds = self.reader(self.look(batch, y, owner, odds, styles))
        odds = (odds + self.labelled(y)).view_as(scores).masked_fill(scores == -torch.inf, -torch.inf)
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


def grams_of_labels(said: TextBatch, vocabulary: int) -> NgramClassifier:
    """What n-grams say of the style, learnt from labelled sentences."""
    return NgramClassifier.fit(said.tokens, said.style, vocabulary, ORDER)


def writer_of(model: Model) -> Model:
    """What writes in a reranker; any other model is itself what writes."""
    return model.writer if isinstance(model, Reranker) else model


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
