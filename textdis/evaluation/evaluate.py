"""Scores of rewritten sentences: one system, or a table of systems beside the baselines that it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from textdis.core.errors import UserError
from textdis.metrics import text as metrics

Scores = dict[str, float]
COPY, HUMAN, SWAP = "copy of the source", "human reference", "lexicon swap"


class StyleAndFluency(Protocol):
    """What is asked of judges (`judges.Judges`)."""

    @property
    def held_out(self) -> dict[str, float]: ...
    def style(self, texts: Sequence[str]) -> dict[str, np.ndarray]: ...
    def perplexity(self, texts: Sequence[str]) -> dict[str, float]: ...


class Swap(Protocol):
    """A baseline that knows the style a sentence has (`baselines.LexiconSwap`)."""

    def __call__(self, texts: Sequence[str], labels: Sequence[int]) -> list[str]: ...


@dataclass(frozen=True)
class Sources:
    """Sentences to rewrite into the other of two styles, all in model text; row i of each field belongs together."""

    texts: Sequence[str]
    labels: Sequence[int]  # the styles they have: 0 or 1
    references: Sequence[str] | Sequence[Sequence[str]] | None = None  # human rewritings
    nouns: Sequence[Sequence[str]] | None = None  # words

    @classmethod
    def from_dataset(cls, split: Any) -> Self:
        """Columns text, label and, where there, `reference` (raw text) of a split, with its nouns tagged."""
        from textdis.text.normalise import normalise
        from textdis.text.nouns import tag_nouns

        texts, references = split["text"][:], None
        if "reference" in split.column_names:
            references = [normalise(line) for line in split["reference"]]
        words = [text.split() for text in texts]
        nouns = [[row[i] for i in found] for row, found in zip(words, tag_nouns(texts), strict=True)]
        return cls(texts, split["label"][:], references, nouns)


def evaluate_transfer(
    outputs: Sequence[str],
    sources: Sequence[str],
    source_labels: Sequence[int],
    references: Sequence[str] | Sequence[Sequence[str]] | None,
    judges: StyleAndFluency,
    nouns: Sequence[Sequence[str]] | None,
) -> Scores:
    """All scores of one system that rewrote `sources` into the other of two styles; everything in model text.

    accuracy_{judge}: share given the other style (an empty output or a tie is a failure); perplexity_ratio: over
    that of real held-out text; geometric_mean: of the first judge's accuracy and self-BLEU, both out of 100;
    without references no ref_bleu, without nouns (None, or none in any sentence) no noun scores.
    Raises UserError: lists of unequal length, no sentence, styles other than 0 and 1.
    """
    _check(outputs, sources, source_labels)
    targets = 1 - np.asarray(source_labels)
    accuracy = {
        f"accuracy_{name}": metrics.transfer_accuracy(_judged(probabilities, outputs), targets)["accuracy"]
        for name, probabilities in judges.style(outputs).items()
    }
    kept = metrics.self_bleu(outputs, sources)
    fluency = judges.perplexity(outputs)
    scores = accuracy | kept
    if references is not None:
        scores |= metrics.ref_bleu(outputs, references)
    scores |= metrics.geometric_mean(100 * next(iter(accuracy.values())), kept["self_bleu"])
    if nouns is not None and any(nouns):
        scores |= metrics.noun_preservation(outputs, nouns)
    return {
        **scores,
        "perplexity": fluency["perplexity"],
        "perplexity_ratio": fluency["perplexity"] / judges.held_out["perplexity"],
        "unk_share": fluency["unk_share"],
        **metrics.length_ratio(outputs, sources),
        **metrics.copy_rate(outputs, sources),
        **metrics.diversity(outputs),
    }


def evaluate_systems(
    systems: Mapping[str, Sequence[str]], data: Sources, judges: StyleAndFluency, swap: Swap
) -> dict[str, Scores]:
    """Scores of each system's outputs, after those of a copy, of the human reference, and of a lexicon swap."""
    rows: dict[str, Sequence[str]] = {COPY: data.texts}
    human = data.references
    if human is not None:
        rows[HUMAN] = [row if isinstance(row, str) else row[0] for row in human]
    rows |= {SWAP: swap(data.texts, data.labels)} | dict(systems)
    table = {
        name: evaluate_transfer(outputs, data.texts, data.labels, human, judges, data.nouns)
        for name, outputs in rows.items()
    }
    if HUMAN in table:
        del table[HUMAN]["ref_bleu"]  # against itself
    return table


def _judged(probabilities: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """The style of each text [N]; FAILED where it is empty or the judge is undecided."""
    best = probabilities.max(-1, keepdims=True)
    undecided = (probabilities == best).sum(-1) > 1
    empty = np.array([not text.split() for text in texts])
    return np.where(undecided | empty, metrics.FAILED, probabilities.argmax(-1))


def _check(outputs: Sequence[str], sources: Sequence[str], labels: Sequence[int]) -> None:
    if not len(outputs) == len(sources) == len(labels):
        what = f"{len(outputs)} outputs for {len(sources)} sources with {len(labels)} styles"
        raise UserError(f"{what}; line N of the outputs must rewrite line N of the sources")
    if not len(outputs):
        raise UserError("no sentence to score; give one at least")
    if not set(labels) <= {0, 1}:
        raise UserError(f"styles {sorted(set(labels))}: transfer is scored between two styles, 0 and 1")
