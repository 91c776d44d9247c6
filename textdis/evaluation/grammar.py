"""Is a sentence well formed? A judge that takes no part in any search: real sentences against broken ones.

A TextCNN reads the frames of sentences (`text/frames.py`). Fitted on the `judges` split alone, which no transfer model
sees: its real sentences, and as many that were broken in pairs, freshly in each epoch, so that what one loses another
gains and no word tells. Axes: N sentences.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from textdis.core.batch import TextBatch
from textdis.core.errors import UserError
from textdis.core.model import read_config
from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig
from textdis.text.batches import Batches, collate
from textdis.text.frames import Breaker, Frames
from textdis.text.kinds import usual_tags
from textdis.text.tokenizer import WordTokenizer
from textdis.training.trainer import Trainer, TrainerConfig

FRAMES = "frames.json"


@dataclass(frozen=True)
class GrammarConfig:
    seed: int = 0  # random seed of weights, batches and of what is broken
    epochs: float = 12.0  # passes over the sentences, newly broken each time
    batch_size: int = 128  # sentences, half of them broken
    embedding: int = 64
    filters: int = 64  # of each height
    heights: tuple[int, ...] = (2, 3, 4, 5)  # words that a filter sees
    passing: float = 0.9  # share of real held-out sentences that pass as well formed


class GrammarJudge:
    """`well_formed(texts)` and `passed(texts)` of model text.

    threshold: the probability from which on a sentence passes. held_out: its scores on held-out real sentences.
    """

    def __init__(
        self, cnn: TextCNN, tokenizer: WordTokenizer, frames: Frames, threshold: float, held_out: dict[str, float]
    ):
        self.cnn, self.tokenizer, self.frames = cnn.eval(), tokenizer, frames
        self.threshold, self.held_out = threshold, held_out

    @torch.no_grad()
    def well_formed(self, texts: Sequence[str]) -> np.ndarray:
        """p(real rather than broken), as if both were as likely. [N]"""
        found = np.zeros(len(texts))
        if texts:
            rows = _encoded([text.split() for text in texts], self.frames, self.tokenizer)
            for numbers, batch in Batches(rows, batch_size=256, shuffle=False).once():
                found[numbers] = self.cnn(batch.tokens, batch.valid).softmax(-1)[:, 1].numpy()
        return found

    def passed(self, texts: Sequence[str]) -> np.ndarray:
        """Which sentences count as well formed; an empty one never does. [N] bool"""
        return (self.well_formed(texts) >= self.threshold) & np.array([bool(text.split()) for text in texts], bool)

    def save(self, folder: str | Path) -> None:
        """Writes a model folder, with `frames.json` beside."""
        folder = Path(folder)
        self.cnn.save_pretrained(folder, threshold=self.threshold, held_out=self.held_out)
        self.tokenizer.save(folder)
        record = {"tags": self.frames.tags, "own": sorted(self.frames.own)}
        (folder / FRAMES).write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Reads what `save` wrote. Raises UserError: missing or damaged."""
        folder = Path(folder)
        notes, cnn = read_config(folder), TextCNN.from_pretrained(folder)
        try:
            record = json.loads((folder / FRAMES).read_text(encoding="utf-8"))
            frames = Frames(dict(record["tags"]), list(record["own"]))
            numbers = float(notes["threshold"]), dict(notes["held_out"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{folder}: not a grammar judge ({error}); fit it again") from None
        return cls(cnn, WordTokenizer.load(folder / "tokenizer.json"), frames, *numbers)


def fit_grammar(
    texts: Sequence[str], held_out: Sequence[str], output: str | Path, config: GrammarConfig | None = None
) -> GrammarJudge:
    """Fits the judge on real sentences `texts` and writes it to the new folder `output`.

    held_out: real sentences that are not among them, for its own score and for the threshold.
    Raises UserError where `output` exists.
    """
    c, output = config or GrammarConfig(), Path(output)
    if output.exists():
        raise UserError(f"{output}: exists already; give another folder, or delete it")
    frames = Frames.fit(texts, usual_tags(texts, seed=c.seed))
    sentences = [text.split() for text in texts]
    tokenizer = WordTokenizer.fit(" ".join(frames(words)) for words in sentences)
    torch.manual_seed(c.seed)
    sizes: dict[str, Any] = {"embedding": c.embedding, "heights": c.heights, "filters": c.filters}
    cnn = TextCNN(TextCNNConfig(tokenizer.size, 2, **sizes))
    breaker = Breaker(frames)

    def real_and_broken(rows: np.ndarray, rng: np.random.Generator) -> TextBatch:
        own = [sentences[i] for i in rows]
        encoded = _encoded([*own, *breaker(own, rng)], frames, tokenizer)
        return collate(encoded, [1] * len(own) + [0] * len(own))

    batches = Batches(sentences, batch_size=c.batch_size // 2, seed=c.seed, transform=real_and_broken)  # type: ignore[arg-type]
    steps = round(c.epochs * len(batches))
    trainer = Trainer(TextClassifierObjective(cnn), TrainerConfig(steps=steps, device="cpu", seed=c.seed))
    trainer.fit(batches)
    judge = GrammarJudge(cnn, tokenizer, frames, 0.5, {})
    _measure(judge, breaker, held_out, c)
    judge.save(output)
    return judge


def _encoded(sentences: Sequence[Sequence[str]], frames: Frames, tokenizer: WordTokenizer) -> list[list[int]]:
    return [tokenizer.encode(" ".join(frames(words))) for words in sentences]


def _measure(judge: GrammarJudge, breaker: Breaker, texts: Sequence[str], config: GrammarConfig) -> None:
    """Sets the threshold and the scores on held-out sentences and on the same ones broken."""
    real = judge.well_formed(texts)
    sentences = [text.split() for text in texts]
    changed = [" ".join(words) for words in breaker(sentences, np.random.default_rng(config.seed))]
    broken = judge.well_formed([new for new, old in zip(changed, texts, strict=True) if new != old])
    judge.threshold = float(np.quantile(real, 1.0 - config.passing))
    judge.held_out = {
        "accuracy": float(np.mean([(real >= 0.5).mean(), (broken < 0.5).mean()])),
        "auc": area_under_curve(real, broken),
        "real_passed": float((real >= judge.threshold).mean()),
        "broken_passed": float((broken >= judge.threshold).mean()),
        "sentences": float(len(texts)),
    }


def area_under_curve(higher: np.ndarray, lower: np.ndarray) -> float:
    """How often a value of the first is above one of the second; ties count half."""
    order = np.sort(lower)
    above = np.searchsorted(order, higher, "left") + np.searchsorted(order, higher, "right")
    return float(above.mean() / 2 / len(lower))
