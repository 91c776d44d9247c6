"""A style judge that shares nothing with the networks: TF-IDF of words and word pairs, logistic regression.

Axes: N sentences, F features, S styles. Stored as JSON and plain arrays, never as a pickle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from textdis.core.errors import UserError

VOCABULARY, ARRAYS = "vocabulary.json", "arrays.npz"


class LinearJudge:
    """terms: F words and word pairs; idf [F]; weights [S, F]; bias [S]."""

    def __init__(self, terms: Sequence[str], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray):
        self.terms, self.idf, self.weights, self.bias = list(terms), idf, weights, bias
        if not (weights.shape == (len(bias), len(terms)) and idf.shape == (len(terms),)):
            raise ValueError(
                f"{len(terms)} terms do not fit idf {idf.shape}, weights {weights.shape}, bias {bias.shape}"
            )

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[int], *, seed: int = 0, min_count: int = 2) -> Self:
        """Fits on model text; labels are 0 ... S-1. Terms of fewer than `min_count` sentences are left out.

        Before a word is read each style is as likely as any other (`log_shares`).
        """
        from sklearn.linear_model import LogisticRegression

        vectors = _vectorizer(min_df=min_count)
        features = vectors.fit_transform(texts)
        fitted = LogisticRegression(C=10.0, max_iter=1000, random_state=seed).fit(features, labels)
        weights, bias = fitted.coef_, fitted.intercept_
        if len(weights) == 1:  # two styles: one row, the log odds of the second
            weights, bias = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
        arrays = (array.astype(np.float32) for array in (vectors.idf_, weights, bias - log_shares(labels)))
        return cls(vectors.get_feature_names_out().tolist(), *arrays)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """p(style | text). [N, S]"""
        if not len(texts):
            return np.zeros((0, len(self.bias)))
        logits = self._vectors.transform(texts) @ self.weights.T + self.bias
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    def save(self, folder: Path, *, half: bool = False) -> None:
        """Writes two files; half: numbers in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / VOCABULARY).write_text(json.dumps(self.terms, ensure_ascii=False) + "\n", encoding="utf-8")
        arrays = {"idf": self.idf, "weights": self.weights, "bias": self.bias}
        kept = {name: array.astype(np.float16 if half else np.float32) for name, array in arrays.items()}
        np.savez_compressed(folder / ARRAYS, **kept)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` wrote. Raises UserError: missing or damaged."""
        try:
            terms = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                return cls(terms, *(arrays[name].astype(np.float32) for name in ("idf", "weights", "bias")))
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{folder}: not a linear judge ({error}); fit the judges again") from None

    @cached_property
    def _vectors(self) -> Any:
        vectors = _vectorizer(vocabulary=self.terms)
        vectors.idf_ = self.idf
        return vectors


def log_shares(labels: Sequence[int]) -> np.ndarray:
    """log of each style's share of the sentences [S]: what a classifier adds to its logits, and a judge must not.

    By Bayes' rule: a training set with more of one style would else have that one favoured in every doubt.
    """
    return np.log(np.bincount(labels) / len(labels))


def _vectorizer(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    # model text is tokenised already: every word counts, also `!` and `n't`, which the default pattern drops
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+", **options)
