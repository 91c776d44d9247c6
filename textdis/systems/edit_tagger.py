"""Transfer by tagging edits: Malmi et al. (2019), "Encode, Tag, Realize: High-Precision Text Editing" (LaserTagger).

A bidirectional encoder reads the sentence and the style that is wanted; each word is kept or deleted, and a phrase of a
fixed table may be put before it. All tags come from one pass, so that each clause of a long sentence is turned for
itself, and four candidates cost little more than one. Beside the paper's form:

- a tag is a pair, p(kept or deleted | word, what the word before became) p(phrase | both): the start of a deleted span
  wants a phrase in its place, its other words want none, and one softmax over all pairs cannot tell them apart;
- the tags of a sentence are found by a beam over its positions, and of the sentences they make those that have the
  style, by a classifier of words (`TextCNN`), come first.

Axes: B sentences, T tokens with `<s>` and `</s>`, P phrases of at most L words, W beams, N candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from textdis.core.batch import BOS, EOS, PAD, Batch, TextBatch, flattened
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import masked_sum
from textdis.nn import decoding
from textdis.nn.recurrent import RecurrentEncoder
from textdis.systems.text_classifier import TextCNN, TextCNNConfig

KEPT, DELETED, NOTHING, UNKNOWN = 0, 1, 0, -1  # NOTHING is the empty phrase; UNKNOWN one that the table lacks


@dataclass(frozen=True)
class EditTaggerConfig:
    vocabulary: int
    phrases: int  # rows of the table, the empty one first
    longest: int  # words of a phrase
    styles: int = 2
    slots: int = 0  # ids 4 ... 4+slots-1 name unknown words: they can be kept, and stand in no phrase
    embedding: int = 128
    hidden: int = 256  # each way
    layers: int = 2
    units: int = 192  # that the tags are read from
    dropout: float = 0.2
    searched: int = 2  # beams for each candidate that is asked for: those that have the style are kept
    offered: int = 4  # phrases that a beam may take at a position
    classifier: Annotated[dict[str, Any], TextCNNConfig] = field(default_factory=dict)


@dataclass(frozen=True)
class EditBatch(Batch):
    """Sentences and what is to become of each token: `<s>` and `</s>` are kept, a phrase stands before its token."""

    source: TextBatch
    wanted: Tensor  # [B] int64: the styles
    deleted: Tensor  # [B, T] int64: KEPT or DELETED
    phrase: Tensor  # [B, T] int64: rows of the table, or UNKNOWN

    def __len__(self) -> int:
        return len(self.source)

    @property
    def open(self) -> Tensor:
        """Tokens that have a tag: all but `<s>`. [B, T] bool"""
        return (self.source.tokens != PAD) & (self.source.tokens != BOS)


class EditTagger(Model):
    """The tagger, its table of phrases, and the classifier that tells the style a sentence has."""

    Config = EditTaggerConfig
    config: EditTaggerConfig
    phrases: Tensor  # [P, L] int64

    def __init__(self, config: EditTaggerConfig):
        super().__init__(config)
        c = config
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.style = nn.Embedding(c.styles, 32)
        self.encoder = RecurrentEncoder(c.embedding + 32, c.hidden, layers=c.layers, dropout=c.dropout)
        self.drop = nn.Dropout(c.dropout)
        self.mid = nn.Linear(self.encoder.size, c.units)
        self.keep, self.after = nn.Linear(c.units, 2), nn.Parameter(torch.zeros(2, 2))
        self.say, self.told = nn.Linear(c.units, c.phrases), nn.Parameter(torch.zeros(2, 2, c.phrases))
        self.classifier = TextCNN(TextCNNConfig(c.vocabulary, c.styles, **c.classifier))
        self.register_buffer("phrases", torch.full((c.phrases, c.longest), PAD))

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.classifier(batch.tokens, batch.valid).log_softmax(-1)

    def read(self, source: TextBatch, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of keeping and deleting [B, T, before, 2], and of the phrases [B, T, P], to which `told` is added."""
        told = self.style(wanted)[:, None].expand(-1, source.tokens.shape[1], -1)
        memory, _ = self.encoder(self.drop(torch.cat([self.embed(source.tokens), told], -1)), source.lengths)
        seen = self.drop(torch.tanh(self.mid(memory)))
        return self.keep(seen)[:, :, None] + self.after, self.say(seen)

    def edit_nll(self, batch: EditBatch, edited: float = 1.0) -> Tensor:
        """-log p(tags | sentence, style) in nats a sentence; tags that change something count `edited` times."""
        keep, say = self.read(batch.source, batch.wanted)
        before = torch.nn.functional.pad(batch.deleted[:, :-1], (1, 0))  # what the token before became
        kept = keep.log_softmax(-1).gather(2, before[..., None, None].expand(-1, -1, 1, 2)).squeeze(2)
        nats = -kept.gather(-1, batch.deleted[..., None]).squeeze(-1)
        phrases = (say + self.told[before, batch.deleted]).log_softmax(-1)
        said = -phrases.gather(-1, batch.phrase.clamp(min=0)[..., None]).squeeze(-1)
        nats = nats + said.masked_fill(batch.phrase == UNKNOWN, 0.0)
        changes = (batch.deleted == DELETED) | (batch.phrase != NOTHING)
        return masked_sum(nats, batch.open, torch.where(changes, edited, 1.0))

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rewritings of `batch` in the styles `target` [B]: tokens [B, N, T] without `<s>`, log-probabilities [B, N].

        Those that have the style come first, each in order of their tags' probability. `max_length`, in words, cuts.
        Where there are fewer sentences, the last rows are pads with score minus infinity.
        """
        deleted, phrase, scores = self._searched(batch, target, n_best * self.config.searched)
        tokens = self._realised(batch.tokens, deleted, phrase)
        if max_length is not None:
            tokens = tokens[:, :, : max_length + 1]
            last = tokens[:, :, max_length:]
            last[last != PAD] = EOS
        again = (tokens[:, :, None] == tokens[:, None]).all(-1).tril(-1).any(-1)  # other tags made the same sentence
        scores = scores.masked_fill(again, float("-inf"))
        tokens = tokens.masked_fill(scores.isinf()[..., None], PAD)
        found = self.classify(flattened(tokens)).argmax(-1).view_as(scores)
        return decoding.preferred(tokens, scores, found == target[:, None], n_best)

    def _searched(self, batch: TextBatch, target: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
        """The likeliest tags: deleted [B, W, T], phrase [B, W, T], scores [B, W]."""
        choices, which = self._choices(batch, target)  # [B, T, before, 2 * offered]
        size, length, _, count = choices.shape
        scores = choices.new_full((size, width), float("-inf"))
        scores[:, 0] = 0.0  # all beams start equal: only the first may branch
        deleted = torch.zeros(size, width, length, dtype=torch.long, device=scores.device)
        phrase, before = deleted.clone(), deleted[:, :, 0]
        for t in range(1, length):
            rows = before[..., None].expand(-1, -1, count)
            sums = (scores[..., None] + choices[:, t].gather(1, rows)).flatten(1)
            scores, index = sums.topk(width, -1)
            origin, taken = index // count, index % count
            deleted, phrase = (x.gather(1, origin[..., None].expand_as(x)) for x in (deleted, phrase))
            phrase[:, :, t] = which[:, t].gather(1, rows).flatten(1).gather(1, index)
            deleted[:, :, t] = before = taken // (count // 2)
        return deleted, phrase, scores

    def _choices(self, batch: TextBatch, target: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of keeping with each of the likeliest phrases, then of deleting; and those phrases."""
        keep, say = self.read(batch, target)
        phrases = say[:, :, None, None] + self.told
        best = (phrases - phrases.logsumexp(-1, keepdim=True)).topk(min(self.config.offered, say.shape[-1]), -1)
        total, which = keep.log_softmax(-1)[..., None] + best.values, best.indices
        shut, end = (batch.tokens == PAD)[:, :, None, None], (batch.tokens == EOS)[:, :, None, None]
        total[..., DELETED, :].masked_fill_(shut | end, float("-inf"))
        total[..., KEPT, :].masked_fill_(shut, float("-inf"))
        total[..., KEPT, 0].masked_fill_(shut.squeeze(-1), 0.0)
        which[..., KEPT, 0].masked_fill_(shut.squeeze(-1), NOTHING)
        return total.flatten(3), which.flatten(3)

    def _realised(self, tokens: Tensor, deleted: Tensor, phrase: Tensor) -> Tensor:
        """The sentences that the tags make of `tokens` [B, T]: [B, W, T'], padded, without `<s>`."""
        words = tokens[:, None].masked_fill(deleted == DELETED, PAD)
        words = words.masked_fill(words == BOS, PAD)
        laid = torch.cat([self.phrases[phrase], words[..., None]], -1).flatten(2)
        order = (laid == PAD).to(torch.int8).argsort(dim=-1, stable=True)
        return laid.gather(-1, order)[:, :, : int((laid != PAD).sum(-1).max())]


class EditTaggerObjective(Objective):
    """`edit`, in nats a sentence; the classifier stays as it is."""

    model: EditTagger

    def __init__(self, model: EditTagger, *, edited: float = 2.0, lr: float = 1e-3, schedule: Schedule | None = None):
        super().__init__(model)
        self.edited, self.lr, self.schedule = edited, lr, schedule
        model.classifier.requires_grad_(False)

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"tagger": Player(self.model, optimizer=adam, max_norm=5.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[EditBatch], step: int) -> Iterator[Turn]:
        yield Turn("tagger", {"edit": self.model.edit_nll(next(batches), self.edited)})

    @torch.no_grad()
    def validate(self, batch: EditBatch, step: int) -> dict[str, Tensor]:  # type: ignore[override]
        """`edit` on held-out sentences, every tag once."""
        return {"edit": self.model.edit_nll(batch)}
