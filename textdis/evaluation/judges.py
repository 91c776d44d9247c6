"""Who says whether a sentence has a style and reads like real text: fitted on real sentences only, once.

Three judges in one folder: a TextCNN and an LSTM language model that read the training split, and a TF-IDF
classifier that reads the `judges` split alone, which no transfer model ever sees. None chooses anything on the
held-out split, so its score there is honest; it stands in `judges.json`, with hashes of data and files.
Axes: N sentences, S styles.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from textdis.core.batch import UNK, TextBatch
from textdis.core.errors import UserError
from textdis.core.objective import Objective
from textdis.core.schedule import warmup_cosine
from textdis.evaluation.linear import LinearJudge
from textdis.metrics.text import perplexity, transfer_accuracy
from textdis.systems.language_model import LanguageModel, LanguageModelConfig, LanguageModelObjective
from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig
from textdis.text.batches import Batches
from textdis.text.tokenizer import WordTokenizer
from textdis.training.trainer import Trainer, TrainerConfig

FORMAT, MANIFEST = 1, "judges.json"


@dataclass(frozen=True)
class JudgesConfig:
    min_count: int = 3  # times a word must stand in the training split to be known to CNN and language model
    batch_size: int = 128  # sentences
    cnn_epochs: float = 2.0
    cnn_word_dropout: float = 0.1
    language_epochs: float = 2.0
    language_hidden: int = 256
    device: str = "auto"


class Judges:
    """`style(texts)` and `perplexity(texts)` of model text, with the record of how they were fitted."""

    def __init__(
        self, tokenizer: WordTokenizer, cnn: TextCNN, linear: LinearJudge, language: LanguageModel, manifest: dict
    ):
        self.tokenizer, self.cnn, self.linear, self.language = tokenizer, cnn.eval(), linear, language.eval()
        self.manifest = manifest

    @property
    def held_out(self) -> dict[str, float]:
        """Their own scores on real sentences of the held-out split: accuracies, perplexity, UNK share."""
        return self.manifest["held_out"]

    @property
    def fingerprint(self) -> str:
        """Changes with data, configuration, seed, weights and scores."""
        return self.manifest["fingerprint"]

    @torch.no_grad()
    def style(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """p(style | text) by each classifier. {"cnn": [N, S], "linear": [N, S]}"""
        seen = np.zeros((len(texts), self.cnn.config.classes))
        for rows, batch in self._batches(texts, self.cnn.device):
            seen[rows] = self.cnn(batch.tokens, batch.valid).float().softmax(-1).cpu().numpy()
        return {"cnn": seen, "linear": self.linear.probabilities(texts)}

    @torch.no_grad()
    def perplexity(self, texts: Sequence[str]) -> dict[str, float]:
        """exp(nats per token), the end of each sentence counted; unk_share: of words; tokens: their number."""
        nats, tokens, unknown = np.zeros(len(texts)), np.zeros(len(texts)), 0
        for rows, batch in self._batches(texts, self.language.device):
            lost, counts = self.language.nll(batch)
            nats[rows], tokens[rows] = lost.cpu().numpy(), counts.cpu().numpy()
            unknown += int((batch.tokens == UNK).sum())
        words = tokens.sum() - len(texts)
        return perplexity(nats, tokens) | {"unk_share": unknown / max(1, words), "tokens": float(tokens.sum())}

    def _batches(self, texts: Sequence[str], device: torch.device) -> Iterator[tuple[np.ndarray, TextBatch]]:
        batches = Batches(self.tokenizer.encode_batch(texts), batch_size=256, shuffle=False)
        for rows, batch in batches.once():
            yield rows, batch.to(device)

    def save(self, folder: Path) -> None:
        """Writes three judges and, last, `judges.json`, whose hashes and fingerprint it fills in."""
        self.cnn.save_pretrained(folder / "cnn")
        self.language.save_pretrained(folder / "language_model")
        self.linear.save(folder / "linear")
        self.tokenizer.save(folder)
        files = {name: _hash_file(folder / name) for name in _files(folder)}
        self.manifest = {**self.manifest, "files": files}
        self.manifest["fingerprint"] = _hash(json.dumps(self.manifest, sort_keys=True))[:16]
        (folder / MANIFEST).write_text(json.dumps(self.manifest, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path, *, threshold: float = 0.9, force: bool = False) -> Self:
        """The judges of `folder`.

        Raises UserError: not such a folder, a file that changed since the fit, or a classifier whose own
        held-out accuracy is below `threshold`, unless `force`.
        """
        folder = Path(folder)
        manifest = _read_manifest(folder)
        judges = cls(
            WordTokenizer.load(folder / "tokenizer.json"),
            TextCNN.from_pretrained(folder / "cnn"),
            LinearJudge.load(folder / "linear"),
            LanguageModel.from_pretrained(folder / "language_model"),
            manifest,
        )
        if not force:
            judges.require(threshold)
        return judges

    def require(self, threshold: float) -> None:
        """Raises UserError where a classifier's own held-out accuracy is below `threshold`."""
        for name in ("cnn", "linear"):
            if self.held_out[name] < threshold:
                raise UserError(
                    f"the {name} judge is right on only {self.held_out[name]:.1%} of real held-out sentences "
                    f"({threshold:.0%} needed): fit it on more data, or force it"
                )


def fit_judges(
    data: Mapping[str, Any],
    output: str | Path,
    *,
    name: str,
    seed: int = 0,
    config: JudgesConfig | None = None,
) -> Judges:
    """Fits three judges on `data` and writes them to the new folder `output`.

    data: splits `train`, `judges` (never shown to a transfer model) and `dev` (held out), each with columns
    text (model text) and label. name: of the data, for the record. Raises UserError where `output` exists.
    """
    config, output = config or JudgesConfig(), Path(output)
    if output.exists():
        raise UserError(f"{output}: exists already; judges are fitted once: give another folder, or delete it")
    columns = {split: (data[split]["text"][:], data[split]["label"][:]) for split in ("train", "judges", "dev")}
    texts, labels = columns["train"]
    tokenizer = WordTokenizer.fit(texts, min_count=config.min_count)
    batches = partial(Batches, tokenizer.encode_batch(texts), labels, batch_size=config.batch_size, seed=seed)
    torch.manual_seed(seed)  # of the weights at the start
    cnn = _fit_cnn(batches(), tokenizer.size, len(set(labels)), config, seed)
    linear = LinearJudge.fit(*columns["judges"], seed=seed)
    language = _fit_language(batches(), tokenizer.size, config, seed)
    manifest = {
        "format": FORMAT,
        "data": name,
        "seed": seed,
        "config": dataclasses.asdict(config),
        "splits": {split: _describe(*column) for split, column in columns.items()},
    }
    judges = Judges(tokenizer, cnn, linear, language, manifest)
    judges.manifest["held_out"] = _score(judges, *columns["dev"])
    _write(judges, output)
    return judges


def _fit_cnn(batches: Batches, words: int, styles: int, config: JudgesConfig, seed: int) -> TextCNN:
    model = TextCNN(TextCNNConfig(vocabulary=words, classes=styles))
    objective = TextClassifierObjective(model, word_dropout=config.cnn_word_dropout)
    _train(objective, batches, round(config.cnn_epochs * len(batches)), config, seed)
    return model


def _fit_language(batches: Batches, words: int, config: JudgesConfig, seed: int) -> LanguageModel:
    model = LanguageModel(LanguageModelConfig(vocabulary=words, hidden=config.language_hidden))
    steps = round(config.language_epochs * len(batches))
    objective = LanguageModelObjective(model, schedule=warmup_cosine(min(200, steps // 10), steps))
    _train(objective, batches, steps, config, seed)
    return model


def _train(objective: Objective, batches: Batches, steps: int, config: JudgesConfig, seed: int) -> None:
    trainer = Trainer(objective, TrainerConfig(steps=steps, device=config.device, seed=seed))
    trainer.fit(batches)
    if trainer.stopped:
        raise UserError(f"the fit of the judges was stopped ({trainer.stopped}); nothing was written")


def _score(judges: Judges, texts: list[str], labels: list[int]) -> dict[str, float]:
    found = {name: transfer_accuracy(p.argmax(-1), labels)["accuracy"] for name, p in judges.style(texts).items()}
    return found | judges.perplexity(texts)


def _write(judges: Judges, output: Path) -> None:
    beside = output.with_name(output.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    judges.save(beside)
    beside.rename(output)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files, number = manifest["files"], manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder}: no judges there ({error}); fit them first") from None
    if number > FORMAT:
        raise UserError(
            f"{folder}: judges of format {number}, newer than this textdis reads ({FORMAT}); upgrade textdis"
        )
    for name, digest in files.items():
        if not (folder / name).is_file() or _hash_file(folder / name) != digest:
            raise UserError(f"{folder / name}: missing or changed since the judges were fitted; fit them again")
    return manifest


def _describe(texts: Iterable[str], labels: Iterable[int]) -> dict[str, Any]:
    lines = [f"{label}\t{text}" for label, text in zip(labels, texts, strict=True)]
    return {"sentences": len(lines), "sha256": _hash("\n".join(lines))}


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
