"""The 13 sentence prototypes of Brunner et al. (2017), section 4.1, and the words kept from each in training."""

from __future__ import annotations

from collections.abc import Sequence

from data_recipes.grammar.words import Form
from data_recipes.recipe import draw

PROTOTYPES = (
    "The +N is +A.",
    "The +N +Vs.",
    "The +N has a +N.",
    "The +N +Vs a +N.",
    "The +N +Vs +D.",
    "No +N ever +Vs.",
    "Are +Ns +A?",
    "The +Ns of +N +D +V the +A +N, but some +Ns still +V their +N.",
    "In the +N of a +A +N, the +N will +V the +N of +Ving the +N.",
    "+Ns +V the +A +N of +Ns +Ving on the +N.",
    "In the +N of +N, +Ns would rather +V without +N than +V any +A +Ns.",
    "+N +Vs in order to +V on a +N.",
    "+A +Ns often +V like +Ns.",
)
KEPT, SEED = 0.5, 13  # share of the words kept from a prototype, and the seed that draws them
_SLOTS = {"NN": "+N", "NNS": "+Ns", "VB": "+V", "VBP": "+V", "VBZ": "+Vs", "VBG": "+Ving", "JJ": "+A", "RB": "+D"}


def pattern(leaves: Sequence[Form]) -> str:
    """The sentence with its content words as slots, written as the prototypes are: `the +N is +A.`, lower-cased."""
    slots = [leaf.word if "/" in leaf.label or not leaf.tag else _SLOTS.get(leaf.tag, leaf.tag) for leaf in leaves]
    return " ".join(slots).replace(" .", ".").replace(" ?", "?").replace(" ,", ",")


def is_kept(word: str, prototype: int) -> bool:
    """Whether sentences with the stem `word` that are prototype number `prototype` are kept from training."""
    return draw(f"{prototype} {word}", SEED) < KEPT


def unseen(leaves: Sequence[Form]) -> bool:
    """Whether the sentence is a prototype and holds a word kept from it."""
    number = _NUMBERS.get(pattern(leaves))
    return number is not None and any(is_kept(leaf.stem, number) for leaf in leaves if "/" not in leaf.label)


_NUMBERS = {text[0].lower() + text[1:] if text[0] != "+" else text: i for i, text in enumerate(PROTOTYPES)}
