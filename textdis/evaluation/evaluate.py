"""Scores of rewritten sentences: systems in one table beside the baselines that they must beat.

The table always holds a copy, the human reference where there is one, a lexicon swap, and a planted hack that fools
the joint score, so that nobody trusts that score alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from textdis.core.errors import UserError
from textdis.evaluation.codes_picture import CodeView
from textdis.evaluation.fitted import Baselines
from textdis.evaluation.scores import Reading, Scores, StyleAndFluency, SystemScores, intervals, read, score_system
from textdis.evaluation.sources import Sources, require_text, same_length
from textdis.metrics.joint import HUMANS, MIN_SIMILARITY, joint_thresholds, sentence_similarity
from textdis.metrics.statistics import compare

if TYPE_CHECKING:
    from textdis.evaluation.grammar import GrammarJudge

__all__ = ["COPY", "HACK", "HUMAN", "SWAP", "Evaluation", "Sources", "evaluate_systems", "evaluate_transfer"]

COPY, HUMAN, SWAP, HACK = "copy of the source", "human reference", "lexicon swap", "planted hack"
BASELINES = (COPY, HUMAN, SWAP, HACK)
COMPARED = ("accuracy", "self_bleu", "ref_bleu", "joint", "geometric_mean", "nouns_kept", "perplexity_ratio")
LEAST = 20  # human references from which the thresholds of the joint score are read


@dataclass(frozen=True)
class Evaluation:
    """All that is known of all systems, for tables, JSON and pages (`report.py`, `page.py`)."""

    data: Sources
    systems: dict[str, SystemScores]  # the baselines first
    intervals: dict[str, dict[str, dict[str, float]]]  # system -> score -> low, high (95 %)
    baseline: str | None  # what the systems are compared with
    comparisons: dict[str, dict[str, dict[str, float]]]  # system -> score -> difference, low, high, p
    thresholds: dict[str, float]  # of the joint score
    judges: dict[str, Any]  # labels, fingerprint, held_out
    notes: list[str] = field(default_factory=list)  # what a reader must know before the figures
    record: dict[str, Any] = field(default_factory=dict)  # fingerprints, versions, seeds
    codes: CodeView | None = None  # the picture of codes, where a model was named that has them

    @property
    def table(self) -> dict[str, Scores]:
        return {name: system.values for name, system in self.systems.items()}

    @property
    def baselines(self) -> list[str]:
        return [name for name in self.systems if name in BASELINES]


@dataclass(frozen=True)
class Extras:
    """What costs more than counting, and is done only where given."""

    encoder: Callable[[Sequence[str], Sequence[str]], np.ndarray] | None = None  # (outputs, sources) -> cosines [N]
    reverse: Callable[[Sequence[str]], float] | None = None  # outputs -> reverse perplexity; trains a language model
    grammar: GrammarJudge | None = None  # which outputs are well formed

    def by_sentence(self, outputs: Sequence[str], sources: Sequence[str]) -> dict[str, np.ndarray]:
        """The scores that each output has by itself, [N] each, by column."""
        found = {}
        if self.encoder:
            found["embedding_similarity"] = self.encoder(outputs, sources)
        if self.grammar:
            found["well_formed"] = self.grammar.passed(outputs)
        return found


def evaluate_transfer(outputs: Sequence[str], data: Sources, judges: StyleAndFluency) -> Scores:
    """All scores of one system's `outputs` (model text), line N of which rewrites source N; see `score_system`.

    Raises UserError: lists of unequal length, an item that is no text, judges of other styles.
    """
    return score_one(outputs, data, judges).values


def score_one(outputs: Sequence[str], data: Sources, judges: StyleAndFluency) -> SystemScores:
    """As `evaluate_transfer`, with the sentences behind the scores."""
    data = data.in_order(judges.labels)
    scored, _ = _score_all({"": _checked("outputs", outputs, data)}, data, judges, Extras())
    return scored[""]


def evaluate_systems(
    systems: Mapping[str, Sequence[str]],
    data: Sources,
    judges: StyleAndFluency,
    fitted: Baselines | None = None,
    *,
    against: str | None = None,
    extras: Extras | None = None,
    samples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Scores of each system's outputs (model text), after those of the baselines, with 95 % intervals.

    fitted: the lexicon swap and the planted hack; by default fitted on the sources themselves, where they will do.
    against: the row that the systems are compared with, by default the lexicon swap, else the copy. samples: of the
    bootstrap; ten times as many for the paired test. Raises UserError as `evaluate_transfer`, and for a system named
    like a baseline.
    """
    data, extras = data.in_order(judges.labels), extras or Extras()
    fitted = fitted or _from_sources(data)
    rows = _baselines(data, fitted)
    if taken := {*BASELINES} & {*systems}:
        raise UserError(f"a system may not be called {min(taken)!r}, which is a baseline; give it another name")
    rows |= {name: _checked(name, outputs, data) for name, outputs in systems.items()}
    against = against or (SWAP if SWAP in rows else COPY)
    if against not in rows:
        raise UserError(f"no row {against!r} to compare with; there are {', '.join(rows)}")
    scored, thresholds = _score_all(rows, data, judges, extras)
    return Evaluation(
        data,
        scored,
        intervals={name: intervals(own, samples, seed) for name, own in scored.items()},
        baseline=against,
        comparisons={
            name: _compared(scored[name], scored[against], 10 * samples, seed) for name in systems if name != against
        },
        thresholds=thresholds,
        judges={"labels": judges.labels, "fingerprint": judges.fingerprint, "held_out": judges.held_out},
        notes=_notes(scored, data, fitted) + _grammar_note(extras.grammar),
    )


def _from_sources(data: Sources) -> Baselines | None:
    try:
        return Baselines.fit(data.texts, data.labels, names=data.label_names, origin="the sources themselves")
    except UserError:
        return None


def _baselines(data: Sources, fitted: Baselines | None) -> dict[str, Sequence[str]]:
    rows: dict[str, Sequence[str]] = {COPY: data.texts}
    if len(data.with_reference) == len(data.texts):
        rows[HUMAN] = [row[0] for row in data.references or ()]
    if fitted is not None:
        asked = data.texts, data.labels, data.targets
        rows |= {SWAP: fitted.swap(*asked), HACK: fitted.hack(*asked)}
    return rows


def _score_all(
    rows: Mapping[str, Sequence[str]], data: Sources, judges: StyleAndFluency, extras: Extras
) -> tuple[dict[str, SystemScores], dict[str, float]]:
    """Every system, and the thresholds of the joint score; all is judged in one pass, human references as well."""
    human = {COPY: data.texts, HUMAN: [row[0] for row in data.references or () if row]}
    readings = read({**human, **rows}, judges)
    thresholds = _thresholds(human[HUMAN], data, readings)
    found = {}
    for name, outputs in rows.items():
        own = score_system(
            outputs,
            _without_itself(data) if name == HUMAN else data,
            readings[name],
            thresholds=thresholds,
            real_perplexity=judges.held_out["perplexity"],
            more=extras.by_sentence(outputs, data.texts),
        )
        if extras.reverse:
            own.values["reverse_perplexity"] = extras.reverse(outputs)
        found[name] = own
    return found, thresholds


def _thresholds(human: Sequence[str], data: Sources, readings: Mapping[str, Reading]) -> dict[str, float]:
    """Fixed on the human references; where those are too few, on the sources, which are real sentences."""
    if len(human) >= LEAST:
        sources = [data.texts[i] for i in data.with_reference]
        return joint_thresholds(sentence_similarity(human, sources), readings[HUMAN].nats_per_token)
    nats = float(np.quantile(readings[COPY].nats_per_token, HUMANS, method="higher"))
    return {"min_similarity": MIN_SIMILARITY, "max_nats": nats}


def _without_itself(data: Sources) -> Sources:
    """For the human row, which is each sentence's first reference: the others are what it is held against."""
    return replace(data, references=[row[1:] for row in data.references or ()])


def _checked(name: str, outputs: Sequence[str], data: Sources) -> Sequence[str]:
    same_length(outputs, data.texts, name)
    require_text(outputs, f"{name}: output")
    return outputs


def _compared(system: SystemScores, against: SystemScores, samples: int, seed: int) -> dict[str, dict[str, float]]:
    """By score; none of those that are over other sentences, as BLEU of a human row whose own reference is left out."""
    return {
        name: compare(own, other, samples=samples, seed=seed)
        for name, own in system.statistics.items()
        if name.startswith(COMPARED)
        and (other := against.statistics.get(name)) is not None
        and len(own.rows) == len(other.rows)
    }


def _grammar_note(judge: GrammarJudge | None) -> list[str]:
    if judge is None:
        return []
    right, real, broken = (judge.held_out[name] for name in ("accuracy", "real_passed", "broken_passed"))
    told = f"tells held-out real from broken sentences in {right:.0%} of cases"
    return [f"Well formed: by a judge that {told}; {real:.0%} of the real and {broken:.0%} of the broken ones pass."]


def _notes(scored: Mapping[str, SystemScores], data: Sources, fitted: Baselines | None) -> list[str]:
    """What was counted, and what is missing."""
    size, notes = len(data.texts), []
    if data.judged:
        notes.append("The styles of the sources are what the first judge says, so a copy scores 0 with that judge.")
    if fitted is None:
        notes.append("No lexicon swap, no planted hack: too few sentences to fit them; give some with --train.")
    else:
        phrases = "; ".join(
            f"{name}: {phrase}" for name, phrase in zip(fitted.labels, fitted.hack.phrases, strict=True)
        )
        notes.append(f"Lexicon swap fitted on {fitted.origin}. The planted hack appends ({phrases}).")
    if HUMAN not in scored:
        some = len(data.with_reference)
        notes.append(f"No row of human references: {some:,} of {size:,} sentences have one.")
    for name, system in scored.items():
        counts = {"empty": round(size * system.values["empty"])}
        counts |= {
            key.replace("_", " by "): int(own.sum()) for key, own in system.columns.items() if "undecided" in key
        }
        if said := [f"{count:,} {what}" for what, count in counts.items() if count]:
            notes.append(f"{name}: {', '.join(said)}; counted as failures.")
    return notes
