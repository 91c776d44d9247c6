"""Which words of a rewriting are new, and which of its source are gone. Text is model text, words with one blank."""

from __future__ import annotations

from typing import NamedTuple

from textdis.text.matching import steps


class Run(NamedTuple):
    """Neighbouring words of one text that the other has too (`same`), or has not."""

    words: str
    same: bool


def word_diff(source: str, output: str) -> tuple[list[Run], list[Run]]:
    """Both texts, run by run; `same` runs of the two agree in order."""
    a, b = source.split(), output.split()
    found = steps(a, b)
    gone = [Run(" ".join(a[i:j]), tag == "equal") for tag, i, j, _, _ in found if j > i]
    new = [Run(" ".join(b[k:m]), tag == "equal") for tag, _, _, k, m in found if m > k]
    return gone, new
