"""Sentences that nobody wrote, and what lies near a sentence in code space.

Axes: N sentences, D numbers of a code, Z of the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.model import ModelError, read_config
from textdis.pipelines.codes import Codes
from textdis.pipelines.folders import choose_device, find_model

BATCH = 256  # sentences said at a time


class Neighbour(NamedTuple):
    cosine: float  # of the two codes
    text: str


class Sampler:
    """`sampler(20, seed=0)` imagines sentences; `between`, `interpolate` and `neighbours` look at what is near.

    codes: the model and its tokenizer; the model must have a generator of codes. labels: names of its styles, if any.
    """

    def __init__(self, codes: Codes, labels: Sequence[str] = ()):
        self.codes, self.model, self.labels = codes, codes.model, list(labels)

    @classmethod
    def from_folder(cls, model: str | Path, *, device: str = "auto") -> Self:
        """The model of that name, folder, or name on the hub. Raises ModelError where it generates nothing."""
        folder = find_model(model)
        codes, notes = Codes.from_folder(folder, device=choose_device(device)), read_config(folder)
        if not hasattr(codes.model, "imagine"):
            raise ModelError(
                f"{folder}: holds a {notes['model']}, which has no generator; train one: textdis train arae"
            )
        return cls(codes, notes.get("labels", ()))

    def __call__(
        self, count: int = 20, *, seed: int = 0, temperature: float | None = None, style: str | None = None
    ) -> list[str]:
        """`count` sentences of generated codes, in model text. temperature: words are drawn; None: the likeliest ones.

        style: one of `labels`; None: the model's styles in turn. Raises UserError: no such style, a temperature or a
        count that is not above 0.
        """
        if count < 1 or (temperature is not None and not 0 < temperature < float("inf")):
            raise UserError(f"count {count}, temperature {temperature}: give numbers above 0")
        return self._say(self.codes_of_noise(self.noise(count, seed)), self._styles(count, style), temperature, seed)

    def between(self, steps: int = 7, *, seed: int = 0, style: str | None = None) -> list[str]:
        """The sentences on the line between two vectors of noise, ends included, all in one style (None: the first)."""
        if steps < 2:
            raise UserError(f"{steps} steps: a line needs at least two, its ends")
        first, second = self.noise(2, seed)
        line = torch.stack([first + t * (second - first) for t in torch.linspace(0, 1, steps)])
        wanted = style if style is not None or not self.labels else self.labels[0]
        return self._say(self.codes_of_noise(line), self._styles(steps, wanted))

    def interpolate(self, a: str, b: str, steps: int = 7) -> list[str]:
        """The sentences on the line between two sentences, in code space."""
        return [point.text for point in self.codes.interpolate(a, b, steps).points]

    def neighbours(self, text: str, among: Sequence[str], count: int = 5) -> list[Neighbour]:
        """The `count` of `among` whose codes are nearest to that of `text`, nearest first; never the text itself."""
        others = [other for other in dict.fromkeys(among) if other != text]
        if not others:
            raise UserError("no other sentence to compare with; give some")
        codes = self.codes.encode([text, *others])
        codes = codes / np.maximum(np.linalg.norm(codes, axis=-1, keepdims=True), 1e-9)
        cosines = codes[1:] @ codes[0]
        return [Neighbour(float(cosines[i]), others[i]) for i in np.argsort(-cosines, kind="stable")[:count]]

    def noise(self, count: int, seed: int = 0) -> Tensor:
        """[N, Z], the same on every device and, row by row, for every count."""
        drawn = np.random.default_rng(seed).standard_normal((count, self.model.config.noise), np.float32)
        return torch.from_numpy(drawn).to(self.codes.device)

    @torch.inference_mode()
    def codes_of_noise(self, noise: Tensor) -> Tensor:
        """[N, Z] -> [N, D]"""
        model: Any = self.model
        return model.imagine(noise)

    def _styles(self, count: int, style: str | None) -> Tensor:
        if style is not None and style not in self.labels:
            raise UserError(f"no style {style!r}; this model has {', '.join(self.labels) or 'none'}")
        turn = torch.arange(count, device=self.codes.device) % max(1, len(self.labels))
        return turn if style is None else torch.full_like(turn, self.labels.index(style))

    @torch.inference_mode()
    def _say(self, codes: Tensor, styles: Tensor, temperature: float | None = None, seed: int = 0) -> list[str]:
        model: Any = self.model
        say = model.say
        if temperature is not None:
            rng = torch.Generator(self.codes.device).manual_seed(seed)
            say = partial(model.sample, temperature=temperature, generator=rng)
        texts: list[str] = []
        for part, style in zip(codes.split(BATCH), styles.split(BATCH), strict=True):
            texts += self.codes.tokenizer.decode_batch(say(part, self.codes.longest, style).cpu())
        return texts
