"""All scores of one system as sums over its sentences, so that each has a value, an interval and a comparison.

Axes: N sentences, S styles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from textdis.evaluation.protocols import SentenceNLL
from textdis.evaluation.sources import Sources
from textdis.metrics import text as metrics
from textdis.metrics.joint import sentence_joint, sentence_similarity
from textdis.metrics.statistics import (
    Statistic,
    bleu_statistic,
    bootstrap,
    mean_statistic,
    perplexity_statistic,
    ratio_statistic,
)

Scores = dict[str, float]
Statistics = dict[str, Statistic]
Columns = dict[str, np.ndarray]  # each [N]


class StyleAndFluency(Protocol):
    """What is asked of judges (`judges.Judges`)."""

    @property
    def labels(self) -> list[str]: ...
    @property
    def held_out(self) -> dict[str, float]: ...
    @property
    def fingerprint(self) -> str: ...
    def style(self, texts: Sequence[str]) -> dict[str, np.ndarray]: ...
    def nll(self, texts: Sequence[str]) -> SentenceNLL: ...


@dataclass(frozen=True)
class Reading:
    """What the judges say of one system's outputs."""

    style: dict[str, np.ndarray]  # judge -> p(style | text) [N, S]
    nats: np.ndarray  # [N]
    tokens: np.ndarray  # [N]
    words: np.ndarray  # [N], tokens without the end of the sentence
    unknown: np.ndarray  # [N], words the language model does not know

    @property
    def nats_per_token(self) -> np.ndarray:
        """[N]; inf for a text of no token."""
        return np.divide(self.nats, self.tokens, out=np.full(len(self.nats), np.inf), where=self.tokens > 0)


@dataclass(frozen=True)
class SystemScores:
    """One system: what it wrote, what that scores, and the sentences behind the scores."""

    outputs: Sequence[str]
    values: Scores
    statistics: Statistics  # the scores that are functions of sums over sentences
    columns: Columns


def read(systems: Mapping[str, Sequence[str]], judges: StyleAndFluency) -> dict[str, Reading]:
    """One pass over the distinct texts of all systems: what several of them say is judged once."""
    row = {text: i for i, text in enumerate(dict.fromkeys(text for texts in systems.values() for text in texts))}
    style, fluency = judges.style(list(row)), judges.nll(list(row))
    readings = {}
    for name, texts in systems.items():
        rows = np.array([row[text] for text in texts], int)
        own = {judge: p[rows] for judge, p in style.items()}
        counts = fluency.nats, fluency.tokens, fluency.tokens - int(fluency.ends), fluency.unknown
        readings[name] = Reading(own, *[count[rows] for count in counts])
    return readings


def judged_styles(probabilities: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """The style of each text [N] by p(style | text) [N, S]; FAILED where it is empty or the judge is undecided."""
    empty = np.array([not text.split() for text in texts])
    return np.where(_undecided(probabilities) | empty, metrics.FAILED, probabilities.argmax(-1))


def score_system(
    outputs: Sequence[str],
    data: Sources,
    reading: Reading | None = None,
    *,
    thresholds: Mapping[str, float] | None = None,
    real_perplexity: float = 1.0,
    more: Mapping[str, np.ndarray] | None = None,
) -> SystemScores:
    """Everything that is asked of one system; without a `reading` what needs no judge.

    accuracy_{judge}: share given the wanted style; geometric_mean: of the first judge's accuracy and self-BLEU, both
    out of 100; joint: share of the wanted style (first judge), similar and fluent by the `thresholds`;
    perplexity_ratio: over `real_perplexity`, that of real held-out text; ref_bleu: over the sentences that have a
    reference; more: further scores by sentence, [N] each, that a mean sums up.
    """
    columns, statistics = _content(outputs, data)
    for name, scores in (more or {}).items():
        columns[name], statistics[name] = scores, mean_statistic(scores)
    if reading is not None:
        columns |= _judged(outputs, data, reading)
        if thresholds:
            columns["joint"] = _joint(columns, **thresholds)
            statistics["joint"] = mean_statistic(columns["joint"])
        statistics |= _style(columns, reading, statistics["self_bleu"]) | _fluency(reading, real_perplexity)
    values = {name: statistic.value for name, statistic in statistics.items()}
    return SystemScores(outputs, values | metrics.diversity(outputs), statistics, columns)


def _joint(columns: Columns, min_similarity: float, max_nats: float) -> np.ndarray:
    passed = columns["right"], columns["similarity"], columns["nats_per_token"]
    return sentence_joint(*passed, min_similarity=min_similarity, max_nats=max_nats)


def intervals(system: SystemScores, samples: int, seed: int) -> dict[str, dict[str, float]]:
    """low and high of each score that is a function of sums, 95 %, over resampled sentences."""
    return {name: bootstrap(own, samples=samples, seed=seed) for name, own in system.statistics.items()}


def _content(outputs: Sequence[str], data: Sources) -> tuple[Columns, Statistics]:
    """What is still there of the source, and what is there of the reference."""
    kept, words = bleu_statistic(outputs, data.texts), [_words(outputs), _words(data.texts)]
    columns = {
        "similarity": sentence_similarity(outputs, data.texts),
        "sentence_bleu": metrics.smoothed_bleu_of(kept.rows),
        "length_ratio": words[0] / np.maximum(words[1], 1),
        "copy": np.array([a.lower().split() == b.lower().split() for a, b in zip(outputs, data.texts, strict=True)]),
    }
    statistics = {
        "self_bleu": kept,
        "similarity": mean_statistic(columns["similarity"]),
        "length_ratio": ratio_statistic(*words),
        "copy_rate": mean_statistic(columns["copy"]),
    }
    if data.references is not None and (rows := data.with_reference):
        statistics["ref_bleu"] = bleu_statistic([outputs[i] for i in rows], [data.references[i] for i in rows])
    if data.nouns is not None and any(data.nouns):
        columns["nouns"], columns["nouns_kept"] = _nouns(outputs, data.nouns)
        found = columns["nouns_kept"], columns["nouns"]
        statistics["noun_sentences"] = ratio_statistic(*[counts > 0 for counts in found])
        statistics["nouns_kept"] = ratio_statistic(*found)
    return columns, statistics


def _judged(outputs: Sequence[str], data: Sources, reading: Reading) -> Columns:
    """What the judges say by sentence; `right` and `probability` (of the wanted style) are the first judge's."""
    targets, columns = np.asarray(data.targets), Columns()
    for name, p in reading.style.items():
        columns[f"right_{name}"] = judged_styles(p, outputs) == targets
        columns[f"undecided_{name}"] = _undecided(p)
    first, p = next(iter(reading.style.items()))
    columns["right"], columns["probability"] = columns[f"right_{first}"], p[np.arange(len(targets)), targets]
    columns["nats_per_token"] = reading.nats_per_token
    return columns


def _style(columns: Columns, reading: Reading, kept: Statistic) -> Statistics:
    found = Statistics()
    for name in reading.style:
        found[f"accuracy_{name}"] = mean_statistic(columns[f"right_{name}"])
        found[f"undecided_{name}"] = mean_statistic(columns[f"undecided_{name}"])
    style = mean_statistic(columns["right"])
    return found | {"geometric_mean": Statistic(np.hstack([style.rows, kept.rows]), _geometric_mean)}


def _geometric_mean(sums: np.ndarray) -> np.ndarray:
    """Of accuracy (right, N) and BLEU (its counts), both out of 100."""
    return np.sqrt(100 * sums[..., 0] / sums[..., 1] * metrics.bleu_of(sums[..., 2:]))


def _fluency(reading: Reading, real: float) -> Statistics:
    found = {"perplexity": perplexity_statistic(reading.nats, reading.tokens)}
    over = np.log(real) * reading.tokens  # exp(all nats / all tokens - log real) is the ratio of both perplexities
    found["perplexity_ratio"] = perplexity_statistic(reading.nats - over, reading.tokens)
    if reading.words.any():
        found["unk_share"] = ratio_statistic(reading.unknown, reading.words)
    return found


def _undecided(probabilities: np.ndarray) -> np.ndarray:
    return (probabilities == probabilities.max(-1, keepdims=True)).sum(-1) > 1


def _words(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(text.split()) for text in texts])


def _nouns(outputs: Sequence[str], nouns: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """How many nouns each source holds, and how many of them its output: as `metrics.noun_preservation`. Each [N]."""
    wanted = [Counter(noun.lower() for noun in row) for row in nouns]
    kept = [(want & Counter(text.lower().split())).total() for want, text in zip(wanted, outputs, strict=True)]
    return np.array([want.total() for want in wanted]), np.array(kept)
