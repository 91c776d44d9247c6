"""Minimal pairs with gold answers, for arithmetic on representations: a - b + c should say d."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from data_recipes.grammar.rules import spell
from data_recipes.grammar.words import ADJECTIVES, NOUNS, TRANSITIVE, with_ed, with_s

KINDS = ("noun", "adjective", "number", "tense", "polarity")


@dataclass(frozen=True)
class Pair:
    """a and b differ in one thing only, c and d in the same; b and c share it, a and d too."""

    kind: str
    a: str
    b: str
    c: str
    d: str


@dataclass(frozen=True)
class _Sentence:
    noun: str
    adjective: str
    verb: str
    thing: str
    plural: bool = False
    past: bool = False
    negative: bool = False

    def __str__(self) -> str:
        noun = with_s(self.noun) if self.plural else self.noun
        if self.negative:
            verb = ["did" if self.past else "do" if self.plural else "does", "not", self.verb]
        else:
            verb = [with_ed(self.verb) if self.past else self.verb if self.plural else with_s(self.verb)]
        return spell(["the", self.adjective, noun, *verb, "the", self.thing, "."])


def minimal_pairs(n: int, seed: int = 0) -> list[Pair]:
    """`n` quadruples, the kinds in turn: another noun, another adjective, plural, past, negation.

    Nothing but the difference at hand is shared by the two pairs: nouns, adjectives and verbs of c are not those of b,
    but for the word that is exchanged.
    """
    rng = random.Random(seed)
    return [_pair(rng, KINDS[i % len(KINDS)]) for i in range(n)]


def _pair(rng: random.Random, kind: str) -> Pair:
    nouns, adjectives = rng.sample(NOUNS, 5), rng.sample(ADJECTIVES, 3)
    verbs = rng.sample(TRANSITIVE, 2)
    b = _Sentence(nouns[0], adjectives[0], verbs[0], nouns[1])
    c = _Sentence(nouns[2], adjectives[1], verbs[1], nouns[3])
    if kind in ("noun", "adjective"):
        c = replace(c, **{kind: getattr(b, kind)})
        change: dict = {kind: {"noun": nouns[4], "adjective": adjectives[2]}[kind]}
    else:
        change = {{"number": "plural", "tense": "past", "polarity": "negative"}[kind]: True}
    return Pair(kind, *map(str, (replace(b, **change), b, c, replace(c, **change))))
