"""Train the reader of a reranker (`systems/reranker.py`) on people's marks; its writer is a trained transfer model.

A share of the sentences is held out, all marks of a sentence together: the best reader is that which most often ranks
a right rewriting of them first, as in `experiments/feedback.py`. What the writer thinks of every rewriting is asked
once, before the first batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.core.schedule import warmup_cosine
from textdis.experiments.beside import learn_beside, read_labelled
from textdis.experiments.card import keep_idioms
from textdis.experiments.experiment import built, fields_of, paced, record
from textdis.experiments.feedback import of_vocabulary
from textdis.experiments.lessons import verdict_batch
from textdis.experiments.pairs import noted, open_writer
from textdis.experiments.verdict_files import read_all
from textdis.experiments.verdicts import Judged, split_off
from textdis.systems.collaborative import Collaborative
from textdis.systems.reranker import PADDED, MarkedBatch, Reading, Reranker, RerankerConfig, RerankerObjective
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer
from textdis.training import processes
from textdis.training.callbacks import Score
from textdis.training.checkpoint import RunFolder
from textdis.training.trainer import Trainer

say = logging.getLogger(__name__)
LOOKED = 64  # sentences that the writer reads at a time


@dataclass(frozen=True)
class RerankerExperiment:
    """Everything a run needs."""

    output: str  # folder of the run; the model goes to output/model
    init: str  # the collaborative model that writes: a folder, or the name of one that ships
    verdicts: tuple[str, ...]  # files of readers' verdicts on rewritings; named twice, one counts twice
    recipe: str | None = None  # a name in data_recipes: what the files name by row
    data: tuple[str, ...] = ()  # labelled sentences, for `label` without a recipe: a file a style, or tables
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    seed: int = 0  # random seed of weights and batches
    steps: int = 2_000  # batches in all
    groups: int = 24  # judged sentences a batch, with all their rewritings
    lr: float = 1e-3  # highest learning rate of Adam, falling as a cosine
    reads: bool = True  # a reader chooses; else the writer ranks, and only what stands beside marks is learnt
    choice: float = 0.3  # weight of the loss among the candidates of one sentence
    label: float | None = None  # weight of what a linear classifier of labels says of the style; None: as in `init`
    neutral: float | None = None  # a style below this leaves a sentence alone, as marks teach; None: as in `init`
    neutrals: tuple[str, ...] = ()  # more files of verdicts, of which it is learnt what is neutral, and nothing else
    held_out: float = 0.1  # share of the judged sentences that validate
    validations: int = 4  # evenly over the run
    model: dict[str, int | float] = field(default_factory=dict)  # fields of RerankerConfig beside the writer's
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda


@dataclass(frozen=True)
class Group:
    """The rewritings of one sentence as the reader sees them, and which are right."""

    seen: Reading
    right: Tensor  # [N] bool
    copy: Tensor  # [N] bool: the sentence itself, which nobody is offered


def train(experiment: RerankerExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: a model that is not collaborative, files that do not fit, an output of another run.
    """
    e, output = experiment, Path(experiment.output)
    writer, notes, tokenizer = open_writer(e.init)
    read = read_all(e.verdicts, notes["labels"], e.recipe)
    judged = contested(read, tokenizer)
    labelled = read_labelled(e)
    record(output, e, [*(text for one in judged for text in (one.source, *one.rewritings)), *labelled.texts])
    halves = divided(judged, e) if e.reads else None
    model = make_model(e, writer)
    more = read_all(e.neutrals, notes["labels"], e.recipe)
    kept = noted(notes) | learn_beside(e, model, labelled, [*read, *more], tokenizer)

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        model.save_pretrained(folder, **kept)
        keep_idioms(e.init, folder)

    if halves is None:
        RunFolder(output).write_model(write)
        return {}
    return _fit(e, model, halves, tokenizer, write)


def _fit(
    e: RerankerExperiment,
    model: Reranker,
    halves: tuple[list[Judged], list[Judged]],
    tokenizer: Tokenizer,
    write: Callable[[Path], None],
) -> dict[str, float]:
    """Teaches the reader by the first half, and tests it by the second."""
    lessons, held_out = halves
    model.to(processes.join(e.device))
    taught, held = groups_of(model, lessons, tokenizer), groups_of(model, held_out, tokenizer)
    score = Score("verdicts", lambda reranker: ranked(reranker, held))
    pace = paced(e, monitor="verdicts/right", mode="max")
    trainer = Trainer(make_objective(e, model), pace, Path(e.output), [score], model_writer=write)
    return trainer.fit(make_batches(e, lessons, taught, tokenizer), [marked_batch(part) for part in parts(held)])


def divided(judged: Sequence[Judged], e: RerankerExperiment) -> tuple[list[Judged], list[Judged]]:
    """What teaches, and what is held out. Raises UserError where either is nothing."""
    lessons, held_out = split_off(judged, e.held_out, e.seed)
    if not lessons or not held_out:
        raise UserError(f"{len(judged)} sentences have a wrong rewriting: too few to learn and to test")
    say.info("%d sentences teach, %d are held out", len(lessons), len(held_out))
    return lessons, held_out


def contested(judged: Sequence[Judged], tokenizer: Tokenizer) -> list[Judged]:
    """Those of which a rewriting is wrong, beside their copies, as far as the vocabulary tells them apart."""
    return of_vocabulary([one for one in judged if one.contested and not one.neutral], tokenizer)


def make_model(e: RerankerExperiment, writer: Collaborative) -> Reranker:
    """A reader that begins with the writer's words, at the size that its other inputs have."""
    torch.manual_seed(e.seed)
    own: dict[str, Any] = {"embedding": writer.seq2seq.config.embedding, "reads": e.reads}
    own["searched"] = writer.config.searched
    own |= fields_of(RerankerConfig, e.model, "--model", ["writer", "reads", "label", "grams", "opinion_grams"])
    every = asdict(replace(writer.config, searched=1))  # every beam is read
    model = built(lambda: Reranker(RerankerConfig(every, **own)))
    model.writer.load_state_dict(writer.state_dict())
    if model.reader is not None:
        words = writer.seq2seq.embed.weight.detach()
        mine = words[:, : model.config.embedding] * words.shape[1] ** 0.5 / 2
        with torch.no_grad():
            model.reader.embed.weight[:, : words.shape[1]] = mine
    if isinstance(known := load(e.init), Reranker):
        model.take_over(known, labels=e.label is None, opinions=e.neutral is None)
    return model.eval()


def groups_of(model: Reranker, judged: Sequence[Judged], tokenizer: Tokenizer) -> list[Group]:
    """In the order of `judged`; the writer reads those of one length together, and each process its share of them."""
    order = sorted(dict.fromkeys(judged), key=lambda one: len(one.source.split()))
    found: dict[Judged, Group] = {}
    for start in range(processes.rank() * LOOKED, len(order), processes.world() * LOOKED):
        rows = order[start : start + LOOKED]
        batch = verdict_batch(rows, tokenizer).to(model.device)
        seen = model.read(batch.source, batch.rewriting, batch.owner)
        for number, one in enumerate(rows):
            own = batch.owner == number
            copy = torch.tensor([y == one.source for y in one.rewritings])
            found[one] = Group(_rows(seen, own), batch.right[own], copy)
    everyones = {one: group for shared in processes.gather(found) for one, group in shared.items()}
    return [everyones[one] for one in judged]


def _rows(seen: Reading, rows: Tensor) -> Reading:
    kept = Reading(*(getattr(seen, item.name)[rows] for item in fields(seen)))
    width = int((kept.op != PADDED).sum(1).max())
    return Reading(kept.word[:, :width], kept.op[:, :width], kept.whole, kept.wanted)


def marked_batch(groups: Sequence[Group]) -> MarkedBatch:
    """Several sentences with all their rewritings, padded to one length."""
    width = max(one.seen.word.shape[1] for one in groups)

    def padded(name: str, fill: int) -> Tensor:
        tables = [getattr(one.seen, name) for one in groups]  # [N, L] each
        return torch.cat([F.pad(t, (0, width - t.shape[1]), value=fill) for t in tables])

    whole, wanted = (torch.cat([getattr(one.seen, name) for one in groups]) for name in ("whole", "wanted"))
    seen = Reading(padded("word", 0), padded("op", PADDED), whole, wanted)
    counts = torch.tensor([len(one.right) for one in groups])
    owner = torch.arange(len(groups)).repeat_interleave(counts)
    return MarkedBatch(seen, owner.to(whole.device), torch.cat([one.right for one in groups]))


def parts(groups: Sequence[Group], size: int = 64) -> list[list[Group]]:
    return [list(groups[start : start + size]) for start in range(0, len(groups), size)]


def make_batches(
    e: RerankerExperiment, judged: Sequence[Judged], groups: Sequence[Group], tokenizer: Tokenizer
) -> Batches:
    encoded = tokenizer.encode_batch([one.source for one in judged])
    own: dict[str, Any] = {"batch_size": e.groups, "seed": e.seed} | processes.share()
    return Batches(encoded, **own, transform=lambda rows, _: marked_batch([groups[i] for i in rows]))


def make_objective(e: RerankerExperiment, model: Reranker) -> RerankerObjective:
    schedule = warmup_cosine(min(50, e.steps // 10 + 1), e.steps)
    return RerankerObjective(model, choice=e.choice, lr=e.lr, schedule=schedule)


@torch.inference_mode()
def ranked(model: Reranker, groups: Sequence[Group]) -> dict[str, float]:
    """How often the rewriting that is ranked first is right, by the reader and by the writer, and how often any is."""
    counts = dict.fromkeys(("right", "written", "possible"), 0)
    for part in parts(groups):
        odds = model.reader(marked_batch(part).to(model.device).reading).cpu().split([len(one.right) for one in part])
        for one, own in zip(part, odds, strict=True):
            right, others = one.right.cpu(), ~one.copy
            for name, scores in (("right", own), ("written", one.seen.whole[:, 0].cpu())):
                counts[name] += bool(right[scores.masked_fill(~others, -torch.inf).argmax()])
            counts["possible"] += bool(right.any())
    return {name: count / len(groups) for name, count in counts.items()}
