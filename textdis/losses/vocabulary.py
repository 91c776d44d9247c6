"""Cross entropy over a large vocabulary, the output layer included: no logits of a whole batch are ever held.

Axes: N words, H hidden units, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.precision import half_if_allowed, half_products

CHUNK = {torch.float32: 128, torch.bfloat16: 256}  # words at a time, whose logits stay in a processor's cache


def vocabulary_nll(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """-sum log p(targets) under softmax(weight states + bias), in nats.

    states [N, H], weight [V, H], bias [V], targets [N] int64 -> scalar. On a CPU loss and gradient come from one walk
    over chunks of words, equal to the plain form to rounding. Where torch's float32 matrix products may be inexact
    ("medium") and the processor has bfloat16 instructions, products are taken in bfloat16 as under a GPU's autocast.
    """
    if states.device.type == "cpu" and torch.is_grad_enabled() and states.requires_grad and len(states):
        return _Walk.apply(states.float(), weight, bias, targets, half_products())
    return F.cross_entropy(F.linear(states, weight, bias).float(), targets, reduction="sum")


def vocabulary_logits(states: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """weight states + bias: [N, H], [V, H], [V] -> [N, V] float32, the product in bfloat16 as above."""
    with half_if_allowed(states.device):
        return F.linear(states, weight, bias).float()


class _Walk(torch.autograd.Function):
    """The gradient of each chunk is taken while its probabilities are at hand."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, half: bool) -> Tensor:
        kind = torch.bfloat16 if half else torch.float32
        x, w, b = (given.to(kind) for given in (states, weight, bias))
        d_states, d_weight, d_bias = torch.empty_like(states), torch.zeros_like(weight), torch.zeros_like(bias)
        total = states.new_zeros(())
        parts = (whole.split(CHUNK[kind]) for whole in (x, targets, d_states))
        for part, goals, out in zip(*parts, strict=True):
            p = torch.addmm(b, part, w.t()).softmax(-1)  # [n, V]
            own = (torch.arange(len(goals)), goals)
            total -= p[own].float().clamp_min(1e-38).log().sum()
            p[own] -= 1.0
            out.copy_(p @ w)
            _add_product(d_weight, p.t(), part)
            d_bias += p.sum(0)
        ctx.save_for_backward(d_states, d_weight, d_bias)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return *(held * gradient for held in ctx.saved_tensors), None, None


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """total += left right; a float32 total, whatever the factors are."""
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right
