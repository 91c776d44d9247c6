"""Sentences for an autoencoder with one code a sentence: to train on, and to validate with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.experiments.data import Sentences, check_source, drawn, read_sentences
from textdis.experiments.phases import read_unlabelled
from textdis.text.normalise import normalise
from textdis.text.sources import COLUMNS, Columns


@dataclass(frozen=True)
class Corpus(Sentences):
    """And held-out ones."""

    held_texts: list[str]
    held_labels: list[int]

    @property
    def longest(self) -> int:
        """Words of the longest training sentence."""
        return max(len(text.split()) for text in self.texts)

    def balanced(self) -> list[int]:
        """Row numbers in which each style stands as often as the commonest: smaller ones begin again."""
        counts = Counter(self.labels)
        most = max(counts.values())
        rows = [np.flatnonzero(np.asarray(self.labels) == label) for label in sorted(counts)]
        return np.concatenate([np.resize(own, most) for own in rows]).tolist()


def read_corpus(
    data: Sequence[str],
    recipe: str | None,
    max_length: int,
    held_out: int,
    limit: int | None,
    seed: int,
    columns: Columns = COLUMNS,
    *,
    styled: bool,
) -> Corpus:
    """Sentences of at most `max_length` words. Raises UserError as `read_sentences`.

    held_out: from the recipe's dev split, else as many of the data, at most a tenth. styled False: one style for all.
    """
    check_source(data, recipe, columns)
    dev = _dev(recipe, max_length, styled) if recipe else None
    if styled:
        train = read_sentences(data, recipe, max_length, limit, seed, columns)
        train = Sentences([normalise(text) for text in train.texts], train.labels, train.names)
    else:
        held = set(dev.texts) if dev else set()  # which a recipe without a split `train` reads too
        texts = [text for text in read_unlabelled([recipe] if recipe else data) if text not in held]
        rows = drawn([i for i, text in enumerate(texts) if len(text.split()) <= max_length], limit, seed)
        train = Sentences([texts[i] for i in rows], [0] * len(rows), ["sentence"])
    if len(train.texts) < 2:
        what = f"{len(train.texts)} sentences of at most {max_length} words"
        raise UserError(f"{', '.join(data) or recipe}: {what}; give two at least, one trains and one validates")
    rng = np.random.default_rng(seed)
    if dev is None:
        order = rng.permutation(len(train.texts))
        asked, kept = np.split(order, [min(held_out, max(1, len(order) // 10))])
        return _corpus(train, sorted(kept.tolist()), train, sorted(asked.tolist()))
    asked = rng.permutation(len(dev.texts))[:held_out]
    return _corpus(train, range(len(train.texts)), dev, sorted(asked.tolist()))


def _dev(recipe: str, max_length: int, styled: bool) -> Sentences | None:
    import data_recipes

    splits: Any = data_recipes.load(recipe)
    if "dev" not in splits:
        return None
    texts, labels = [normalise(text) for text in splits["dev"]["text"]], splits["dev"]["label"][:]
    rows = [i for i, text in enumerate(texts) if 0 < len(text.split()) <= max_length]
    return Sentences([texts[i] for i in rows], [labels[i] if styled else 0 for i in rows], [])


def _corpus(train: Sentences, kept: Sequence[int], held: Sentences, asked: Sequence[int]) -> Corpus:
    return Corpus(
        [train.texts[i] for i in kept],
        [train.labels[i] for i in kept],
        train.names,
        [held.texts[i] for i in asked],
        [held.labels[i] for i in asked],
    )
