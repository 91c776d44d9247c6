"""Soft decoding: free-running text that carries gradients, over the step function of `nn/decoding.py`.

Axes: B sentences, T steps (without `<s>`), V vocabulary.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import ceil
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD
from textdis.core.precision import half_if_allowed
from textdis.nn.decoding import DecoderState, Step, likeliest

Mode = Literal["softmax", "gumbel", "straight-through"]


class SoftSentence(NamedTuple):
    """A free-running sentence that carries gradients."""

    rows: Tensor  # [B, T, V] probabilities: w1 ... wn </s> and whatever follows
    probs: Tensor  # [B, T, V] the same of the decoder itself, before temperature and noise
    tokens: Tensor  # [B, T] int64 argmax: w1 ... wn </s> <pad> ...
    hidden: dict[str, Tensor]  # what each step left in `state.hidden`, stacked: [B, T, ...]

    @property
    def lengths(self) -> Tensor:
        """[B] tokens of each sentence, `</s>` counted"""
        return (self.tokens != PAD).sum(1)


def soft(
    step: Step,
    state: DecoderState,
    max_length: int,
    *,
    mode: Mode = "softmax",
    temperature: float = 1.0,
    keep: tuple[str, ...] = (),
    generator: torch.Generator | None = None,
) -> SoftSentence:
    """Decodes freely with differentiable words; each row of probabilities is the next step's input.

    softmax: rows sharpened by `temperature`; gumbel: rows of softmax((log p + g) / temperature);
    straight-through: one-hot forwards, the softmax's gradient backwards. A sentence ends at its first
    argmax `</s>`; what follows is masked by `tokens`. `keep` names entries of `hidden` to return.
    """
    rows, probs = [], []

    def draw(log_probs: Tensor) -> tuple[Tensor, Tensor]:
        probs.append(log_probs.exp())
        row = _gumbel(log_probs, temperature, generator) if mode == "gumbel" else soften(probs[-1], mode, temperature)
        rows.append(row)
        return row, likeliest(row)

    tokens, hidden = run_softly(step, state, max_length, draw, keep)
    return SoftSentence(torch.stack(rows, 1), torch.stack(probs, 1), tokens, hidden)


def run_softly(
    step: Step,
    state: DecoderState,
    max_length: int,
    draw: Callable[[Tensor], tuple[Tensor, Tensor]],
    keep: tuple[str, ...] = (),
    shrink: bool = False,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Runs up to `</s>`: `draw` makes of what `step` returns the next input and its word [B].

    -> the words [B, T], pads behind `</s>`, and what each step left in `hidden`, [B, T, ...]. With `shrink` sentences
    that ended leave the batch, and their entries are zeros from there on.
    """
    tokens, kept = [], {name: [] for name in keep}  # type: tuple[list[Tensor], dict[str, list[Tensor]]]
    size, token = len(state), torch.full((len(state),), BOS, device=state.device)
    live, done = torch.arange(size, device=state.device), torch.zeros_like(token, dtype=torch.bool)
    for _ in range(max_length + 1):
        output, state = step(token, state)
        token, word = draw(output)
        tokens.append(_spread(word.masked_fill(done, PAD), live, size))
        for name, entries in kept.items():
            entries.append(_spread(state.hidden[name], live, size))
        done = done | (word == EOS)
        if done.all():
            break
        if shrink and done.float().mean() > 0.2:  # copying costs more than a few idle rows
            live, token, state, done = live[~done], token[~done], state.select(~done), done[~done]
    return torch.stack(tokens, 1), {name: torch.stack(entries, 1) for name, entries in kept.items()}


def gumbel_words(
    states: Tensor,
    weight: Tensor,
    bias: Tensor,
    table: Tensor,
    temperature: float,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Soft words as vectors: softmax((weight states + bias + g) / temperature) table, and the likeliest words.

    states [B, H], weight [V, H], bias [V], table [V, E] -> [B, E], [B] int64. Where `temperature` is low all but a few
    of the V numbers of a row are lost in rounding: these few are drawn, and they alone carry gradients.
    """
    count = arrivals(temperature)
    if count > len(weight):
        rows = _gumbel(F.linear(states, weight, bias).float(), temperature, generator)
        return rows.to(table.dtype) @ table, likeliest(rows)
    with torch.no_grad(), half_if_allowed(states.device):
        probs = F.linear(states, weight, bias).float().softmax(-1)
    words, times = _race(probs, count, generator)  # [B, K]
    own = torch.einsum("bkh,bh->bk", F.embedding(words, weight), states.float()) + bias[words]
    perturbed = own - own.detach() - times.log()  # log p + g, with the gradient of the logits
    shares = (perturbed / temperature).softmax(-1)
    return torch.einsum("bk,bke->be", shares, F.embedding(words, table)), words[:, 0]


def _race(probs: Tensor, count: int, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Who arrives first, and when: [B, K] words, and times, infinite for a word that was there before.

    exp(-(log p + g)) is a clock that rings at rate p. All clocks together, each ringing on and on, are one clock of
    rate 1 whose rings belong to words drawn from p; a word's first ring is its own clock: log p + g = -log(time).
    """
    words = torch.multinomial(probs, count, replacement=True, generator=generator)
    gaps = torch.empty(words.shape, device=probs.device).exponential_(generator=generator)
    before = (words[:, :, None] == words[:, None, :]).tril(-1).any(-1)
    return words, gaps.cumsum(-1).masked_fill(before, torch.inf)


def arrivals(temperature: float) -> int:
    """After how many rings of the clocks of `_race` a Gumbel-softmax row is complete but for a millionth, or far less.

    The k-th rings at k, the first at some t, and what follows the k-th holds some (t / k) ** (1 / temperature - 1) of
    the row; t is above 8 in one row of 3,000.
    """
    return sys.maxsize if temperature >= 0.5 else ceil(8 * 1e6 ** (temperature / (1 - temperature)))


def _spread(rows: Tensor, places: Tensor, size: int) -> Tensor:
    """`rows` at their `places` among `size`, zeros (pads) elsewhere."""
    return rows if len(rows) == size else rows.new_zeros(size, *rows.shape[1:]).index_copy(0, places, rows)


def soften(probs: Tensor, mode: Mode, temperature: float = 1.0, generator: torch.Generator | None = None) -> Tensor:
    """The rows that stand for words drawn from `probs` [..., V], which sum to 1; `soft` describes the modes."""
    if mode == "gumbel":
        return _gumbel((probs + 1e-12).log(), temperature, generator)
    rows = _sharpen(probs, temperature)
    if mode == "softmax":
        return rows
    if mode == "straight-through":
        return _Hard.apply(rows)
    raise ValueError(f"mode {mode!r}: choose softmax, gumbel or straight-through")


def _gumbel(log_probs: Tensor, temperature: float, generator: torch.Generator | None) -> Tensor:
    """softmax((log p + g) / temperature), g = -log(-log u): torch's exponential draws take seven times as long."""
    u = torch.empty_like(log_probs).uniform_(generator=generator)
    noise = u.neg_().log1p_().neg_().clamp_min_(2.0**-25).log_().mul_(-1 / temperature)
    return torch.add(noise, log_probs, alpha=1 / temperature).softmax(-1)


def _sharpen(probs: Tensor, temperature: float) -> Tensor:
    """softmax(log probs / temperature)"""
    return probs if temperature == 1.0 else ((probs + 1e-12).log() / temperature).softmax(-1)


class _Hard(torch.autograd.Function):
    """One-hot rows of the likeliest word; the gradient passes as if they were the rows themselves."""

    @staticmethod
    def forward(ctx: object, rows: Tensor) -> Tensor:
        return torch.zeros_like(rows).scatter_(-1, rows.argmax(-1, keepdim=True), 1.0)

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return gradient
