"""Corruption that changes how a sentence says it, and leaves what it says.

A denoising model is only as good as its noise. `MarkerSwap` finds the spans that carry a style by their
salience (Li et al., 2018, eq. 1) and puts spans of another style in their place that were seen in the
same surroundings. The corrupted sentence looks like the other style; the true one is what a model shall
say: the target side is always real text. All on ids, as the corpus is encoded once.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from textdis.core.batch import BOS, EOS, PairBatch
from textdis.text.corpus import collate

Span = tuple[int, ...]
WIDEST = 3  # words of the longest marker: longer ones are mostly content


@dataclass(frozen=True)
class Markers:
    """The spans that carry each style, and where they were seen."""

    salience: list[dict[Span, float]]  # one a style: how many times likelier the span is there than elsewhere
    left: list[dict[int, Counter[Span]]] = field(repr=False)  # one a style: word before -> spans
    right: list[dict[int, Counter[Span]]] = field(repr=False)  # one a style: word behind -> spans
    seen: list[Counter[Span]] = field(repr=False)  # one a style: how often

    def spans(self, ids: Sequence[int], style: int) -> Iterator[tuple[int, int]]:
        """The markers of `style` in a sentence, widest first where they overlap, as (start, end)."""
        return _scan(ids, self.salience[style])


def find_markers(
    encoded: Sequence[Sequence[int]],
    labels: Sequence[int],
    *,
    protected: frozenset[int] = frozenset(),
    nouns: frozenset[int] = frozenset(),
    threshold: float = 3.0,
    certain: float = 4.0,
) -> Markers:
    """Spans at least `threshold` times likelier in one style than in the others, by `certain` standard errors.

    A wider span counts only if it says more than its parts do ("not good" against "good"). Words in
    `protected` (slots, numbers) are never part of one; `nouns` are only as words of their own that are
    three times as telling ("waste", "gem"), as other nouns are what a sentence is about.
    """
    counts = _count(encoded, labels, protected)
    totals = np.bincount(np.asarray(labels)).astype(float)
    salience = [_salient(style, counts, totals, threshold, certain, nouns) for style in range(len(totals))]
    left: list[dict[int, Counter[Span]]] = [defaultdict(Counter) for _ in totals]
    right: list[dict[int, Counter[Span]]] = [defaultdict(Counter) for _ in totals]
    seen: list[Counter[Span]] = [Counter() for _ in totals]
    for ids, style in zip(encoded, labels, strict=True):
        for start, end in _scan(ids, salience[style]):
            span = tuple(ids[start:end])
            left[style][ids[start - 1]][span] += 1
            right[style][ids[end]][span] += 1
            seen[style][span] += 1
    return Markers(salience, left, right, seen)


def _count(encoded: Sequence[Sequence[int]], labels: Sequence[int], protected: frozenset[int]) -> list[Counter[Span]]:
    counts: list[Counter[Span]] = [Counter() for _ in range(max(labels) + 1)]
    barred = protected | {BOS, EOS}
    for ids, style in zip(encoded, labels, strict=True):
        for n in range(1, WIDEST + 1):
            counts[style].update(zip(*(ids[k:] for k in range(n)), strict=False))
    for counter in counts:
        for span in [s for s, c in counter.items() if c < 3 or barred.intersection(s)]:
            del counter[span]
    return counts


def _salient(
    style: int, counts: list[Counter[Span]], totals: np.ndarray, threshold: float, certain: float, nouns: frozenset[int]
) -> dict[Span, float]:
    others = totals.sum() - totals[style]

    def salience(span: Span) -> tuple[float, float]:
        """How many times likelier here than elsewhere, and the logarithm of that in standard errors."""
        here, elsewhere = counts[style][span] + 1, sum(c[span] for k, c in enumerate(counts) if k != style) + 1
        ratio = here / totals[style] / (elsewhere / others)
        return ratio, math.log(ratio) / (1 / here + 1 / elsewhere) ** 0.5

    found: dict[Span, float] = {}
    for span in sorted(counts[style], key=len):
        own, errors = salience(span)
        bar = threshold if nouns.isdisjoint(span) else 3 * threshold if len(span) == 1 else float("inf")
        if own < bar or errors < certain:
            continue
        if own > 2 * max((salience(p)[0] for p in (span[1:], span[:-1]) if p), default=0.0):
            found[span] = own
    return found


def _scan(ids: Sequence[int], markers: dict[Span, float]) -> Iterator[tuple[int, int]]:
    at, end = 1, len(ids) - 1  # between <s> and </s>
    while at < end:
        for n in range(min(WIDEST, end - at), 0, -1):
            if tuple(ids[at : at + n]) in markers:
                yield at, at + n
                at += n
                break
        else:
            at += 1


class MarkerSwap:
    """Builds denoising pairs: rows of the corpus as targets, corrupted ones as sources.

    Of the sentences with a marker a share `swap` has each replaced by one of another style (the source's
    label says which) and a share `drop` loses them; all others stay as they are, under their own label.
    In a share `veil` of all pairs a noun becomes a slot on both sides, as an unknown word would.
    rewritten: for each row, sources (ids, style) that some model made of it; one is drawn in place of the corruption.
    A share `empty` of the sources has no word at all, where the target has no slot, which only a source could name; of
    rows for which `rewritten` has nothing a share `alone`, in which others would be corrupted.
    """

    def __init__(
        self,
        encoded: Sequence[Sequence[int]],
        labels: Sequence[int],
        markers: Markers,
        nouns: Sequence[Sequence[int]] | None = None,
        *,
        swap: float = 0.75,
        drop: float = 0.15,
        veil: float = 0.15,
        slots: int = 0,
        empty: float = 0.0,
        alone: float | None = None,
        rewritten: Sequence[Sequence[tuple[list[int], int]]] | None = None,
    ):
        self.encoded, self.labels, self.markers, self.nouns = encoded, labels, markers, nouns
        self.swap, self.drop, self.veil, self.slots = swap, drop, veil, slots
        self.empty, self.rewritten = empty, rewritten
        self.alone = empty if alone is None else alone
        self._fitting = lru_cache(100_000)(self._candidates)

    def __call__(self, indices: Sequence[int], rng: np.random.Generator) -> PairBatch:
        """The pairs of these rows, with fresh noise from `rng`."""
        names = [self._names(i, rng) for i in indices]
        targets = [_renamed(self.encoded[i], own) for i, own in zip(indices, names, strict=True)]
        labels = [int(self.labels[i]) for i in indices]
        nouns = [self.nouns[i] for i in indices] if self.nouns is not None else None
        noisy = [self._source(i, ids, own, rng) for i, ids, own in zip(indices, targets, names, strict=True)]
        source = collate([ids for ids, _ in noisy], [style for _, style in noisy])
        return PairBatch(source, collate(targets, labels, nouns))

    def _source(
        self, row: int, target: list[int], names: dict[int, int], rng: np.random.Generator
    ) -> tuple[list[int], int]:
        """What the target of a row is made from, and the style that has. names: of ids that were renamed in it."""
        style = int(self.labels[row])
        given = self.rewritten[row] if self.rewritten is not None else ()
        share = self.empty if given or self.rewritten is None else self.alone
        if share and rng.random() < share and not any(4 <= i < 4 + self.slots for i in target):
            return [BOS, EOS], self._other(style, rng)
        if not given:
            return self.corrupt(target, style, rng)
        ids, style = given[int(rng.integers(len(given)))]
        return _renamed(ids, names), style

    def corrupt(self, ids: Sequence[int], style: int, rng: np.random.Generator) -> tuple[list[int], int]:
        """A corrupted copy of one sentence, and the style it now looks like."""
        spans, chance = list(self.markers.spans(ids, style)), rng.random()
        if not spans or chance >= self.swap + self.drop:
            return list(ids), style
        other = self._other(style, rng)
        noisy: list[int] = []
        at = 0
        for start, end in spans:
            noisy += ids[at:start]
            if chance < self.swap:
                noisy += self._replacement(noisy[-1], ids[end], other, rng)
            at = end
        noisy += ids[at:]
        return noisy, other

    def _other(self, style: int, rng: np.random.Generator) -> int:
        """A style drawn evenly from those a sentence does not have."""
        other = int(rng.integers(len(self.markers.salience) - 1))
        return other + (other >= style)

    def _replacement(self, before: int, behind: int, style: int, rng: np.random.Generator) -> Span:
        spans, mass = self._fitting(before, behind, style)
        return spans[int(np.searchsorted(mass, rng.random() * mass[-1], side="right"))] if spans else ()

    def _candidates(self, before: int, behind: int, style: int) -> tuple[list[Span], np.ndarray]:
        """Markers of `style` seen between these words (else beside one of them), with cumulated weights."""
        left = self.markers.left[style].get(before, Counter())
        right = self.markers.right[style].get(behind, Counter())
        seen = self.markers.seen[style]
        # p(span | before, behind) where both are independent given the span
        fitting = {span: n * right[span] / seen[span] for span, n in left.items() if span in right}
        best = sorted((fitting or left or right).items(), key=lambda item: -item[1])[:60]
        return [span for span, _ in best], np.cumsum([float(weight) for _, weight in best])

    def _names(self, row: int, rng: np.random.Generator) -> dict[int, int]:
        """Other ids for the slots, turned, and at times a slot for a noun: a name never seen before."""
        if not self.slots:
            return {}
        turn = int(rng.integers(self.slots))
        names = {4 + i: 4 + (i + turn) % self.slots for i in range(self.slots)}
        nouns = self.nouns[row] if self.nouns is not None else ()
        if nouns and rng.random() < self.veil:
            ids = _renamed(self.encoded[row], names)
            hidden = ids[nouns[int(rng.integers(len(nouns)))] + 1]  # `<s>` comes first
            if hidden not in names:
                names[hidden] = next((i for i in range(4, 4 + self.slots) if i not in ids), hidden)
        return names


def _renamed(ids: Sequence[int], names: dict[int, int]) -> list[int]:
    return [names.get(i, i) for i in ids] if names else list(ids)


def noun_words(encoded: Sequence[Sequence[int]], nouns: Sequence[Sequence[int]]) -> frozenset[int]:
    """Words that are nouns in most of the places where they stand."""
    seen: Counter[int] = Counter()
    named: Counter[int] = Counter()
    for ids, places in zip(encoded, nouns, strict=True):
        seen.update(ids)
        named.update(ids[place + 1] for place in places)
    return frozenset(word for word, times in named.items() if times > 0.6 * seen[word])
