"""Of several rewritings that readers find right, those that say their style most plainly.

Readers find "the crust was thin" as right as "the crust was great". Who wants the style to be plain learns from marks
that name the second alone: the first, no longer right, is held back by it. What says how plain a style is are n-grams
of labelled sentences (`nn/ngram_classifier.py`), not readers, so that no new marks are needed; where no right
rewriting is plain, all stay right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from textdis.experiments.data import Sentences
from textdis.experiments.verdicts import Judged
from textdis.systems.reranker import grams_of_labels
from textdis.text.batches import collate
from textdis.text.tokenizer import Tokenizer

LOOKED = 4096  # right rewritings at a time


@torch.inference_mode()
def clear_ones(judged: Sequence[Judged], labelled: Sentences, tokenizer: Tokenizer, least: float) -> list[Judged]:
    """The verdicts, in order; right are those alone that have their style with probability `least`, if any has."""
    labels = grams_of_labels(collate(tokenizer.encode_batch(labelled.texts), labelled.labels), tokenizer.size)
    rows = [(y, one.wanted) for one in judged for y in one.right_ones]
    sure: list[float] = []
    for start in range(0, len(rows), LOOKED):
        part = rows[start : start + LOOKED]
        styles = labels.classify(collate(tokenizer.encode_batch([y for y, _ in part])).tokens).exp()
        sure += styles.gather(1, torch.tensor([[wanted] for _, wanted in part])).squeeze(1).tolist()
    kept, sures = [], iter(sure)
    for one in judged:
        plain = [ok and next(sures) >= least for ok in one.right]
        kept.append(replace(one, right=tuple(plain)) if any(plain) else one)
    return kept
