"""Sentences of questions and their best answers, two topics of Yahoo! Answers; see `yahoo_answers`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from data_recipes import yahoo_answers
from data_recipes.recipe import Table, key, take

MOST_WORDS = 15
JUDGES = 0.2  # share of the texts


def parse(folder: Path) -> dict[str, Table]:
    """The splits of `yahoo_answers`, and `judges`, for judges of style; a text's sentences stand in one split.

    A sentence that is written twice ("thanks for your help .") says nothing of the topic, and is left out.
    """
    tables = yahoo_answers.tables(folder, MOST_WORDS, JUDGES)
    times = Counter(key(text) for table in tables.values() for text in table["text"])
    return {
        split: take(table, (i for i, text in enumerate(table["text"]) if times[key(text)] == 1))
        for split, table in tables.items()
    }


RECIPE = replace(
    yahoo_answers.RECIPE,
    name="yahoo_sentences",
    parse=parse,
    splits=("train", "dev", "judges", "test"),
    rows=(10_680, 682, 2_846, 1_558),
    notes="The sentences of at most 15 words of `yahoo_answers`, as model text, each with the topic of its text; those "
    "that are written twice are left out. `judges`: those of a fifth of the texts, for judges of style.",
)
