"""A made-up review grammar whose sentiment is independent of its content, with everything known that is to be learnt.

Each sentence is a frame with content words (nouns, a time) and sentiment words; each sentiment word has one opposite,
so the perfect rewriting is known too. Some contents stand in the dev and test splits only, so that a model that has
learnt sentences by heart, not the two attributes, is found out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from data_recipes.recipe import Recipe, Table, draw
from textdis.core.errors import UserError

THINGS = [
    "pizza", "salad", "soup", "coffee", "burger", "pasta", "steak", "rice", "bread", "cake", "fish", "sandwich",
    "dessert", "breakfast", "wine", "beer", "menu", "table", "room", "car", "phone", "haircut", "massage", "movie",
]  # fmt: skip
PEOPLE = [
    "waiter", "manager", "owner", "chef", "driver", "nurse", "teacher", "friend", "wife", "husband", "barber",
    "clerk",
]  # fmt: skip
PLACES = ["restaurant", "hotel", "bar", "shop", "salon", "museum", "garage", "bakery", "diner", "office"]
TIMES = ["today", "yesterday", "again", "tonight", "twice", "recently"]
ADJECTIVES = (
    ("terrible", "great"), ("awful", "wonderful"), ("bad", "good"), ("horrible", "excellent"), ("rude", "friendly"),
    ("poor", "perfect"), ("nasty", "lovely"), ("disgusting", "delicious"), ("slow", "quick"), ("dirty", "clean"),
)  # fmt: skip
VERBS = (("hated", "loved"), ("regretted", "enjoyed"), ("disliked", "liked"))
FRAMES = (
    "the {thing} was {adjective} .",
    "the {thing} at this {place} is {adjective} .",
    "we {verb} the {thing} {time} .",
    "my {person} {verb} the {thing} and the {place} .",
    "the {person} was {adjective} and the {thing} was {adjective} .",
    "{adjective} {thing} , {adjective} {place} !",
    "i {verb} this {place} , the {person} is {adjective} .",
    "{time} we had {adjective} {thing} for _num_ dollars .",
)
SLOTS = {"thing": THINGS, "person": PEOPLE, "place": PLACES, "time": TIMES}
STYLED = {"adjective": ADJECTIVES, "verb": VERBS}
NOUNS = frozenset((*THINGS, *PEOPLE, *PLACES))  # and `dollars`, in its one frame
DEV, TEST = 0.05, 0.1  # shares of the contents held out
MOST = 50_000


@dataclass(frozen=True)
class Sentence:
    """A sentence of the grammar with all that is known about it."""

    text: str
    label: int  # 0 negative, 1 positive
    reference: str  # the same content in the other sentiment
    nouns: tuple[int, ...]  # numbers of the words that are nouns
    content: str  # the frame with its content words, sentiment left open

    @property
    def split(self) -> str:
        """`train`, `dev` or `test`, by the content alone, whatever the seed."""
        share = draw(self.content, 0)
        return "dev" if share < DEV else "test" if share < DEV + TEST else "train"


def generate(n: int, seed: int = 0) -> list[Sentence]:
    """`n` distinct sentences, the sentiments in turn. Raises UserError for more than the grammar can give."""
    if not 0 < n <= MOST:
        raise UserError(f"the toy grammar makes 1 to {MOST:,} sentences, not {n:,}")
    rng, found = random.Random(seed), dict[str, Sentence]()
    while len(found) < n:
        sentence = _sentence(rng, label=len(found) % 2)
        found.setdefault(sentence.text, sentence)
    return list(found.values())


def _sentence(rng: random.Random, label: int) -> Sentence:
    frame = rng.choice(FRAMES).split()
    filled = [rng.choice(SLOTS[word[1:-1]]) if word[1:-1] in SLOTS else word for word in frame]
    pairs = [rng.choice(STYLED[word[1:-1]]) if word[1:-1] in STYLED else (word, word) for word in filled]
    text, reference = (" ".join(pair[side] for pair in pairs) for side in (label, 1 - label))
    nouns = tuple(i for i, word in enumerate(filled) if word in NOUNS or word == "dollars")
    return Sentence(text, label, reference, nouns, " ".join(filled))


def parse(folder: Path, sentences: int = 20_000, seed: int = 0) -> dict[str, Table]:
    made = generate(sentences, seed)
    return {split: _table([s for s in made if s.split == split]) for split in RECIPE.splits}


def _table(rows: list[Sentence]) -> Table:
    table: Table = {name: [getattr(row, name) for row in rows] for name in ("text", "label", "reference")}
    return table | {"nouns": [list(row.nouns) for row in rows]}


RECIPE = Recipe(
    name="toy",
    files={},
    parse=parse,
    labels=("negative", "positive"),
    splits=("train", "dev", "test"),
    licence="MIT, as the code that makes it",
    free=True,
    homepage="data_recipes/toy.py",
    notes="Model text. Contents of `dev` and `test` never stand in `train`. `reference`: the perfect rewriting.",
)
