"""A convolutional text classifier: Kim (2014), "Convolutional Neural Networks for Sentence Classification".

It reads word ids, or text that carries gradients: one distribution over the vocabulary a position.
Axes: B examples, T tokens, V words, E embedding, F filters of one height, S classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textdis.core.batch import EOS, UNK, TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.losses.likelihood import label_nll

ADAM = partial(torch.optim.Adam, lr=1e-3)


@dataclass(frozen=True)
class TextCNNConfig:
    vocabulary: int  # words, with the four special ones
    classes: int = 2
    embedding: int = 128
    heights: tuple[int, ...] = (1, 2, 3, 4)  # words a filter sees
    filters: int = 64  # of each height
    dropout: float = 0.5  # of the pooled features

    def __post_init__(self) -> None:
        object.__setattr__(self, "heights", tuple(self.heights))  # a list when it comes from JSON
        if not self.heights or min(self.heights) < 1:
            raise ValueError(f"heights {self.heights}: give at least one, each 1 or more")


class TextCNN(Model):
    """Filters of several heights, maximum over time, one linear layer.

    `<pad>`, `<s>` and `</s>` are stripped: they embed as zero and no filter starts on one, so a sentence
    scores the same with or without them, and a sentence shorter than a filter reads zeros past its end.
    """

    Config = TextCNNConfig
    config: TextCNNConfig

    def __init__(self, config: TextCNNConfig):
        super().__init__(config)
        self.table = nn.Parameter(torch.randn(config.vocabulary, config.embedding) * 0.1)  # [V, E]
        self.filters = nn.ModuleList(nn.Conv1d(config.embedding, config.filters, h) for h in config.heights)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.filters * len(config.heights), config.classes)

    def forward(self, text: Tensor, valid: Tensor | None = None) -> Tensor:
        """Logits [B, S] of `text`, as `features` reads it."""
        return self.output(self.dropout(self.features(text, valid)))

    def features(self, text: Tensor, valid: Tensor | None = None) -> Tensor:
        """What the filters saw [B, F * heights], 0 or more, of `text`: ids [B, T] int64, or rows [B, T, V] of sum 1.

        `valid` [B, T] bool is False past the end of a sentence; everything is valid where it is None.
        Ids and their one-hot rows give the same features. A row is stripped where most of it is `<pad>`,
        `<s>` or `</s>`.
        """
        if text.is_floating_point():
            word = text[..., : EOS + 1].sum(-1) <= 0.5  # [B, T]
            x = text[..., EOS + 1 :] @ self.table[EOS + 1 :]
        else:
            word = text > EOS
            x = F.embedding(text, self.table)
        if valid is not None:
            word = word & valid
        return self._pool(x * word[..., None], word)

    def _pool(self, x: Tensor, word: Tensor) -> Tensor:
        """x [B, T, E], word [B, T] -> [B, F * heights]."""
        x = x.transpose(1, 2)
        pooled = []
        for convolution, height in zip(self.filters, self.config.heights, strict=True):
            features = F.relu(convolution(F.pad(x, (0, height - 1))))  # [B, F, T]
            # features are never below zero, so zero cannot win against a window that is there
            pooled.append((features * word[:, None]).amax(-1))
        return torch.cat(pooled, -1)


class TextClassifierObjective(Objective):
    """Cross entropy of the label, in nats; each word is read as `<unk>` with probability `word_dropout`."""

    def __init__(
        self,
        model: TextCNN,
        *,
        word_dropout: float = 0.0,
        optimizer: OptimizerFactory = ADAM,
    ):
        super().__init__(model)
        self.word_dropout, self.optimizer = word_dropout, optimizer

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model, optimizer=self.optimizer)}

    def turns(self, batches: Iterator[TextBatch], step: int) -> Iterator[Turn]:
        x = next(batches)
        if x.label is None:
            raise ValueError("a batch without labels: a classifier needs a corpus with a label column")
        logits = self.model(self._dropped(x.tokens), x.valid)
        yield Turn("model", {"nll": label_nll(logits, x.label)})

    def _dropped(self, tokens: Tensor) -> Tensor:
        if not (self.training and self.word_dropout):
            return tokens
        lost = torch.rand(tokens.shape, device=tokens.device) < self.word_dropout
        return tokens.masked_fill(lost & (tokens > EOS), UNK)
