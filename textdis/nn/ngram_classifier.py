"""A linear classifier of n-grams, and of numbers of the whole sentence where there are any.

Axes: N sentences, T tokens, F n-grams of a table, D numbers of the whole, S classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.nn.ngrams import Table, count, fixed, ngrams

SPREAD = 1e-4  # least deviation of a number that stands beside the n-grams


class NgramClassifier(nn.Module):
    """A linear classifier of n-grams whose verdict is a sum over words: an n-gram's weight is shared by its words.

    sizes: n-grams of each order, 1 ... order. beside: numbers of the whole that have weights too.
    """

    def __init__(self, vocabulary: int, classes: int, sizes: Sequence[int], beside: int = 0):
        super().__init__()
        self.vocabulary = vocabulary
        self.tables: Any = nn.ModuleList(Table(torch.zeros(size, dtype=torch.int64)) for size in sizes)
        self.weights = nn.ParameterList(fixed(torch.zeros(size + 1, classes)) for size in sizes)  # last row: 0
        self.bias = fixed(torch.zeros(classes))
        self.beside = fixed(torch.zeros(beside, classes)) if beside else None

    @property
    def sizes(self) -> list[int]:
        return [len(weights) - 1 for weights in self.weights]

    def renumber(self, vocabulary: int) -> None:
        """Gives its n-grams the numbers that they have in a larger vocabulary, which begins with the same words."""
        for n, table in enumerate(self.tables):
            words = [table.keys // self.vocabulary**k % self.vocabulary for k in range(n + 1)]  # the last one first
            table.keys = torch.stack([word * vocabulary**k for k, word in enumerate(words)]).sum(0)
        self.vocabulary = vocabulary

    def forward(self, tokens: Tensor) -> Tensor:
        """What each word adds to the logits. [N, T] -> [N, T, S]; logits are `bias` and their sum."""
        total = torch.zeros(*tokens.shape, len(self.bias), device=tokens.device)
        for n, keys in enumerate(ngrams(tokens, self.vocabulary, len(self.tables))):
            share = self.weights[n][self.tables[n].find(keys)] / (n + 1)
            for k in range(n + 1):  # the n-gram that ends at t belongs to the words t - n ... t
                total[:, : tokens.shape[1] - k] += share[:, k:]
        return total

    def classify(self, tokens: Tensor, beside: Tensor | None = None) -> Tensor:
        """Log-probabilities of the classes. [N, T], numbers of the whole [N, D] -> [N, S]"""
        logits = self.bias + self(tokens).sum(1)
        if self.beside is not None and beside is not None:
            logits = logits + beside @ self.beside
        return logits.log_softmax(-1)

    @classmethod
    def fit(
        cls,
        tokens: Tensor,
        labels: Tensor,
        vocabulary: int,
        order: int,
        *,
        beside: Tensor | None = None,
        least: int = 5,
        decay: float = 1e-5,
    ) -> Self:
        """Logistic regression on how often each n-gram seen `least` times or more stands in each of `tokens` [N, T].

        beside: numbers of each sentence that join them [N, D], each brought to mean 0 and deviation 1 meanwhile. decay:
        of the mean loss, times the sum of squared weights. L-BFGS, 60 rounds at most.
        """
        whole = torch.zeros(len(tokens), 0) if beside is None else beside
        mean = whole.mean(0)
        spread = (whole - mean).square().mean(0).sqrt() + SPREAD
        counts = count(tokens, vocabulary, order)
        sizes = [int((times >= least).sum()) for _, times in counts]
        model = cls(vocabulary, int(labels.max()) + 1, sizes, whole.shape[1])
        for table, (keys, times) in zip(model.tables, counts, strict=True):
            table.keys = keys[times >= least]
        sentences, features = model._incidence(tokens)
        weights, share, bias = _logistic(sentences, features, sum(sizes), (whole - mean) / spread, labels, decay)
        share = share / spread[:, None]
        model.bias.data = bias - mean @ share
        if model.beside is not None:
            model.beside.data = share
        for own, part in zip(model.weights, weights.split(sizes), strict=True):
            own.data[:-1] = part
        return model

    def _incidence(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Which n-grams stand in which sentences: two lists of equal length, sentences and n-grams (all orders')."""
        rows, columns, offset = [], [], 0
        for keys, table in zip(ngrams(tokens, self.vocabulary, len(self.tables)), self.tables, strict=True):
            place = table.find(keys)
            row, column = (place < len(table.keys)).nonzero(as_tuple=True)
            rows.append(row)
            columns.append(place[row, column] + offset)
            offset += len(table.keys)
        return torch.cat(rows), torch.cat(columns)


class _Sums:
    """x [F, S] -> [N, S]: for each of N rows the sum of those rows of x that its links name."""

    def __init__(self, rows: Tensor, columns: Tensor, size: int):
        order = rows.argsort(stable=True)
        self.columns = columns[order]
        self.starts = torch.searchsorted(rows[order], torch.arange(size))

    def __call__(self, x: Tensor) -> Tensor:
        return F.embedding_bag(self.columns, x, self.starts, mode="sum")


def _logistic(
    sentences: Tensor, features: Tensor, size: int, whole: Tensor, labels: Tensor, decay: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Weights [F, S], of `whole` [D, S], and bias [S]: which of F = `size` features stand in which sentences."""
    classes = F.one_hot(labels).float()
    weights, beside = torch.zeros(size, classes.shape[1]), torch.zeros(whole.shape[1], classes.shape[1])
    bias = torch.zeros(classes.shape[1])
    forward, backward = _Sums(sentences, features, len(labels)), _Sums(features, sentences, size)
    optimiser = torch.optim.LBFGS([weights, beside, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        logits = forward(weights) + whole @ beside + bias
        wrong = (logits.softmax(-1) - classes) / len(labels)
        weights.grad, beside.grad, bias.grad = backward(wrong) + 2 * decay * weights, whole.T @ wrong, wrong.sum(0)
        return F.cross_entropy(logits, labels) + decay * weights.square().sum()

    optimiser.step(loss)
    return weights, beside, bias
