"""Train an edit tagger (`systems/edit_tagger.py`) on sentences and rewritings that readers wrote or found right.

Words and the classifier of styles come from a trained collaborative model. Each pair teaches both ways: the rewriting
from its source, and the source from it. Phrases are what the pairs put in place of other words, `least` times or more;
an edit to another phrase teaches where, not what.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from textdis.core.schedule import warmup_cosine
from textdis.experiments.card import keep_idioms
from textdis.experiments.experiment import fields_of, paced, record
from textdis.experiments.pairs import alone, noted, open_writer, unknown
from textdis.experiments.verdict_files import edits, read_all
from textdis.experiments.verdicts import Edit, Judged, of_one_vocabulary, split_off
from textdis.systems.collaborative import Collaborative
from textdis.systems.edit_tagger import (
    DELETED,
    NOTHING,
    UNKNOWN,
    EditBatch,
    EditTagger,
    EditTaggerConfig,
    EditTaggerObjective,
)
from textdis.text.batches import Batches, collate
from textdis.text.tokenizer import Tokenizer
from textdis.training import processes
from textdis.training.trainer import Trainer

say = logging.getLogger(__name__)


@dataclass(frozen=True)
class EditTaggerExperiment:
    """Everything a run needs."""

    output: str  # folder of the run; the model goes to output/model
    init: str  # a collaborative model (folder or name), whose words and classifier this one gets
    verdicts: tuple[str, ...]  # files of rewritings that readers wrote, or found right
    recipe: str | None = None  # a name in data_recipes: what the files name by row
    seed: int = 0  # random seed of weights and batches
    steps: int = 3_000  # batches in all
    batch_size: int = 64  # pairs
    lr: float = 1e-3  # highest learning rate of Adam, reached within 200 steps, falling as a cosine
    least: int = 3  # pairs that a phrase must stand in
    longest: int = 6  # words of a phrase
    edited: float = 2.0  # weight of tags that change something
    held_out: float = 0.05  # share of the sentences that validate
    validations: int = 6  # evenly over the run
    model: dict[str, int | float] = field(default_factory=dict)  # fields of EditTaggerConfig
    products: str = "medium"  # precision of float32 matrix products in training: highest, high or medium
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda


@dataclass(frozen=True)
class Pair:
    """A sentence, in model text, and its rewriting as edits."""

    source: str
    wanted: int
    edits: tuple[Edit, ...]


def train(experiment: EditTaggerExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: a model that is not collaborative, files that do not fit, an output of another run.
    """
    e, output = experiment, Path(experiment.output)
    processes.join(e.device)
    torch.set_float32_matmul_precision(e.products)
    known, notes, tokenizer = open_writer(e.init)
    judged = read_right(e, notes["labels"], tokenizer)
    lessons, held_out = (pairs_of(part) for part in split_off(judged, e.held_out, e.seed))
    phrases = table_of(lessons, tokenizer, e.least, e.longest)
    record(output, e, [*(pair.source for pair in lessons), *phrases])
    model = make_model(e, known, tokenizer, phrases)

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        longest = max(len(pair.source.split()) for pair in lessons)
        model.save_pretrained(folder, **noted(alone(notes)) | {"longest": longest})
        keep_idioms(e.init, folder)

    maker, size = Maker(phrases, tokenizer), e.batch_size
    held = [maker(held_out[start : start + size]) for start in range(0, len(held_out), size)]
    trainer = Trainer(make_objective(e, model), paced(e, monitor="tagger/edit"), output, [], model_writer=write)
    return trainer.fit(make_batches(e, lessons, maker), held)


def make_objective(e: EditTaggerExperiment, model: EditTagger) -> EditTaggerObjective:
    schedule = warmup_cosine(min(200, e.steps // 10 + 1), e.steps)
    return EditTaggerObjective(model, edited=e.edited, lr=e.lr, schedule=schedule)


def read_right(e: EditTaggerExperiment, names: Sequence[str], tokenizer: Tokenizer) -> list[Judged]:
    """What has a right rewriting, of those with the source's unknown words: slots are numbered by them."""
    read = read_all(e.verdicts, names, e.recipe)
    known = of_one_vocabulary(read, lambda text: unknown(text, tokenizer))
    return [one for one in known if one.teaches]


def pairs_of(judged: Sequence[Judged]) -> list[Pair]:
    """Both ways of every right rewriting."""
    told = (pair for one in judged for pair in one.both_ways)
    return [Pair(source, wanted, tuple(edits(source, target))) for (source, _), (target, wanted) in told]


def table_of(pairs: Sequence[Pair], tokenizer: Tokenizer, least: int, longest: int) -> list[str]:
    """The phrases that edits put in, the empty one first, then the commonest."""
    counts = Counter(phrase for pair in pairs for phrase in {said for *_, said in pair.edits})
    good = (text for text, count in counts.most_common() if count >= least and len(text.split()) <= longest)
    phrases = ["", *(text for text in good if text and not unknown(text, tokenizer))]
    known = set(phrases)
    whole = sum(all(said in known for *_, said in pair.edits) for pair in pairs) / len(pairs)
    say.info("%d pairs, %d phrases; %.0f %% of the pairs need no other", len(pairs), len(phrases), 100 * whole)
    return phrases


def make_model(
    e: EditTaggerExperiment, known: Collaborative, tokenizer: Tokenizer, phrases: Sequence[str]
) -> EditTagger:
    torch.manual_seed(e.seed)
    own: dict[str, Any] = {"styles": known.config.styles, "slots": known.config.slots}
    own |= {"embedding": known.seq2seq.config.embedding, "classifier": known.config.classifier}
    own |= fields_of(EditTaggerConfig, e.model, "--model", ["vocabulary", "phrases", "longest", *own])
    model = EditTagger(EditTaggerConfig(tokenizer.size, len(phrases), e.longest, **own))
    with torch.no_grad():
        model.embed.weight.copy_(known.seq2seq.embed.weight)
        for row, text in enumerate(phrases):
            ids = tokenizer.encode(text)[1:-1]
            model.phrases[row, : len(ids)] = torch.tensor(ids)
    model.classifier.load_state_dict(known.classifier.state_dict())
    return model


class Maker:
    """Batches of pairs as tags."""

    def __init__(self, phrases: Sequence[str], tokenizer: Tokenizer):
        self.row = {text: row for row, text in enumerate(phrases)}
        self.tokenizer = tokenizer

    def __call__(self, pairs: Sequence[Pair]) -> EditBatch:
        source = collate(self.tokenizer.encode_batch([pair.source for pair in pairs]))
        deleted, phrase = (np.full(source.tokens.shape, fill) for fill in (0, NOTHING))
        for row, pair in enumerate(pairs):
            for start, end, said in pair.edits:
                deleted[row, 1 + start : 1 + end] = DELETED
                phrase[row, 1 + start] = self.row.get(said, UNKNOWN)
        wanted = torch.tensor([pair.wanted for pair in pairs])
        return EditBatch(source, wanted, torch.from_numpy(deleted), torch.from_numpy(phrase))


def make_batches(e: EditTaggerExperiment, pairs: Sequence[Pair], maker: Maker) -> Batches:
    encoded = maker.tokenizer.encode_batch([pair.source for pair in pairs])
    own: dict[str, Any] = {"batch_size": e.batch_size, "seed": e.seed} | processes.share()
    return Batches(encoded, **own, transform=lambda rows, _: maker([pairs[i] for i in rows]))
