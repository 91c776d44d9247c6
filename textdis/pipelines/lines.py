"""What lies between two sentences, and sums of sentences: Brunner et al. (2017), sections 4.2 and 4.3."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A sentence on the line through two others."""

    t: float  # 0 is the first, 1 the second
    text: str

    @property
    def outside(self) -> bool:
        """Beyond one of the two, where no sentence has asked for it to be one."""
        return not 0.0 <= self.t <= 1.0


@dataclass(frozen=True)
class Interpolation:
    """The way from `first` to `second`. The ends too are said by the model, which may not know them."""

    first: str
    second: str
    points: tuple[Point, ...]
    ends: tuple[str, str]  # what the model says at t = 0 and t = 1

    @property
    def exact(self) -> bool:
        """Whether both ends came back to the letter; what lies between inexact ends says little."""
        return self.ends == (self.first, self.second)


@dataclass(frozen=True)
class Sum:
    """What a signed sum of sentences says, and what its terms say when they are said alone."""

    text: str
    terms: tuple[tuple[int, str, str], ...]  # sign, sentence, and the model's own version of it
