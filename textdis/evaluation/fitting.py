"""Fits the three judges of a corpus on its real sentences, once, and writes their folder."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import torch

from textdis.core.errors import UserError
from textdis.core.objective import Objective
from textdis.core.schedule import warmup_cosine
from textdis.evaluation import judge_folders as folders
from textdis.evaluation.judges import Judges
from textdis.evaluation.linear import LinearJudge, log_shares
from textdis.evaluation.networks import CNNJudge, LSTMJudge
from textdis.evaluation.protocols import HeldOut, StyleJudge
from textdis.systems.language_model import LanguageModel, LanguageModelConfig, LanguageModelObjective
from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer, WordTokenizer
from textdis.training.trainer import Trainer, TrainerConfig


@dataclass(frozen=True, kw_only=True)
class JudgesConfig:
    """How judges are fitted; nothing here was chosen on held-out sentences."""

    seed: int = 0  # random seed of weights and batches
    min_count: int = 0  # times a word stands in the training split for CNN and LSTM to know it; 0: 2 or 3, by its size
    batch_size: int = 128  # sentences
    cnn_epochs: float = 0.0  # passes over the training split; 0: 2 to 5, by its size
    cnn_word_dropout: float = 0.1  # share of words that the CNN must do without, in training
    language_epochs: float = 0.0  # passes over the training split; 0: 2 to 5, by its size
    language_hidden: int = 256  # units of the LSTM
    device: str = "auto"  # auto | cpu | cuda

    def sized(self, sentences: int) -> Self:
        """With each 0 replaced by what suits so many training sentences.

        Two passes and words seen three times, where there are 30,000 or more; fewer sentences are read up to five
        times, and their words need be seen only twice. (Once would leave no word to learn `<unk>` from.)
        """
        passes = max(2.0, min(5.0, 60_000 / sentences))
        return replace(
            self,
            min_count=self.min_count or max(2, min(3, sentences // 10_000)),
            cnn_epochs=self.cnn_epochs or passes,
            language_epochs=self.language_epochs or passes,
        )


@dataclass(frozen=True)
class JudgesData:
    """Model text with the style of each sentence, 0 ... S - 1, by split."""

    name: str  # for the record
    labels: Sequence[str]  # names of the S styles
    splits: dict[str, HeldOut]  # `train`; `judges`, where no transfer model may see one; and the held-out one
    held_out: str  # its name
    notes: str = ""  # on how the splits were made


def fit_judges(data: JudgesData, output: Path, config: JudgesConfig) -> Judges:
    """Fits a TextCNN, a TF-IDF classifier and an LSTM language model, and writes them to `output`.

    The TF-IDF classifier reads the split `judges` alone, where there is one, so that it shares no sentence with a
    transfer model; all else reads `train`. Stopped, it goes on when called again with the same data and
    configuration. Raises UserError: judges are there already, or the fit was stopped.
    """
    if (output / folders.MANIFEST).exists():
        raise UserError(f"{output}: holds judges already; they are fitted once: give another folder, or delete it")
    config = config.sized(len(data.splits["train"].texts))
    train, apart = data.splits["train"], "judges" if "judges" in data.splits else "train"
    tokenizer = WordTokenizer.fit(train.texts, min_count=config.min_count)
    runs = output / "training"
    styles: dict[str, StyleJudge] = {
        "cnn": fit_cnn(*train, tokenizer, len(data.labels), config, runs / "cnn"),
        "linear": LinearJudge.fit(*data.splits[apart], seed=config.seed),
    }
    language = fit_language(train.texts, tokenizer, config, runs / "language_model")
    judges = Judges.composed(
        data.labels,
        styles,
        language,
        data.splits[data.held_out],
        data=data.name,
        notes=data.notes,
        config={f.name: getattr(config, f.name) for f in dataclasses.fields(JudgesConfig) if f.name != "device"},
        splits={name: describe(split) for name, split in data.splits.items()},
        fitted_on={"cnn": "train", "linear": apart, "language_model": "train", "held_out": data.held_out},
    )
    save(judges, output)
    shutil.rmtree(runs)
    return judges


def save(judges: Judges, folder: Path, *, half: bool = False) -> None:
    """Writes judges that `fit_judges` made, and completes their manifest; half: in half precision."""
    judges.styles["cnn"].save(folder / "cnn", half=half, labels=judges.labels)  # type: ignore[attr-defined]
    judges.styles["linear"].save(folder / "linear", half=half)  # type: ignore[attr-defined]
    judges.language.save(folder / "language_model", half=half)  # type: ignore[attr-defined]
    judges.manifest = folders.write(folder, judges.manifest | {"half": half})


def fit_cnn(
    texts: Sequence[str],
    labels: Sequence[int],
    tokenizer: Tokenizer,
    styles: int,
    config: JudgesConfig,
    run: Path | None = None,
) -> CNNJudge:
    """A TextCNN of labelled sentences, to which no style is likelier before it reads; run: folder to resume from."""
    torch.manual_seed(config.seed)  # of the weights at the start
    model = TextCNN(TextCNNConfig(vocabulary=tokenizer.size, classes=styles))
    batches = Batches(tokenizer.encode_batch(texts), labels, batch_size=config.batch_size, seed=config.seed)
    objective = TextClassifierObjective(model, word_dropout=config.cnn_word_dropout)
    _train(objective, batches, round(config.cnn_epochs * len(batches)), config, run)
    with torch.no_grad():
        model.output.bias.sub_(torch.as_tensor(log_shares(labels), dtype=torch.float32, device=model.device))
    return CNNJudge(model, tokenizer)


def fit_language(
    texts: Sequence[str], tokenizer: Tokenizer, config: JudgesConfig, run: Path | None = None
) -> LSTMJudge:
    """An LSTM language model of sentences, over the words of `tokenizer`; run: folder to resume from."""
    torch.manual_seed(config.seed)  # of the weights at the start
    model = LanguageModel(LanguageModelConfig(vocabulary=tokenizer.size, hidden=config.language_hidden))
    batches = Batches(tokenizer.encode_batch(texts), batch_size=config.batch_size, seed=config.seed)
    steps = round(config.language_epochs * len(batches))
    objective = LanguageModelObjective(model, schedule=warmup_cosine(min(200, steps // 10), steps))
    _train(objective, batches, steps, config, run)
    return LSTMJudge(model, tokenizer)


def describe(split: HeldOut) -> dict[str, Any]:
    """The number of sentences and a hash of them with their styles, in order."""
    lines = [f"{label}\t{text}" for text, label in zip(split.texts, split.labels, strict=True)]
    return {"sentences": len(lines), "sha256": folders.digest("\n".join(lines).encode("utf-8", "surrogatepass"))}


def _train(objective: Objective, batches: Batches, steps: int, config: JudgesConfig, run: Path | None) -> None:
    trainer = Trainer(objective, TrainerConfig(steps=steps, device=config.device, seed=config.seed), run)
    trainer.fit(batches)
    if trainer.stopped:
        raise UserError(f"the fit was stopped ({trainer.stopped}); the same command goes on")
