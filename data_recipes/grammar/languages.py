"""Two made languages: a sentence of either is a function of the English tree.

Each has its own dictionary (made-up stems, drawn by hash, no two alike), its own order of the parts, and its own
agreement, so that to translate is to know what each word does in its sentence:

- `lang1` is verb-final: objects and adverbs before the verb, auxiliaries after it, postpositions, genitives before
  their noun, adjectives after it. Nouns have one of two genders, which articles and adjectives (predicates too) take
  over; objects bear a case; verbs agree with the number of their subject.
- `lang2` is verb-initial: the predicate before its subject, articles and numerals after their noun; `the` is a suffix
  of the noun and `a` nothing at all. Nouns have one of three classes, marked by a prefix that changes in the plural and
  that adjectives and verbs take over; tense stands between the verb's prefix and its stem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from data_recipes.grammar.rules import MARKS, Node, rules
from data_recipes.grammar.words import Form, lexicon


@dataclass(frozen=True)
class Agreement:
    """What a word must agree with."""

    stem: str = ""  # of the noun that rules here: of its phrase, or the subject of its clause
    plural: bool = False
    is_object: bool = False
    definite: bool = False


@dataclass(frozen=True, eq=False)
class Language:
    """Sounds, order and endings."""

    name: str
    consonants: str
    vowels: str
    order: Mapping[str, str]  # label -> its parts in order, those not named staying where they are, before the rest
    spell: Callable[[str, Form, Agreement], str]  # (made stem, English form, agreement) -> word

    def translate(self, tree: Node) -> str:
        """The sentence, written with blanks between the words, a capital and its marks attached."""
        words = [word for word in self._say(tree, Agreement()) if word]
        text = " ".join(words).replace(" ,", ",").replace(" .", ".").replace(" ?", "?")
        return text[:1].upper() + text[1:]

    def _say(self, node: Node, agreement: Agreement) -> list[str]:
        if not node.children:
            (form,) = node.leaves
            return [form.word if form.label in MARKS else self.spell(dictionary(self)[form.stem], form, agreement)]
        agreement = _agreement(node, agreement)
        order = _order(self, node.base, tuple([part.base for part in node.children]))
        return [word for i in order for word in self._say(node.children[i], agreement)]


@cache
def _order(language: Language, base: str, parts: tuple[str, ...]) -> list[int]:
    """Numbers of the parts of a `base` in the order in which the language says them."""
    rank = language.order.get(base, "").split()
    return sorted(range(len(parts)), key=lambda i: rank.index(parts[i]) if parts[i] in rank else -1)


def _agreement(node: Node, outer: Agreement) -> Agreement:
    """What the parts of `node` agree with: the noun of a phrase, else the subject of a clause, else as outside."""
    if node.base in ("CL", "QUES") and node.children[0].label != "who/WP":
        subject = next(part for part in node.children if part.base in ("SUBJ", "NP", "NB"))
        return _head(subject, Agreement())
    if node.base in ("SNP", "INDEF", "DOING", "THERE"):
        definite = node.base == "SNP" and any(leaf.label == "the/DT" for leaf in node.leaves)
        return replace(_head(node, outer), definite=definite)
    if node.base == "REL":
        return replace(outer, is_object=False)
    if node.base in ("NP", "GOAL"):
        return _head(node, outer)
    if node.base == "OBJ":
        return replace(outer, is_object=True)
    return replace(outer, is_object=False) if node.base in ("PP", "OF", "LIKE", "WITHOUT") else outer


def _head(node: Node, outer: Agreement) -> Agreement:
    """The first noun or pronoun of a phrase, and whether the phrase is plural."""
    noun = next((leaf for leaf in node.leaves if leaf.tag in ("NN", "NNS", "PRP")), None)
    if noun is None:
        return outer
    plural = node.label.endswith(".pl") or noun.tag == "NNS" or noun.word in ("we", "they", "you", "us", "them")
    return replace(outer, stem=noun.stem, plural=plural)


@cache
def dictionary(language: Language) -> dict[str, str]:
    """English stem (or `word/TAG`) -> made stem; no two are equal."""
    closed = {part for right in rules().values() for _, parts in right for part in parts if "/" in part}
    stems = sorted({form.stem for forms in lexicon().values() for form in forms})
    made: dict[str, str] = {}
    for stem, syllables in [*((word, 1) for word in sorted(closed)), *((stem, 2) for stem in stems)]:
        tries = (_made(language, f"{stem} {attempt}", syllables + attempt // 9) for attempt in range(99))
        made[stem] = next(word for word in tries if word not in made.values())
    return made


def _made(language: Language, seed: str, syllables: int) -> str:
    digest = hashlib.sha256(f"{language.name} {seed}".encode()).digest()
    pairs = zip(digest[::2], digest[1::2], strict=True)
    sounds = [
        language.consonants[a % len(language.consonants)] + language.vowels[b % len(language.vowels)] for a, b in pairs
    ]
    return "".join(sounds[:syllables]) + language.consonants[digest[-1] % len(language.consonants)]


@cache
def _share(stem: str, kinds: int) -> int:
    """The gender or class of a noun, drawn by hash."""
    return hashlib.sha256(stem.encode()).digest()[0] % kinds


def _first(stem: str, form: Form, agreement: Agreement) -> str:
    base = form.label.split(".")[0]
    gender = "oa"[_share(agreement.stem, 2)]
    if base in ("N", "M"):
        own = "oa"[_share(form.stem, 2)]
        return stem + own + ("ni" if form.tag == "NNS" else "") + ("k" if agreement.is_object else "")
    if base == "A" or form.tag in ("DT", "PRP$"):
        return stem + gender + ("n" if agreement.plural else "")
    if base in ("VI", "VT") or form.tag in ("VBZ", "VBP", "VBD"):
        ending = {"VBZ": "is", "VBP": "emo", "VB": "ur", "VBG": "unde"}
        return stem + ending.get(form.tag, "eram" if agreement.plural else "era")
    return stem + ("e" if base == "D" else "")


CLASSES = (("ba", "wa"), ("ki", "vi"), ("mu", "mi"))  # prefixes of the three classes: singular, plural


def _second(stem: str, form: Form, agreement: Agreement) -> str:
    base = form.label.split(".")[0]
    if form.label in ("the/DT", "a/DT"):
        return ""
    if base in ("N", "M"):
        prefix = CLASSES[_share("class " + form.stem, 3)][form.tag == "NNS"]
        return prefix + stem + ("eti" if agreement.definite else "")
    concord = CLASSES[_share("class " + agreement.stem, 3)][agreement.plural] if agreement.stem else "hu"
    if base == "A":
        return concord + stem
    if base in ("VI", "VT") or form.tag in ("VBZ", "VBP", "VBD"):
        tense = {"VBZ": "na", "VBP": "na", "VBD": "li"}.get(form.tag, "")
        return (concord + tense if tense else {"VB": "ku", "VBG": "ka"}[form.tag]) + stem + "a"
    return stem + ("ro" if base == "D" else "")


LANG1 = Language(
    name="lang1",
    consonants="bdfghjlmnprstv",
    vowels="aeiou",
    order={
        "VP": "FREQ D AP OBJ CORE not/RB BE HAVE MODAL DO would/MD",
        "CORE": "PP LIKE WITHOUT OBJ D VI VT",
        "QUES": "SUBJ NP AP CORE BE DO MODAL ?",
        "PP": "GOAL P",
        "OF": "SNP DOING VT of/IN",
        "LIKE": "SNP like/IN",
        "WITHOUT": "BARE SNP without/IN",
        "NP": "OF REL SNP",
        "GOAL": "OF SNP",
        "NB": "N A",
        "BARE": "M N A",
        "THERE": "PP INDEF BE there/EX",
        "REL": "SNP A VT VI BE that/WDT",
        "PURPOSE": "CORE to/TO order/NN in/IN",
    },
    spell=_first,
)
LANG2 = Language(
    name="lang2",
    consonants="bchkmnpqtwxyz",
    vowels="aiou",
    order={
        "CL": "VP ever/RB CORE SUBJ no/DT NB",
        "VP": "MODAL DO would/MD BE HAVE CORE rather/RB than/IN AP OBJ PURPOSE FREQ D not/RB",
        "CORE": "VI VT D OBJ",
        "SNP": "NB DET",
        "INDEF": "NB NUMBER a/DT some/DT many/JJ",
        "NB": "N A",
        "BARE": "M N A",
        "QUES": "WH CORE AP BE DO MODAL SUBJ NP ?",
        "THERE": "BE INDEF PP there/EX",
        "AP": "A DEGREE not/RB and/CC",
    },
    spell=_second,
)
