"""What probing, interpolation, arithmetic and traversal ask of a model: one vector a sentence, there and back.

Axes: B sentences, D numbers of a code, T tokens.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from textdis.core.batch import TextBatch


@runtime_checkable
class CodeModel(Protocol):
    """A model that says a whole sentence in one code. Both methods run in eval mode, without gradients."""

    config: Any

    @property
    def code_size(self) -> int:
        """D"""
        ...

    def encode(self, batch: TextBatch) -> Tensor:
        """The code of each sentence. [B, D]"""
        ...

    def say(self, codes: Tensor, max_length: int) -> Tensor:
        """The likeliest sentence of each code [B, D], greedily. -> ids [B, T]: w1 ... wn </s> <pad> ..."""
        ...
