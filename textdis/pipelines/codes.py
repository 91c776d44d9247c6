"""Sentences to codes and codes to sentences, with any model that has one code a sentence.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch

from textdis.core.codes import CodeModel
from textdis.core.errors import UserError
from textdis.core.model import ModelError, load, read_config
from textdis.pipelines.folders import choose_device, find_model
from textdis.pipelines.lines import Interpolation, Point, Sum
from textdis.pipelines.texts import read_texts
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

    def reconstruct(self, text: Iterable[str]) -> str | list[str]:
        """What the model says of its own code of a text, or of each text of a list.

        Raises UserError for what is no list of texts.
        """
        said = self.say(self.encode(list(read_texts(text))))
        return said[0] if isinstance(text, str) else said

    def interpolate(self, a: str, b: str, steps: int = 7, start: float = 0.0, end: float = 1.0) -> Interpolation:
        """`steps` sentences on the line from `a` (t = 0) to `b` (t = 1), evenly from t = `start` to `end`.

        Beyond 0 and 1 the points are marked as outside. Raises UserError: less than two steps, or a model that cannot
        say a sentence.
        """
        if steps < 2:
            raise UserError(f"{steps} steps: a line needs at least two, its ends")
        a, b = self._read(a), self._read(b)
        codes, ts = self.encode([a, b]), np.linspace(start, end, steps)
        line = codes[0] + ts[:, None].astype(np.float32) * (codes[1] - codes[0])
        line[ts == 1.0] = codes[1]  # to the bit, whatever rounding did
        *points, first, second = self.say(np.concatenate([line, codes]))
        made = (Point(float(t), text) for t, text in zip(ts, points, strict=True))
        return Interpolation(a, b, tuple(made), (first, second))

    def combine(self, terms: Sequence[tuple[int, str]]) -> Sum:
        """The signed sum of any number of sentences: [(1, a), (-1, b), (1, c)] is a - b + c."""
        if not terms:
            raise UserError('nothing to add up; give at least one sentence, as in "a" - "b" + "c"')
        texts = [self._read(text) for _, text in terms]
        codes, signs = self.encode(texts), np.array([sign for sign, _ in terms], np.float32)
        said, *alone = self.say(np.concatenate([(signs @ codes)[None], codes]))
        signed = zip([sign for sign, _ in terms], texts, alone, strict=True)
        return Sum(said, tuple(signed))

    def arithmetic(self, a: str, b: str, c: str) -> Sum:
        """a - b + c: `c` with the step from `b` to `a` taken."""
        return self.combine([(1, a), (-1, b), (1, c)])

    def _read(self, text: str) -> str:
        """The text as the model reads it, and so as it would say it."""
        return text if self.raw else normalise(text)
