"""Teach a transfer model which of its rewritings readers find right (`systems/feedback.py`).

It starts from a trained model and a file of verdicts (`experiments/verdict_files.py`); real sentences and their pairs
are those it was trained on. A share of the judged sentences is held out: the best model is that which most often ranks
a right rewriting of them first; where readers only wrote and marked nothing wrong, that to which theirs are likeliest.
Of a reranker the writer learns, and its reader goes on choosing among what that one writes then.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textdis.core.model import Model, load, read_config
from textdis.core.schedule import warmup_cosine
from textdis.experiments.card import keep_idioms, write_card
from textdis.experiments.clarity import clear_ones
from textdis.experiments.data import Sentences, read_sentences
from textdis.experiments.experiment import paced, record
from textdis.experiments.lessons import make_lessons, verdict_batch
from textdis.experiments.pairs import alone, noted, notes_for, unknown
from textdis.experiments.transfer import TransferExperiment, make_model, make_tokenizer
from textdis.experiments.verdict_files import read_all
from textdis.experiments.verdicts import Judged, divided, new_words, of_one_vocabulary, words_of
from textdis.experiments.vocabulary import around, grown, with_words_of
from textdis.systems.collaborative import Collaborative
from textdis.systems.feedback import FeedbackObjective, VerdictBatch
from textdis.systems.reranker import Reranker
from textdis.text.tokenizer import Tokenizer
from textdis.training.callbacks import Score, Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig

say = logging.getLogger(__name__)
GROW = "; --grow N adds words that N right rewritings bring or more"


@dataclass(frozen=True)
class FeedbackExperiment:
    """Everything a run needs. Real sentences come from files (`data`) or from a recipe."""

    output: str  # folder of the run; the model goes to output/model
    init: str  # the transfer model that learns: a folder, or the name of one that ships
    verdicts: tuple[str, ...]  # files of readers' verdicts on rewritings, or of rewritings they wrote
    data: tuple[str, ...] = ()  # one txt file a style, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    pairs: str | None = None  # a transfer model (folder or name): its rewritings are sources of the real sentences
    limit: int | None = 20_000  # real sentences, drawn by the seed; None: all
    seed: int = 0  # random seed of batches and noise
    steps: int = 560  # batches in all
    groups: int = 16  # judged sentences a batch, with all their rewritings
    said: int = 64  # right rewritings a batch that are learnt as they stand, half of them from rewriting to source
    batch_size: int = 8  # real sentences beside them
    lr: float = 7e-4  # highest learning rate of Adam, falling as a cosine
    temperature: float = 1.0  # nats of score by which a rewriting is e times likelier to be chosen
    edited: float = 3.0  # weight of words that the source lacks
    least: int = 0  # right rewritings that have a word anew, and sentences of a style, for it to be said; 0: all are
    grow: int = 0  # right rewritings that an unknown word must be new in to join the vocabulary; 0: none joins
    clear: float = 0.0  # by n-grams of the labels, what is right has its style with this probability, if any such is
    back: float | None = None  # weight among candidates y of log p(x | y); None: as the model has it
    prior: float | None = None  # and of log p(y | style)
    reader: bool = True  # of a reranker the reader stays, to choose among what its writer learns to say; else it goes
    searched: int = 2  # beams for each candidate that is asked for: those that have the style are kept
    weights: dict[str, float] = field(default_factory=dict)  # of the losses rank, say, rec and class
    neutral: float | None = None  # a style below this probability leaves a sentence alone; None: as the model has it
    held_out: float = 0.1  # share of the judged sentences that validate
    validations: int = 7  # evenly over the run
    products: str = "medium"  # precision of float32 matrix products in training: highest, high or medium
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl

    @property
    def base(self) -> TransferExperiment:
        """How the real sentences are read and corrupted: as the model was trained, its ranking kept."""
        known = read_config(Path(self.init))["config"]
        known = known.get("writer", known)  # of a reranker the writer learns
        ranking = {"back": known.get("back", 1.0), "prior": known.get("prior", 0.0)}
        ranking |= {name: value for name in ranking if (value := getattr(self, name)) is not None}
        given = {
            name: getattr(self, name)
            for name in ("output", "data", "recipe", "init", "seed", "pairs", "limit", "searched")
        }
        return TransferExperiment(
            **given, **ranking, batch_size=self.batch_size, steps=self.steps, warmup=self.steps, lr=self.lr
        )


def train(experiment: FeedbackExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: no data, a model that is not collaborative, verdicts that do not fit, an output of another run.
    """
    e, output = experiment, Path(experiment.output)
    torch.set_float32_matmul_precision(e.products)
    sentences = sentences_of(e, e.limit)
    kept, read = kept_notes(e, sentences), read_all(e.verdicts, sentences.names, e.recipe)
    tokenizer, model = make_words_and_model(e, sentences, read)
    judged = learnable(e, read, tokenizer)
    record(output, e, [*sentences.texts, *(text for one in judged for text in (one.source, *one.rewritings))])
    lessons, held_out = divided(judged, e.held_out, e.seed)
    if e.least:
        model.list_words(listed_words(lessons, e.least, sentences.names, tokenizer))
    whole = with_reader(e, model)  # listed words are in its configuration

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        longest = max(kept.get("longest", 0), *(len(one.source.split()) for one in lessons))
        whole.save_pretrained(folder, **kept | {"longest": longest})
        write_card(folder, e.base, sentences, len(lessons))
        keep_idioms(e.init, folder)

    score = Score("verdicts", lambda taught: ranked(taught, held_out, tokenizer))
    callbacks: list[Any] = [score, Tensorboard()] if e.tensorboard else [score]
    trainer = Trainer(make_objective(e, model), trainer_config(e, held_out), output, callbacks, model_writer=write)
    return trainer.fit(make_lessons(e, lessons, sentences, tokenizer), validation(held_out, tokenizer, e.groups))


def listed_words(judged: Sequence[Judged], least: int, names: Sequence[str], tokenizer: Tokenizer) -> Tensor:
    """For each style what `least` sentences of it have, of the words that are new in `least` right rewritings of any.

    Returns bool [styles, V].
    """
    listed, new = torch.zeros(len(names), tokenizer.size, dtype=torch.bool), set(new_words(judged, least))
    for style, name in enumerate(names):
        words = sorted(new & words_of(judged, style, least))
        listed[style, sorted({i for row in tokenizer.encode_batch(words) for i in row})] = True
        say.info("%d words are said in sentences that are %s, and what their sources have", len(words), name)
    return listed


def trainer_config(e: FeedbackExperiment, held_out: Sequence[Judged]) -> TrainerConfig:
    marked = any(one.contested for one in held_out)
    return paced(e, monitor="verdicts/right", mode="max") if marked else paced(e, monitor="model/right")


def make_objective(e: FeedbackExperiment, model: Collaborative) -> FeedbackObjective:
    schedule = warmup_cosine(min(50, e.steps // 10 + 1), e.steps)
    own: dict[str, Any] = {"temperature": e.temperature, "weights": e.weights, "edited": e.edited, "lr": e.lr}
    return FeedbackObjective(model, schedule=schedule, **own)


def make_words_and_model(
    e: FeedbackExperiment, sentences: Sentences, judged: Sequence[Judged]
) -> tuple[Tokenizer, Collaborative]:
    """Those of `init`, grown by readers' words where that is asked for."""
    tokenizer = make_tokenizer(e.base, sentences)
    model = make_model(e.base, tokenizer, len(sentences.names))
    if not e.grow:
        return tokenizer, model
    tokenizer = with_words_of(tokenizer, judged, e.grow)
    torch.manual_seed(e.seed)
    return tokenizer, grown(model, tokenizer.size)


def kept_notes(e: FeedbackExperiment, sentences: Sentences) -> dict[str, Any]:
    """What the folder of `init` notes that is still so. Raises UserError as `notes_for`."""
    notes = notes_for(e.init, sentences)
    kept = noted(notes if e.reader else alone(notes))
    kept |= {"trained_on": f"{e.recipe}:train"} if e.recipe else {}
    return kept if e.neutral is None else kept | {"neutral": e.neutral}


def learnable(e: FeedbackExperiment, read: Sequence[Judged], tokenizer: Tokenizer) -> list[Judged]:
    """What the vocabulary can say of the verdicts; with `clear` the plain ones alone of several that are right."""
    judged = of_vocabulary(read, tokenizer, "" if e.grow else GROW)
    return clear_ones(judged, sentences_of(e, None), tokenizer, e.clear) if e.clear else judged


def with_reader(e: FeedbackExperiment, model: Collaborative) -> Model:
    """The reranker that `init` is, with the writer that learns; without a reader that stays the writer is the whole."""
    known = load(e.init)
    return around(model, known) if e.reader and isinstance(known, Reranker) else model


def of_vocabulary(judged: Sequence[Judged], tokenizer: Tokenizer, advice: str = "") -> list[Judged]:
    """The verdicts, with the copies and without what cannot be learnt, which is counted.

    Copies are wrong: without them nothing holds back small changes, whose style a model misses and readers never saw.
    Rewritings with other unknown words than the source are left out, as slots are numbered by them.
    """
    kept = of_one_vocabulary(judged, lambda text: unknown(text, tokenizer), advice)
    return [one.beside_the_copy for one in kept]


def sentences_of(e: FeedbackExperiment, limit: int | None) -> Sentences:
    return read_sentences(e.data, e.recipe, e.base.max_length, limit, e.seed, (e.text_column, e.label_column))


def validation(judged: Sequence[Judged], tokenizer: Tokenizer, size: int) -> list[VerdictBatch]:
    """Batches of the held-out sentences of which a rewriting is right."""
    rows = [one for one in judged if one.teaches]
    return [verdict_batch(rows[start : start + size], tokenizer) for start in range(0, len(rows), size)]


@torch.inference_mode()
def ranked(model: Collaborative, judged: Sequence[Judged], tokenizer: Tokenizer, size: int = 32) -> dict[str, float]:
    """How often the best-ranked rewriting of a sentence is right, and how often any is (`possible`)."""
    right = 0
    for start in range(0, len(judged), size):
        batch = verdict_batch(judged[start : start + size], tokenizer).to(model.device)
        scores = model.scores(batch.source.rows(batch.owner), batch.rewriting)
        for row in range(len(batch)):
            own = batch.owner == row
            right += bool(own.any() and batch.right[own][scores[own].argmax()])
    return {"right": right / len(judged), "possible": sum(one.teaches for one in judged) / len(judged)}
