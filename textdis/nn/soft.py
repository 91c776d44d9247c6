"""Soft decoding: free-running text that carries gradients, over the step function of `nn/decoding.py`.

Axes: B sentences, T steps (without `<s>`), V vocabulary.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD
from textdis.nn.decoding import DecoderState, Step, likeliest

Mode = Literal["softmax", "gumbel", "straight-through"]


class SoftSentence(NamedTuple):
    """A free-running sentence that carries gradients."""

    rows: Tensor  # [B, T, V] probabilities: w1 ... wn </s> and whatever follows; [B, 0, V] where they were not kept
    probs: Tensor  # the same of the decoder itself, before temperature and noise
    tokens: Tensor  # [B, T] int64 argmax: w1 ... wn </s> <pad> ...
    hidden: dict[str, Tensor]  # what each step left in `state.hidden`, stacked: [B, T, ...]; zeros once a row has left

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
    words: bool = True,
    generator: torch.Generator | None = None,
) -> SoftSentence:
    """Decodes freely with differentiable words; each row of probabilities is the next step's input.

    softmax: rows sharpened by `temperature`; gumbel: rows of softmax((log p + g) / temperature);
    straight-through: one-hot forwards, the softmax's gradient backwards. A sentence ends at its first
    argmax `</s>`; what follows is masked by `tokens`. `keep` names entries of `hidden` to return. Without
    `words` neither `rows` nor `probs` are, which are by far the largest, and sentences that ended leave the batch.
    """
    rows, probs, tokens = [], [], []
    kept: dict[str, list[Tensor]] = {name: [] for name in keep}
    size, token = len(state), torch.full((len(state),), BOS, device=state.device)
    live, done = torch.arange(size, device=state.device), torch.zeros_like(token, dtype=torch.bool)
    for _ in range(max_length + 1):
        log_probs, state = step(token, state)
        if words or mode != "gumbel":  # which needs no probabilities
            probs.append(log_probs.exp())
        token = _gumbel(log_probs, temperature, generator) if mode == "gumbel" else soften(probs[-1], mode, temperature)
        rows.append(token)
        word = likeliest(token)
        tokens.append(_spread(word.masked_fill(done, PAD), live, size))
        for name, entries in kept.items():
            entries.append(_spread(state.hidden[name], live, size))
        done = done | (word == EOS)
        if done.all():
            break
        if not words and done.float().mean() > 0.2:  # copying costs more than a few idle rows
            live, token, state, done = live[~done], token[~done], state.select(~done), done[~done]
    stacked = {name: torch.stack(entries, 1) for name, entries in kept.items()}
    nothing = log_probs.new_zeros(size, 0, log_probs.shape[-1])
    soft_words, own = (torch.stack(each, 1) if words else nothing for each in (rows, probs))
    return SoftSentence(soft_words, own, torch.stack(tokens, 1), stacked)


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
