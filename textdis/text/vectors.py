"""Word vectors to start from: read from a word2vec or GloVe text file, or made from sentences by counting.

Axes: V ids of a vocabulary, W words that got a vector, E numbers of a vector.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from textdis.core.batch import UNK
from textdis.core.errors import UserError
from textdis.text.tokenizer import Tokenizer


def read_vectors(path: str | Path, tokenizer: Tokenizer, size: int) -> tuple[Tensor, Tensor]:
    """The vectors of the tokenizer's words: (ids [W], vectors [W, E]). A line is `word x1 ... xE`.

    A first line `words numbers`, as word2vec writes it, may be there or not; .gz is unpacked. A word that stands twice
    keeps its first vector. Raises UserError: unreadable, a line of other than `size` numbers, no word known.
    """
    found: dict[int, np.ndarray] = {}
    for number, line in _lines(Path(path)):
        word, *numbers = line.rstrip().split(" ")
        if number == 1 and len(numbers) == 1:
            continue
        ids = tokenizer.encode(word)[1:-1]
        if len(ids) == 1 and ids[0] > UNK:
            found.setdefault(ids[0], _vector(numbers, size, f"{path}, line {number}"))
    if not found:
        raise UserError(
            f"{path}: holds none of the {tokenizer.size:,} words of the vocabulary; is it of this language?"
        )
    return torch.tensor(list(found)), torch.from_numpy(np.stack(list(found.values())))


def _vector(numbers: Sequence[str], size: int, where: str) -> np.ndarray:
    if len(numbers) != size:
        raise UserError(f"{where}: {len(numbers)} numbers, not {size}; give vectors of as many as the model has")
    try:
        vector = np.array(numbers, np.float32)
    except ValueError as error:
        raise UserError(f"{where}: {error}; a line is a word and its numbers, with one blank between") from None
    if not np.isfinite(vector).all():
        raise UserError(f"{where}: a number is not finite")
    return vector


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines. Raises UserError: no such file, not text."""
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield number, line
    except UnicodeDecodeError:
        what = "not UTF-8; is it word2vec's binary format? save it as text"
        raise UserError(f"{path}, line {number + 1}: {what}") from None
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: cannot be read ({error})") from None


def ppmi_vectors(
    encoded: Sequence[Sequence[int]], vocabulary: int, size: int, *, window: int = 4, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Vectors of the words of `encoded` (rows of ids): (ids [W], vectors [W, E]).

    Levy and Goldberg (2014), "Neural Word Embedding as Implicit Matrix Factorization": the positive pointwise mutual
    information of words at most `window` apart, near ones counting more (1 / distance), and its singular vectors times
    the roots of the singular values. Raises UserError: fewer words than `size` numbers.
    """
    pairs, weights = _pairs(encoded, vocabulary, window)
    ids, place = np.unique(pairs, return_inverse=True)
    if len(ids) < size:
        raise UserError(
            f"{len(ids)} words cannot have vectors of {size} numbers; give more sentences, or shorter vectors"
        )
    rows, columns = places = place.reshape(pairs.shape)
    sums = np.bincount(rows, weights)  # [W]
    information = np.log(weights * sums.sum() / (sums[rows] * sums[columns])).clip(min=0.0)
    values, shape = torch.from_numpy(information).float(), (len(ids), len(ids))
    matrix = torch.sparse_coo_tensor(torch.from_numpy(places), values, shape, check_invariants=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        left, roots, _ = torch.svd_lowrank(matrix, q=size, niter=4)
    return torch.from_numpy(ids), left * roots.sqrt()


def _pairs(encoded: Sequence[Sequence[int]], vocabulary: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Which words stand together, in both orders [2, N], and how much each pair counts [N]; each pair once."""
    flat = np.fromiter(chain.from_iterable(encoded), np.int64)
    sentence = np.repeat(np.arange(len(encoded)), [len(row) for row in encoded])
    keys, weights = [], []
    for distance in range(1, window + 1):
        same = (sentence[:-distance] == sentence[distance:]) & (flat[:-distance] > UNK) & (flat[distance:] > UNK)
        first, second = flat[:-distance][same], flat[distance:][same]
        keys += [first * vocabulary + second, second * vocabulary + first]
        weights.append(np.full(2 * len(first), 1 / distance))
    distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
    return np.stack(np.divmod(distinct, vocabulary)), np.bincount(place, np.concatenate(weights))
