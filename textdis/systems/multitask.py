"""One sentence representation, many decoders: Brunner et al. (2017), "Natural Language Multitasking", section 3.

An LSTM reads the sentence character by character; a dense layer over its final state is the representation; from
it one dense layer a decoder makes that decoder's initial state, and the decoder says its sequence: the sentence
itself (`copy`, the paper's REP), a translation, the tags of its words. There is no attention: all goes through
the one vector.

Where the paper is silent: the encoder's state is h and c; the representation is linear (or tanh); the encoder reads
`</s>` after the characters, so that the empty sentence has a representation too; each decoder's loss is summed over
its symbols, so that the sum over decoders is the -log p of everything said about a sentence.

Axes: B sentences, T symbols, H hidden units, D numbers of the representation, V symbols of a decoder's vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD, UNK, Batch, TextBatch
from textdis.core.errors import UserError
from textdis.core.model import Model
from textdis.core.objective import Objective, OptimizerFactory, Player, Turn
from textdis.core.schedule import Schedule
from textdis.nn.decoding import DecoderState, greedy
from textdis.nn.final_state import FinalState, backwards, initialise
from textdis.nn.recurrent import RecurrentDecoder

COPY = "copy"  # the decoder that says the sentence itself, which interpolation and arithmetic need
GAIN = 2.0  # of the two dense layers at the start: what sets sentences apart must reach the decoders to be learnt
ADAM = partial(torch.optim.Adam, lr=3e-3, fused=True)


@dataclass(frozen=True)
class MultiTaskConfig:
    """Sizes are feature counts. `decoders` maps the name of each to the size of its vocabulary."""

    vocabulary: int  # of the encoder, and of the decoder `copy`
    decoders: dict[str, int] = field(default_factory=dict)
    embedding: int = 32
    hidden: int = 128  # of the encoder and of each decoder
    representation: int = 64
    activation: Literal["linear", "tanh"] = "linear"  # of the representation
    backwards: bool = False  # the encoder reads the sentence from its end, as Sutskever et al. (2014) do
    veil: float = 0.0  # share of the symbols told to a decoder in training that are hidden from it


@dataclass(frozen=True)
class MultiBatch(Batch):
    """Sentences, and what each decoder must say of them. A row of pads is a target that is missing."""

    source: TextBatch
    targets: dict[str, TextBatch]  # by decoder

    def __len__(self) -> int:
        return len(self.source)

    def to(self, device: torch.device | str) -> Self:
        targets = {name: target.to(device) for name, target in self.targets.items()}
        return replace(self, source=self.source.to(device), targets=targets)


class Speaker(nn.Module):
    """A decoder: its dense layer from the representation to an initial state (h and c), its LSTM, its symbols."""

    closed: Tensor  # [V] added to the logits of free decoding

    def __init__(self, vocabulary: int, config: MultiTaskConfig):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, config.embedding)
        self.rnn = RecurrentDecoder(config.embedding, config.hidden, cell="lstm")
        self.start = nn.Linear(config.representation, self.rnn.state_size)
        self.out = nn.Linear(config.hidden, vocabulary)
        closed = torch.zeros(vocabulary)
        closed[[PAD, BOS]] = -1e9
        self.register_buffer("closed", closed, persistent=False)
        self.veil = config.veil
        nn.init.orthogonal_(self.start.weight, GAIN)
        initialise(self.rnn.rnn)

    def nll(self, codes: Tensor, target: TextBatch) -> Tensor:
        """-log p of each target in nats, `</s>` counted, 0 where it is missing. codes [B, D] -> [B]"""
        output, _ = self.rnn(self.embed(self._veiled(target.inputs)), self.start(codes))
        mask = target.mask
        logits = self.out(output[mask])  # [symbols, V]: no pad is ever scored
        nats = F.cross_entropy(logits.float(), target.targets[mask], reduction="none")
        return torch.zeros(mask.shape, device=nats.device).masked_scatter(mask, nats).sum(-1)

    def _veiled(self, inputs: Tensor) -> Tensor:
        """Some symbols as `<unk>` in training, so that the decoder asks the representation, not the word before."""
        if not self.training or not self.veil:
            return inputs
        return inputs.masked_fill(torch.rand(inputs.shape, device=inputs.device) < self.veil, UNK)

    def step(self, token: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One symbol. token [B] -> log-probabilities [B, V], next state"""
        output, rnn = self.rnn(self.embed(token)[:, None], state.hidden["rnn"])
        log_probs = (self.out(output[:, 0]).float() + self.closed).log_softmax(-1)
        return log_probs, DecoderState({"rnn": rnn}, state.source)


class MultiTaskAutoencoder(Model):
    """See the module's first lines. A `CodeModel`: its code is the representation, its voice the decoder `copy`."""

    Config = MultiTaskConfig
    config: MultiTaskConfig

    def __init__(self, config: MultiTaskConfig):
        super().__init__(config)
        if not config.decoders:
            raise ValueError("a multi-task autoencoder without decoders; name at least one")
        self.embed = nn.Embedding(config.vocabulary, config.embedding)
        self.encoder = FinalState(config.embedding, config.hidden)
        self.represent = nn.Linear(self.encoder.size, config.representation)
        nn.init.orthogonal_(self.represent.weight, GAIN)
        initialise(self.encoder.rnn)
        self.speakers = nn.ModuleDict({f"to_{name}": Speaker(size, config) for name, size in config.decoders.items()})

    @property
    def code_size(self) -> int:
        """D"""
        return self.config.representation

    def encode(self, batch: TextBatch) -> Tensor:
        """The representation of each sentence. [B, D]"""
        symbols, lengths = batch.targets, batch.lengths - 1  # `<s>` is not read
        if self.config.backwards:
            symbols = symbols.gather(1, backwards(lengths, symbols.shape[1]))
        state = self.encoder(self.embed(symbols), lengths)
        codes = self.represent(state)
        return torch.tanh(codes) if self.config.activation == "tanh" else codes

    def speaker(self, name: str) -> Speaker:
        """Raises UserError where there is no decoder of that name."""
        if name not in self.config.decoders:
            there = ", ".join(self.config.decoders)
            raise UserError(f"this model has no decoder {name!r}, only {there}; train one with --decoders {name} ...")
        speaker = self.speakers[f"to_{name}"]  # prefixed: a module may not be called `type` or `train`
        assert isinstance(speaker, Speaker)
        return speaker

    def nll(self, codes: Tensor, targets: Mapping[str, TextBatch]) -> dict[str, Tensor]:
        """By decoder, -log p of each target in nats. codes [B, D] -> {name: [B]}"""
        return {name: self.speaker(name).nll(codes, target) for name, target in targets.items()}

    def say(self, codes: Tensor, max_length: int, decoder: str = COPY) -> Tensor:
        """The likeliest sequence of each code [B, D], greedily. -> ids [B, T]: w1 ... wn </s> <pad> ...

        Raises UserError where there is no such decoder.
        """
        speaker = self.speaker(decoder)
        return greedy(speaker.step, DecoderState({"rnn": speaker.start(codes)}, {}), max_length).tokens


class MultiTaskObjective(Objective):
    """The decoders' -log p, each summed over its symbols, mean over the batch, in nats. Batches are MultiBatches.

    `weights` are by decoder. `alternating`: at each step one decoder alone learns, with the encoder, in turn;
    else all of them do, and their weighted sum is descended.
    """

    model: MultiTaskAutoencoder

    def __init__(
        self,
        model: MultiTaskAutoencoder,
        *,
        weights: Mapping[str, float] | None = None,
        alternating: bool = False,
        optimizer: OptimizerFactory = ADAM,
        max_norm: float = 20.0,  # of the gradient of whole sentences' nats
        schedule: Schedule | None = None,
    ):
        super().__init__(model)
        self.weights, self.alternating = dict(weights or {}), alternating
        self.optimizer, self.max_norm, self.schedule = optimizer, max_norm, schedule
        if unknown := sorted(set(self.weights) - set(model.config.decoders)):
            raise UserError(f"a weight for {unknown[0]!r}, which is not among the decoders")

    def players(self) -> dict[str, Player]:
        return {"model": Player(self.model, optimizer=self.optimizer, max_norm=self.max_norm, schedule=self.schedule)}

    def turns(self, batches: Iterator[MultiBatch], step: int) -> Iterator[Turn]:
        batch, names = next(batches), list(self.model.config.decoders)
        chosen = [names[step % len(names)]] if self.alternating else names
        yield Turn("model", self._losses(batch, chosen), self.weights)

    def validate(self, batch: MultiBatch, step: int) -> dict[str, Tensor]:  # type: ignore[override]
        """All decoders, whoever's turn it is."""
        with torch.no_grad():
            return self._losses(batch, list(self.model.config.decoders))

    def _losses(self, batch: MultiBatch, names: list[str]) -> dict[str, Tensor]:
        nats = self.model.nll(self.model.encode(batch.source), {name: batch.targets[name] for name in names})
        return {name: own.mean() for name, own in nats.items()}
