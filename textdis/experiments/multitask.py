"""Train a multi-task autoencoder, from aligned columns to a folder that probing, interpolation and arithmetic open."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from textdis.core.errors import UserError
from textdis.core.schedule import warmup_cosine
from textdis.experiments.experiment import record
from textdis.experiments.parallel_data import TAGS, Parallel, even_weights, make_batches, once, read_parallel, share_of
from textdis.systems.multitask import COPY, MultiTaskAutoencoder, MultiTaskConfig, MultiTaskObjective
from textdis.text.normalise import normalise
from textdis.text.parallel import Columns
from textdis.text.tokenizer import CharTokenizer, SentencePieceTokenizer, Tokenizer, WordTokenizer
from textdis.training import processes
from textdis.training.callbacks import Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig

say = logging.getLogger(__name__)

CARD = """# {title}

A multi-task autoencoder (Brunner et al., 2017) trained by textdis: one {hidden}-unit LSTM reads a sentence into one
vector of {representation} numbers, and {count} decoder(s) say from it: {decoders}.

- **Trained on** {rows:,} rows from {source}, share {share:g}; random seed {seed}; {steps:,} batches of {batch}.
- **Use**: `textdis probe syntax FOLDER`{uses}.
- **Limits**: all that is said goes through one vector, so long sentences come back changed, and what lies between two
  sentences often is not a sentence. It knows the language of its data and no other.
"""


@dataclass(frozen=True)
class MultiTaskExperiment:
    """Everything a run needs. Rows come from a recipe, from tables (`data`), or from aligned files (`columns`)."""

    output: str  # folder of the run; the best model goes to output/model
    recipe: str | None = None  # a name in data_recipes: grammar, multi30k, ...
    data: tuple[str, ...] = ()  # tables (jsonl, csv, tsv, parquet) with one column a decoder
    columns: tuple[str, ...] = ()  # aligned txt files, as name=file
    source: str = "en"  # column that is read, and that the decoder `copy` says
    decoders: tuple[str, ...] = (COPY,)  # `copy`, and names of columns
    tags: tuple[str, ...] = (TAGS,)  # decoders whose symbols are blank-separated words, whatever `units` is
    spacy: bool = False  # make the column `pos` by spaCy's English tagger
    units: Literal["char", "word", "sentencepiece"] = "char"  # symbols of all other columns
    pieces: int = 4_000  # units of each sentencepiece model
    share: float = 1.0  # of the training rows, drawn by the seed
    longest: int = 200  # characters; rows with a longer source are left out
    representation: int = 64  # numbers of the representation
    hidden: int = 128  # units of the encoder and of each decoder
    embedding: int = 32  # features of a symbol
    activation: Literal["linear", "tanh"] = "linear"  # of the representation
    backwards: bool = False  # the encoder reads from the sentence's end
    veil: float = 0.0  # share of the symbols that are hidden from the decoders in training
    per: Literal["symbol", "sentence"] = "symbol"  # what counts as much in one decoder as in any other
    weights: dict[str, float] = field(default_factory=dict)  # of the decoders' losses on top of that, 1 unless named
    alternating: bool = False  # one decoder a step in turn, instead of their sum
    seed: int = 0  # random seed of weights and batches
    steps: int = 4_000  # batches
    batch_size: int = 32  # sentences
    lr: float = 5e-3  # highest learning rate of Adam, reached within 200 steps, falling as a cosine
    validate_every: int = 500  # steps; the best model by the dev loss is kept
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl

    def __post_init__(self) -> None:
        if not self.decoders:
            raise UserError("no decoder; name at least one, for instance --decoders copy pos")
        if twice := [name for name in self.decoders if self.decoders.count(name) > 1]:
            raise UserError(f"--decoders names {twice[0]!r} twice; each decoder has a name of its own")
        if not 0 < self.share <= 1:
            raise UserError(f"--share {self.share:g}: give a share of the rows above 0 and at most 1")


def train(experiment: MultiTaskExperiment) -> dict[str, float]:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the best dev scores.

    Raises UserError: no data, a decoder without a column, an output that holds another run.
    """
    e = experiment
    processes.join(e.device)
    parallel = read(e)
    record(Path(e.output), e, (text or "" for column in parallel.train.values() for text in column))
    tokenizers = make_tokenizers(e, parallel.train)
    model = make_model(e, tokenizers)
    told = e.source, e.decoders, tokenizers
    batches = make_batches(parallel.train, *told, batch_size=e.batch_size, seed=e.seed, **processes.share())
    dev = make_batches(parallel.dev, *told, batch_size=256)  # whole in every process
    schedule = warmup_cosine(min(200, e.steps // 10 + 1), e.steps)
    config = TrainerConfig(
        e.steps, seed=e.seed, minutes=e.minutes, device=e.device,
        validate_every=e.validate_every, save_every=e.validate_every,
    )  # fmt: skip
    weights = make_weights(e, parallel.train, tokenizers)
    options = {"alternating": e.alternating, "optimizer": _adam(e.lr), "schedule": schedule}
    objective = MultiTaskObjective(model, weights=weights, **options)
    write = partial(_write, e, tokenizers, model, len(parallel.train[e.source]), int(batches.lengths.max()))
    trainer = Trainer(objective, config, Path(e.output), [Tensorboard()] if e.tensorboard else [], write)
    return trainer.fit(batches, once(dev))


def read(experiment: MultiTaskExperiment) -> Parallel:
    """The rows of a run: the share asked for, of lengths that fit; in model text where symbols are words."""
    e = experiment
    parallel = read_parallel(e.data, e.columns, e.recipe, e.source, e.decoders, spacy=e.spacy)
    train, dev = (
        share_of(part, e.source, share, e.longest, e.seed)
        for part, share in ((parallel.train, e.share), (parallel.dev, 1.0))
    )
    if e.units == "word":
        train, dev = (model_text(part, e.tags) for part in (train, dev))
    return Parallel(train, dev)


def model_text(columns: Columns, tags: Sequence[str]) -> Columns:
    """The columns, those of sentences in model text; what is missing stays so."""
    return {
        name: column if name in tags else [None if text is None else normalise(text) for text in column]
        for name, column in columns.items()
    }


def make_tokenizers(experiment: MultiTaskExperiment, train: Columns) -> dict[str, Tokenizer]:
    """One a decoder, fitted on the training rows; that of `copy`, always there, is the source's."""
    found: dict[str, Tokenizer] = {}
    for name in dict.fromkeys([COPY, *experiment.decoders]):
        texts = [text for text in train[experiment.source if name == COPY else name] if text]
        if not texts:
            raise UserError(f"column {name!r} is empty throughout; leave the decoder out, or fill the column")
        found[name] = _tokenizer(experiment, name, texts)
    return found


def make_model(experiment: MultiTaskExperiment, tokenizers: dict[str, Tokenizer]) -> MultiTaskAutoencoder:
    """A new model with random weights."""
    import torch

    torch.manual_seed(experiment.seed)
    e, sizes = experiment, {name: tokenizers[name].size for name in experiment.decoders}
    config = MultiTaskConfig(
        tokenizers[COPY].size, sizes, e.embedding, e.hidden, e.representation, e.activation, e.backwards, e.veil
    )
    return MultiTaskAutoencoder(config)


def make_weights(experiment: MultiTaskExperiment, train: Columns, tokenizers: dict[str, Tokenizer]) -> dict[str, float]:
    """Of the decoders' losses, which are in nats a sentence. Raises UserError for a weight of no decoder."""
    e = experiment
    if unknown := sorted(set(e.weights) - set(e.decoders)):
        raise UserError(f"a weight for {unknown[0]!r}, which is not among the decoders")
    even = even_weights(train, e.source, tokenizers) if e.per == "symbol" else {}
    return {name: even.get(name, 1.0) * e.weights.get(name, 1.0) for name in e.decoders}


def _tokenizer(experiment: MultiTaskExperiment, name: str, texts: Sequence[str]) -> Tokenizer:
    if experiment.units == "word" or (name != COPY and name in experiment.tags):
        return WordTokenizer.fit(texts)
    if experiment.units == "sentencepiece":
        return SentencePieceTokenizer.fit(texts, experiment.pieces)
    return CharTokenizer.fit(texts)


def _adam(lr: float) -> Any:
    import torch

    return partial(torch.optim.Adam, lr=lr, fused=True)


def _write(
    experiment: MultiTaskExperiment, tokenizers: dict[str, Tokenizer], model: MultiTaskAutoencoder,
    rows: int, longest: int, folder: Path,
) -> None:  # fmt: skip
    """The model folder: `tokenizer.json` is the source's, `decoders/NAME/tokenizer.json` that of any other decoder."""
    e = experiment
    for name, tokenizer in tokenizers.items():
        tokenizer.save(folder if name == COPY else folder / "decoders" / name)
    model.save_pretrained(folder, raw=e.units != "word", longest=longest)
    uses = ', `textdis interpolate FOLDER "a" "b"`, `textdis arithmetic FOLDER "a" - "b" + "c"`'
    card = CARD.format(
        title=Path(e.output).name, hidden=e.hidden, representation=e.representation, count=len(e.decoders),
        decoders=", ".join(e.decoders), rows=rows, source=e.recipe or "files of its own", share=e.share, seed=e.seed,
        steps=e.steps, batch=e.batch_size, uses=uses if COPY in e.decoders else "",
    )  # fmt: skip
    (folder / "README.md").write_text(card, encoding="utf-8")
