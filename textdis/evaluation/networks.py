"""Our own networks as judges: a TextCNN for style, an LSTM with a closed vocabulary for language.

Each folder is an ordinary model folder, tokenizer included. Axes: N sentences, S styles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from textdis.core.batch import UNK, TextBatch
from textdis.evaluation.protocols import SentenceNLL
from textdis.systems.language_model import LanguageModel
from textdis.systems.text_classifier import TextCNN
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer, load_tokenizer

BATCH = 256  # sentences


class NetworkJudge:
    """A model and its tokenizer."""

    Model: Any  # the class of `model`

    def __init__(self, model: Any, tokenizer: Tokenizer):
        self.model, self.tokenizer = model.eval(), tokenizer

    def save(self, folder: Path, *, half: bool = False, **notes: Any) -> None:
        """Writes the model folder; half: weights in half precision; notes: into its `config.json`."""
        self.model.save_pretrained(folder, half=half, **notes)
        self.tokenizer.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what `save` wrote. Raises UserError: missing or damaged."""
        return cls(cls.Model.from_pretrained(folder), load_tokenizer(folder))

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, TextBatch]]:
        """(row numbers, batch) of sentences of similar length."""
        rows = self.tokenizer.encode_batch(texts)
        for numbers, batch in Batches(rows, batch_size=BATCH, shuffle=False).once() if rows else ():
            yield numbers, batch.to(self.model.device)


class CNNJudge(NetworkJudge):
    """p(style | text) by a TextCNN."""

    Model = TextCNN

    @torch.inference_mode()
    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """[N, S]"""
        found = np.zeros((len(texts), self.model.config.classes))
        for rows, batch in self._batches(texts):
            found[rows] = self.model(batch.tokens, batch.valid).double().softmax(-1).cpu().numpy()
        return found


class LSTMJudge(NetworkJudge):
    """-log p(text) by an LSTM language model; `</s>` counts as a token, and every unknown word is `<unk>`."""

    Model = LanguageModel

    @torch.inference_mode()
    def nll(self, texts: Sequence[str]) -> SentenceNLL:
        nats, tokens, unknown = np.zeros(len(texts)), np.zeros(len(texts), int), np.zeros(len(texts), int)
        for rows, batch in self._batches(texts):
            lost, counts = self.model.nll(batch)
            nats[rows], tokens[rows] = lost.cpu().numpy(), counts.cpu().numpy()
            unknown[rows] = (batch.tokens == UNK).sum(-1).cpu().numpy()
        return SentenceNLL(nats, tokens, unknown)
