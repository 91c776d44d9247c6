"""Train a transfer model, from labelled sentences to a folder that `pipeline("transfer", folder)` opens.

Two phases of one run. Warm-up: denoising reconstruction from style-swapped copies (`text/noise.py`), with
the classifier on real text. Then all six losses of `systems/collaborative.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.core.schedule import warmup_cosine
from textdis.experiments.card import write_card
from textdis.experiments.data import Sentences, read_sentences
from textdis.experiments.experiment import built, fields_of, record
from textdis.experiments.pairs import NEUTRAL, make_pairs
from textdis.systems.collaborative import Collaborative, CollaborativeConfig, CollaborativeObjective
from textdis.systems.reranker import writer_of
from textdis.systems.seq2seq import Seq2SeqConfig
from textdis.systems.text_classifier import TextCNNConfig
from textdis.text.corpus import Batches
from textdis.text.noise import Markers, MarkerSwap, find_markers, noun_words
from textdis.text.nouns import tag_nouns
from textdis.text.tokenizer import SentencePieceTokenizer, Tokenizer, WordTokenizer, load_tokenizer
from textdis.training import processes
from textdis.training.callbacks import Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig

FIXED = ("vocabulary", "styles", "classes", "slots", "listed", "listed_apart")  # by data, and by other options
EMPTY = 0.2  # share of sources without a word, for a model that has a prior

say = logging.getLogger(__name__)


@dataclass(frozen=True)
class TransferExperiment:
    """Everything a run needs. Sentences come from files (`data`) or from a recipe."""

    output: str  # folder of the run; the model goes to output/model
    data: tuple[str, ...] = ()  # one txt file a style, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    init: str | None = None  # a model (folder or name) whose weights and words the run starts from
    seed: int = 0  # random seed of weights, batches and noise
    steps: int = 20_000  # batches in all
    warmup: int = 15_000  # of them before generated text enters
    batch_size: int = 64  # sentences
    lr: float = 1e-3  # highest learning rate of Adam, reached within 500 steps, falling as a cosine
    limit: int | None = None  # sentences of the training split, drawn by the seed; None: all
    max_length: int = 40  # words of a training sentence; longer ones are left out
    tokenizer: Literal["word", "sentencepiece"] = "word"
    least: int = 7  # occurrences a word needs to enter the vocabulary
    pieces: int = 8_000  # units of the sentencepiece model
    slots: int = 8  # unknown words of one sentence that can be carried over
    pairs: str | None = (
        None  # a transfer model (folder or name), whose rewritings are sources in place of swapped words
    )
    offered: int = 3  # rewritings asked of that model for each sentence; 1: greedy
    floor: float = -5.0  # least score of one, as that model scores it, in nats
    slope: float = 0.0  # what each of its words adds to that, for a model whose scores fall with the length
    back: float = 1.0  # weight among candidates y of log p(x | y), beside 1 of log p(y | x)
    prior: float = 0.0  # and of log p(y | style), which is learnt from sources without a word
    searched: int = 1  # beams for each candidate that is asked for: those that have the style are kept
    alone: float | None = None  # share of sentences without a pair that teach the prior alone; None: as many as others
    swap: float = 0.75  # share of sentences whose style markers are swapped in the source
    drop: float = 0.15  # share that loses them
    veil: float = 0.15  # share with a noun hidden in a slot
    threshold: float = 3.0  # how many times likelier in its style a marker is
    edited: float = 3.0  # weight of words that the corrupted source lacks
    weights: dict[str, float] = field(default_factory=dict)  # of the six losses, by name
    mode: Literal["softmax", "gumbel", "straight-through"] = "softmax"  # words that carry gradients
    temperature: float = 1.0  # of those words
    replay: bool = True  # generate as at inference, then read back in one pass
    seq2seq: dict[str, int | float | str | bool] = field(default_factory=dict)  # fields of Seq2SeqConfig
    classifier: dict[str, int | float | tuple[int, ...]] = field(default_factory=dict)  # fields of TextCNNConfig
    neutral: float = NEUTRAL  # a style below this probability leaves a sentence alone at inference
    products: Literal["highest", "high", "medium"] = "medium"  # precision of float32 matrix products in training
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl


def train(experiment: TransferExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: no data, fewer than two styles, an output that holds another run.
    """
    import torch

    torch.set_float32_matmul_precision(experiment.products)
    e, columns = experiment, (experiment.text_column, experiment.label_column)
    sentences = read_sentences(e.data, e.recipe, e.max_length, e.limit, e.seed, columns)
    output = Path(experiment.output)
    record(output, experiment, sentences.texts)
    if e.warmup >= e.steps:
        say.warning("all %d steps are warm-up (--warmup %d): no generated text enters", e.steps, e.warmup)
    tokenizer = make_tokenizer(experiment, sentences)
    model = make_model(experiment, tokenizer, len(sentences.names))

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        longest = max(len(text.split()) for text in sentences.texts)
        notes: dict[str, Any] = {"labels": sentences.names, "neutral": experiment.neutral, "longest": longest}
        notes |= {"trained_on": f"{experiment.recipe}:train"} if experiment.recipe else {}
        model.save_pretrained(folder, **notes)
        write_card(folder, experiment, sentences)

    config = TrainerConfig(experiment.steps, seed=experiment.seed, minutes=experiment.minutes, device=experiment.device)
    callbacks = [Tensorboard()] if experiment.tensorboard else []
    trainer = Trainer(make_objective(experiment, model), config, output, callbacks, model_writer=write)
    return trainer.fit(make_batches(experiment, sentences, tokenizer))


def make_tokenizer(experiment: TransferExperiment, sentences: Sentences) -> Tokenizer:
    """The tokenizer of `init`, or one fitted on the sentences."""
    if experiment.init:
        return load_tokenizer(experiment.init)
    if experiment.tokenizer == "sentencepiece":
        return SentencePieceTokenizer.fit(sentences.texts, experiment.pieces)
    # a small corpus would lose most of its words to a high threshold
    least = min(experiment.least, max(1, len(sentences.texts) // 10_000))
    return WordTokenizer.fit(sentences.texts, min_count=least, slots=experiment.slots)


def make_model(experiment: TransferExperiment, tokenizer: Tokenizer, styles: int) -> Collaborative:
    """The model of `init`, or a new one with random weights."""
    ranking: dict[str, Any] = {name: getattr(experiment, name) for name in ("back", "prior", "searched")}
    if experiment.init:
        model = writer_of(load(experiment.init))
        if not isinstance(model, Collaborative) or model.config.styles != styles:
            raise UserError(f"{experiment.init}: not a collaborative model of {styles} styles; leave --init out")
        model.config = replace(model.config, **ranking)
        return model
    import torch

    torch.manual_seed(experiment.seed)
    slots = getattr(tokenizer, "slots", 0)
    parts = (
        fields_of(Seq2SeqConfig, experiment.seq2seq, "--seq2seq", FIXED),
        fields_of(TextCNNConfig, experiment.classifier, "--classifier", FIXED),
    )
    return built(lambda: Collaborative(CollaborativeConfig(tokenizer.size, styles, slots, *parts, **ranking)))


def make_objective(experiment: TransferExperiment, model: Collaborative) -> CollaborativeObjective:
    return CollaborativeObjective(
        model,
        weights=experiment.weights,
        warmup=experiment.warmup,
        mode=experiment.mode,
        temperature=experiment.temperature,
        replay=experiment.replay,
        edited=experiment.edited,
        lr=experiment.lr,
        schedule=warmup_cosine(min(500, experiment.steps // 10 + 1), experiment.steps),
    )


def make_batches(experiment: TransferExperiment, sentences: Sentences, tokenizer: Tokenizer) -> Batches:
    """Endless pairs of a corrupted sentence and the real one."""
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
    _tell(markers, sentences.names, needed=not experiment.pairs)
    own: dict[str, Any] = {"swap": experiment.swap, "drop": experiment.drop, "veil": experiment.veil, "slots": slots}
    own |= {"empty": EMPTY if experiment.prior else 0.0, "alone": experiment.alone if experiment.prior else 0.0}
    if experiment.pairs:
        path = Path(experiment.output) / "pairs.jsonl"
        asked: dict[str, Any] = {"offered": experiment.offered, "floor": experiment.floor, "slope": experiment.slope}
        own["rewritten"] = make_pairs(experiment.pairs, sentences, tokenizer, path, **asked)
    noise = MarkerSwap(encoded, sentences.labels, markers, nouns, **own)
    options: dict[str, Any] = {"batch_size": experiment.batch_size, "seed": experiment.seed, "transform": noise}
    return Batches(encoded, sentences.labels, nouns, **options | processes.share())


def _tell(markers: Markers, names: Sequence[str], needed: bool) -> None:
    found = {name: len(words) for words, name in zip(markers.salience, names, strict=True)}
    say.info("markers of style: %s", ", ".join(f"{count} of {name!r}" for name, count in found.items()))
    if needed and not all(found.values()):
        say.warning(
            "a style without markers, words seen some sixty times in it alone, is hard to learn: give more text"
        )


def _nouns(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[int]]:
    words = tag_nouns(list(texts), batch_size=512)
    return [tokenizer.positions(text, own) for text, own in zip(texts, words, strict=True)]
