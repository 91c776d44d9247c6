"""Aligned columns in memory, from a user's files or a recipe, and their batches."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from textdis.core.batch import PAD
from textdis.core.errors import UserError
from textdis.systems.multitask import COPY, MultiBatch
from textdis.text.batches import Batches, collate
from textdis.text.parallel import Columns, read_aligned, read_tables
from textdis.text.part_of_speech import tag_words
from textdis.text.tokenizer import Tokenizer

say = logging.getLogger(__name__)

TAGS = "pos"  # the column of part-of-speech tags, which spaCy can make
DEV = ("dev", "val", "validation")  # what recipes call the split that chooses the best model
MISSING = [PAD, PAD]  # the row of ids of a target that is not there


@dataclass(frozen=True)
class Parallel:
    """Training and dev rows, column by column. Every row has a source."""

    train: Columns
    dev: Columns


def read_parallel(
    data: Sequence[str], files: Sequence[str], recipe: str | None, source: str, decoders: Sequence[str], *, spacy: bool
) -> Parallel:
    """The columns that `decoders` need: `source` itself for `copy`, the one of its name for any other.

    data: tables; files: aligned txt files as `name=file`. Of a user's rows one in twenty is set aside for dev.
    Raises UserError: not exactly one kind of data given, unreadable, a column that is not there.
    """
    if sum(map(bool, (data, files, recipe))) != 1:
        raise UserError("say where sentences come from: --recipe NAME, --data TABLE ..., or --columns en=FILE de=FILE")
    if recipe:
        dev = next((name for name in DEV if name in _load(recipe)), DEV[0])
        return Parallel(*(recipe_columns(recipe, split, source, decoders, spacy) for split in ("train", dev)))
    made = (COPY, TAGS) if spacy else (COPY,)
    names = [name for name in dict.fromkeys([source, *decoders]) if name not in made]
    train, dev_rows = split_rows(read_tables(data, names) if data else _aligned(files, names), source)
    return Parallel(*(_tagged(part, source, decoders, spacy) for part in (train, dev_rows)))


def recipe_columns(recipe: str, split: str, source: str, decoders: Sequence[str], spacy: bool) -> Columns:
    """The columns of one split of a recipe. Raises UserError: no such split or column."""
    splits, made = _load(recipe), [TAGS] if spacy else []
    if split not in splits:
        raise UserError(f"recipe {recipe!r} has no split {split!r}; it has {', '.join(splits)}")
    there, names = splits[split].column_names, [n for n in dict.fromkeys([source, *decoders]) if n not in (COPY, *made)]
    if missing := [name for name in names if name not in there]:
        hint = " (--spacy makes it)" if TAGS in missing else ""
        raise UserError(f"recipe {recipe!r} has no column {missing[0]!r}, only {', '.join(there)}{hint}")
    return _tagged({name: list(splits[split][name]) for name in names}, source, decoders, spacy)


@cache
def _load(recipe: str) -> Any:
    import data_recipes

    return data_recipes.load(recipe)


def _tagged(columns: Columns, source: str, decoders: Sequence[str], spacy: bool) -> Columns:
    if not spacy or TAGS not in decoders:
        return columns
    return columns | {TAGS: list(tag_words([text or "" for text in columns[source]]))}


def _aligned(files: Sequence[str], names: Sequence[str]) -> Columns:
    paths = dict(item.partition("=")[::2] for item in files)
    if bad := [item for item in files if not all(item.partition("="))]:
        raise UserError(f"--columns {bad[0]}: give each column as name=file")
    if missing := [name for name in names if name not in paths]:
        raise UserError(f"--columns: no file for {missing[0]!r}; add {missing[0]}=FILE")
    return read_aligned({name: paths[name] for name in names})


def split_rows(columns: Columns, source: str) -> tuple[Columns, Columns]:
    """Training and dev rows: one in twenty, at least one, drawn alike whatever the run's random seed."""
    rows = np.array([i for i, text in enumerate(columns[source]) if text])
    if len(rows) < 2:
        raise UserError(f"column {source!r}: {len(rows)} sentences; at least two are needed, one of them for dev")
    held = set(np.random.default_rng(0).choice(rows, max(1, len(rows) // 20), replace=False).tolist())
    return take(columns, [i for i in rows if i not in held]), take(columns, sorted(held))


def take(columns: Columns, rows: Sequence[int]) -> Columns:
    return {name: [column[i] for i in rows] for name, column in columns.items()}


def share_of(columns: Columns, source: str, share: float, longest: int, seed: int) -> Columns:
    """A share of the rows, drawn by the seed, of those whose source has 1 to `longest` characters.

    Targets do not choose: runs with other decoders learn from the same rows.
    """
    rows = [i for i, text in enumerate(columns[source]) if text and len(text) <= longest]
    if left := len(columns[source]) - len(rows):
        say.info("%d of %d rows are left out: no source, or one over %d characters", left, len(rows) + left, longest)
    chosen = np.random.default_rng(seed).permutation(rows)[: round(share * len(rows))]
    if not len(chosen):
        raise UserError(f"no row of 1 to {longest} characters is left; give more, or raise --longest")
    return take(columns, sorted(chosen.tolist()))


def make_batches(
    columns: Columns, source: str, decoders: Sequence[str], tokenizers: Mapping[str, Tokenizer], **options: Any
) -> Batches:
    """Endless MultiBatches. tokenizers: by decoder, that of `copy` being the source's."""
    said = {name: columns[source if name == COPY else name] for name in decoders}
    read = tokenizers[COPY].encode_batch(text or "" for text in columns[source])
    rows = {name: [MISSING if t is None else tokenizers[name].encode(t) for t in texts] for name, texts in said.items()}

    def together(numbers: np.ndarray, rng: np.random.Generator) -> MultiBatch:
        targets = {name: collate([own[i] for i in numbers]) for name, own in rows.items()}
        return MultiBatch(collate([read[i] for i in numbers]), targets)

    return Batches(read, transform=together, **options)


def even_weights(columns: Columns, source: str, tokenizers: Mapping[str, Tokenizer]) -> dict[str, float]:
    """How many symbols of the source there are to one of each decoder: weights that make a symbol count as much as any
    other decoder's, so that the sum of losses is, but for a factor, the sum of cross-entropies per symbol."""
    said = {name: columns[source if name == COPY else name] for name in tokenizers}
    units = {
        name: sum(len(tokenizers[name].encode(t)) - 1 for t in texts if t is not None) for name, texts in said.items()
    }
    return {name: units[COPY] / own for name, own in units.items()}


def once(batches: Batches) -> list[MultiBatch]:
    """Every row once, short ones first."""
    rng = np.random.default_rng(0)
    assert batches.transform is not None
    made = [batches.transform(rows, rng) for rows, _ in batches.once()]
    return [batch for batch in made if isinstance(batch, MultiBatch)]
