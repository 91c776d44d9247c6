"""Soft decoding: free-running text that carries gradients, over the step function of `nn/decoding.py`.

Axes: B sentences, T steps (without `<s>`), V vocabulary.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD
from textdis.nn.decoding import DecoderState, Step

Mode = Literal["softmax", "gumbel", "straight-through"]


class SoftSentence(NamedTuple):
    """A free-running sentence that carries gradients."""

    rows: Tensor  # [B, T, V] probabilities: w1 ... wn </s> and whatever follows
    probs: Tensor  # [B, T, V] of the decoder itself, before temperature and noise
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
    rows, probs, tokens = [], [], []
    kept: dict[str, list[Tensor]] = {name: [] for name in keep}
    token = torch.full((len(state),), BOS, device=state.device)
    done = torch.zeros(len(state), dtype=torch.bool, device=state.device)
    for _ in range(max_length + 1):
        log_probs, state = step(token, state)
        probs.append(log_probs.exp())
        token = soften(probs[-1], mode, temperature, generator)
        word = token.argmax(-1)
        rows.append(token)
        tokens.append(word.masked_fill(done, PAD))
        for name, entries in kept.items():
            entries.append(state.hidden[name])
        done = done | (word == EOS)
        if done.all():
            break
    stacked = {name: torch.stack(entries, 1) for name, entries in kept.items()}
    return SoftSentence(torch.stack(rows, 1), torch.stack(probs, 1), torch.stack(tokens, 1), stacked)


def soften(probs: Tensor, mode: Mode, temperature: float = 1.0, generator: torch.Generator | None = None) -> Tensor:
    """The rows that stand for words drawn from `probs` [..., V], which sum to 1; `soft` describes the modes."""
    if mode == "gumbel":
        noise = torch.empty_like(probs).exponential_(generator=generator)
        mass = probs / noise  # p / Exp(1) has the law of exp(log p + Gumbel)
        return _sharpen(mass / mass.sum(-1, keepdim=True), temperature)
    rows = _sharpen(probs, temperature)
    if mode == "softmax":
        return rows
    if mode == "straight-through":
        return _Hard.apply(rows)
    raise ValueError(f"mode {mode!r}: choose softmax, gumbel or straight-through")


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
