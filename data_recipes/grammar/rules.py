"""The grammar: its rules, sentences drawn from it, and the trees of a text.

A rule reads `LABEL -> weight parts | weight parts`. A part is a label, a word with its Penn tag (`the/DT`), or a
punctuation mark. `{n}` stands for `sg` and `pl`, `{f}` for the forms of a verb. No rule begins with itself, and no two
constructions share one string: `of` belongs to the noun before it, every other preposition to the verb, and relative
clauses take neither. So a sentence has one tree, which the tests hold it to.
"""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from data_recipes.grammar.words import Form, lexicon

RULES = """
S -> 80 DECL . | 16 QUES ? | 4 IMP .
DECL -> 60 CL | 12 FRONT , CL | 11 CL , CONJ CL | 7 CL SUB CL | 5 SUB CL , CL | 5 THERE
QUES -> 4 BE.{n} NP.{n} AP | 2 DO.{n} SUBJ.{n} CORE.base | 2 MODAL SUBJ.{n} CORE.base | 2 WH DO.{n} SUBJ.{n} CORE.base
QUES -> 2 who/WP VP.sg
IMP -> 3 please/UH CORE.base | 1 do/VB not/RB CORE.base
FRONT -> 8 PP | 1 sometimes/RB | 1 usually/RB | 1 today/NN
CONJ -> 5 but/CC | 4 and/CC | 2 so/CC
SUB -> 3 because/IN | 2 when/WRB | 2 while/IN | 2 if/IN
CL -> 60 SUBJ.{n} VP.{n} | 6 no/DT NB.sg ever/RB CORE.sg
THERE -> 1 there/EX BE.{n} INDEF.{n} PP
INDEF.sg -> 1 a/DT NB.sg
INDEF.pl -> 1 some/DT NB.pl | 1 many/JJ NB.pl | 1 NUMBER NB.pl
SUBJ.{n} -> 88 NP.{n} | 12 HE.{n}
HE.sg -> 1 he/PRP | 1 she/PRP | 1 it/PRP
HE.pl -> 1 we/PRP | 1 they/PRP | 1 you/PRP
HIM -> 1 him/PRP | 1 her/PRP | 1 it/PRP | 1 us/PRP | 1 them/PRP | 1 you/PRP
VP.{n} -> 24 BE.{n} AP | 8 HAVE.{n} OBJ | 30 CORE.{n} | 12 CORE.past | 9 FREQ CORE.{n} | 5 D CORE.{n}
VP.{n} -> 10 MODAL CORE.base | 5 DO.{n} not/RB CORE.base | 3 would/MD rather/RB CORE.base than/IN CORE.base
VP.{n} -> 4 CORE.{n} PURPOSE
BE.sg -> 3 is/VBZ | 1 was/VBD
BE.pl -> 3 are/VBP | 1 were/VBD
HAVE.sg -> 3 has/VBZ | 1 had/VBD
HAVE.pl -> 3 have/VBP | 1 had/VBD
DO.sg -> 3 does/VBZ | 1 did/VBD
DO.pl -> 3 do/VBP | 1 did/VBD
MODAL -> 4 will/MD | 2 would/MD | 2 can/MD | 1 must/MD | 1 should/MD
WH -> 1 why/WRB | 1 when/WRB | 1 where/WRB | 1 how/WRB
FREQ -> 3 often/RB | 2 still/RB | 2 always/RB | 2 never/RB | 1 seldom/RB
AP -> 12 A | 3 DEGREE A | 2 not/RB A | 2 A and/CC A
DEGREE -> 2 very/RB | 1 quite/RB | 1 too/RB
CORE.{f} -> 14 VI.{f} | 9 VI.{f} D | 12 VI.{f} PP | 4 VI.{f} LIKE | 4 VI.{f} WITHOUT
CORE.{f} -> 30 VT.{f} OBJ | 5 VT.{f} OBJ PP | 5 VT.{f} OBJ D
PURPOSE -> 1 in/IN order/NN to/TO CORE.base | 1 to/TO CORE.base
LIKE -> 1 like/IN SNP.pl
WITHOUT -> 2 without/IN BARE | 1 without/IN SNP.pl
OBJ -> 55 NP.sg | 30 NP.pl | 15 HIM
PP -> 1 P GOAL
GOAL -> 50 SNP.sg | 18 SNP.pl | 10 SNP.sg OF
P -> 4 in/IN | 4 on/IN | 1 near/IN | 1 under/IN | 1 behind/IN | 1 with/IN | 1 at/IN
NP.sg -> 60 SNP.sg | 15 SNP.sg OF | 6 SNP.sg REL.sg
NP.pl -> 60 SNP.pl | 10 SNP.pl OF | 6 SNP.pl REL.pl | 6 BOTH | 6 DOING
BOTH -> 1 SNP.sg and/CC SNP.sg | 1 SNP.pl and/CC SNP.pl
DOING -> 1 NB.pl VI.ing PP
OF -> 6 of/IN SNP.sg | 4 of/IN SNP.pl | 2 of/IN VT.ing SNP.sg | 1 of/IN VT.ing SNP.pl | 2 of/IN DOING
REL.{n} -> 3 that/WDT VT.{n} SNP.sg | 2 that/WDT VT.{n} SNP.pl | 2 that/WDT VI.{n} | 2 that/WDT BE.{n} A
SNP.sg -> 85 DET.sg NB.sg | 15 BARE
SNP.pl -> 60 DET.pl NB.pl | 30 NB.pl
NB.{n} -> 65 N.{n} | 35 A N.{n}
BARE -> 7 M | 2 A M | 3 N.sg
DET.sg -> 30 the/DT | 20 a/DT | 3 this/DT | 3 every/DT | 2 no/DT | 2 another/DT | 6 OWN
DET.pl -> 30 the/DT | 8 some/DT | 4 these/DT | 3 many/JJ | 2 all/DT | 2 no/DT | 3 any/DT | 4 NUMBER | 8 OWN
NUMBER -> 2 two/CD | 2 three/CD | 1 four/CD | 1 ten/CD
OWN -> 2 my/PRP$ | 2 your/PRP$ | 2 his/PRP$ | 2 her/PRP$ | 1 its/PRP$ | 2 our/PRP$ | 4 their/PRP$
"""
FEATURES = {"{n}": ("sg", "pl"), "{f}": ("sg", "pl", "base", "past")}
MARKS = (".", "?", ",")


class Node(NamedTuple):
    """A label, its children (none for a word) and the words and marks below it in English order."""

    label: str
    children: tuple[Node, ...]
    leaves: tuple[Form, ...]

    @property
    def base(self) -> str:
        return base_of(self.label)


@cache
def base_of(label: str) -> str:
    """The label without its features: NP of NP.sg."""
    return label.split(".")[0] or label


def word(label: str, form: Form) -> Node:
    return Node(label, (), (form,))


def phrase(label: str, children: tuple[Node, ...]) -> Node:
    return Node(label, children, tuple([leaf for child in children for leaf in child.leaves]))


@cache
def rules() -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    """Label -> its alternatives, each with its weight."""
    found: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for line in RULES.strip().splitlines():
        for filled in dict.fromkeys(_filled(line)):
            label, right = filled.split(" -> ")
            for alternative in right.split(" | "):
                weight, *parts = alternative.split()
                if (int(weight), tuple(parts)) not in found.setdefault(label, []):
                    found[label].append((int(weight), tuple(parts)))
    return found


def _filled(line: str) -> list[str]:
    for name, values in FEATURES.items():
        if name in line:
            return [line.replace(name, value) for value in values]
    return [line]


@cache
def forms(label: str) -> list[Form]:
    """The words that a label without rules may be."""
    if label in MARKS:
        return [Form(label, label, label, "")]
    if "/" in label:
        word, tag = label.split("/")
        return [Form(label, label, word, tag)]
    return lexicon()[label]


def grow(rng: random.Random, label: str = "S") -> Node:
    """A tree drawn at random, each alternative by its weight, each word evenly."""
    if label not in rules():
        return word(label, rng.choice(forms(label)))
    (parts,) = rng.choices(*_choices(label))
    return phrase(label, tuple([grow(rng, part) for part in parts]))


@cache
def _choices(label: str) -> tuple[list[tuple[str, ...]], list[int]]:
    weights, alternatives = zip(*rules()[label], strict=True)
    return list(alternatives), list(weights)


def spell(words: list[str]) -> str:
    """English as it is written: a capital, marks attached, `an` before a vowel."""
    spelled = ["an" if word == "a" and following[0] in "aeiou" else word for word, following in pairwise([*words, "."])]
    text = re.sub(r" (?=[.?,])", "", " ".join(spelled))
    return text[:1].upper() + text[1:]


def trees(text: str) -> list[Node]:
    """Every tree of `text`, written exactly as `spell` writes it; none where the grammar does not hold it."""
    words = ["a" if word == "an" else word for word in re.findall(r"[a-z]+|[.?,]", text.lower())]
    if not words or spell(words) != text:
        return []
    return [node for node, end in _spans("S", 0, words, {}) if end == len(words)]


def _spans(label: str, start: int, words: list[str], known: dict) -> list[tuple[Node, int]]:
    """Trees of `label` that begin at word `start`, each with the number of the word after it."""
    if (label, start) not in known:
        known[label, start] = [
            (phrase(label, children), end)
            for _, parts in rules().get(label, ())
            for children, end in _sequences(parts, start, words, known)
        ]
        if label not in rules() and start < len(words) and (form := _lookup(label).get(words[start])):
            known[label, start] = [(word(label, form), start + 1)]
    return known[label, start]


def _sequences(parts: tuple[str, ...], start: int, words: list[str], known: dict) -> list[tuple[tuple[Node, ...], int]]:
    found: list[tuple[tuple[Node, ...], int]] = [((), start)]
    for part in parts:
        found = [((*before, node), end) for before, at in found for node, end in _spans(part, at, words, known)]
    return found


@cache
def _lookup(label: str) -> dict[str, Form]:
    return {form.word: form for form in forms(label)}
