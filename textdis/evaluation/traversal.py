"""What a traversal does to text, as curves over its budget, beside simpler moves of the same length.

First comes what the codes hold at all: the sentence that is said from a code that nobody moved. It bounds the rest.
Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
import torch

from textdis.evaluation.evaluate import evaluate_transfer
from textdis.evaluation.made_codes import mean_difference, random_direction
from textdis.evaluation.protocols import StyleJudge
from textdis.evaluation.scores import StyleAndFluency
from textdis.evaluation.sources import Sources
from textdis.metrics.text import self_bleu
from textdis.systems.mmd_traversal import traverse

BUDGETS = (0.0, 2e-5, 7e-5, 1e-4, 1.5e-4, 2e-4, 3e-4, 5e-4, 1e-3, 1e-2)
BINS = ((1, 4), (5, 7), (8, 10), (11, 15), (16, 20))  # words of a sentence
EXAMPLES = 90  # of each label, as in the paper
Row = dict[str, Any]


class Codec(Protocol):
    """Sentences to codes and back (`pipelines.codes.Codes`)."""

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...
    def say(self, codes: np.ndarray) -> list[str]: ...


@dataclass(frozen=True)
class Topics:
    """What else a moved sentence should keep."""

    judge: StyleJudge
    labels: Sequence[int]  # of the N sentences

    def kept(self, texts: Sequence[str]) -> float:
        """Share of the texts [N] whose topic, as judged, is that of the sentence; an empty one has none."""
        judged = self.judge.probabilities(texts).argmax(-1)
        return float(np.mean([bool(t.split()) and j == k for t, j, k in zip(texts, judged, self.labels, strict=True)]))


def reconstruction(texts: Sequence[str], said: Sequence[str], bins: Sequence[tuple[int, int]] = BINS) -> list[Row]:
    """Of sentences of so many words: how many, the share that is said again exactly, and BLEU against themselves."""
    words = np.array([len(text.split()) for text in texts])
    rows = []
    for low, high in bins:
        own = np.flatnonzero((words >= low) & (words <= high)).tolist()
        if own:
            pairs = [said[i] for i in own], [texts[i] for i in own]
            exact = float(np.mean([a == b for a, b in zip(*pairs, strict=True)]))
            rows.append({"words": f"{low}-{high}", "sentences": len(own), "exact": exact} | self_bleu(*pairs))
    return rows


def draw_examples(pools: Sequence[Sequence[str]], seed: int, count: int = EXAMPLES) -> list[str]:
    """`count` sentences, as many of each pool (topic), without repetition."""
    rng = np.random.default_rng(seed)
    each = [count // len(pools) + (i < count % len(pools)) for i in range(len(pools))]
    drawn = [
        rng.permutation(np.array(list(dict.fromkeys(pool)), object))[:n] for pool, n in zip(pools, each, strict=True)
    ]
    return [str(text) for own in drawn for text in own]


def moved_codes(
    codes: np.ndarray,
    labels: Sequence[int],
    examples: Mapping[int, np.ndarray],
    budget: float,
    seed: int,
    nearest: int | None = None,
) -> tuple[dict[str, np.ndarray], Row]:
    """Codes [N, D] moved to the other of two labels in each way, by name; and what the traversal says of itself.

    nearest: of the examples of each label, those that each code uses; then there is no way but the traversal's.
    """
    names = ("mmd", "mean difference", "random") if nearest is None else ("mmd, nearest",)
    ways: dict[str, np.ndarray] = {name: codes.copy() for name in names}
    notes: dict[str, list[float]] = {"length": [], "converged": [], "bandwidth": []}
    for label in (0, 1):
        rows = np.flatnonzero(np.asarray(labels) == label)
        z, x, y = (torch.from_numpy(part).double() for part in (codes[rows], examples[label], examples[1 - label]))
        found = traverse(z, x, y, budget=budget, nearest=nearest)
        others = mean_difference(z, x, y, found.lengths), random_direction(z, found.lengths, seed)
        for moved, after in zip(ways.values(), (found.codes, *others), strict=False):
            moved[rows] = after.numpy()
        notes["length"] += found.lengths.tolist()
        notes["converged"] += [status == "converged" for status in found.status]
        notes["bandwidth"] += found.bandwidth.tolist()
    return ways, {name: float(np.mean(values)) for name, values in notes.items()}


def curves(
    codec: Codec,
    data: Sources,
    examples: Mapping[int, Sequence[str]],
    judges: StyleAndFluency,
    *,
    topics: Topics | None = None,
    many: Mapping[int, Sequence[str]] | None = None,
    budgets: Sequence[float] = BUDGETS,
    seed: int = 0,
) -> Iterator[tuple[Row, list[str]]]:
    """Scores and outputs of a copy, of the codes as they are, and of each budget and way of moving.

    examples: sentences of each label, 0 and 1, that the model was trained on or not. many: more of them, of which
    each sentence then uses the EXAMPLES nearest to it. The label that a sentence has is taken as known.
    """
    codes = codec.encode(data.texts)
    sets = [(examples, None)] if many is None else [(examples, None), (many, EXAMPLES)]
    known = [({label: codec.encode(texts) for label, texts in own.items()}, nearest) for own, nearest in sets]

    def scored(way: str, texts: list[str], **notes: Any) -> tuple[Row, list[str]]:
        kept = {} if topics is None else {"topic": topics.kept(texts)}
        return {"way": way, **notes, **evaluate_transfer(texts, data, judges), **kept}, texts

    yield scored("copy", list(data.texts))
    yield scored("reconstruction", codec.say(codes))
    for budget, (own, nearest) in product(budgets, known):
        ways, notes = moved_codes(codes, data.labels, own, budget, seed, nearest)
        for way, moved in ways.items():
            yield scored(way, codec.say(moved), budget=budget, **notes)
