"""N-grams as sorted integers, found for every place of a batch at once; a language model over them.

The n-gram w1 ... wn is the number w1 V^(n-1) + ... + wn in a table of its order. No network, no gradients.
Axes: N sentences, T tokens, V words, F n-grams of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
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
        self.nats = nn.ParameterList(fixed(torch.zeros(size + 1)) for size in sizes)  # log p(last word | others)
        self.back = nn.ParameterList(fixed(torch.zeros(size + 1)) for size in sizes)  # log weight of backing off

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


def fixed(values: Tensor) -> nn.Parameter:
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
