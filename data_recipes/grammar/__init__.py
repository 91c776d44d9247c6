"""A made-up parallel corpus: English sentences with their tags and their translations into two made languages.

What a model must learn is known exactly: the words and rules (`words.py`, `rules.py`), the tags, the languages
(`languages.py`). All constructions of Brunner et al.'s 13 prototypes are in it, taken apart and put together anew with
questions, negation, clauses and the rest, so that an ordinary sentence is seldom a prototype as a whole.

data_recipes.load("grammar", sentences=50_000, seed=0)
data_recipes.grammar.parses("The dog sees a cat.")
"""

from __future__ import annotations

import random
from pathlib import Path

from data_recipes.grammar.languages import LANG1, LANG2
from data_recipes.grammar.pairs import Pair, minimal_pairs
from data_recipes.grammar.prototypes import PROTOTYPES, unseen
from data_recipes.grammar.rules import Node, grow, spell, trees
from data_recipes.grammar.words import Form, lexicon
from data_recipes.recipe import Recipe, Table, draw
from textdis.core.errors import UserError

__all__ = [
    "PROTOTYPES",
    "RECIPE",
    "Pair",
    "english",
    "fine_tags",
    "lexicon",
    "minimal_pairs",
    "parses",
    "tags",
    "translate",
]

DEV, TEST = 0.05, 0.05  # shares of the contents held out
LONGEST = 100  # characters; one sentence in twenty would be longer
MOST = 1_000_000
VERBS = dict.fromkeys(["is", "are", "was", "were"], "B") | dict.fromkeys(["do", "does", "did"], "D")
VERBS |= dict.fromkeys(["has", "have", "had"], "H")


def parses(text: str) -> bool:
    """Whether `text` is a sentence of the grammar, to the letter: words, order, agreement, `an`, capital, mark."""
    return bool(trees(text))


def translate(text: str) -> tuple[str, str]:
    """The sentence in `lang1` and `lang2`. Raises UserError where it does not parse."""
    if not (found := trees(text)):
        raise UserError(f"{text!r} is no sentence of the grammar; see data_recipes/grammar/rules.py for what is")
    return LANG1.translate(found[0]), LANG2.translate(found[0])


def english(tree: Node) -> str:
    """The sentence as written."""
    return spell([leaf.word for leaf in tree.leaves])


def tags(tree: Node) -> str:
    """Penn tags, one a word, blanks between. A mark belongs to its word, as in the text, and has no tag."""
    return " ".join(leaf.tag for leaf in tree.leaves if leaf.tag)


def fine_tags(tree: Node) -> str:
    """As `tags`, with TreeTagger's letter for the verb: VB is of be, VD of do, VH of have, VV of any other."""
    return " ".join(_fine(leaf) for leaf in tree.leaves if leaf.tag)


def _fine(leaf: Form) -> str:
    return f"V{VERBS.get(leaf.word, 'V')}{leaf.tag[2:]}" if leaf.tag.startswith("VB") else leaf.tag


def parse(folder: Path, sentences: int = 50_000, seed: int = 0) -> dict[str, Table]:
    """Distinct sentences, split by their content words (`_split`). Raises UserError for a number out of reach."""
    if not 0 < sentences <= MOST:
        raise UserError(f"the grammar makes 1 to {MOST:,} sentences, not {sentences:,}")
    rng, seen = random.Random(seed), set[str]()
    splits: dict[str, Table] = {split: {name: [] for name in COLUMNS} for split in RECIPE.splits}
    while len(seen) < sentences:
        tree = grow(rng)
        text = english(tree)
        if text in seen or len(text) > LONGEST:
            continue
        seen.add(text)
        row = (text, fine_tags(tree), tags(tree), LANG1.translate(tree), LANG2.translate(tree))
        for column, value in zip(splits[_split(tree)].values(), row, strict=True):
            column.append(value)
    return splits


def _split(tree: Node) -> str:
    """By the stems of the content words, whatever the seed; a prototype with a word kept from it is for the test."""
    leaves = tree.leaves
    if unseen(leaves):
        return "test"
    share = draw(" ".join(leaf.stem for leaf in leaves if "/" not in leaf.label), 0)
    return "dev" if share < DEV else "test" if share < DEV + TEST else "train"


COLUMNS = ("en", "pos", "penn", "lang1", "lang2")
RECIPE = Recipe(
    name="grammar",
    files={},
    parse=parse,
    labels=(),
    splits=("train", "dev", "test"),
    licence="MIT, as the code that makes it",
    free=True,
    homepage="data_recipes/grammar/",
    notes="Cased sentences in `en`, Penn tags in `penn`, the same made finer in `pos` (be, do, have and other verbs "
    "have tags of their own), made languages in `lang1` and `lang2`; at most 100 characters. Contents (the stems in "
    "their order) stand in one split. Half of the words of the syntax probe stand in no training sentence that is one "
    "of its prototypes; those sentences are for the test.",
)
