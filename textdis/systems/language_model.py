"""An LSTM language model over a closed vocabulary: Mikolov et al. (2010); one table reads and says words:
Press and Wolf (2017).

Axes: B sentences, T tokens, H hidden units (and embedding features), V words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule
from textdis.nn.recurrent import RecurrentDecoder

ADAM = partial(torch.optim.Adam, lr=3e-3)


@dataclass(frozen=True)
class LanguageModelConfig:
    vocabulary: int  # words, with the four special ones; all others are `<unk>`
    hidden: int = 256  # also of the embedding, as the table is shared
    layers: int = 1
    dropout: float = 0.2  # of what the LSTM reads and says


class LanguageModel(Model):
    """p(word | words before it in the sentence), from `<s>` to `</s>`."""

    Config = LanguageModelConfig
    config: LanguageModelConfig

    def __init__(self, config: LanguageModelConfig):
        super().__init__(config)
        self.table = nn.Parameter(torch.randn(config.vocabulary, config.hidden) * 0.05)  # [V, H]
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))
        self.decoder = RecurrentDecoder(
            config.hidden, config.hidden, layers=config.layers, cell="lstm", dropout=config.dropout
        )
        self.dropout = nn.Dropout(config.dropout)

    def states(self, inputs: Tensor) -> Tensor:
        """What the LSTM says after each token. inputs [B, T] -> [B, T, H]"""
        start = self.table.new_zeros(len(inputs), self.decoder.state_size)
        return self.dropout(self.decoder(self.dropout(F.embedding(inputs, self.table)), start)[0])

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of the word after each token. inputs [B, T] -> [B, T, V]"""
        return F.linear(self.states(inputs), self.table, self.bias)

    def nll(self, batch: TextBatch) -> tuple[Tensor, Tensor]:
        """(-log p of each sentence [B] in nats, its tokens [B] int64): words and `</s>`, not `<s>`."""
        mask = batch.mask
        logits = F.linear(self.states(batch.inputs)[mask], self.table, self.bias)  # [tokens, V]
        nats = torch.zeros(mask.shape, device=logits.device)
        nats = nats.masked_scatter(mask, F.cross_entropy(logits.float(), batch.targets[mask], reduction="none"))
        return nats.sum(-1), mask.sum(-1)


class LanguageModelObjective(Objective):
    """-log p(sentence), summed over its tokens, mean over the batch, in nats."""

    model: LanguageModel

    def __init__(
        self,
        model: LanguageModel,
        *,
        optimizer: OptimizerFactory = ADAM,
        max_norm: float = 10.0,  # of the gradient of the whole sentence's nats
        schedule: Schedule | None = None,
    ):
        super().__init__(model)
        self.optimizer, self.max_norm, self.schedule = optimizer, max_norm, schedule

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model, optimizer=self.optimizer, max_norm=self.max_norm, schedule=self.schedule)}

    def turns(self, batches: Iterator[TextBatch], step: int) -> Iterator[Turn]:
        nats, _ = self.model.nll(next(batches))
        yield Turn("model", {"nll": nats.mean()})
