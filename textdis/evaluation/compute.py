"""All scores from lists in Python, in one call."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.sources import Sources


def compute(
    *,
    predictions: Iterable[str],
    sources: Iterable[str],
    references: Iterable[str] | Iterable[Iterable[str]] | None = None,
    labels: Iterable[int | str] | None = None,
    targets: Iterable[int | str] | None = None,
    judges: Judges | str | Path | None = "yelp",
    nouns: bool = True,
    samples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores of `predictions`, text of any spelling, item N of which rewrites source N.

        compute(predictions=outputs, sources=inputs, references=human, labels=["negative", "positive"])["joint"]

    references: one text a source, None, or a list of none, one or many. labels: the style each source has, targets:
    the one it shall get, by name or number; of two styles either will do, and without them the first judge tells the
    labels. judges: those that ship, a folder, opened ones, or None for the scores that need no judge. nouns: tagged by
    spaCy, English only. Returns each score by name (shares in [0, 1], BLEU in [0, 100]), `intervals` (95 %: name ->
    low and high), the `bleu` signature and the `judges`' fingerprint. Raises UserError: lists of unequal length, an
    item that is no text, styles that the judges do not know, a number of samples or a seed that cannot be.
    """
    from textdis.evaluation.evaluate import score_one
    from textdis.evaluation.judges import Judges
    from textdis.evaluation.scores import intervals, score_system
    from textdis.metrics.text import bleu_signature

    if samples < 1 or seed < 0:
        raise UserError(f"samples {samples}, seed {seed}: give samples of 1 or more, and a seed of 0 or more")
    opened = Judges.load(judges) if isinstance(judges, str | Path) else judges
    texts, data = _given(predictions, sources, references, labels, targets, opened, nouns)
    scored = score_one(texts, data, opened) if opened is not None else score_system(texts, data)
    return {
        **scored.values,
        "intervals": intervals(scored, samples, seed),
        "bleu": bleu_signature(),
        "judges": opened and opened.fingerprint,
    }


def _given(
    predictions: Iterable[str],
    sources: Iterable[str],
    references: Iterable[Any] | None,
    labels: Iterable[Any] | None,
    targets: Iterable[Any] | None,
    judges: Judges | None,
    nouns: bool,
) -> tuple[list[str], Sources]:
    """What was given, in model text."""
    from textdis.evaluation.sources import (
        Sources,
        normalised,
        noun_words,
        own_sources,
        require_text,
        same_length,
        style_ids,
    )
    from textdis.text.normalise import normalise

    sources, predictions = require_text(sources, "source"), require_text(predictions, "prediction")
    same_length(predictions, sources, "predictions")
    outputs, texts = [normalise(text) for text in predictions], [normalise(text) for text in sources]
    fields: dict[str, Any] = {"nouns": noun_words(texts) if nouns else None}
    if references is not None:
        fields["references"] = normalised(references)
    if judges is None:  # nobody asks for styles
        return outputs, Sources(texts, [0] * len(texts), **fields)
    had = None if labels is None else style_ids(labels, judges.labels, "labels")
    wanted = None if targets is None else style_ids(targets, judges.labels, "targets")
    return outputs, own_sources(texts, judges, had, wanted, **fields)
