"""A sentence in one code that can be moved: Larsson, Nilsson and Kågebäck (2017), "Disentangled Representations for
Manipulation of Sentiment in Text".

A CNN pools a sentence into a code z of 300 features, from which a linear head tells the sentiment and a GRU says the
sentence again (section 3.1, 3.3). How a code is moved stands in `nn/traversal.py`. Where the paper is silent:

- z is the GRU's first state; both have 300 numbers. What the GRU says is scored against the word vectors themselves
  (`tied`), or by a matrix of its own.
- Word vectors are learnt with the rest, from random ones or from those an experiment fills in.
- Reconstruction counts the nats of a whole sentence, classification those of its label; both weigh 1.
- Filters pass over words only, short sentences are padded with zeros, and z >= 0. A moved code may leave that cone;
  it is not clipped.
- The softmax may be estimated from a share of the vocabulary (`losses/sampled.py`), which on a CPU is several times
  faster; held-out losses are exact.

Axes: B sentences, T tokens, E numbers of a word vector, D numbers of a code, V words, S labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD, TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn, weighed
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import label_nll, masked_sum
from textdis.losses.sampled import sampled_nll
from textdis.nn.decoding import DecoderState, greedy
from textdis.nn.recurrent import RecurrentDecoder
from textdis.nn.traversal import BUDGET, Traversal, traverse
from textdis.systems.text_classifier import TextCNN, TextCNNConfig

__all__ = ["BUDGET", "MMDTraversal", "MMDTraversalConfig", "MMDTraversalObjective", "Traversal", "traverse"]


@dataclass(frozen=True)
class MMDTraversalConfig:
    vocabulary: int  # words, with the four special ones
    classes: int = 2
    embedding: int = 300  # numbers of a word vector
    heights: tuple[int, ...] = (1, 2, 3, 4)  # words a filter sees
    filters: int = 75  # of each height; a code has filters * heights numbers
    tied: bool = True  # one table reads and says words, which needs embedding = filters * heights

    def __post_init__(self) -> None:
        object.__setattr__(self, "heights", tuple(self.heights))  # a list when it comes from JSON
        if self.tied and self.embedding != self.filters * len(self.heights):
            raise ValueError("tied: word vectors must have as many numbers as a code, filters * heights")


class MMDTraversal(Model):
    """`encode` and `say` (a `CodeModel`), and `classify` of codes."""

    Config = MMDTraversalConfig
    config: MMDTraversalConfig

    def __init__(self, config: MMDTraversalConfig):
        super().__init__(config)
        c = config
        sizes: dict[str, Any] = {"embedding": c.embedding, "heights": c.heights, "filters": c.filters}
        self.encoder = TextCNN(TextCNNConfig(c.vocabulary, c.classes, dropout=0.0, **sizes))
        self.decoder = RecurrentDecoder(c.embedding, self.code_size)
        self.bias = nn.Parameter(torch.zeros(c.vocabulary))
        if not c.tied:
            self.out = nn.Parameter(torch.randn(c.vocabulary, self.code_size) * self.code_size**-0.5)  # [V, D]

    @property
    def code_size(self) -> int:
        return self.config.filters * len(self.config.heights)

    @property
    def words(self) -> Tensor:
        """The word vectors. [V, E]"""
        return self.encoder.table

    def encode(self, batch: TextBatch) -> Tensor:
        """The pooled features of each sentence. [B, D], 0 or more"""
        return self.encoder.features(batch.tokens, batch.valid)

    def classify(self, codes: Tensor) -> Tensor:
        """Log-probabilities of the labels. codes [B, D] -> [B, S]"""
        return self.encoder.output(codes).log_softmax(-1)

    def token_nll(self, codes: Tensor, batch: TextBatch, share: float = 1.0) -> Tensor:
        """-log p of each target word given the code [B, D] and the words before it, in nats [B, T-1]; 0 for pads.

        share: of the vocabulary that the softmax is estimated from; 1: all of it.
        """
        mask = batch.mask
        said = self.decoder(F.embedding(batch.inputs, self.words), codes)[0][mask]
        nats = sampled_nll(said, batch.targets[mask], *self._output, share)
        return torch.zeros(mask.shape, device=nats.device).masked_scatter(mask, nats)

    def step(self, token: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One word. token [B] -> log-probabilities [B, V], next state"""
        said, rnn = self.decoder(F.embedding(token, self.words)[:, None], state.hidden["rnn"])
        logits = F.linear(said[:, 0], *self._output).float()
        logits[:, [PAD, BOS]] = -1e9  # never targets, so what the softmax gives them is left over from sampling
        return logits.log_softmax(-1), DecoderState({"rnn": rnn}, state.source)

    def say(self, codes: Tensor, max_length: int) -> Tensor:
        """The likeliest word at every step, from the code [B, D]. -> ids [B, T]: w1 ... wn </s> <pad> ..."""
        return greedy(self.step, DecoderState({"rnn": codes}, {}), max_length).tokens

    @property
    def _output(self) -> tuple[Tensor, Tensor]:
        """The matrix [V, D] and bias [V] that score words."""
        return self.words if self.config.tied else self.out, self.bias


class MMDTraversalObjective(Objective):
    """Reconstruction alone for `warmup` steps; then with classification, both weighing 1 (figure 1).

    share: of the vocabulary that training's softmax is estimated from. weights: of `nll` and `label`, by name.
    """

    model: MMDTraversal

    def __init__(
        self,
        model: MMDTraversal,
        *,
        warmup: int = 0,
        share: float = 1.0,
        weights: dict[str, float] | None = None,
        lr: float = 1e-3,
        schedule: Schedule | None = None,
    ):
        super().__init__(model)
        self.warmup, self.share, self.weights = warmup, share, weighed({"nll": 1.0, "label": 1.0}, weights)
        self.lr, self.schedule = lr, schedule

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"model": Player(self.model, optimizer=adam, max_norm=10.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[TextBatch], step: int) -> Iterator[Turn]:
        x = next(batches)
        codes = self.model.encode(x)
        nats = self.model.token_nll(codes, x, self.share if self.training else 1.0)
        losses = {"nll": masked_sum(nats, x.mask)}
        if step >= self.warmup:
            losses["label"] = label_nll(self.model.classify(codes), x.style)
        yield Turn("model", losses, self.weights)
