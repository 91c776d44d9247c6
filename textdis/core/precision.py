"""Where bfloat16 takes the place of float32 on a processor: nothing but torch's own switch says so.

`torch.set_float32_matmul_precision("medium")` allows inexact products. Torch follows it in plain products alone;
recurrent layers and the output layer follow it too, by what stands here. A GPU has the trainer's autocast instead.
"""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor


def half_products() -> bool:
    """Whether float32 products may be taken in bfloat16, and the processor has instructions for them."""
    return torch.get_float32_matmul_precision() == "medium" and bf16_instructions()


def bf16_instructions() -> bool:
    """Whether the processor has any: torch has no recurrent layer in bfloat16 for those that do not."""
    return torch.cpu._is_avx512_bf16_supported()


def half_if_allowed(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Autocast to bfloat16 where `half_products()` and `device` is the processor; else nothing changes."""
    if device.type == "cpu" and half_products():
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


def halved(*weights: Tensor) -> tuple[Tensor, ...]:
    """The `weights` cast once, where `half_if_allowed` would cast them at every use and no gradient is asked for."""
    if weights[0].device.type != "cpu" or torch.is_grad_enabled() or not half_products():
        return weights
    return tuple(weight.bfloat16() for weight in weights)
