"""Train a model whose sentence codes can be moved (`systems/mmd_traversal.py`): a folder for `textdis traverse`.

Two phases of one run, as Larsson et al. (2017) have them: `warmup` steps of reconstruction on unlabelled sentences,
then reconstruction and classification of labelled ones. A run that starts from another's model (`init`) may go to the
second at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.core.schedule import warmup_cosine
from textdis.experiments.data import Sentences, read_sentences
from textdis.experiments.experiment import built, record
from textdis.experiments.phases import Phases, read_unlabelled
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig, MMDTraversalObjective
from textdis.text.batches import Batches
from textdis.text.normalise import normalise
from textdis.text.tokenizer import Tokenizer, WordTokenizer, load_tokenizer
from textdis.text.vectors import ppmi_vectors, read_vectors
from textdis.training import processes
from textdis.training.trainer import Trainer, TrainerConfig


@dataclass(frozen=True)
class TraversalExperiment:
    """Everything a run needs. Labelled sentences come from files (`data`) or from a recipe."""

    output: str  # folder of the run; the model goes to output/model
    data: tuple[str, ...] = ()  # one txt file a label, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    unlabelled: tuple[str, ...] = ()  # txt files, and names in data_recipes, for the first phase
    init: str | None = None  # a model (folder or name) whose weights and words the run starts from
    seed: int = 0  # random seed of weights and batches
    steps: int = 16_000  # batches in all
    warmup: int = 14_000  # of them on unlabelled sentences, without classification
    batch_size: int = 64  # sentences
    lr: float = 1e-3  # highest learning rate of Adam, reached within 500 steps, falling as a cosine
    limit: int | None = None  # labelled sentences of the training split, drawn by the seed; None: all
    max_length: int = 20  # words of a training sentence; longer ones are left out
    least: int = 5  # occurrences a word needs to enter the vocabulary
    size: int = 8_000  # most words in the vocabulary
    vectors: str | None = None  # word vectors to start from: a word2vec or GloVe text file, or ppmi; None: random
    share: float = 0.1  # of the vocabulary that training's softmax is estimated from; 1: all, as in the paper
    weights: dict[str, float] = field(default_factory=dict)  # of the losses nll and label
    model: dict[str, int | float | bool | tuple[int, ...]] = field(default_factory=dict)  # of MMDTraversalConfig
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    products: str = "medium"  # precision of float32 matrix products in training: highest | high | medium


def train(experiment: TraversalExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the last losses.

    Raises UserError: no data, fewer than two labels, a warm-up without sentences or longer than the run, weights of
    losses that are not there, an output that holds another run.
    """
    import torch

    processes.join(experiment.device)
    torch.set_float32_matmul_precision(experiment.products)
    labelled, free = read_both(experiment)
    texts, output = [*labelled.texts, *free], Path(experiment.output)
    tokenizer = make_tokenizer(experiment, texts)
    model = built(make_model, experiment, tokenizer, texts, len(labelled.names))

    def write(folder: Path) -> None:
        tokenizer.save(folder)
        model.save_pretrained(folder, labels=labelled.names, longest=max(len(text.split()) for text in labelled.texts))

    objective = MMDTraversalObjective(
        model,
        warmup=experiment.warmup,
        share=experiment.share,
        weights=experiment.weights,
        lr=experiment.lr,
        schedule=warmup_cosine(min(500, experiment.steps // 10 + 1), experiment.steps),
    )
    record(output, experiment, texts)
    config = TrainerConfig(experiment.steps, seed=experiment.seed, minutes=experiment.minutes, device=experiment.device)
    batches = make_batches(experiment, tokenizer, labelled, free)
    return Trainer(objective, config, output, model_writer=write).fit(batches)


def read_both(experiment: TraversalExperiment) -> tuple[Sentences, list[str]]:
    """The labelled sentences, and those of the first phase (none without one); all in model text."""
    e = experiment
    if not 0 <= e.warmup <= e.steps:  # as many: the first phase alone, from which other runs may start
        raise UserError(f"--warmup {e.warmup}: give at most as many as --steps {e.steps}; the rest is for labels")
    if e.warmup and not e.unlabelled:
        raise UserError("the first phase has no sentences: give --unlabelled FILE or RECIPE ..., or --warmup 0")
    found = read_sentences(e.data, e.recipe, e.max_length, e.limit, e.seed, (e.text_column, e.label_column))
    labelled = Sentences([normalise(text) for text in found.texts], found.labels, found.names)  # recipes may be raw
    free = read_unlabelled(e.unlabelled) if e.warmup else []
    return labelled, [text for text in free if len(text.split()) <= e.max_length]


def make_tokenizer(experiment: TraversalExperiment, texts: Sequence[str]) -> Tokenizer:
    """The words of `init`, or those of the sentences."""
    if experiment.init:
        return load_tokenizer(experiment.init)
    # a small corpus would lose most of its words to a high threshold
    least = min(experiment.least, max(1, len(texts) // 10_000))
    return WordTokenizer.fit(texts, min_count=least, max_size=experiment.size)


def make_model(
    experiment: TraversalExperiment, tokenizer: Tokenizer, texts: Sequence[str], classes: int
) -> MMDTraversal:
    """The model of `init`, or a new one with random weights and, if asked for, word vectors that know their words."""
    import torch

    e = experiment
    if e.init:
        model = load(e.init)
        if not isinstance(model, MMDTraversal) or model.config.classes != classes:
            raise UserError(f"{e.init}: not a traversal model of {classes} labels; leave --init out")
        return model
    torch.manual_seed(e.seed)
    sizes: dict[str, Any] = {**e.model}
    model = MMDTraversal(MMDTraversalConfig(tokenizer.size, classes, **sizes))
    if e.vectors == "ppmi":
        known, vectors = ppmi_vectors(
            tokenizer.encode_batch(texts), tokenizer.size, model.config.embedding, seed=e.seed
        )
    elif e.vectors:
        known, vectors = read_vectors(e.vectors, tokenizer, model.config.embedding)
    if e.vectors:
        with torch.no_grad():
            model.words[known] = vectors * model.words.std() / vectors.std()  # as long as random ones
    return model


def make_batches(
    experiment: TraversalExperiment, tokenizer: Tokenizer, labelled: Sentences, free: Sequence[str]
) -> Phases:
    """Unlabelled batches for the warm-up, labelled ones afterwards."""
    options: dict[str, Any] = {"batch_size": experiment.batch_size, "seed": experiment.seed} | processes.share()
    first = Batches(tokenizer.encode_batch(free), **options) if experiment.warmup else None
    return Phases(first, Batches(tokenizer.encode_batch(labelled.texts), labelled.labels, **options), experiment.warmup)
