"""What a step of `experiments/feedback.py` learns from: verdicts, pairs that readers wrote, real sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from textdis.core.batch import Batch, PairBatch
from textdis.experiments.data import Sentences
from textdis.experiments.transfer import make_batches
from textdis.experiments.verdicts import Judged, Pair
from textdis.systems.feedback import TaughtBatch, VerdictBatch
from textdis.text.batches import Batches, collate
from textdis.text.tokenizer import Tokenizer
from textdis.training import processes

if TYPE_CHECKING:
    from textdis.experiments.feedback import FeedbackExperiment


class Lessons:
    """An endless iterator of what a step learns from, part by part in step, which resumes as they do."""

    def __init__(self, **parts: Batches):
        self.parts = parts

    def __iter__(self) -> Lessons:
        return self

    def __next__(self) -> TaughtBatch:
        return TaughtBatch(**{name: next(part) for name, part in self.parts.items()})

    def state_dict(self) -> dict[str, Any]:
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, part in self.parts.items():
            part.load_state_dict(state[name])


def make_lessons(
    e: FeedbackExperiment, lessons: Sequence[Judged], sentences: Sentences, tokenizer: Tokenizer
) -> Lessons:
    contested = [one for one in lessons if one.contested and one.teaches]
    said = [pair for one in lessons for pair in one.both_ways]
    neutral = [one.source for one in lessons if one.neutral and not one.teaches]

    def batches(texts: Sequence[str], size: int, make: Callable[[list[int]], Batch]) -> Batches:
        own: dict[str, Any] = {"batch_size": size, "seed": e.seed} | processes.share()
        return Batches(tokenizer.encode_batch(texts), **own, transform=lambda rows, _: make(rows.tolist()))

    parts = {
        "said": batches([y for _, (y, _) in said], e.said, lambda rows: pair_batch([said[i] for i in rows], tokenizer)),
        "pairs": make_batches(e.base, sentences, tokenizer),
    }
    if contested:
        sources = [one.source for one in contested]
        parts["verdicts"] = batches(
            sources, e.groups, lambda rows: verdict_batch([contested[i] for i in rows], tokenizer)
        )
    if neutral:
        size = max(1, round(e.said * len(neutral) / len(said)))  # as often as they stand among the others
        parts["neutral"] = batches(
            neutral, size, lambda rows: collate(tokenizer.encode_batch([neutral[i] for i in rows]))
        )
    return Lessons(**parts)


def pair_batch(pairs: Sequence[Pair], tokenizer: Tokenizer) -> PairBatch:
    sides = [[side[k] for side in pairs] for k in (0, 1)]
    batches = [collate(tokenizer.encode_batch([t for t, _ in side]), [style for _, style in side]) for side in sides]
    return PairBatch(*batches)


def verdict_batch(judged: Sequence[Judged], tokenizer: Tokenizer) -> VerdictBatch:
    rows = [(i, y, ok) for i, one in enumerate(judged) for y, ok in zip(one.rewritings, one.right, strict=True)]
    return VerdictBatch(
        collate(tokenizer.encode_batch([one.source for one in judged]), [one.style for one in judged]),
        collate(tokenizer.encode_batch([y for _, y, _ in rows]), [judged[i].wanted for i, _, _ in rows]),
        torch.tensor([i for i, _, _ in rows], dtype=torch.long),
        torch.tensor([ok for _, _, ok in rows], dtype=torch.bool),
    )
