"""The open-class words of the grammar, and how English spells their forms.

Only regular words, so that spelling rules give every form; some verbs also stand among the nouns (walk, play), so that
a word's tag cannot always be read off the word. Words beginning with a vowel letter begin with a vowel sound (`an`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

NOUNS = """
actor animal apple artist baby bag bakery bed bird boat book bottle box boy brother bus cake camera car cat chair
church city class coat cook cow cup dancer daughter desk doctor dog door dream driver engine farmer father field fire
flower forest friend game garden gate gift girl guest hat hope horse hotel house island job judge key king kitchen lake
lamp lawyer letter map mirror mother mountain nurse office owner painter park party phone picture plan plane play
player poem prison queen question river road roof room school sailor shop singer sister soldier song star stone story
student table teacher tower town train tree valley village walk wall watch window winner word worker writer
""".split()
MASS = """
advice bread butter coffee courage gold grass honey luck milk money music news paper patience rain rice salt sand silver
snow sugar time water wine wood work
""".split()
INTRANSITIVE = """
agree appear arrive cough dance disappear dream fail hurry jump laugh live pause rest return shout smile sneeze
stay talk travel vanish wait walk whisper work worry yawn
""".split()
TRANSITIVE = """
accept admire borrow carry chase collect count cover describe destroy enjoy expect fear follow hate love
mention miss need open own prefer protect push reach remember repair respect save share support thank touch trust use
visit want warn wash watch welcome
""".split()
EITHER = """
answer bake clean climb cook cross dress finish help learn move paint pass play pull sail study train turn
""".split()
ADJECTIVES = """
angry bad beautiful big black blue brave bright brown calm careful cheap clean clever cold dangerous dark dirty dry
early empty famous fast friendly funny gentle good green happy hard heavy honest huge hungry kind large late lazy
little lonely loud lucky modern new nice old poor proud quiet red rich rude sad safe shy silent small soft strange
strong tall tired warm weak wet white wild wise young
""".split()
ADVERBS = """
badly bravely calmly carefully cheaply cheerfully eagerly easily finally gently gladly happily honestly kindly lazily
loudly nervously nicely patiently politely proudly quickly quietly rudely sadly safely secretly silently slowly softly
suddenly warmly wisely
""".split()

_SIBILANT = re.compile(r"(?:s|x|z|ch|sh|o)$")
_CONSONANT_Y = re.compile(r"(?<=[^aeiou])y$")
_DOUBLES = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")  # stop, plan: one short vowel, one consonant


class Form(NamedTuple):
    """One inflected word: its class and form as in the rules (`N.pl`), its stem, its spelling and its Penn tag."""

    label: str
    stem: str
    word: str
    tag: str


def with_s(stem: str) -> str:
    """Plural of a noun or third person of a verb: dogs, boxes, cities."""
    if _SIBILANT.search(stem):
        return stem + "es"
    return _CONSONANT_Y.sub("ie", stem) + "s"


def with_ing(stem: str) -> str:
    """making, stopping, carrying"""
    return _joined(stem) + "ing"


def with_ed(stem: str) -> str:
    """baked, stopped, carried"""
    return _CONSONANT_Y.sub("i", _joined(stem)) + "ed"


def _joined(stem: str) -> str:
    """The stem before a suffix that begins with a vowel."""
    if _DOUBLES.match(stem):
        return stem + stem[-1]
    return stem[:-1] if re.search(r"[^eoy]e$", stem) else stem


def _noun(stem: str) -> list[Form]:
    return [Form("N.sg", stem, stem, "NN"), Form("N.pl", stem, with_s(stem), "NNS")]


def _verb(kind: str, stem: str) -> list[Form]:
    spelled = {
        "sg": (with_s(stem), "VBZ"), "pl": (stem, "VBP"), "base": (stem, "VB"), "past": (with_ed(stem), "VBD"),
        "ing": (with_ing(stem), "VBG"),
    }  # fmt: skip
    return [Form(f"{kind}.{form}", stem, word, tag) for form, (word, tag) in spelled.items()]


@cache
def lexicon() -> dict[str, list[Form]]:
    """All forms by label: N.sg, N.pl, M, VI.sg ... VT.ing, A, D."""
    forms = [form for stem in NOUNS for form in _noun(stem)]
    forms += [Form("M", stem, stem, "NN") for stem in MASS]
    forms += [form for stem in (*INTRANSITIVE, *EITHER) for form in _verb("VI", stem)]
    forms += [form for stem in (*TRANSITIVE, *EITHER) for form in _verb("VT", stem)]
    forms += [Form("A", stem, stem, "JJ") for stem in ADJECTIVES] + [Form("D", stem, stem, "RB") for stem in ADVERBS]
    by_label: dict[str, list[Form]] = {}
    for form in forms:
        by_label.setdefault(form.label, []).append(form)
    return by_label
