"""Clauses of a sentence in model text: cut at commas and conjunctions, and put together again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_JOINTS = re.compile(r"( , (?:and|but|yet|so|although|though) | [,;] | (?:and|but|yet|although|though) )")
_CONTRAST = re.compile(r"\b(?:but|yet|although|though)\b")
_END = re.compile(r"(?: [.!?]+)+$")
LEAST = 2  # words of a clause; shorter ones belong to their neighbour


@dataclass(frozen=True)
class Clauses:
    """`parts` with `joints` between them, and the `end` of the sentence."""

    parts: tuple[str, ...]
    joints: tuple[str, ...]
    end: str

    @classmethod
    def of(cls, text: str) -> Clauses:
        found = _END.search(text)
        end = found.group(0) if found else ""
        pieces = _JOINTS.split(text[: len(text) - len(end)])
        parts, joints = pieces[:1], list[str]()
        for joint, part in zip(pieces[1::2], pieces[2::2], strict=True):
            if len(part.split()) < LEAST or len(parts[-1].split()) < LEAST:
                parts[-1] += joint + part
            else:
                joints.append(joint)
                parts.append(part)
        return cls(tuple(parts), tuple(joints), end)

    @property
    def alone(self) -> tuple[str, ...]:
        """Each part as a sentence of its own."""
        return tuple(f"{part} ." for part in self.parts)

    def with_new(self, outputs: Mapping[str, str]) -> str:
        """The sentence with new texts for some of its parts, which are given as they stand `alone`.

        Between a part that changed and one that did not a contrast becomes "and": they differed, and now agree.
        """
        new = [outputs.get(part) for part in self.alone]
        said = [part if text is None else _END.sub("", text) for part, text in zip(self.parts, new, strict=True)]
        for i, joint in enumerate(self.joints):
            agree = (new[i] is None) != (new[i + 1] is None)
            said[i] += _CONTRAST.sub("and", joint) if agree else joint
        return "".join(said) + self.end
