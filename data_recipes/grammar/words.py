"""The open-class words of the grammar, and how English spells their forms.

Spelling rules give every form but a few past tenses; some verbs also stand among the nouns (walk, plan), so that a
word's tag cannot always be read off the word. Words beginning with a vowel letter begin with a vowel sound (`an`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

NOUNS = """
actor animal apple artist baby bag bakery bed bird boat book bottle box boy bridge brother bus cake camera car cat
chair church city class coat company cook country cow cup dancer daughter desk doctor dog door dream dress driver
engine family farmer father field fire flower forest friend game garden gate gift girl guest hat hope horse hotel
house island job judge key king kitchen lake lamp lawyer letter library machine map market mirror mother mountain
museum newspaper nurse office owner painter park party phone picture plan plane play player poem prison queen
question river road roof room sailor school shop singer sister soldier song star stone story street student table
teacher team ticket tower town train tree valley village walk wall watch window winner word worker writer
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
accept admire borrow chase collect count cover destroy enjoy expect fear mention open own prefer respect save thank
touch use want warn
""".split()
EITHER = """
answer bake bring build call carry change clean climb cook copy cross cut defend describe dress drop find finish
fix follow greet guide hate help hide join learn lift love make miss move need paint pass plan play praise protect
pull push reach remember repair sail see sell serve share stop study support teach test train trust turn visit wash
watch welcome write
""".split()
ADJECTIVES = """
angry bad beautiful big black blue brave bright brown busy calm careful cheap clean clever cold dangerous dark deep
dirty dry early empty famous fast fresh friendly funny gentle good green happy hard heavy honest huge hungry kind
large late lazy little lonely long loud lucky modern new nice old poor proud quiet red rich rough round rude sad
safe short shy silent simple small soft strange strong sweet tall thin tired warm weak wet white wild wise young
""".split()
ADVERBS = """
badly barely bravely calmly carefully cheaply cheerfully clearly closely deeply directly eagerly easily fairly
finally firmly freely gently gladly greatly happily honestly hungrily kindly lazily lightly loudly nearly neatly
nervously nicely openly patiently perfectly politely proudly quickly quietly rapidly rarely regularly rudely sadly
safely secretly seriously sharply silently simply slowly softly strongly suddenly sweetly together warmly well
wisely
""".split()
# Kept out of training sentences that are a prototype as a whole (`prototypes.py`): half of the words that the syntax
# probe puts into its prototypes. Elsewhere they are as common as the others.
RESERVED = frozenset(
    """
    dog house street river bridge horse letter window doctor story church picture mountain road farmer forest
    train museum library soldier dress writer kitchen judge newspaper study watch carry visit build need join
    plan remember change guide support defend drop serve sell describe welcome hide repair greet test bring fix
    share large small strong busy simple dark warm new rich wild cheap nice sad sweet tall deep long rough
    short lucky brave soft fresh thin wise slowly loudly carefully clearly freely kindly openly barely safely
    softly suddenly warmly wisely bravely closely eagerly firmly greatly hungrily lightly neatly politely
    regularly sharply together
    """.split()
)
IRREGULAR = {
    "bring": "brought", "build": "built", "cut": "cut", "find": "found", "hide": "hid", "make": "made", "see": "saw",
    "sell": "sold", "teach": "taught", "write": "wrote",
}  # fmt: skip

_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
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
    """baked, stopped, carried; wrote"""
    if stem in IRREGULAR:
        return IRREGULAR[stem]
    return stem + "d" if stem.endswith("e") else _CONSONANT_Y.sub("i", _joined(stem)) + "ed"


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
    if spelled["past"][0] == stem:  # "you cut": which tense? such a past is left out
        del spelled["past"]
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
