"""A corpus in memory, from a user's files or a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.text.corpus import label_names, load_corpus
from textdis.text.normalise import normalise
from textdis.text.sources import COLUMNS, Columns


@dataclass(frozen=True)
class Sentences:
    """Sentences in model text, their labels, and the labels' names."""

    texts: list[str]
    labels: list[int]
    names: list[str]


def read_sentences(
    data: Sequence[str],
    recipe: str | None,
    max_length: int,
    limit: int | None = None,
    seed: int = 0,
    columns: Columns = COLUMNS,
) -> Sentences:
    """The training sentences of at most `max_length` words; of them `limit`, drawn by the seed.

    What a user's files hold is normalised; a recipe's sentences are model text already. columns: those of tables.
    Raises UserError: both or neither source given, an unreadable one, a style without sentences.
    """
    check_source(data, recipe, columns)
    dataset = labelled(recipe)["train"] if recipe else load_corpus(list(data), *columns)
    # a column is read whole: iterating over it is a hundred times slower
    texts = dataset["text"][:] if recipe else [normalise(text) for text in dataset["text"][:]]
    rows = drawn([i for i, text in enumerate(texts) if 0 < len(text.split()) <= max_length], limit, seed)
    labels, names = dataset["label"][:], label_names(dataset)
    kept = Sentences([texts[i] for i in rows], [labels[i] for i in rows], names)
    if missing := [name for k, name in enumerate(names) if k not in set(kept.labels)]:
        drew = f" among the {limit:,} drawn (--limit)" if limit is not None and limit < len(texts) else ""
        what = f"style {missing[0]!r} has no sentence of 1 to {max_length} words{drew}"
        raise UserError(f"{what}; transfer needs some of each")
    return kept


def check_source(data: Sequence[str], recipe: str | None, columns: Columns = COLUMNS) -> None:
    """Raises UserError: both or neither given, names of columns for a recipe."""
    if bool(data) == bool(recipe):
        raise UserError("say where sentences come from: either --data FILE FILE ... or --recipe NAME")
    if recipe and columns != COLUMNS:
        raise UserError("--text-column and --label-column are of tables (--data); leave them out with --recipe")


def drawn(rows: list[int], limit: int | None, seed: int) -> list[int]:
    """`limit` of the rows, drawn by the seed and in their order; all where there are no more."""
    if limit is None or limit >= len(rows):
        return rows
    return sorted(np.random.default_rng(seed).choice(rows, limit, replace=False).tolist())


def labelled(recipe: str) -> Any:
    """All splits of a recipe. Raises UserError: no such recipe, or its sentences to train on have no styles."""
    import data_recipes

    splits = data_recipes.load(recipe)
    if "train" not in splits or "label" not in splits["train"].column_names:
        raise UserError(f"recipe {recipe!r} has no labelled training split; it has {', '.join(splits)}")
    return splits
