"""Sentences moved between two sets of examples: `pipeline("traverse", folder)`, for any model with a sentence code.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
import torch

from textdis.core.errors import UserError
from textdis.pipelines.codes import Codes
from textdis.pipelines.texts import read_texts
from textdis.systems.mmd_traversal import BUDGET, Traversal, traverse


@dataclass(frozen=True)
class Moved:
    """A sentence, what its code says, and what the moved code says; empty where the sentence is blank."""

    source: str
    reconstruction: str = ""  # of the code as it was: what is lost here is not the traversal's doing
    output: str = ""  # of the moved code
    path: tuple[str, ...] = ()  # of codes at equal distances on the way; the last is `output`
    length: float = 0.0  # of the move
    witness: tuple[float, float] = (0.0, 0.0)  # before and after: large near the sources, small near the targets
    status: str = "blank"  # converged; limit or stuck: the best code found; flat: no slope, so nothing moved
    bandwidth: float = 0.0  # sigma
    budget: float = 0.0  # lambda

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Journey:
    """Moves sentences from `sources` towards `targets`; `Traverse.between` describes the rest."""

    codes: Codes
    sources: Sequence[str]
    targets: Sequence[str]
    budget: float = BUDGET
    relative: bool = False
    bandwidth: float | None = None
    nearest: int | None = None
    steps: int = 1

    def __post_init__(self) -> None:
        for name, texts in (("sources", self.sources), ("targets", self.targets)):
            if not any(text.split() for text in texts):
                raise UserError(f"{name}: no example sentence; give one at least, better dozens")
        if self.steps < 1 or (self.nearest is not None and self.nearest < 1):
            raise UserError("steps and nearest must be 1 or more")

    @cached_property
    def examples(self) -> tuple[np.ndarray, np.ndarray]:
        """The codes of sources [m, D] and targets [n, D]."""
        return self.codes.encode(self.sources), self.codes.encode(self.targets)

    def __call__(self, texts: Iterable[str]) -> list[Moved]:
        """Line N out answers line N in; blank lines stay blank. Raises UserError for what is no list of texts."""
        texts = list(read_texts(texts, "texts"))
        rows = [i for i, text in enumerate(texts) if text.split()]
        found = [Moved(text) for text in texts]
        if not rows:
            return found
        before = self.codes.encode([texts[i] for i in rows])
        move = self.move(before)
        for k, (i, path) in enumerate(zip(rows, self._said(before, move.codes.cpu().numpy()), strict=True)):
            found[i] = Moved(
                source=texts[i],
                reconstruction=path[0],
                output=path[-1],
                path=tuple(path[1:]),
                length=float(move.lengths[k]),
                witness=(float(move.start[k]), float(move.witness[k])),
                status=move.status[k],
                bandwidth=float(move.bandwidth[k]),
                budget=float(move.budget[k]),
            )
        return found

    def move(self, codes: np.ndarray) -> Traversal:
        """Codes [N, D] moved. Raises UserError: examples that leave no bandwidth, a number that cannot be."""
        sets = (
            torch.as_tensor(part, dtype=torch.float64, device=self.codes.device) for part in (codes, *self.examples)
        )
        options: dict[str, Any] = {"budget": self.budget, "relative": self.relative, "bandwidth": self.bandwidth}
        try:
            return traverse(*sets, nearest=self.nearest, **options)
        except ValueError as error:
            raise UserError(str(error)) from None

    def _said(self, before: np.ndarray, after: np.ndarray) -> list[list[str]]:
        """What the codes before, on the way, and after say. N rows of steps + 1"""
        shares = np.linspace(0.0, 1.0, self.steps + 1)
        codes = np.stack([before + share * (after - before) for share in shares], 1)
        texts = self.codes.say(codes.reshape(-1, codes.shape[-1]))
        return [texts[k : k + self.steps + 1] for k in range(0, len(texts), self.steps + 1)]


class Traverse:
    """`traverse(texts, sources=..., targets=...)` over a model that has one code a sentence."""

    def __init__(self, codes: Codes):
        self.codes = codes

    @classmethod
    def from_folder(cls, model: str | Path, *, device: str = "auto") -> Self:
        """The model of that name, folder, or name on the hub. Raises UserError where it has no sentence code."""
        return cls(Codes.from_folder(model, device=device))

    def between(
        self,
        sources: Iterable[str],
        targets: Iterable[str],
        *,
        budget: float = BUDGET,
        relative: bool = False,
        bandwidth: float | None = None,
        nearest: int | None = None,
        steps: int = 1,
    ) -> Journey:
        """What moves sentences from what `sources` are like towards what `targets` are like.

        budget: lambda, the price of a squared length; with `relative` lengths count in units of the bandwidth, so that
        one budget suits codes of any scale. bandwidth: sigma, by default the median squared distance of the two sets.
        nearest: so many sources and targets, those nearest to each sentence, instead of all: they share its topic.
        steps: sentences on the way, the last one included. Raises UserError: a set that is no text and no list of
        texts, or has no sentence, a number that cannot be.
        """
        examples = list(read_texts(sources, "sources")), list(read_texts(targets, "targets"))
        return Journey(self.codes, *examples, budget, relative, bandwidth, nearest, steps)

    @overload
    def __call__(self, texts: str, *, sources: Iterable[str], targets: Iterable[str], **options: Any) -> Moved: ...
    @overload
    def __call__(
        self, texts: Iterable[str], *, sources: Iterable[str], targets: Iterable[str], **options: Any
    ) -> list[Moved]: ...
    def __call__(
        self, texts: str | Iterable[str], *, sources: Iterable[str], targets: Iterable[str], **options: Any
    ) -> Moved | list[Moved]:
        """One sentence, or several; the options and errors are those of `between`."""
        moved = self.between(sources, targets, **options)(texts)
        return moved[0] if isinstance(texts, str) else moved
