"""What a space of sentence codes holds between sentences: Brunner et al. (2017), sections 4.2 and 4.3, with figures.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

# Tables 5 and 6 have lost their third column: the first three are what the paper's answers call for, two are guessed.
FIVE = (
    ("I am one.", "I am two.", "You are two."),
    ("This example works.", "This example fails.", "Another attempt fails."),
    ("A word in a phrase.", "A tree in a phrase.", "A tree is green."),
    ("The end is easier.", "The start is easier.", "A start need not."),
    ("A large number of people want to work.", "A small number of people want to work.", "A small sector for change."),
)


class Coder(Protocol):
    """Sentences to codes [N, D] and codes to sentences: `pipelines.codes.Codes`."""

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...

    def say(self, codes: np.ndarray) -> list[str]: ...


def interpolation_scores(
    coder: Coder, pairs: Sequence[tuple[str, str]], good: Callable[[str], bool], steps: int = 7
) -> dict[str, float]:
    """How the sentences between the ends of `pairs` fare: `steps` points a line, ends counted.

    good: whether a sentence is one (a parser, a bound on a language model's perplexity).
    exact_ends: share of the ends that come back to the letter; inner: share of the points strictly between that are
    good; new: share of them that are good and neither end; inner_exact: `inner` over lines with both ends exact
    (`exact_lines` of them; left out where there is none).
    """
    ends = [text for pair in pairs for text in pair]
    codes = coder.encode(ends)
    first, second = codes[0::2], codes[1::2]
    inner = np.linspace(0.0, 1.0, steps)[1:-1, None, None].astype(codes.dtype)
    points = coder.say((first + inner * (second - first)).reshape(-1, codes.shape[1]))  # [steps - 2, lines]
    told = np.array([good(text) for text in points]).reshape(steps - 2, len(pairs))
    known = np.array([text in pairs[i % len(pairs)] for i, text in enumerate(points)]).reshape(told.shape)
    exact = np.array([a == b for a, b in zip(ends, coder.say(codes), strict=True)])
    both = exact[0::2] & exact[1::2]
    scores = {
        "lines": float(len(pairs)),
        "exact_ends": float(exact.mean()),
        "exact_lines": float(both.sum()),
        "inner": float(told.mean()),
        "new": float((told & ~known).mean()),
    }
    return scores | ({"inner_exact": float(told[:, both].mean())} if both.any() else {})


def arithmetic_scores(coder: Coder, quadruples: Sequence[tuple[str, str, str, str]]) -> dict[str, float]:
    """Share of (a, b, c, d) for which a - b + c says d to the letter, beside what needs no arithmetic.

    decode_a, decode_c: saying a, or c, instead; decode_d: saying d itself, which bounds what can be reached.
    words: mean share of d's words that the answer has at their places.
    """
    columns = list(zip(*quadruples, strict=True))
    a, b, c, d = (coder.encode(column) for column in columns)
    gold = columns[3]
    said = {"exact": coder.say(a - b + c), "decode_a": coder.say(a), "decode_c": coder.say(c), "decode_d": coder.say(d)}
    scores = {name: float(np.mean([x == y for x, y in zip(own, gold, strict=True)])) for name, own in said.items()}
    words = {name: float(np.mean([*map(_placed, own, gold)])) for name, own in said.items()}
    return scores | {f"{name}_words": value for name, value in words.items()} | {"quadruples": float(len(gold))}


def _placed(text: str, gold: str) -> float:
    words, wanted = text.split(), gold.split()
    return sum(x == y for x, y in zip(words, wanted, strict=False)) / max(len(words), len(wanted), 1)
