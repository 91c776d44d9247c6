"""N-grams as sorted integers, found for every place of a batch at once; a language model and a classifier over them.

The n-gram w1 ... wn is the number w1 V^(n-1) + ... + wn in a table of its order. No network, no gradients.
Axes: N sentences, T tokens, V words, F n-grams of a table, S classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from textdis.core.batch import BOS, PAD

NONE = -1  # of a place where no n-gram of the order ends


def ngrams(tokens: Tensor, vocabulary: int, order: int) -> list[Tensor]:
    """For n = 1 ... order: the number of the n-gram that ends at each place, else NONE. tokens [N, T] -> each [N, T]

    Raises ValueError where such numbers would not fit into 63 bits.
    """
    if vocabulary**order >= 2**63:
        raise ValueError(f"{vocabulary} words are too many for n-grams of {order}; lower the order")
    found = [tokens.masked_fill(tokens == PAD, NONE)]
    for _ in range(1, order):
        before = torch.full_like(tokens, NONE)
        before[:, 1:] = found[-1][:, :-1]
        whole = (before != NONE) & (tokens != PAD)
        found.append(torch.where(whole, before * vocabulary + tokens, NONE))
    return found


def count(tokens: Tensor, vocabulary: int, order: int) -> list[tuple[Tensor, Tensor]]:
    """For n = 1 ... order: the n-grams of `tokens` [N, T], sorted [F], and how often each stands there [F]."""
    found = ngrams(tokens, vocabulary, order)
    return [torch.unique(keys[keys != NONE], return_counts=True) for keys in found]


class Table(nn.Module):
    """Sorted numbers [F]; `find` gives their places, and F for what is not there."""

    keys: Tensor

    def __init__(self, keys: Tensor):
        super().__init__()
        self.register_buffer("keys", keys)

    def find(self, queries: Tensor) -> Tensor:
        """int64 of any shape -> places, same shape."""
        size = len(self.keys)
        if not size:
            return torch.zeros_like(queries)
        place = torch.searchsorted(self.keys, queries).clamp(max=size - 1)
        return torch.where(self.keys[place] == queries, place, size)


class NgramLM(nn.Module):
    """Interpolated Kneser-Ney (Chen and Goodman, 1999, section 3), one discount an order, as tables to back off in.

    sizes: n-grams of each order, 1 ... order. Those above the second order that were seen less than `least` times
    are left out after the fit and backed off from, so that probabilities then sum to slightly less than 1.
    """

    def __init__(self, vocabulary: int, sizes: Sequence[int]):
        super().__init__()
        self.vocabulary = vocabulary
        self.tables: Any = nn.ModuleList(Table(torch.zeros(size, dtype=torch.int64)) for size in sizes)
        # the last row is that of all n-grams which are not there
        self.nats = nn.ParameterList(_fixed(torch.zeros(size + 1)) for size in sizes)  # log p(last word | others)
        self.back = nn.ParameterList(_fixed(torch.zeros(size + 1)) for size in sizes)  # log weight of backing off

    @property
    def sizes(self) -> list[int]:
        return [len(nats) - 1 for nats in self.nats]

    def forward(self, tokens: Tensor) -> Tensor:
        """log p(token | those before it in the sentence) in nats; 0 for `<s>` and padding. [N, T] -> [N, T]"""
        nats = torch.zeros(tokens.shape, device=tokens.device)
        weight = nats  # log weight with which the history of the order before backs off
        for n, keys in enumerate(ngrams(tokens, self.vocabulary, len(self.tables))):
            place = self.tables[n].find(keys)
            nats = torch.where(place < self.sizes[n], self.nats[n][place], nats + weight)
            weight = torch.zeros_like(nats)
            weight[:, 1:] = self.back[n][place[:, :-1]]
        spoken = tokens != PAD
        spoken[:, 0] = False
        return nats * spoken

    @classmethod
    def fit(cls, tokens: Tensor, vocabulary: int, order: int, *, least: int = 1) -> Self:
        """From sentences `tokens` [N, T], rows `<s> ... </s> <pad> ...`."""
        raw = count(tokens, vocabulary, order)
        raw[0] = (torch.arange(vocabulary), torch.bincount(tokens.flatten(), minlength=vocabulary))
        raw[0][1][: BOS + 1] = 0  # neither padding nor `<s>` is ever said
        nats, back = [_unigrams(_continued(raw, 1, vocabulary), vocabulary)], []
        for n in range(2, order + 1):
            (shorter, _), (keys, _) = raw[n - 2 : n]
            suffix = torch.searchsorted(shorter, keys % vocabulary ** (n - 1))
            history = torch.searchsorted(shorter, keys // vocabulary)
            own, left = _discounted(_continued(raw, n, vocabulary), history, len(shorter))
            nats.append((own + left[history] * nats[-1].exp()[suffix]).log())
            back.append(left.log().clamp(min=-99.0))
        back.append(torch.zeros_like(nats[-1]))
        kept = [counts >= (least if n > 2 else 0) for n, (_, counts) in enumerate(raw, 1)]
        model = cls(vocabulary, [int(mask.sum()) for mask in kept])
        for n, mask in enumerate(kept):
            model.tables[n].keys = raw[n][0][mask]
            model.nats[n].data[:-1], model.back[n].data[:-1] = nats[n][mask], back[n][mask]
        return model


def _fixed(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


def _continued(raw: Sequence[tuple[Tensor, Tensor]], n: int, vocabulary: int) -> Tensor:
    """How many different words stand before each n-gram; how often it was seen, where nothing can stand before."""
    keys, counts = raw[n - 1]
    if n == len(raw):
        return counts.float()
    suffixes = torch.searchsorted(keys, raw[n][0] % vocabulary**n)
    before = torch.bincount(suffixes, minlength=len(keys))
    first = keys // vocabulary ** (n - 1) == BOS
    return torch.where(first, counts, before).float()


def _unigrams(counts: Tensor, vocabulary: int) -> Tensor:
    """log p of each word [V]; what is discounted is shared by all but padding and `<s>`."""
    discount = _discount(counts)
    left = torch.full((vocabulary,), discount * int((counts > 0).sum()) / (vocabulary - BOS - 1))
    left[: BOS + 1] = 0.0
    return (((counts - discount).clamp(min=0.0) + left) / counts.sum()).clamp(min=1e-30).log()


def _discounted(counts: Tensor, history: Tensor, histories: int) -> tuple[Tensor, Tensor]:
    """Discounted probability of each n-gram [F] given its history [F], and what each history keeps back [H]."""
    total = torch.zeros(histories).index_add_(0, history, counts)
    kinds = torch.bincount(history[counts > 0], minlength=histories)
    discount = _discount(counts)
    left = torch.where(total > 0, discount * kinds / total.clamp(min=1.0), 1.0)
    return (counts - discount).clamp(min=0.0) / total[history].clamp(min=1.0), left


def _discount(counts: Tensor) -> float:
    """n1 / (n1 + 2 n2), of the n-grams seen once and twice; 0.5 where none was seen once."""
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    return once / (once + 2 * twice) if once else 0.5


class NgramClassifier(nn.Module):
    """A linear classifier of n-grams whose verdict is a sum over words: an n-gram's weight is shared by its words.

    sizes: n-grams of each order, 1 ... order.
    """

    def __init__(self, vocabulary: int, classes: int, sizes: Sequence[int]):
        super().__init__()
        self.vocabulary = vocabulary
        self.tables: Any = nn.ModuleList(Table(torch.zeros(size, dtype=torch.int64)) for size in sizes)
        self.weights = nn.ParameterList(_fixed(torch.zeros(size + 1, classes)) for size in sizes)  # last row: 0
        self.bias = _fixed(torch.zeros(classes))

    @property
    def sizes(self) -> list[int]:
        return [len(weights) - 1 for weights in self.weights]

    def forward(self, tokens: Tensor) -> Tensor:
        """What each word adds to the logits. [N, T] -> [N, T, S]; logits are `bias` and their sum."""
        total = torch.zeros(*tokens.shape, len(self.bias), device=tokens.device)
        for n, keys in enumerate(ngrams(tokens, self.vocabulary, len(self.tables))):
            share = self.weights[n][self.tables[n].find(keys)] / (n + 1)
            for k in range(n + 1):  # the n-gram that ends at t belongs to the words t - n ... t
                total[:, : tokens.shape[1] - k] += share[:, k:]
        return total

    def classify(self, tokens: Tensor) -> Tensor:
        """Log-probabilities of the classes. [N, T] -> [N, S]"""
        return (self.bias + self(tokens).sum(1)).log_softmax(-1)

    @classmethod
    def fit(
        cls, tokens: Tensor, labels: Tensor, vocabulary: int, order: int, *, least: int = 5, decay: float = 1e-5
    ) -> Self:
        """Logistic regression on how often each n-gram seen `least` times or more stands in each of `tokens` [N, T].

        decay: of the mean loss, times the sum of squared weights. L-BFGS, 60 rounds at most.
        """
        counts = count(tokens, vocabulary, order)
        sizes = [int((times >= least).sum()) for _, times in counts]
        model = cls(vocabulary, int(labels.max()) + 1, sizes)
        for table, (keys, times) in zip(model.tables, counts, strict=True):
            table.keys = keys[times >= least]
        weights, model.bias.data = _logistic(*model._incidence(tokens), sum(sizes), labels, decay)
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


def _logistic(sentences: Tensor, features: Tensor, size: int, labels: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Weights [F, S] and bias [S] of a regression on which of F = `size` features stand in which sentences."""
    classes = F.one_hot(labels).float()
    weights, bias = torch.zeros(size, classes.shape[1]), torch.zeros(classes.shape[1])
    forward, backward = _Sums(sentences, features, len(labels)), _Sums(features, sentences, size)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        logits = forward(weights) + bias
        wrong = (logits.softmax(-1) - classes) / len(labels)
        weights.grad, bias.grad = backward(wrong) + 2 * decay * weights, wrong.sum(0)
        return F.cross_entropy(logits, labels) + decay * weights.square().sum()

    optimiser.step(loss)
    return weights, bias
