"""Typed tensors that travel from the data to a system. Each field names its shape.

Axes: B examples of a batch, T tokens of a sentence with `<s>` and `</s>`, or frames of a clip; C colours; H, W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor

PAD, BOS, EOS, UNK = 0, 1, 2, 3  # ids every tokenizer keeps for `<pad>`, `<s>`, `</s>`, `<unk>`


@dataclass(frozen=True)
class Batch:
    """A frozen record of tensors (or of other batches) that moves to a device as one."""

    def to(self, device: torch.device | str) -> Self:
        moved = {}
        for item in fields(self):
            value = getattr(self, item.name)
            moved[item.name] = value.to(device) if isinstance(value, Tensor | Batch) else value
        return replace(self, **moved)


@dataclass(frozen=True)
class TextBatch(Batch):
    """Sentences padded to one length."""

    tokens: Tensor  # [B, T] int64: <s> w1 ... wn </s> <pad> ...
    lengths: Tensor  # [B] int64, counting <s> and </s>
    label: Tensor | None = None  # [B] int64: style, sentiment, language
    nouns: Tensor | None = None  # [B, T] bool: tokens that a tagger called nouns

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def style(self) -> Tensor:
        """`label`, where there must be one. [B] int64. Raises ValueError for a batch without."""
        if self.label is None:
            raise ValueError("a batch without labels: this system needs to know the style of each sentence")
        return self.label

    def rows(self, rows: Tensor) -> TextBatch:
        """Some of the sentences, by their numbers [M] int64 or a mask [B] bool; nouns are left out."""
        label = None if self.label is None else self.label[rows]
        return TextBatch(self.tokens[rows], self.lengths[rows], label)

    @property
    def inputs(self) -> Tensor:
        """What a decoder reads. [B, T-1]"""
        return self.tokens[:, :-1]

    @property
    def targets(self) -> Tensor:
        """What it must say. [B, T-1]"""
        return self.tokens[:, 1:]

    @property
    def mask(self) -> Tensor:
        """True where `targets` is not padding. [B, T-1] bool"""
        return self.targets != PAD

    @property
    def valid(self) -> Tensor:
        """True where `tokens` is not padding. [B, T] bool"""
        return self.tokens != PAD


def flattened(tokens: Tensor) -> TextBatch:
    """Candidates [B, N, T] as one batch of B * N sentences; a row of pads has one token, as no network reads none."""
    flat = tokens.flatten(0, 1)
    return TextBatch(flat, (flat != PAD).sum(1).clamp(min=1))


def begun(tokens: Tensor, style: Tensor) -> tuple[TextBatch, Tensor]:
    """Candidates [B, N, T] as B * N sentences with the `<s>` they lack, in the styles [B]; the row of each [B * N]."""
    rows = torch.arange(len(tokens), device=tokens.device).repeat_interleave(tokens.shape[1])
    said = flattened(torch.nn.functional.pad(tokens, (1, 0), value=BOS))
    return replace(said, label=style[rows]), rows


@dataclass(frozen=True)
class PairBatch(Batch):
    """Aligned sentences: row i of `source` (perhaps corrupted) belongs to row i of `target`."""

    source: TextBatch
    target: TextBatch

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class ClipBatch(Batch):
    """Clips padded to one length by their last frames. A picture is a clip of one frame."""

    frames: Tensor  # [B, C, T, H, W] float32 in [-1, 1]
    lengths: Tensor  # [B] int64, in frames
    label: Tensor | None = None  # [B] int64: kind of motion

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def valid(self) -> Tensor:
        """True where a frame is not padding. [B, T] bool"""
        return torch.arange(self.frames.shape[2], device=self.frames.device) < self.lengths[:, None]
