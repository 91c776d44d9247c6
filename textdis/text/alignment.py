"""Which word of the source each word of an output is, and in whose place its new words stand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

_EXACT_UP_TO = 10_000  # cells of the table; beyond it a greedy alignment, so that time stays linear


def align(source: list[str], output: list[str]) -> list[int]:
    """For each output word the index of the same word in the source (a longest common subsequence), or -1."""
    limit, head, tail = min(len(source), len(output)), 0, 0
    while head < limit and source[head] == output[head]:
        head += 1
    while tail < limit - head and source[-1 - tail] == output[-1 - tail]:
        tail += 1
    a, b = source[head : len(source) - tail], output[head : len(output) - tail]
    last = range(len(source) - tail, len(source))
    if set(a).isdisjoint(b):
        return [*range(head), *[-1] * len(b), *last]
    middle = _longest_common(a, b) if len(a) * len(b) <= _EXACT_UP_TO else _greedy_common(a, b)
    return [*range(head), *(j + head if j >= 0 else -1 for j in middle), *last]


def replaced(places: Sequence[int], length: int) -> Iterator[tuple[range, range]]:
    """The runs of new words, and which of the source's `length` words each stands for: (of output, of source)."""
    start, before = 0, -1
    for i, place in enumerate([*places, length]):
        if place < 0:
            continue
        if i > start:
            yield range(start, i), range(before + 1, place)
        start, before = i + 1, place


def _longest_common(a: list[str], b: list[str]) -> list[int]:
    lengths = [[0] * (len(a) + 1)]  # lengths[-1 - i][j]: of the best common subsequence of b[i:] and a[j:]
    for word in reversed(b):
        below, row = lengths[-1], [0] * (len(a) + 1)
        for j in range(len(a) - 1, -1, -1):
            here, right = below[j], row[j + 1]
            row[j] = below[j + 1] + 1 if a[j] == word else here if here > right else right  # max() is twice as slow
        lengths.append(row)
    lengths.reverse()
    places, j = [-1] * len(b), 0
    for i in range(len(b)):
        while j < len(a) and lengths[i][j + 1] == lengths[i][j] > lengths[i + 1][j]:
            j += 1
        if j < len(a) and a[j] == b[i] and lengths[i][j] > lengths[i + 1][j]:
            places[i], j = j, j + 1
    return places


def _greedy_common(a: list[str], b: list[str]) -> list[int]:
    where: dict[str, list[int]] = {}
    for j, word in enumerate(a):
        where.setdefault(word, []).append(j)
    places, start = [], 0
    for word in b:
        found = where.get(word, [])
        k = bisect_left(found, start)
        places.append(found[k] if k < len(found) else -1)
        start = places[-1] + 1 if places[-1] >= 0 else start
    return places
