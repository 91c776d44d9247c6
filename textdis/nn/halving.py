"""Convolutions that halve a picture's side (4 x 4, stride 2, padding 1) and their transposes, with 9 products for 16.

Every second row and column taken apart (2 x 2 phases as further channels), such a convolution is one of 2 x 2 and
stride 1, for which Winograd's minimal filtering F(2 x 2, 2 x 2) needs 9 multiplications where the definition has 16
(Winograd, 1980; Lavin and Gray, 2016). In one dimension, for outputs y0 = x0 k0 + x1 k1 and y1 = x1 k0 + x2 k1:

    m0 = (x0 - x1) k0,   m1 = x1 (k0 + k1),   m2 = (x1 - x2) k1,   y0 = m0 + m1,   y1 = m1 - m2

No division: results equal the plain ones to rounding. On a processor in float32 this is a third faster, in training
too; elsewhere, for pictures or channels too few to gain, and where AVX-512 multiplies faster than memory brings what
is transformed, torch's own convolution is taken.

Axes: N pictures, H and W pixels, c channels of the large picture, C of the small one (H/2 x W/2, in T x U tiles of
2 x 2), P = 9 products. Inside this module colours stand last: [N, H, W, c].
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEAST = 128  # channels on either side, below which transforms cost more than they save


class Halve(nn.Conv2d):
    """[N, c, H, W] -> [N, C, H/2, W/2]: nn.Conv2d(c, C, 4, 2, 1, bias=False), its parameters and results."""

    def __init__(self, before: int, after: int):
        super().__init__(before, after, 4, 2, 1, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        height, width = input.shape[-2:]
        if not gains(input, self.weight) or height % 4 or width % 4:
            return super().forward(input)
        small: Tensor = _Halve.apply(input.permute(0, 2, 3, 1), self.weight)
        return small.permute(0, 3, 1, 2)


class Double(nn.ConvTranspose2d):
    """[N, C, H/2, W/2] -> [N, c, H, W]: nn.ConvTranspose2d(C, c, 4, 2, 1, bias=False), its parameters and results."""

    def __init__(self, before: int, after: int):
        super().__init__(before, after, 4, 2, 1, bias=False)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        height, width = input.shape[-2:]
        if not gains(input, self.weight) or height % 2 or width % 2 or output_size is not None:
            return super().forward(input, output_size)
        large: Tensor = _Double.apply(input.permute(0, 2, 3, 1), self.weight)
        return large.permute(0, 3, 1, 2)


def gains(pictures: Tensor, weight: Tensor) -> bool:
    """Whether the nine products are faster here than torch's convolution."""
    plain = pictures.dtype == weight.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
    return pictures.device.type == "cpu" and plain and min(weight.shape[:2]) >= LEAST and not wide_vectors()


def wide_vectors() -> bool:
    """Whether torch's convolutions have AVX-512."""
    return torch.backends.cpu.get_cpu_capability() == "AVX512"


class _Halve(torch.autograd.Function):
    """large [N, H, W, c], weight [C, c, 4, 4] -> small [N, H/2, W/2, C]"""

    @staticmethod
    def forward(ctx: Any, large: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(large, weight)
        return _small(torch.bmm(_of_large(large), _of_weight(weight)), large.shape)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        large, weight = ctx.saved_tensors
        own = _Double.apply(gradient, weight) if ctx.needs_input_grad[0] else None
        return own, _Weight.apply(large, gradient) if ctx.needs_input_grad[1] else None


class _Double(torch.autograd.Function):
    """small [N, H/2, W/2, C], weight [C, c, 4, 4] -> large [N, H, W, c], the transpose of `_Halve`"""

    @staticmethod
    def forward(ctx: Any, small: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(small, weight)
        return _large(torch.bmm(_of_small(small), _of_weight(weight).transpose(1, 2)), small.shape)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        small, weight = ctx.saved_tensors
        own = _Halve.apply(gradient, weight) if ctx.needs_input_grad[0] else None
        return own, _Weight.apply(gradient, small) if ctx.needs_input_grad[1] else None


class _Weight(torch.autograd.Function):
    """The gradient of the weight [C, c, 4, 4], from large [N, H, W, c] and small [N, H/2, W/2, C], one a gradient."""

    @staticmethod
    def forward(ctx: Any, large: Tensor, small: Tensor) -> Tensor:
        ctx.save_for_backward(large, small)
        return _weight(torch.bmm(_of_large(large).transpose(1, 2), _of_small(small)))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        large, small = ctx.saved_tensors
        return _Double.apply(small, gradient), _Halve.apply(large, gradient)


# --- the linear maps around the products, and their transposes --------------------------------------------------------


def _of_large(x: Tensor) -> Tensor:
    """Differences of neighbouring phases. [N, H, W, c] -> [P, N T U, 4 c]"""
    n, height, width, c = x.shape
    t, u = height // 4, width // 4
    x = F.pad(x, (0, 0, 1, 1, 1, 1)).view(n, 2 * t + 1, 2, width + 2, c)
    rows = x.new_empty(3, n, t, 2, width + 2, c)
    _differences(rows, x[:, 0:-1:2], x[:, 1::2], x[:, 2::2])
    rows = rows.view(3, n, t, 2, 2 * u + 1, 2, c)
    out = x.new_empty(3, 3, n, t, u, 2, 2, c)
    places = out.permute(1, 0, 2, 3, 5, 4, 6, 7)  # as the rows lie
    _differences(places, rows[..., 0:-1:2, :, :], rows[..., 1::2, :, :], rows[..., 2::2, :, :])
    return out.view(9, n * t * u, 4 * c)


def _differences(out: Tensor, x0: Tensor, x1: Tensor, x2: Tensor) -> None:
    torch.sub(x0, x1, out=out[0])
    out[1].copy_(x1)
    torch.sub(x1, x2, out=out[2])


def _large(products: Tensor, small: torch.Size) -> Tensor:
    """The transpose of `_of_large`. [P, N T U, 4 c], the shape of the small picture -> [N, H, W, c]"""
    n, t, u, c = small[0], small[1] // 2, small[2] // 2, products.shape[2] // 4
    given = products.view(3, 3, n, t, u, 2, 2, c).permute(1, 0, 2, 3, 5, 4, 6, 7)
    rows = products.new_empty(3, n, t, 2, 2 * u + 1, 2, c)
    _gathered(rows.movedim(4, 0), given.movedim(5, 1))
    x = products.new_empty(n, 2 * t + 1, 2, 4 * u + 2, c)
    _gathered(x.movedim(1, 0), rows.view(3, n, t, 2, 4 * u + 2, c).movedim(2, 1))
    return x.view(n, 4 * t + 2, 4 * u + 2, c)[:, 1:-1, 1:-1]


def _gathered(out: Tensor, d: Tensor) -> None:
    """What x0 = out[0:-1:2], x1 = out[1::2] and x2 = out[2::2] are given by the three differences d [3, T, ...]."""
    torch.sub(d[1], d[0], out=out[1::2]).add_(d[2])
    out[0].copy_(d[0, 0])
    torch.sub(d[0, 1:], d[2, :-1], out=out[2:-1:2])
    torch.neg(d[2, -1], out=out[-1])


def _of_weight(weight: Tensor) -> Tensor:
    """Sums of neighbouring taps. [C, c, 4, 4] -> [P, 4 c, C]"""
    after, before = weight.shape[:2]
    k = weight.view(after, before, 2, 2, 2, 2).permute(2, 4, 3, 5, 1, 0)  # [tap, tap, phase, phase, c, C]
    k = torch.stack([k[0], k[0] + k[1], k[1]])
    return torch.stack([k[:, 0], k[:, 0] + k[:, 1], k[:, 1]], 1).view(9, 4 * before, after)


def _weight(products: Tensor) -> Tensor:
    """The transpose of `_of_weight`. [P, 4 c, C] -> [C, c, 4, 4]"""
    d = products.view(3, 3, 2, 2, -1, products.shape[2])
    d = torch.stack([d[0] + d[1], d[1] + d[2]])
    d = torch.stack([d[:, 0] + d[:, 1], d[:, 1] + d[:, 2]], 1)
    return d.permute(5, 4, 0, 2, 1, 3).reshape(products.shape[2], -1, 4, 4)


def _small(products: Tensor, large: torch.Size) -> Tensor:
    """Outputs from products. [P, N T U, C], the shape of the large picture -> [N, H/2, W/2, C]"""
    n, t, u, c = large[0], large[1] // 4, large[2] // 4, products.shape[2]
    m, out = products.view(3, 3, n, t, u, c), products.new_empty(n, t, 2, u, 2, c)
    rows = torch.stack([m[0] + m[1], m[1] - m[2]], 3)  # [3, n, t, 2, u, c]
    torch.add(rows[0], rows[1], out=out[:, :, :, :, 0])
    torch.sub(rows[1], rows[2], out=out[:, :, :, :, 1])
    return out.view(n, 2 * t, 2 * u, c)


def _of_small(y: Tensor) -> Tensor:
    """The transpose of `_small`. [N, H/2, W/2, C] -> [P, N T U, C]"""
    n, t, u, c = y.shape[0], y.shape[1] // 2, y.shape[2] // 2, y.shape[3]
    y = y.reshape(n, t, 2, u, 2, c)
    left, right = y[:, :, :, :, 0], y[:, :, :, :, 1]
    out = y.new_empty(3, 3, n, t, u, c)
    for column, own in enumerate((left, left + right, -right)):
        upper, lower = own[:, :, 0], own[:, :, 1]
        out[0, column].copy_(upper)
        torch.add(upper, lower, out=out[1, column])
        torch.neg(lower, out=out[2, column])
    return out.view(9, n * t * u, c)
