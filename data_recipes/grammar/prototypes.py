"""The 13 sentence prototypes of Brunner et al. (2017), section 4.1, and the words kept from them in training."""

from __future__ import annotations

from collections.abc import Sequence

from data_recipes.grammar.words import RESERVED, Form

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
_SLOTS = {"NN": "+N", "NNS": "+Ns", "VB": "+V", "VBP": "+V", "VBZ": "+Vs", "VBG": "+Ving", "JJ": "+A", "RB": "+D"}


def pattern(leaves: Sequence[Form]) -> str:
    """The sentence with its content words as slots, written as the prototypes are: `the +N is +A.`, lower-cased."""
    slots = [leaf.word if "/" in leaf.label or not leaf.tag else _SLOTS.get(leaf.tag, leaf.tag) for leaf in leaves]
    return " ".join(slots).replace(" .", ".").replace(" ?", "?").replace(" ,", ",")


def unseen(leaves: Sequence[Form]) -> bool:
    """Whether the sentence is one of the prototypes and holds a word reserved for the test."""
    return pattern(leaves) in _PATTERNS and not RESERVED.isdisjoint(leaf.stem for leaf in leaves)


_PATTERNS = frozenset(text[0].lower() + text[1:] for text in PROTOTYPES)
