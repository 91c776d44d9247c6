"""Sequence to sequence with attention and a pointer: Bahdanau et al. (2015), Luong et al. (2015), See et al. (2017).

Choices where the papers differ: the decoder runs over its inputs first and attends afterwards (Luong's
figure 2, without input feeding), with either paper's score, so that teacher forcing is one fused call
over all steps. The pointer mixes as in See et al. (eq. 9): p(w) = g p_vocab(w) + (1 - g) sum of the
attention on source positions that hold w.

Axes: B sentences, S source tokens, T target tokens, V vocabulary, E embedding, H hidden units.
A source is a TextBatch, or a `SoftSource` whose words are rows of probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD, PairBatch, TextBatch
from textdis.core.model import Model
from textdis.core.objective import Objective, Player, Turn
from textdis.core.schedule import Schedule
from textdis.losses.likelihood import masked_sum
from textdis.losses.vocabulary import CHUNK
from textdis.nn import pointer
from textdis.nn.attention import Attention
from textdis.nn.decoding import DecoderState
from textdis.nn.recurrent import RecurrentDecoder, RecurrentEncoder


@dataclass(frozen=True)
class Seq2SeqConfig:
    """Sizes are feature counts; `dropout` is a probability."""

    vocabulary: int
    embedding: int = 128
    hidden: int = 256
    layers: int = 1
    cell: Literal["gru", "lstm"] = "gru"
    bidirectional: bool = True
    attention: Literal["additive", "multiplicative"] = "additive"
    units: int = 128  # of additive attention
    copy: bool = True  # pointer to source words
    tied: bool = True  # one table for reading and saying words
    styles: int = 0  # labels that encoder and decoder are told; 0: none
    slots: int = 0  # ids 4 ... 4+slots-1 name unknown source words: only the pointer may say them
    listed: bool = False  # whether `listed` marks the words that are said; the pointer may say others
    listed_apart: bool = False  # whether it does so for each style
    dropout: float = 0.2


@dataclass(frozen=True)
class SoftSource:
    """A sentence of word probabilities: row t of `rows` holds the t-th word, `<s>` and `</s>` counted."""

    rows: Tensor  # [B, S, V]
    lengths: Tensor  # [B] int64
    label: Tensor | None = None  # [B] int64

    @property
    def valid(self) -> Tensor:  # [B, S] bool
        return torch.arange(self.rows.shape[1], device=self.rows.device) < self.lengths[:, None]


Source = TextBatch | SoftSource


class Seq2Seq(Model):
    """Encoder, attention decoder and pointer; see the module's first lines for the equations."""

    Config = Seq2SeqConfig
    config: Seq2SeqConfig
    closed: Tensor  # [V] added to the logits
    listed: Tensor | None  # [V] bool, or one list for each style [styles, V]

    def __init__(self, config: Seq2SeqConfig):
        super().__init__(config)
        c, style = config, 32 if config.styles else 0
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.style_in = nn.Embedding(max(1, c.styles), style)
        self.style_out = nn.Embedding(max(1, c.styles), style)
        self.drop = nn.Dropout(c.dropout)
        rnn: dict[str, Any] = {"layers": c.layers, "cell": c.cell, "dropout": c.dropout}
        self.encoder = RecurrentEncoder(c.embedding + style, c.hidden, bidirectional=c.bidirectional, **rnn)
        self.decoder = RecurrentDecoder(c.embedding + style, c.hidden, **rnn)
        memory = self.encoder.size
        self.bridge = nn.Linear(memory, self.decoder.state_size)
        self.attention = Attention(c.hidden, memory, c.units, c.attention)
        self.combine = nn.Linear(c.hidden + memory + style, c.embedding)
        self.gate = nn.Linear(c.hidden + memory + style, 1)
        self.out = nn.Linear(c.embedding, c.vocabulary)
        nn.init.normal_(self.embed.weight, std=c.embedding**-0.5)
        if c.tied:
            self.out.weight = self.embed.weight
        closed = torch.zeros(c.vocabulary)
        closed[[PAD, BOS]] = -1e9
        if c.copy:
            closed[4 : 4 + c.slots] = -1e9  # large, not infinite: no gradient of it is ever NaN
        self.register_buffer("closed", closed, persistent=False)
        shape = (c.styles, c.vocabulary) if c.listed_apart else (c.vocabulary,)
        self.register_buffer("listed", torch.ones(shape, dtype=torch.bool) if c.listed else None)

    def list_words(self, listed: Tensor) -> None:
        """From now on the words marked in `listed` are all that `narrowed` says by itself.

        listed: bool, [V] for all styles, or [styles, V] for sentences in each.
        """
        self.config = replace(self.config, listed=True, listed_apart=listed.ndim == 2)
        self.listed = listed | (torch.arange(listed.shape[-1]) < 4 + self.config.slots)  # these keep their numbers

    def narrowed(self, source: TextBatch, style: int = 0) -> tuple[Seq2Seq, TextBatch, Tensor]:
        """A network of the listed words, and of the source's, which it only copies; the source in its numbers; ids [N].

        `ids` tells which word a number is; style: the one to say, where each has its list. For decoding alone: a third
        of the logits takes a third of the time.
        """
        everything = torch.arange(self.config.vocabulary, device=source.tokens.device)
        if self.listed is None or not (self.config.copy and isinstance(self.out, nn.Linear)):  # int8 cannot be cut
            return self, source, everything
        listed = self.listed[style] if self.config.listed_apart else self.listed
        others = source.tokens.unique()
        others = others[~listed[others]]
        ids = torch.cat([everything[listed], others])
        twin = copy(self)
        twin._modules, twin._buffers = dict(self._modules), dict(self._buffers)
        twin.closed = self.closed[ids]
        twin.closed[len(ids) - len(others) :] = -1e9
        twin.embed = nn.Embedding.from_pretrained(self.embed.weight[ids])
        twin.out = nn.utils.skip_init(nn.Linear, self.config.embedding, len(ids))
        twin.out.weight, twin.out.bias = (nn.Parameter(x[ids], False) for x in (self.out.weight, self.out.bias))
        numbers = everything.scatter(0, ids, torch.arange(len(ids), device=ids.device))
        return twin, replace(source, tokens=numbers[source.tokens]), ids

    # --- reading -----------------------------------------------------------------------------

    def start(self, source: Source, label: Tensor | None = None) -> DecoderState:
        """Reads `source`; `label` [B] is the style to say it in. -> the state before the first step"""
        words = source.rows if isinstance(source, SoftSource) else source.tokens
        told = self._told(self.lookup(words), self.style_in, source.label)
        memory, last = self.encoder(self.drop(told), source.lengths)
        fixed = {"memory": memory, "keys": self.attention.keys(memory), "valid": source.valid}
        if self.config.copy:
            fixed["words"] = words
        if label is not None:
            fixed["label"] = label
        return DecoderState({"rnn": torch.tanh(self.bridge(last))}, fixed)

    def lookup(self, words: Tensor) -> Tensor:
        """ids [...] or probability rows [..., V] -> embeddings [..., E]"""
        return words @ self.embed.weight if words.is_floating_point() else self.embed(words)

    def _told(self, x: Tensor, table: nn.Embedding, label: Tensor | None) -> Tensor:
        """Joins the style's embedding to every step. x [B, T, ...]"""
        if not self.config.styles:
            return x
        if label is None:
            raise ValueError("this model was built with styles: say which one each sentence has, and shall have")
        return torch.cat([x, table(label)[:, None].expand(-1, x.shape[1], -1)], -1)

    # --- saying ------------------------------------------------------------------------------

    def _look(self, inputs: Tensor, state: DecoderState) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Decoder over `inputs` [B, T], then attention. -> logits [B, T, V], gate [B, T], weights [B, T, S], rnn"""
        said, *rest = self._attend(inputs, state)
        return self._logits(said), *rest  # type: ignore[return-value]

    def _attend(self, inputs: Tensor, state: DecoderState) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What `_look` returns, with what the output layer reads [B, T, E] in place of the logits."""
        label = state.told("label") if "label" in state.source else None
        words = self.drop(self._told(self.lookup(inputs), self.style_out, label))
        output, rnn = self.decoder(words, state.hidden["rnn"])
        keys, memory, valid = (state.source[k] for k in ("keys", "memory", "valid"))
        asked = output.reshape(len(memory), -1, output.shape[-1])  # beams of a sentence ask as its steps do
        context, weights = (x.reshape(*inputs.shape[:2], -1) for x in self.attention(asked, keys, memory, valid))
        seen = self._told(torch.cat([output, context], -1), self.style_out, label)
        said = self.drop(torch.tanh(self.combine(seen)))
        return said, self.gate(seen).squeeze(-1).float(), weights.float(), rnn

    def _logits(self, said: Tensor) -> Tensor:
        if isinstance(self.out, nn.Linear):  # one pass less
            return F.linear(said, self.out.weight, self.out.bias + self.closed).float()
        return self.out(said).float().add_(self.closed)  # a quantised layer keeps its weights to itself

    def forced(self, state: DecoderState, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher forcing. inputs [B, T] -> probabilities [B, T, V], attention weights [B, T, S]"""
        logits, gate, weights, _ = self._look(inputs, state)
        if not self.config.copy:
            return logits.softmax(-1), weights
        return pointer.mixed(logits, gate, weights, state.source["words"]), weights

    def token_nll(self, state: DecoderState, target: TextBatch) -> Tensor:
        """-log p of each target word in nats [B, T-1]; what stands at pads means nothing.

        Equals gathering from `forced`, but the pointer's mixture is computed for the target words alone.
        """
        said, gate, weights, _ = self._attend(target.inputs, state)
        words, goals = said[target.mask], target.targets[target.mask]
        size = CHUNK[torch.float32] if self._walks(words) else max(1, len(words))
        pieces = zip(words.split(size), goals.split(size), strict=True)
        found = torch.cat([F.cross_entropy(self._logits(x), goal, reduction="none") for x, goal in pieces])
        nats = torch.zeros_like(gate).masked_scatter(target.mask, found)
        if not self.config.copy:
            return nats
        return pointer.word_nats(nats, gate, weights, state.source["words"], target.targets)

    @staticmethod
    def _walks(words: Tensor) -> bool:
        """Whether to take some words at a time, whose logits stay in a processor's cache: where none need be kept."""
        return words.device.type == "cpu" and not torch.is_grad_enabled()

    def log_likelihood(self, state: DecoderState, target: TextBatch) -> Tensor:
        """log p(target | what `state` has read), in nats a sentence, `</s>` counted. [B]"""
        return -(self.token_nll(state, target) * target.mask).sum(-1)

    def step(self, token: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One word. token [B] ids or [B, V] rows -> log-probabilities [B, V], next state (`attention` [B, S] in it)"""
        logits, gate, weights, rnn = self._look(token[:, None], state)
        if self.config.copy:
            log_probs = pointer.log_mixed(logits, gate, weights, state.told("words"))
        else:
            log_probs = logits[:, 0].log_softmax(-1)
        return log_probs, DecoderState({"rnn": rnn, "attention": weights[:, 0]}, state.source)


class Seq2SeqObjective(Objective):
    """-log p(target | source): one turn, one loss (nats a sentence). Batches are PairBatches."""

    model: Seq2Seq

    def __init__(self, model: Seq2Seq, *, lr: float = 1e-3, schedule: Schedule | None = None):
        super().__init__(model)
        self.lr, self.schedule = lr, schedule

    def players(self) -> dict[str, Player]:
        adam = partial(torch.optim.Adam, lr=self.lr)
        return {"model": Player(self.model, optimizer=adam, max_norm=5.0, schedule=self.schedule)}

    def turns(self, batches: Iterator[PairBatch], step: int) -> Iterator[Turn]:
        pair = next(batches)
        state = self.model.start(pair.source, pair.target.label)
        yield Turn("model", {"nll": masked_sum(self.model.token_nll(state, pair.target), pair.target.mask)})
