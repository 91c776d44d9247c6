"""What a reranker learns beside its marks: what labels say of a style, and which sentences have none at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from textdis.core.batch import TextBatch
from textdis.core.errors import UserError
from textdis.experiments.data import Sentences, read_sentences
from textdis.experiments.pairs import notes_for
from textdis.experiments.verdicts import Judged, split_off
from textdis.systems.reranker import LOOKED, Reranker
from textdis.text.batches import collate
from textdis.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from textdis.experiments.reranker import RerankerExperiment

say = logging.getLogger(__name__)
LONGEST = 20  # words of a labelled sentence


def learn_beside(
    e: RerankerExperiment, model: Reranker, labelled: Sentences, read: Sequence[Judged], tokenizer: Tokenizer
) -> dict[str, Any]:
    """What needs no reader: labels, and which sentences have a style at all. Returns what the model's folder notes."""
    if e.label:
        model.fit_labels(collate(tokenizer.encode_batch(labelled.texts), labelled.labels), e.label)
    if e.neutral is None:
        return {}
    learn_opinions(model, *split_off(agreed(read), e.held_out, e.seed), tokenizer)
    return {"neutral": e.neutral}


def agreed(read: Sequence[Judged]) -> list[Judged]:
    """One verdict of each sentence, which is neutral where more than half of its readers said so."""
    said: dict[str, list[Judged]] = {}
    for one in read:
        said.setdefault(one.source, []).append(one)
    return [replace(every[0], neutral=2 * sum(one.neutral for one in every) > len(every)) for every in said.values()]


def learn_opinions(
    model: Reranker, lessons: Sequence[Judged], held_out: Sequence[Judged], tokenizer: Tokenizer
) -> None:
    """Teaches which sentences have a style at all, and says how well by those held out. Raises UserError: all have."""
    if not all(any(one.neutral for one in part) for part in (lessons, held_out)):
        raise UserError("readers marked too few sentences as neutral to learn from them: leave --neutral out")
    model.fit_opinions(*opinions_of(lessons, tokenizer))
    said, has_style = opinions_of(held_out, tokenizer)
    with torch.inference_mode():
        parts = [said.rows(rows) for rows in torch.arange(len(said)).split(LOOKED)]
        sure = torch.cat([model.style_or_none(part).amax(-1) for part in parts])
    for most in (0.01, 0.02, 0.05):
        least = sure[has_style].quantile(most)
        share = float((sure[~has_style] < least).float().mean())
        say.info("a style below %.2f: %.0f %% of neutral sentences, %.0f %% of others", least, 100 * share, 100 * most)


def opinions_of(judged: Sequence[Judged], tokenizer: Tokenizer) -> tuple[TextBatch, Tensor]:
    """Sentences, and whether they have a style. [N] bool"""
    sources = tokenizer.encode_batch([one.source for one in judged])
    return collate(sources), torch.tensor([not one.neutral for one in judged])


def read_labelled(e: RerankerExperiment) -> Sentences:
    """All labelled training sentences, where labels count. Raises UserError: none, or of other styles."""
    if not e.label:
        if e.data:
            raise UserError("--data gives sentences whose labels count by --label: add a weight, or leave --data out")
        return Sentences([], [], [])
    sentences = read_sentences(e.data, None if e.data else e.recipe, LONGEST, columns=(e.text_column, e.label_column))
    notes_for(e.init, sentences)
    return sentences
