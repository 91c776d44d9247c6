"""Train an autoencoder with one code a sentence, ARAE or its baselines, for generation and for transfer.

`ROWS` names the configurations of table 1 of Zhao et al. (2018). The best model is that of least reverse perplexity on
held-out sentences, which the paper found helpful for early stopping; or of the least reconstruction loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from textdis.core.errors import UserError
from textdis.core.schedule import Schedule, warmup_cosine
from textdis.evaluation.health import code_health, reverse_of, rewritten
from textdis.evaluation.smoothness import said_of
from textdis.experiments.card import write_code_card
from textdis.experiments.code_data import Corpus, read_corpus
from textdis.experiments.experiment import built, record
from textdis.experiments.lines import read
from textdis.systems.arae import ARAEObjective, decaying
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.systems.cross_aligned import CrossAligned, CrossAlignedConfig, CrossAlignedObjective
from textdis.text.batches import Batches
from textdis.text.tokenizer import WordTokenizer
from textdis.training import processes
from textdis.training.callbacks import Callback, Guard, Score, Tensorboard
from textdis.training.trainer import Trainer, TrainerConfig

CROSS_ALIGNED = "cross-aligned autoencoder"
# lambda_a and lambda_b are unnamed in the paper; the cross-aligned autoencoder's weight of 1 keeps a short run from
# learning to reconstruct
ROWS: dict[str, dict[str, Any]] = {
    CROSS_ALIGNED: {"weight": 0.03},
    "autoencoder": {"lambda1": 0.0, "lambda2": 0.0},
    "autoencoder and classifier": {"lambda1": 0.0},
    "ARAE, lambda 1": {"lambda1": 1.0},
    "ARAE, lambda 10": {"lambda1": 10.0},
    # beside the paper's two decoders: one, told the style; noise and lambda2 chosen on Yelp's dev split, random seed 7
    "ARAE, lambda 10, one decoder": {"lambda1": 10.0, "decoders": "shared", "noise": 0.077, "lambda2": 4.0},
}


@dataclass(frozen=True)
class CodeExperiment:
    """What both kinds of run need. Sentences come from files (`data`) or from a recipe."""

    output: str  # folder of the run; the best model goes to output/model
    data: tuple[str, ...] = ()  # one txt file a style, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes; its split `dev` is held out
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    seed: int = 0  # random seed of weights, batches and noise
    sentences: int = 600_000  # that pass step (1), repetitions counted
    batch_size: int = 128  # sentences, of all styles together
    limit: int | None = None  # sentences of the training split, drawn by the seed; None: all
    max_length: int = 30  # words of a training sentence; longer ones are left out
    least: int = 5  # occurrences a word needs to enter the vocabulary
    balanced: bool = True  # repeat sentences of smaller styles, so that each style is drawn as often
    held_out: int = 4_000  # sentences that validate, taken from `data`, at most a tenth of it, or from the recipe's dev
    validations: int = 6  # evenly over the run
    best: Literal["reverse", "nll"] = "reverse"  # what the best model has least of: reverse perplexity or loss
    reverse: dict[str, int | float] = field(
        default_factory=lambda: {"hidden": 128, "epochs": 5.0}
    )  # of reverse_perplexity
    patience: int | None = None  # validations without a better score before the run stops
    products: Literal["highest", "medium"] = "medium"  # medium: bfloat16, where a processor can
    sizes: dict[str, int] = field(default_factory=dict)  # fields of the model's Config
    minutes: float | None = None  # of one call, which then stops and can be resumed
    device: str = "auto"  # auto | cpu | cuda
    tensorboard: bool = False  # curves beside metrics.jsonl

    @property
    def steps(self) -> int:
        """Batches of the run."""
        return -(-self.sentences // self.batch_size)


@dataclass(frozen=True)
class ARAEExperiment(CodeExperiment):
    """ARAE; see `systems/arae.py` for what the options mean."""

    styles: bool = True  # False: one decoder for all sentences, which are then generated, not transferred
    lambda1: float = 1.0  # critic; 0: none
    lambda2: float = 1.0  # code classifier; 0: none
    critic_steps: int = 5
    lipschitz: Literal["clip", "penalty", "spectral"] = "clip"
    bound: float = 0.01  # of each weight of a clipped critic
    penalty: float = 10.0  # weight of the gradient penalty
    confusion: Literal["flipped", "uniform", "ascent"] = "flipped"  # form of step (3b)
    noise: float = 0.05  # standard deviation added to codes in step (1)
    noise_decay: float = 0.9995  # factor on it every 100 steps
    decoders: Literal["separate", "shared"] = "separate"
    optimizer: Literal["adam", "sgd"] = "adam"  # of step (1); sgd is the released code's
    lr: float = 4e-3  # of step (1), the highest: it falls as a cosine; 1.0 for sgd
    encoder_lr: float = 0.1  # of the encoder in steps (3) and (3b): plain SGD, as Adam would divide lambda out
    adversary_lr: float = 1e-3  # of critic, classifier and generator (Adam); the released code: 1e-4


@dataclass(frozen=True)
class CrossAlignedExperiment(CodeExperiment):
    """The cross-aligned autoencoder; see `systems/cross_aligned.py`."""

    weight: float = 1.0  # of the adversarial loss
    temperature: float = 0.1  # of soft words
    lr: float = 4e-3  # the highest of a cosine


def train(experiment: ARAEExperiment | CrossAlignedExperiment) -> Trainer:
    """Trains and writes `output/model/`; started again with the same output, it resumes. Returns the ended trainer.

    Raises UserError: no data, styles that do not fit, an output that holds another run.
    """
    import torch

    e = experiment
    processes.join(e.device)
    torch.set_float32_matmul_precision(e.products)
    styled = not isinstance(e, ARAEExperiment) or e.styles
    columns = e.text_column, e.label_column
    corpus = read_corpus(e.data, e.recipe, e.max_length, e.held_out, e.limit, e.seed, columns, styled=styled)
    tokenizer = WordTokenizer.fit(corpus.texts, min_count=min(e.least, max(1, len(corpus.texts) // 5_000)))
    torch.manual_seed(e.seed)
    objective = built(make_objective, e, tokenizer.size, len(corpus.names))
    record(Path(e.output), e, corpus.texts)
    every = max(1, e.steps // e.validations)
    config = TrainerConfig(
        e.steps, validate_every=every, save_every=min(500, every), device=e.device, seed=e.seed, minutes=e.minutes,
        patience=e.patience, monitor="reverse/perplexity" if e.best == "reverse" else "autoencoder/nll",
    )  # fmt: skip
    batches, held_out = make_batches(e, corpus, tokenizer)
    write = partial(_write, e, corpus, tokenizer, objective)
    trainer = Trainer(objective, config, Path(e.output), make_callbacks(e, corpus, tokenizer), write)
    trainer.fit(batches, [batch for _, batch in held_out.once()])
    return trainer


def make_objective(e: ARAEExperiment | CrossAlignedExperiment, words: int, styles: int) -> Any:
    """A new model with random weights, in its objective."""
    from torch.optim import SGD, Adam

    if isinstance(e, CrossAlignedExperiment):
        model = CrossAligned(CrossAlignedConfig(words, styles, **e.sizes))
        adam = partial(Adam, lr=e.lr, betas=(0.5, 0.999), fused=True)
        return CrossAlignedObjective(
            model, weight=e.weight, temperature=e.temperature, optimizer=adam, schedule=_falling(e)
        )
    return ARAEObjective(
        ARAE(ARAEConfig(words, styles, decoders=e.decoders, **e.sizes)),  # type: ignore[arg-type]
        lambda1=e.lambda1,
        lambda2=e.lambda2,
        critic_steps=e.critic_steps,
        lipschitz=e.lipschitz,
        bound=e.bound,
        penalty=e.penalty,
        confusion=e.confusion,
        noise=decaying(e.noise, e.noise_decay),
        optimizer=partial(SGD if e.optimizer == "sgd" else Adam, lr=e.lr, fused=True),
        max_norm=1.0 if e.optimizer == "sgd" else 10.0,
        schedule=_falling(e),
        adversary=partial(Adam, lr=e.adversary_lr, betas=(0.5, 0.999), fused=True),
        encoder=partial(SGD, lr=e.encoder_lr, fused=True),
    )


def _falling(e: CodeExperiment) -> Schedule:
    """A factor on the rate of reconstruction: short runs end several nats lower than at a constant one."""
    return warmup_cosine(min(100, e.steps // 10 + 1), e.steps)


def make_batches(e: CodeExperiment, corpus: Corpus, tokenizer: WordTokenizer) -> tuple[Batches, Batches]:
    """Endless fair samples of the training sentences, and the held-out sentences."""
    rows = corpus.balanced() if e.balanced else list(range(len(corpus.texts)))
    encoded, labels = tokenizer.encode_batch(corpus.texts), corpus.labels
    own: dict[str, Any] = {"seed": e.seed, "pool": 1} | processes.share()
    train = Batches([encoded[i] for i in rows], [labels[i] for i in rows], batch_size=e.batch_size, **own)
    return train, Batches(tokenizer.encode_batch(corpus.held_texts), corpus.held_labels, batch_size=256)


def make_callbacks(e: CodeExperiment, corpus: Corpus, tokenizer: WordTokenizer) -> Sequence[Callback]:
    """Health, and guards against collapse: words that no longer come back, generated codes that are all one."""
    held_out = Batches(tokenizer.encode_batch(corpus.held_texts), corpus.held_labels, batch_size=256)
    callbacks: list[Callback] = [Score("health", lambda model: code_health(model, held_out))]
    if e.best == "reverse":
        own = {"seed": e.seed, "device": e.device} | e.reverse
        say = _say(corpus, tokenizer)
        callbacks.append(Score("reverse", reverse_of(corpus.held_texts, tokenizer.words, say, **own)))
    callbacks += [Guard("health/accuracy", share=0.5, once=0.1), Guard("health/generated_spread", least=1e-3)]
    return callbacks + ([Tensorboard()] if e.tensorboard else [])


def _say(corpus: Corpus, tokenizer: WordTokenizer) -> Callable[[Any], list[str]]:
    """What a model generates for the reverse perplexity: transferred sentences, or imagined ones."""
    if len(corpus.names) > 1:
        texts, labels = corpus.held_texts, corpus.held_labels
        targets = [(label + 1) % len(corpus.names) for label in labels]
        return lambda model: rewritten(model, tokenizer, texts, labels, targets)
    return lambda model: said_of(model, tokenizer, model.prior, len(corpus.held_texts), corpus.longest)


def _write(e: CodeExperiment, corpus: Corpus, tokenizer: WordTokenizer, objective: Any, folder: Path) -> None:
    notes = {"labels": corpus.names} if len(corpus.names) > 1 else {}
    tokenizer.save(folder)
    objective.model.save_pretrained(folder, longest=corpus.longest, **notes)
    write_code_card(folder, e, corpus, objective.model)


def run_row(name: str, seed: int, output: Path, **base: Any) -> Path:
    """Trains, or goes on training, a row of the table with one random seed below `output`. -> its model folder

    Raises UserError where the run was stopped before its end; no such row.
    """
    if name not in ROWS:
        raise UserError(f"no row {name!r}; there are {', '.join(ROWS)}")
    own, place = ROWS[name], output / f"{base['recipe']}-{name.replace(',', '').replace(' ', '-')}-{seed}"
    made: Any = CrossAlignedExperiment if name == CROSS_ALIGNED else ARAEExperiment
    trainer = train(made(str(place), seed=seed, **base, **own))
    if trainer.stopped and not trainer.stopped.startswith(("collapse", "no better")):
        raise UserError(f"{place}: stopped ({trainer.stopped}); the same command goes on")
    return place / "model"


def finished(path: Path, recipe: str, sentences: int) -> dict[tuple[str, int], dict[str, float]]:
    """The scores of earlier calls on `recipe`, by row and random seed, of runs of as many sentences."""
    return {key: line["scores"] for key, line in read(path, recipe=recipe, sentences=sentences).items()}
