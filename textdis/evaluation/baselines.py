"""What every table shows beside a system: the simplest rewriting that is not a copy.

Axes: P polar words, C context words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from textdis.core.errors import UserError

CONTEXTS = 500  # most frequent words that tell in which places a word can stand


class LexiconSwap:
    """Swaps each word that leans to the sentence's style for the word of the other style used most like it.

    opposites: for the styles 0 and 1, word -> replacement. It reads no grammar and no context: whatever a
    trained system adds must show beside it.
    """

    def __init__(self, opposites: Sequence[Mapping[str, str]]):
        self.opposites = opposites

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[int], *, min_count: int = 25, min_log_odds: float = 1.5
    ) -> Self:
        """The lexicon of model text with labels 0 and 1.

        A word is polar where at least `min_count` sentences hold it and the log odds of its two styles, as shares of
        each style's sentences, reach `min_log_odds`. Raises UserError: other styles, or no polar word in one of them.
        """
        if set(labels) != {0, 1}:
            raise UserError(f"a lexicon swap needs the styles 0 and 1, not {sorted(set(labels))}")
        sides = _polar_words(texts, labels, min_count, min_log_odds)
        if not all(sides):
            raise UserError("a lexicon swap found no polar word in one style; give more sentences or a lower min_count")
        vectors = _contexts(texts, [*sides[0], *sides[1]])  # [P, 2C]
        alike = vectors[: len(sides[0])] @ vectors[len(sides[0]) :].T  # cosines
        return cls([_nearest(sides[0], sides[1], alike), _nearest(sides[1], sides[0], alike.T)])

    def __call__(self, texts: Sequence[str], labels: Sequence[int]) -> list[str]:
        """The rewriting of model text; `labels`: the style each sentence has now."""
        return [
            " ".join(self.opposites[label].get(word, word) for word in text.split())
            for text, label in zip(texts, labels, strict=True)
        ]


def _polar_words(texts: Sequence[str], labels: Sequence[int], least: int, log_odds: float) -> tuple[list, list]:
    """The words that lean to style 0 and to style 1, most frequent first."""
    sizes, counts = Counter(labels), (Counter[str](), Counter[str]())
    for text, label in zip(texts, labels, strict=True):
        counts[label].update(set(text.split()))
    sides: tuple[list[str], list[str]] = ([], [])
    for word, count in (counts[0] + counts[1]).most_common():
        lean = math.log((counts[1][word] + 0.5) / sizes[1]) - math.log((counts[0][word] + 0.5) / sizes[0])
        if count >= least and abs(lean) >= log_odds:
            sides[lean > 0].append(word)
    return sides


def _contexts(texts: Sequence[str], words: Sequence[str]) -> np.ndarray:
    """Unit vectors [P, 2C]: roots of how often each frequent word stands before, and after, each of `words`."""
    flat = [word for text in texts for word in ("<s>", *text.split(), "</s>")]
    column = {word: i for i, (word, _) in enumerate(Counter(flat).most_common(CONTEXTS))}
    row = {word: i for i, word in enumerate(words)}
    rows, columns = (np.array([ids.get(word, -1) for word in flat]) for ids in (row, column))
    before = _counts(rows[1:], columns[:-1], len(words))
    after = _counts(rows[:-1], columns[1:], len(words))
    roots = np.sqrt(np.hstack([before, after]))
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-9)


def _counts(rows: np.ndarray, columns: np.ndarray, height: int) -> np.ndarray:
    """How often row i meets column j [height, C]; -1 is neither."""
    both = (rows >= 0) & (columns >= 0)
    hits = rows[both] * CONTEXTS + columns[both]
    return np.bincount(hits, minlength=height * CONTEXTS).reshape(height, CONTEXTS)


def _nearest(words: Sequence[str], others: Sequence[str], alike: np.ndarray) -> dict[str, str]:
    return {word: others[i] for word, i in zip(words, alike.argmax(1), strict=True)}
