"""What is asked of a judge, whoever made it. Axes: N sentences, S styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from textdis.metrics.text import perplexity


class StyleJudge(Protocol):
    """Tells the style of model text. Where it has a `fingerprint`, that stands in the record of the judges."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """p(style | text). [N, S]"""
        ...


class LanguageJudge(Protocol):
    """Tells how likely model text is. Where it has a `fingerprint`, that stands in the record of the judges."""

    def nll(self, texts: Sequence[str]) -> SentenceNLL:
        """What each text costs, whatever its neighbours and its length: none is cut."""
        ...


@dataclass(frozen=True)
class SentenceNLL:
    """What each text costs a language judge."""

    nats: np.ndarray  # [N] -log p, base e, summed over the text's tokens
    tokens: np.ndarray  # [N] how many those are
    unknown: np.ndarray  # [N] of them, those the judge has no word for
    ends: bool = True  # the end of each text is one of its tokens

    def summary(self) -> dict[str, float]:
        """perplexity, weighed by token; unk_share: of tokens less ends; tokens: their number.

        Raises ValueError where there is no token.
        """
        words = self.tokens.sum() - (len(self.tokens) if self.ends else 0)
        share = float(self.unknown.sum() / max(1, words))
        return perplexity(self.nats, self.tokens) | {"unk_share": share, "tokens": float(self.tokens.sum())}


class HeldOut(NamedTuple):
    """Real sentences (model text) and the style of each, 0 ... S - 1; of a judge's own score, none it was fitted on."""

    texts: Sequence[str]
    labels: Sequence[int]
