"""What a caller of the transfer may choose, and what is said of a value that makes no sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, Self

from textdis.core.errors import UserError

MOST = 100  # candidates a sentence: beyond it a beam is slow and finds nothing new
SHARES = ("strength", "min_similarity", "neutral")
LARGEST = 2**63 - 1  # that a seed may be
NUMBERS = {"n_best": (1, MOST), "batch_size": (1, LARGEST), "seed": (0, LARGEST)}  # least and most


@dataclass(frozen=True)
class TransferOptions:
    """What a caller may choose; numbers may be numpy's. Raises UserError for values that make no sense."""

    to: str = "opposite"  # or the name of a style
    source: str | None = None  # the style that every sentence has; None: the model's classifier tells
    strength: float = 0.5  # in [0, 1]: weight of the style against the similarity, among the n best
    n_best: int = 4  # candidates a sentence; 1 is greedy
    min_similarity: float = 0.4  # in [0, 1]: below it the source is kept
    unfiltered: bool = False  # the likeliest candidate is taken, whatever it is
    neutral: float | None = None  # a style less probable than this counts as none; None: the model's own
    seed: int = 0  # for models that draw at random
    batch_size: int = 256  # sentences, or candidates, that are in memory at a time

    @classmethod
    def named(cls, options: Mapping[str, Any]) -> Self:
        """These options, by name. Raises UserError for a name that none has."""
        known = [option.name for option in fields(cls)]
        for name in (name for name in options if name not in known):
            meant = "".join(f" (did you mean {near!r}?)" for near in get_close_matches(name, known, 1))
            raise UserError(f"no option {name!r}{meant}; there are {', '.join(known)}")
        return cls(**options)

    def __post_init__(self) -> None:
        self._check("to", isinstance(self.to, str), "the name of a style, or opposite")
        self._check("source", isinstance(self.source, str | None), "the name of a style, or None")
        self._check("unfiltered", isinstance(self.unfiltered, bool), "True or False")
        for name in SHARES:
            if (value := getattr(self, name)) is None and name == "neutral":
                continue
            self._check(name, _is_number(value, Real) and 0.0 <= value <= 1.0, "a number from 0 to 1")  # NaN is none
            object.__setattr__(self, name, float(value))
        for name, (least, most) in NUMBERS.items():
            value = getattr(self, name)
            fits = _is_number(value, Integral) and least <= value <= most
            self._check(name, fits, f"a whole number from {least} {'up' if most == LARGEST else f'to {most}'}")
            object.__setattr__(self, name, int(value))

    def _check(self, name: str, fits: bool, wanted: str) -> None:
        if not fits:
            raise UserError(f"{name} is {getattr(self, name)!r:.60}; give {wanted}")


def _is_number(value: Any, kind: type) -> bool:
    """Whether it is one of Python's or numpy's; True and False are none."""
    return isinstance(value, kind) and not isinstance(value, bool)
