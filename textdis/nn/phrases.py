"""Phrases of each style with the words that were seen beside them, to be looked up by these words.

Axes: P phrases, E pairs of a phrase and a neighbour, K styles, V words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Span = tuple[int, ...]
WIDEST = 4  # words of a phrase
FITTING = 80  # phrases that one place is offered


class Place(NamedTuple):
    """A phrase where it stood."""

    span: Span
    style: int
    before: int
    behind: int


class Neighbours(nn.Module):
    """How often each of P phrases stood beside each neighbour: sorted keys neighbour * P + phrase [E], counts [E]."""

    keys: Tensor
    counts: Tensor

    def __init__(self, phrases: int, pairs: int):
        super().__init__()
        self.phrases = phrases
        self.register_buffer("keys", torch.zeros(pairs, dtype=torch.int64))
        self.register_buffer("counts", torch.zeros(pairs, dtype=torch.int32))

    def of(self, neighbour: int) -> dict[int, int]:
        """Phrase -> how often it stood there."""
        ends = torch.tensor([neighbour, neighbour + 1], device=self.keys.device) * self.phrases
        start, end = torch.searchsorted(self.keys, ends).tolist()
        found = (self.keys[start:end] - neighbour * self.phrases).tolist()
        return dict(zip(found, self.counts[start:end].tolist(), strict=True))

    @classmethod
    def count(cls, phrases: int, pairs: Iterable[tuple[int, int]]) -> Self:
        """From pairs (neighbour, phrase)."""
        found = Counter(neighbour * phrases + phrase for neighbour, phrase in pairs)
        keys = sorted(found)
        table = cls(phrases, len(keys))
        table.keys = torch.tensor(keys, dtype=torch.int64)
        table.counts = torch.tensor([found[key] for key in keys], dtype=torch.int32)
        return table


class Phrases(nn.Module):
    """`between(before, behind, style)`: the phrases of a style that can stand there, with how well they do.

    `kinds` [V] sorts words into kinds (parts of speech); where too few phrases were seen between the two words
    themselves, those seen between words of their kinds are added.
    """

    words: Tensor
    seen: Tensor

    def __init__(self, phrases: int, styles: int, sizes: Sequence[int]):
        super().__init__()
        self.styles = styles
        self.register_buffer("words", torch.zeros(phrases, WIDEST, dtype=torch.int64))  # padded with 0
        self.register_buffer("seen", torch.zeros(phrases, dtype=torch.int32))
        self.before, self.behind, self.kind_before, self.kind_behind = (Neighbours(phrases, size) for size in sizes)
        self._remember()

    @property
    def sizes(self) -> list[int]:
        return [len(table.keys) for table in (self.before, self.behind, self.kind_before, self.kind_behind)]

    def _remember(self) -> None:
        self.spans: list[Span] = [tuple(i for i in row if i) for row in self.words.tolist()]
        self._times: list[int] = self.seen.tolist()
        self._beside = lru_cache(20_000)(self._of)
        self.between = lru_cache(50_000)(self._between)

    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self._remember()

    @classmethod
    def fit(cls, places: Sequence[Place], kind: Sequence[int], styles: int, *, least: int) -> Self:
        """From where phrases stood; those that a style has less than `least` times are left out."""
        times = Counter((place.style, place.span) for place in places)
        number = {found: i for i, found in enumerate(f for f, n in times.items() if n >= least)}
        known = [(number[place.style, place.span], place) for place in places if (place.style, place.span) in number]
        sides = [(p.before, p.behind, kind[p.before], kind[p.behind]) for _, p in known]
        tables = [
            Neighbours.count(len(number), ((w * styles + p.style, i) for (i, p), w in zip(known, side, strict=True)))
            for side in zip(*sides, strict=True)
        ]
        model = cls(len(number), styles, [len(table.keys) for table in tables])
        model.before, model.behind, model.kind_before, model.kind_behind = tables
        rows = [[*span, *[0] * (WIDEST - len(span))] for _, span in number]
        model.words = torch.tensor(rows, dtype=torch.int64).view(-1, WIDEST)
        model.seen = torch.tensor([times[found] for found in number], dtype=torch.int32)
        model._remember()
        return model

    def _of(self, table: str, neighbour: int) -> dict[int, int]:
        return getattr(self, table).of(neighbour)

    def _between(self, words: tuple[int, int], kinds: tuple[int, int], style: int) -> tuple[list[int], list[float]]:
        """Numbers of the phrases of `style` between `words`, or words of `kinds`, and log weights of the two."""
        exact = self._joint("before", "behind", words, style)
        found = dict(sorted(exact.items(), key=lambda item: -item[1])[:FITTING])
        if len(found) < FITTING // 4:
            loose = self._joint("kind_before", "kind_behind", kinds, style)
            for phrase, weight in sorted(loose.items(), key=lambda item: -item[1])[: FITTING // 2]:
                found.setdefault(phrase, 0.01 * weight)
        return list(found), torch.tensor(list(found.values())).log().tolist()

    def _joint(self, before: str, behind: str, places: tuple[int, int], style: int) -> dict[int, float]:
        """Expected count of a phrase between two neighbours, taken as independent given the phrase."""
        left = self._beside(before, places[0] * self.styles + style)
        right, seen = self._beside(behind, places[1] * self.styles + style), self._times
        return {phrase: n * right[phrase] / seen[phrase] for phrase, n in left.items() if phrase in right}


class Facts:
    """What the search asks of words and phrases one by one: lists, as tensors are slow at that."""

    def __init__(
        self,
        kind: Tensor,
        hold: Tensor,
        light: Tensor,
        noun: Tensor,
        open: Tensor,
        content: Tensor,
        vectors: Tensor,
        phrases: Phrases,
    ):
        self.kind, self.hold, self.light = kind.tolist(), hold.tolist(), light.tolist()
        self.noun, self.open, self.content = noun.tolist(), open.tolist(), content.tolist()
        self.vectors, self.phrases = vectors, phrases
        self.ends = [(self.kind[span[0]], self.kind[span[-1]]) for span in phrases.spans]
        self.directions = F.normalize(vectors[phrases.words].sum(1), dim=-1)  # of phrases [P, E]; padding is 0

    def between(self, before: int, behind: int, style: int) -> tuple[list[int], list[float]]:
        """Numbers of the phrases of `style` that fit there, and how well."""
        return self.phrases.between((before, behind), (self.kind[before], self.kind[behind]), style)

    def near(self, removed: Span, numbers: list[int]) -> list[float]:
        """Cosine of each phrase's vector and that of the removed words."""
        direction = F.normalize(self.vectors[list(removed)].sum(0), dim=-1)
        return (self.directions[numbers] @ direction).tolist()

    def alike(self, removed: Span, number: int) -> int:
        """How many ends of a phrase are of the kind of that end of the removed words."""
        first, last = self.ends[number]
        return (self.kind[removed[0]] == first) + (self.kind[removed[-1]] == last)
