"""Train a transfer model, from labelled sentences to a folder that `pipeline("transfer", folder)` opens.

Two phases of one run. Warm-up: denoising reconstruction from style-swapped copies (`text/noise.py`), with
the classifier on real text. Then all six losses of `systems/collaborative.py`.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.core.schedule import warmup_cosine
from textdis.experiments.experiment import record
from textdis.systems.collaborative import Collaborative, CollaborativeConfig, CollaborativeObjective
from textdis.text.corpus import Batches, load_corpus
from textdis.text.noise import MarkerSwap, find_markers, noun_words
from textdis.text.nouns import tag_nouns
from textdis.text.tokenizer import SentencePieceTokenizer, Tokenizer, WordTokenizer, load_tokenizer
from textdis.training.trainer import Trainer, TrainerConfig

say = logging.getLogger(__name__)


@dataclass(frozen=True)
class TransferExperiment:
    """Everything a run needs. `data` (files) or `recipe` (a name in data_recipes) says where sentences come from."""

    output: str
    data: tuple[str, ...] = ()
    recipe: str | None = None
    init: str | None = None  # a model folder whose weights and words a run starts from
    seed: int = 0
    steps: int = 20_000  # batches in all
    warmup: int = 14_000  # of them before generated text enters
    batch_size: int = 64  # sentences
    lr: float = 1e-3  # highest learning rate of Adam, reached after 500 steps, falling as a cosine
    limit: int | None = None  # sentences of the training split, drawn by the seed; None: all
    max_length: int = 40  # tokens of a training sentence, longer ones are left out
    tokenizer: str = "word"  # word | sentencepiece
    least: int = 7  # occurrences a word needs to enter the vocabulary
    pieces: int = 8_000  # units of the sentencepiece model
    slots: int = 8  # unknown words of one sentence that can be carried over
    swap: float = 0.75  # share of sentences whose style markers are swapped in the source
    drop: float = 0.15  # share that loses them
    threshold: float = 3.0  # how many times likelier in its style a marker is
    edited: float = 3.0  # weight of words that the corrupted source lacks
    weights: dict[str, float] = field(default_factory=dict)  # of the six losses, by name
    mode: str = "straight-through"  # softmax | gumbel | straight-through
    temperature: float = 1.0
    replay: bool = True
    seq2seq: dict[str, Any] = field(default_factory=dict)  # fields of Seq2SeqConfig
    classifier: dict[str, Any] = field(default_factory=dict)  # fields of TextCNNConfig
    neutral: float = 0.6  # a style below this probability leaves a sentence alone at inference
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"


@dataclass(frozen=True)
class Sentences:
    """A corpus in memory: model text, label, and the names of the labels."""

    texts: list[str]
    labels: list[int]
    names: list[str]


def train(experiment: TransferExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: no data, fewer than two styles, an output that holds another run.
    """
    train_set, dev = _read(experiment)
    tokenizer = _tokenizer(experiment, train_set)
    model = _model(experiment, tokenizer, len(train_set.names))
    output = Path(experiment.output)
    record(output, experiment, train_set.texts)
    objective = CollaborativeObjective(
        model,
        weights=experiment.weights,
        warmup=experiment.warmup,
        mode=experiment.mode,  # type: ignore[arg-type]  # soften() names the modes there are
        temperature=experiment.temperature,
        replay=experiment.replay,
        edited=experiment.edited,
        lr=experiment.lr,
        schedule=warmup_cosine(min(500, experiment.steps // 10 + 1), experiment.steps),
    )

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        model.save_pretrained(folder, labels=train_set.names, neutral=experiment.neutral)

    config = TrainerConfig(
        experiment.steps, seed=experiment.seed, minutes=experiment.minutes, device=experiment.device
    )
    trainer = Trainer(objective, config, output, model_writer=write)
    return trainer.fit(_batches(experiment, train_set, tokenizer))


def _read(experiment: TransferExperiment) -> tuple[Sentences, Sentences | None]:
    if bool(experiment.data) == bool(experiment.recipe):
        raise UserError("say where sentences come from: either --data FILE FILE ... or --recipe NAME")
    if experiment.recipe:
        import data_recipes

        splits = data_recipes.load(experiment.recipe)
        dev = _sentences(splits["dev"], raw=False) if "dev" in splits else None
        return _limited(_sentences(splits["train"], raw=False), experiment), dev
    return _limited(_sentences(load_corpus(list(experiment.data)), raw=True), experiment), None


def _sentences(dataset: Any, *, raw: bool) -> Sentences:
    """Texts in the model's form: what a user gives is normalised, what a recipe gives already is."""
    texts = list(dataset["text"])
    if raw:
        from textdis.text.normalise import normalise

        texts = [normalise(text) for text in texts]
    return Sentences(texts, list(dataset["label"]), list(dataset.features["label"].names))


def _limited(sentences: Sentences, experiment: TransferExperiment) -> Sentences:
    """Without sentences that are too long or empty; at most `limit`, drawn by the seed."""
    import numpy as np

    rows = [i for i, text in enumerate(sentences.texts) if 0 < len(text.split()) <= experiment.max_length]
    if experiment.limit is not None and experiment.limit < len(rows):
        rows = sorted(np.random.default_rng(experiment.seed).choice(rows, experiment.limit, replace=False).tolist())
    labels = [sentences.labels[i] for i in rows]
    if len(set(labels)) < 2:
        raise UserError("fewer than two styles have sentences; transfer needs examples of each style")
    return Sentences([sentences.texts[i] for i in rows], labels, sentences.names)


def _tokenizer(experiment: TransferExperiment, sentences: Sentences) -> Tokenizer:
    if experiment.init:
        return load_tokenizer(experiment.init)
    if experiment.tokenizer == "sentencepiece":
        return SentencePieceTokenizer.fit(sentences.texts, experiment.pieces)
    # a small corpus would lose most of its words to a high threshold
    least = min(experiment.least, max(1, len(sentences.texts) // 10_000))
    return WordTokenizer.fit(sentences.texts, min_count=least, slots=experiment.slots)


def _model(experiment: TransferExperiment, tokenizer: Tokenizer, styles: int) -> Collaborative:
    if experiment.init:
        model = load(experiment.init)
        if not isinstance(model, Collaborative) or model.config.styles != styles:
            raise UserError(f"{experiment.init}: not a collaborative model of {styles} styles; start without --init")
        return model
    import torch

    torch.manual_seed(experiment.seed)
    slots = getattr(tokenizer, "slots", 0)
    return Collaborative(
        CollaborativeConfig(tokenizer.size, styles, slots, dict(experiment.seq2seq), dict(experiment.classifier))
    )


def _batches(experiment: TransferExperiment, sentences: Sentences, tokenizer: Tokenizer) -> Batches:
    encoded = tokenizer.encode_batch(sentences.texts)
    nouns = _nouns(sentences.texts, tokenizer)
    slots = getattr(tokenizer, "slots", 0)
    protected = frozenset(range(4, 4 + slots)) | set(tokenizer.encode("_num_")[1:-1])
    markers = find_markers(
        encoded,
        sentences.labels,
        protected=protected,
        nouns=noun_words(encoded, nouns),
        threshold=experiment.threshold,
    )
    say.info("style markers: %s", ", ".join(str(len(found)) for found in markers.salience))
    noise = MarkerSwap(
        encoded, sentences.labels, markers, nouns, swap=experiment.swap, drop=experiment.drop, slots=slots
    )
    return Batches(
        encoded, sentences.labels, nouns, batch_size=experiment.batch_size, seed=experiment.seed, transform=noise
    )


def _nouns(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[int]]:
    words = tag_nouns(list(texts), batch_size=512)
    return [tokenizer.positions(text, own) for text, own in zip(texts, words, strict=True)]


def named(output: str | Path, **overrides: Any) -> TransferExperiment:
    """An experiment from plain values, lists becoming tuples; unknown names are refused."""
    known = {f.name for f in dataclasses.fields(TransferExperiment)}
    unknown = sorted(set(overrides) - known)
    if unknown:
        raise UserError(f"no such setting: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in overrides.items()}
    return TransferExperiment(output=str(output), **values)
