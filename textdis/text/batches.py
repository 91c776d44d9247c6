"""Encoded sentences to padded batches, in length buckets, endlessly, and exactly resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Self

import numpy as np
import torch

from textdis.core.batch import EOS, Batch, TextBatch
from textdis.core.errors import UserError

Transform = Callable[[np.ndarray, np.random.Generator], Batch]
TOKENS = 2**16  # a batch of `once`, padding counted, so that one long row does not widen hundreds of others
POOL = 50  # batches sorted by length together: enough to waste little padding, few enough to stay random


def collate(
    encoded: Sequence[Sequence[int]],
    labels: Sequence[int] | np.ndarray | None = None,
    nouns: Sequence[Sequence[int]] | None = None,
) -> TextBatch:
    """Pads rows of ids `<s> ... </s>` to one length.

    encoded: B rows; labels: B integers; nouns: B rows of token numbers, 0 being the first after `<s>` (the word numbers
    of `tag_nouns`, or `Tokenizer.positions` of them); those beyond the row are dropped.
    Returns tokens [B, T], lengths [B], label [B], nouns [B, T].
    """
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    width = int(lengths.max(initial=0))
    tokens = np.zeros((len(encoded), width), np.int64)
    tokens[np.arange(width) < lengths[:, None]] = np.fromiter(chain.from_iterable(encoded), np.int64)
    return TextBatch(
        torch.from_numpy(tokens),
        torch.from_numpy(lengths),
        None if labels is None else torch.as_tensor(np.asarray(labels, np.int64)),
        None if nouns is None else torch.from_numpy(_marks(nouns, lengths, width)),
    )


def _marks(nouns: Sequence[Sequence[int]], lengths: np.ndarray, width: int) -> np.ndarray:
    counts = np.fromiter(map(len, nouns), np.int64, len(nouns))
    rows = np.repeat(np.arange(len(nouns)), counts)
    columns = np.fromiter(chain.from_iterable(nouns), np.int64, int(counts.sum())) + 1  # `<s>`
    inside = columns < lengths[rows] - 1  # not `</s>`, nor what a cut has taken away
    marks = np.zeros((len(nouns), width), bool)
    marks[rows[inside], columns[inside]] = True
    return marks


class Batches:
    """An endless iterator of batches over encoded sentences.

    Each epoch is a permutation seeded by (seed, epoch), sorted by length inside pools of 50 batches and cut; the order
    of batches is shuffled again. Under torchrun process `rank` of `world` takes each world-th batch; the few batches
    left over in an epoch are skipped, so that all processes keep step.

    encoded: N rows `<s> ... </s>`; labels: N integers; nouns: N rows of token numbers, as in `collate`.
    batch_size: sentences a batch and process. max_length: tokens a row, with `<s>` and `</s>`; longer rows are cut.
    transform: makes the batch of the row numbers [B] it is given, in place of `collate`, with a generator seeded by
    (seed, epoch, number of the batch).
    pool: batches sorted by length together; with 1 every batch is a fair sample of the corpus, sorted within.
    """

    def __init__(
        self,
        encoded: Sequence[Sequence[int]],
        labels: Sequence[int] | np.ndarray | None = None,
        nouns: Sequence[Sequence[int]] | None = None,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        max_length: int | None = None,
        rank: int = 0,
        world: int = 1,
        transform: Transform | None = None,
        pool: int = POOL,
    ):
        self.encoded = [_cut(row, max_length) for row in encoded]
        self.labels = None if labels is None else np.asarray(labels, np.int64)
        self.nouns, self.batch_size, self.seed, self.shuffle = nouns, batch_size, seed, shuffle
        self.rank, self.world, self.transform, self.pool = rank, world, transform, pool
        self.lengths = np.fromiter(map(len, self.encoded), np.int64, len(self.encoded))
        self.epoch = self.position = 0  # position: batches this process has taken in this epoch
        self._check()
        self._plan = self._order(0)

    def _check(self) -> None:
        for name, column in (("labels", self.labels), ("nouns", self.nouns)):
            if column is not None and len(column) != len(self.encoded):
                raise ValueError(f"{len(self.encoded)} sentences but {len(column)} rows of {name}")
        if len(self) < 1:
            raise UserError(
                f"{len(self.encoded)} sentences make too few batches of {self.batch_size} for {self.world} "
                "process(es); give more sentences or a smaller batch size"
            )

    def __len__(self) -> int:
        """Batches of one epoch and process."""
        return -(-len(self.encoded) // self.batch_size) // self.world

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if self.position >= len(self):
            self.epoch, self.position = self.epoch + 1, 0
            self._plan = self._order(self.epoch)
        number = self.position * self.world + self.rank
        self.position += 1
        return self._make(self._plan[number], (self.seed, self.epoch, number))

    def once(self) -> Iterator[tuple[np.ndarray, TextBatch]]:
        """Every sentence once, short ones first: (row numbers [B], batch). Leaves the endless iterator alone.

        A batch is halved until it holds at most TOKENS, padding counted, or one row.
        """
        for piece in _pieces(np.argsort(self.lengths, kind="stable"), self.batch_size):
            for rows in self._halved(piece):
                yield rows, self.collate(rows)

    def _halved(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """rows [B], the longest last."""
        if len(rows) == 1 or len(rows) * self.lengths[rows[-1]] <= TOKENS:
            yield rows
            return
        for half in np.array_split(rows, 2):
            yield from self._halved(half)

    def collate(self, rows: np.ndarray) -> TextBatch:
        """The plain batch of the rows numbered `rows` [B]."""
        return collate(
            [self.encoded[i] for i in rows],
            None if self.labels is None else self.labels[rows],
            None if self.nouns is None else [self.nouns[i] for i in rows],
        )

    def state_dict(self) -> dict[str, int]:
        return {"epoch": self.epoch, "position": self.position, **self._identity()}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Goes on exactly where `state` was taken. Raises UserError where data or batch size are others."""
        for name, value in self._identity().items():
            if state[name] != value:
                raise UserError(f"cannot resume: {name} was {state[name]}, is {value} now; resume with the same data")
        self.epoch, self.position = state["epoch"], state["position"]
        self._plan = self._order(self.epoch)

    def _identity(self) -> dict[str, int]:
        return {"rows": len(self.encoded), "batch_size": self.batch_size, "seed": self.seed, "world": self.world}

    def _make(self, rows: np.ndarray, key: tuple[int, int, int]) -> Batch:
        if self.transform is None:
            return self.collate(rows)
        return self.transform(rows, np.random.default_rng(key))

    def _order(self, epoch: int) -> list[np.ndarray]:
        """The row numbers of each batch of an epoch, all processes together."""
        rows = np.arange(len(self.encoded))
        if not self.shuffle:
            return _pieces(rows, self.batch_size)
        rng = np.random.default_rng((self.seed, epoch))
        pools = _pieces(rng.permutation(rows), self.pool * self.batch_size)
        by_length = (pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools)
        batches = [batch for pool in by_length for batch in _pieces(pool, self.batch_size)]
        return [batches[i] for i in rng.permutation(len(batches))]


def _pieces(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _cut(row: Sequence[int], max_length: int | None) -> Sequence[int]:
    return row if max_length is None or len(row) <= max_length else [*row[: max_length - 1], EOS]
