"""Sentences to codes and codes to sentences, with any model that has one code a sentence.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch

from textdis.core.codes import CodeModel
from textdis.core.model import ModelError, load, read_config
from textdis.pipelines.folders import choose_device, find_model
from textdis.text.batches import Batches
from textdis.text.normalise import normalise
from textdis.text.tokenizer import Tokenizer, load_tokenizer

LONGEST = 60  # tokens of a sentence that is said, unless the model's notes give `longest`


class Codes:
    """`encode(texts)` and `say(codes)` over a model and its tokenizer.

    raw: texts are read as they are (characters, case kept); else they are normalised to model text first.
    longest: tokens after which a sentence that does not end is cut.
    """

    def __init__(
        self,
        model: CodeModel,
        tokenizer: Tokenizer,
        *,
        raw: bool = False,
        longest: int = LONGEST,
        device: str = "cpu",
        batch_size: int = 256,
    ):
        self.model, self.tokenizer, self.device = model, tokenizer, device
        self.raw, self.longest, self.batch_size = raw, longest, batch_size

    @classmethod
    def from_folder(cls, model: str | Path, *, device: str = "auto") -> Self:
        """The model of that name, folder, or name on the hub. Raises ModelError where it has no sentence code."""
        folder, device = find_model(model), choose_device(device)
        notes, network = read_config(folder), load(folder, device=device)
        if not isinstance(network, CodeModel):
            raise ModelError(f"{folder}: holds a {notes['model']}, which has no code for a whole sentence")
        raw, longest = bool(notes.get("raw", False)), int(notes.get("longest", LONGEST))
        return cls(network, load_tokenizer(folder), raw=raw, longest=longest, device=device)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The code of each text. [N, D] float32"""
        rows = self.tokenizer.encode_batch(texts if self.raw else [normalise(text) for text in texts])
        codes = np.zeros((len(rows), self.model.code_size), np.float32)
        for numbers, batch in Batches(rows, batch_size=self.batch_size, shuffle=False).once() if rows else ():
            codes[numbers] = self.model.encode(batch.to(self.device)).float().cpu().numpy()
        return codes

    @torch.inference_mode()
    def say(self, codes: np.ndarray) -> list[str]:
        """The sentence of each code [N, D], greedily; model text, or raw text where the model reads that."""
        texts: list[str] = []
        for start in range(0, len(codes), self.batch_size):
            part = torch.as_tensor(codes[start : start + self.batch_size], dtype=torch.float32, device=self.device)
            texts += self.tokenizer.decode_batch(self.model.say(part, self.longest).cpu())
        return texts
