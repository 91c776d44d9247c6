"""What plays against an encoder. Axes: B examples, S styles, D numbers of a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from textdis.losses.likelihood import label_nll

Confusion = Literal["flipped", "uniform", "ascent"]


def confusion_nll(logits: Tensor, label: Tensor, form: Confusion = "flipped") -> Tensor:
    """What an encoder lowers so that a classifier errs. logits [B, S], label [B] int64 -> scalar, in nats.

    flipped: -log p(1 - y), for more than two styles -log p averaged over those that are not y: a strong gradient
    while the classifier is right, and on past its doubt; uniform: -log p averaged over all styles, least at a
    classifier in doubt; ascent: log p(y), the classifier's own loss climbed, whose gradient fades where it is right.
    Example: logits [[0, ln 3]], so p = [1/4, 3/4], label [1]: flipped ln 4 = 1.386, uniform (ln 4 + ln 4/3) / 2 =
    0.837, ascent ln 3/4 = -0.288.
    """
    if form == "ascent":
        return -label_nll(logits, label)
    log_probs = logits.float().log_softmax(-1)
    styles = logits.shape[-1]
    if form == "uniform":
        return -log_probs.mean()
    if form != "flipped":
        raise ValueError(f"form {form!r}: choose flipped, uniform or ascent")
    others = log_probs.sum(-1) - log_probs.gather(-1, label[:, None]).squeeze(-1)
    return -(others / (styles - 1)).mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
    """(|grad f| - 1)^2 between real and generated codes: Gulrajani et al. (2017), eq. 3. real, fake [B, D] -> scalar.

    The critic must treat each row by itself: batch norm would mix them.
    """
    share = torch.rand(len(real), 1, device=real.device)
    between = (share * real + (1 - share) * fake[: len(real)]).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (slope.norm(dim=-1) - 1).square().mean()
