"""Which words two texts have in common, in order, in bearable time however long they are."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import takewhile

MANY = 500  # words that differ, beyond which the commonest no longer guide the comparison

Step = tuple[str, int, int, int, int]  # "equal" or not; the words i:j of one text, and k:m of the other


def steps(a: Sequence[str], b: Sequence[str]) -> list[Step]:
    """As `SequenceMatcher.get_opcodes`, without comparing what the texts begin and end with alike."""
    head = _alike(a, b)
    tail = _alike(a[head:][::-1], b[head:][::-1])
    inner = a[head : len(a) - tail], b[head : len(b) - tail]
    matcher = SequenceMatcher(a=inner[0], b=inner[1], autojunk=max(map(len, inner)) > MANY)
    found: list[Step] = [("equal", 0, head, 0, head)] if head else []
    for tag, i, j, k, m in matcher.get_opcodes():
        found.append((tag, head + i, head + j, head + k, head + m))
    if tail:
        found.append(("equal", len(a) - tail, len(a), len(b) - tail, len(b)))
    return found


def _alike(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words the two begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
