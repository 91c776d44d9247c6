"""Teach a transfer model which of its rewritings readers find right (`systems/feedback.py`).

It starts from a trained model and a file of verdicts (`experiments/verdicts.py`); real sentences and their pairs are
those it was trained on. A share of the judged sentences is held out: the best model is that which most often ranks a
right rewriting of them first; where readers only wrote and marked nothing wrong, that to which theirs are likeliest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textdis.core.batch import Batch, PairBatch
from textdis.core.model import read_config
from textdis.core.schedule import warmup_cosine
from textdis.experiments.card import write_card
from textdis.experiments.clarity import clear_ones
from textdis.experiments.data import Sentences, read_sentences
from textdis.experiments.experiment import paced, record
from textdis.experiments.pairs import notes_for, unknown
from textdis.experiments.transfer import TransferExperiment, make_batches, make_model, make_tokenizer
from textdis.experiments.verdicts import Judged, Pair, divided, new_words, of_one_vocabulary, read_all
from textdis.experiments.vocabulary import grown, with_words_of
from textdis.systems.collaborative import Collaborative
from textdis.systems.feedback import FeedbackObjective, TaughtBatch, VerdictBatch
from textdis.text.batches import Batches, collate
from textdis.text.tokenizer import Tokenizer
from textdis.training import processes
from textdis.training.callbacks import Score, Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig

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
    least: int = 0  # right rewritings that a word must be new in to be said, unless the source has it; 0: all are said
    grow: int = 0  # right rewritings that an unknown word must be new in to join the vocabulary; 0: none joins
    clear: float = 0.0  # by n-grams of the labels, what is right has its style with this probability, if any such is
    back: float | None = None  # weight among candidates y of log p(x | y); None: as the model has it
    prior: float | None = None  # and of log p(y | style)
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
    notes, read = notes_for(e.init, sentences), read_all(e.verdicts, sentences.names, e.recipe)
    tokenizer, model = make_words_and_model(e, sentences, read)
    judged = of_vocabulary(read, tokenizer, "" if e.grow else GROW)
    if e.clear:
        judged = clear_ones(judged, sentences_of(e, None), tokenizer, e.clear)
    record(output, e, [*sentences.texts, *(text for one in judged for text in (one.source, *one.rewritings))])
    lessons, held_out = divided(judged, e.held_out, e.seed)
    if e.least:
        model.list_words(marked(new_words(lessons, e.least), tokenizer))

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        kept = {name: notes[name] for name in ("labels", "neutral", "trained_on") if name in notes}
        longest = max(notes.get("longest", 0), *(len(one.source.split()) for one in lessons))
        kept |= {} if e.neutral is None else {"neutral": e.neutral}
        model.save_pretrained(folder, longest=longest, **kept)
        write_card(folder, e.base, sentences, len(lessons))

    callbacks: list[Any] = [Score("verdicts", lambda taught: ranked(taught, held_out, tokenizer))]
    callbacks += [Tensorboard()] if e.tensorboard else []
    trainer = Trainer(make_objective(e, model), trainer_config(e, held_out), output, callbacks, model_writer=write)
    return trainer.fit(make_lessons(e, lessons, sentences, tokenizer), validation(held_out, tokenizer, e.groups))


def marked(words: Sequence[str], tokenizer: Tokenizer) -> Tensor:
    """The vocabulary's words that are among these. [V] bool"""
    ids = {i for row in tokenizer.encode_batch(words) for i in row}
    return torch.tensor([i in ids for i in range(tokenizer.size)])


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


def of_vocabulary(judged: Sequence[Judged], tokenizer: Tokenizer, advice: str = "") -> list[Judged]:
    """The verdicts, with the copies and without what cannot be learnt, which is counted.

    Copies are wrong: without them nothing holds back small changes, whose style a model misses and readers never saw.
    Rewritings with other unknown words than the source are left out, as slots are numbered by them.
    """
    kept = of_one_vocabulary(judged, lambda text: unknown(text, tokenizer), advice)
    return [one.beside_the_copy for one in kept]


def sentences_of(e: FeedbackExperiment, limit: int | None) -> Sentences:
    return read_sentences(e.data, e.recipe, e.base.max_length, limit, e.seed, (e.text_column, e.label_column))


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
