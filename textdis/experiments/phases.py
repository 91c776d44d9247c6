"""Two phases of one run: batches of one kind, then of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from textdis.core.errors import UserError
from textdis.text.batches import Batches
from textdis.text.normalise import normalise
from textdis.text.sources import kind_of, read_rows


class Phases:
    """`steps` batches of `first`, then batches of `second` for ever; it resumes as `Batches` does."""

    def __init__(self, first: Batches | None, second: Batches, steps: int):
        self.first, self.second, self.steps, self.taken = first, second, steps, 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        self.taken += 1
        return next(self.first if self.first is not None and self.taken <= self.steps else self.second)

    def state_dict(self) -> dict[str, Any]:
        first = None if self.first is None else self.first.state_dict()
        return {"taken": self.taken, "first": first, "second": self.second.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on exactly where `state` was taken. Raises UserError where data or batch size are others."""
        if (self.first is None) != (state["first"] is None):
            raise UserError("cannot resume: the run began with other phases; resume with the same settings")
        if self.first is not None:
            self.first.load_state_dict(state["first"])
        self.second.load_state_dict(state["second"])
        self.taken = state["taken"]


def read_unlabelled(sources: Sequence[str]) -> list[str]:
    """The sentences of txt files, and of recipes (their training split, or all splits where there is none).

    All in model text, whatever their labels. Raises UserError: no such file or recipe, a table.
    """
    return [text for source in sources for text in map(normalise, _read(source)) if text]


def _read(source: str) -> list[str]:
    import data_recipes

    if source in data_recipes.NAMES:
        splits = data_recipes.load(source)
        names = ["train"] if "train" in splits else list(splits)
        return [text for name in names for text in splits[name]["text"]]
    if kind_of(source) != "txt":
        raise UserError(f"{source}: unlabelled sentences are read from txt files, one a line; save it as one")
    return [row.text for row in read_rows([source])]
