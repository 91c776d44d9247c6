"""The networks of ARAE that inference needs: one code a sentence, a decoder a style, a generator of codes.

Zhao et al. (2018), section 3. A sentence has the style whose decoder finds it likeliest: the adversarial classifier
cannot tell it, by design, and is no part of the model.
Axes: B sentences, T tokens, D numbers of a code, Z of the noise, S styles, N candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import PAD, TextBatch
from textdis.core.model import Model
from textdis.core.precision import halved
from textdis.losses.vocabulary import vocabulary_logits, vocabulary_nll
from textdis.nn import decoding
from textdis.nn.decoding import DecoderState, Step
from textdis.nn.feedforward import mlp
from textdis.nn.groups import CodeDecoder, CodeEncoder, label_groups

EPS = 1e-6  # least norm that a code is divided by: a state of zeros stays at zero


@dataclass(frozen=True)
class ARAEConfig:
    """Sizes are those of the authors' released code; the paper gives none."""

    vocabulary: int
    styles: int = 1  # 1: the corpus has none, or they do not matter
    embedding: int = 128
    code: int = 128
    hidden: int = 128  # units of a decoder
    noise: int = 32  # numbers the generator draws
    generator: tuple[int, ...] = (128, 128)  # hidden units of its layers
    decoders: Literal["separate", "shared"] = "separate"  # one a style, or one that is told the style

    def __post_init__(self) -> None:
        object.__setattr__(self, "generator", tuple(self.generator))  # a list when it comes from JSON
        if min(self.vocabulary, self.embedding, self.code, self.hidden, self.noise, *self.generator) < 1:
            raise ValueError("vocabulary, embedding, code, hidden, noise and the generator's units must be 1 or more")
        if self.styles < 1 or self.decoders not in ("separate", "shared"):
            raise ValueError(f"{self.styles} styles, decoders {self.decoders!r}: give 1 or more, separate or shared")


class ARAE(Model):
    """Encoder, decoders that share their output layer, and the generator of codes."""

    Config = ARAEConfig
    config: ARAEConfig

    def __init__(self, config: ARAEConfig):
        super().__init__(config)
        c, told = config, config.styles if config.decoders == "shared" else 0
        self.encoder = CodeEncoder(c.vocabulary, c.embedding, c.code)
        self.decoders = nn.ModuleList(
            CodeDecoder(c.vocabulary, c.embedding, c.code + told, c.hidden) for _ in range(1 if told else c.styles)
        )
        self.out = nn.Linear(c.hidden, c.vocabulary)
        nn.init.zeros_(self.out.bias)
        self.generator = mlp([c.noise, *c.generator, c.code], batch_norm=True, std=0.02)

    # --- codes ----------------------------------------------------------------------------------------------------

    @property
    def code_size(self) -> int:
        return self.config.code

    def encode(self, batch: TextBatch) -> Tensor:
        """The code of each sentence, of norm 1. [B, D]"""
        return F.normalize(self.encoder(batch.tokens, batch.lengths).float(), dim=-1, eps=EPS)

    def imagine(self, noise: Tensor) -> Tensor:
        """Codes of sentences that nobody wrote. noise [B, Z] ~ N(0, I) -> [B, D]"""
        return self.generator(noise)

    def prior(self, count: int) -> Tensor:
        """`count` codes from noise, but never one alone, on which batch norm cannot train. [max(2, count), D]"""
        return self.imagine(torch.randn(max(2, count), self.config.noise, device=self.device))

    # --- likelihood -----------------------------------------------------------------------------------------------

    def nll(self, codes: Tensor, batch: TextBatch) -> Tensor:
        """-log p(x | c, y) in nats a sentence, mean over the batch; y are the sentences' own styles."""
        label = batch.style if self.config.styles > 1 else torch.zeros_like(batch.lengths)
        states, targets, _ = self._forced(codes, batch, label)
        return vocabulary_nll(states, self.out.weight, self.out.bias, targets) / len(batch)

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles by Bayes' rule, from p(x | enc(x), y) and even priors. [B, S]"""
        codes, columns = self.encode(batch), []
        for style in range(self.config.styles):
            states, targets, owners = self._forced(codes, batch, torch.full_like(batch.lengths, style))
            nats = F.cross_entropy(self.out(states).float(), targets, reduction="none")
            columns.append(codes.new_zeros(len(batch)).index_add(0, owners, -nats))
        return torch.stack(columns, -1).log_softmax(-1)

    def _forced(self, codes: Tensor, batch: TextBatch, label: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Teacher forcing, each style by its decoder: states [n, H] before the words [n] of the sentences [n]."""
        states, targets, owners = [], [], []
        for style, rows in label_groups(label):
            part = batch.rows(rows)
            state, target, owner = self._decoder(style)(part, self._context(codes[rows], style))
            states.append(state)
            targets.append(target)
            owners.append(rows[owner])
        return torch.cat(states), torch.cat(targets), torch.cat(owners)

    def _decoder(self, style: int) -> CodeDecoder:
        return self.decoders[style if len(self.decoders) > 1 else 0]  # type: ignore[return-value]

    def _context(self, codes: Tensor, style: int) -> Tensor:
        """What the decoder reads beside each word: the code, and for a shared decoder the style. [B, D (+ S)]

        Codes are read at a norm of sqrt(D), each number about 1: at norm 1 the decoder hardly notices them at first,
        and takes twice as many sentences to learn as much.
        """
        codes = codes * self.config.code**0.5
        if self.config.decoders == "separate":
            return codes
        told = F.one_hot(torch.full((len(codes),), style, device=codes.device), self.config.styles)
        return torch.cat([codes, told.to(codes.dtype)], -1)

    # --- saying ---------------------------------------------------------------------------------------------------

    def step(
        self, style: int, token: Tensor, state: DecoderState, out: Sequence[Tensor] = (), scored: bool = True
    ) -> tuple[Tensor, DecoderState]:
        """One word in `style`: token [B] -> log-probabilities [B, V], next state.

        out: the output layer, already cast. scored: False gives logits, of which the likeliest word is the same.
        """
        hidden, rnn = self._decoder(style).step(token, state.told("context"), state.hidden["rnn"])
        logits = vocabulary_logits(hidden, *(out or (self.out.weight, self.out.bias)))
        return logits.log_softmax(-1) if scored else logits, DecoderState({"rnn": rnn}, state.source)

    def decode(
        self,
        codes: Tensor,
        style: Tensor,
        walk: Callable[[Step, DecoderState], tuple[Tensor, Tensor]],
        scored: bool = True,
    ) -> tuple[Tensor, Tensor]:
        """What `walk` (greedy, beam, sample) makes of each code [B, D] in its style [B]: tokens [B, ..., T], scores.

        Not `scored`, greedy alone is right, and its scores mean nothing.
        """
        pieces, order = [], []
        out = halved(self.out.weight, self.out.bias)  # once, not at every step
        for number, rows in label_groups(style):
            context = self._context(codes[rows], number)
            size = self._decoder(number).rnn.state_size
            state = DecoderState({"rnn": context.new_zeros(len(rows), size)}, {"context": context})
            pieces.append(walk(partial(self.step, number, out=out, scored=scored), state))
            order.append(rows)
        width, back = max(tokens.shape[-1] for tokens, _ in pieces), torch.cat(order).argsort()
        tokens = torch.cat([F.pad(tokens, (0, width - tokens.shape[-1]), value=PAD) for tokens, _ in pieces])
        return tokens[back], torch.cat([scores for _, scores in pieces])[back]

    def say(self, codes: Tensor, max_length: int, style: Tensor | None = None) -> Tensor:
        """The greedy sentence of each code [B, D], of at most `max_length` words. -> ids [B, T]

        In its `style` [B]; where None, in the style in which it comes out likeliest a token.
        """
        if style is not None or self.config.styles == 1:
            wanted = torch.zeros(len(codes), dtype=torch.long, device=codes.device) if style is None else style
            return self.decode(codes, wanted, partial(decoding.greedy, max_length=max_length), scored=False)[0]
        every = torch.arange(self.config.styles, device=codes.device).repeat(len(codes))
        many = codes.repeat_interleave(self.config.styles, 0)
        tokens, scores = self.decode(many, every, partial(decoding.greedy, max_length=max_length))
        means = (scores / (tokens != PAD).sum(-1)).view(len(codes), -1)
        return tokens.view(len(codes), self.config.styles, -1)[torch.arange(len(codes)), means.argmax(-1)]

    def sample(
        self,
        codes: Tensor,
        max_length: int,
        style: Tensor,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """A sentence of each code [B, D] in its style [B], each word drawn from its distribution. -> ids [B, T]"""
        walk = partial(decoding.sample, max_length=max_length, temperature=temperature, generator=generator)
        return self.decode(codes, style, walk)[0]

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rewritings in the styles `target` [B], best first; tokens [B, N, T], mean log-probability a token [B, N].

        `max_length` is in words, by default the `decoding.room` of the longest source. One candidate is greedy, as the
        paper's, and its score 0: there is none to compare it with, and to normalise each step would double the time.
        """
        limit, codes = max_length or int(decoding.room(batch.lengths).max()), self.encode(batch)
        if n_best > 1:
            return self.decode(codes, target, partial(decoding.beam, max_length=limit, width=n_best))
        return self.say(codes, limit, target)[:, None], codes.new_zeros(len(codes), 1)
