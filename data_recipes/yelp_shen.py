"""Sentences of Yelp reviews, negative and positive: the splits of Shen et al. (2017), a fifth of train."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, styles

FILES = {
    "shen.train20pct.0.txt.gz": "51f38401c1a9a42f9dfb8b70efc146229007ef7577a3168bebeb0ac1a20d3814",
    "shen.train20pct.1.txt.gz": "05881a93f3b4ca74728c79c269918683b3b01f857aa20bb4734a554cb6bc9aad",
    "shen.dev.0.txt.gz": "8484562e5cd8ca2e6226ac917e213970346fdd3c94216adb893a7d12828fe237",
    "shen.dev.1.txt.gz": "d4eb532816a31e88bdd4d54c7e896b9e3203034f675045b831f79d3e3a3aaa3e",
    "shen.test.0.txt.gz": "ec87c08731d0c6c4290d8b00ce0ea4b2cb1a07b25e6f720fcc5db8ea84550002",
    "shen.test.1.txt.gz": "3c4a0f3ac20c84b5ee1abbe6424f3e2addfdda21eeeb884c4394c59bb2ea4c1b",
}
SPLITS = {"train": "train20pct", "dev": "dev", "test": "test"}


def parse(folder: Path) -> dict[str, Table]:
    return {split: styles(folder, f"shen.{file}.{{}}.txt.gz") for split, file in SPLITS.items()}


RECIPE = Recipe(
    name="yelp_shen",
    place="yelp",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("train", "dev", "test"),
    rows=(73_573, 52_786, 105_402),
    licence="not stated for the text (Yelp Dataset Challenge): research use only, do not redistribute",
    homepage="https://github.com/shentianxiao/language-style-transfer",
    notes="Model text of at most 15 words. Published splits: stock sentences stand in several. "
    "The recipe `yelp` is made of the same sentences: never score a model trained on one on the other.",
)
