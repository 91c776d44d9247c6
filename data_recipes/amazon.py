"""Sentences of Amazon reviews, negative and positive: Li et al. (2018), a part of the training set."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, drawn_groups, key, squeezed, styles, take, without

JUDGES, SEED = 4_000, 21  # sentences a class kept for a judge, and the seed that draws them

FILES = {
    "li.dev.0.txt.gz": "2a5c8bb86be34d453509bf2bc35e10ce23b5719cf9c398845f0ba8efb2f81214",
    "li.dev.1.txt.gz": "a65c503eb8347c799bc62cc022d38193c94991c64b5a1b866f40bde562a233f9",
    "li.reference.0.txt.gz": "0753fe088be131dff8270135b1b877a071926f5660b5b51aec4c764d545ac11b",
    "li.reference.1.txt.gz": "867f457c92a42c74405c05f1f9c89579741acf945d2762c0dac36d7df94dcdf5",
    "li.test.0.txt.gz": "848be0a8bfb9558528d8ac3c020efaf559c82491b74654cd5de449174e1c9fb5",
    "li.test.1.txt.gz": "0aa64180ebd554dbdb3a4b947f2ba69cdf159261205e70a04e49cfc3352eead7",
    "li.train_part.0.txt.gz": "34cf1bdde4351ca572a25f1baaf38e7cd6c10d1a448f313108e8b46751644cf2",
    "li.train_part.1.txt.gz": "6c692f82611bf07e9651e3cc5bd284e96298189fc6a7965bd853070359c9c36a",
}


def parse(folder: Path) -> dict[str, Table]:
    train = squeezed(styles(folder, "li.train_part.{}.txt.gz"))
    judges = take(train, drawn_groups(train, JUDGES, SEED))
    return {
        "train": without(train, {key(text) for text in judges["text"]}),
        "dev": squeezed(styles(folder, "li.dev.{}.txt.gz")),
        "judges": judges,
        "test": squeezed(styles(folder, "li.test.{}.txt.gz", "li.reference.{}.txt.gz")),
    }


RECIPE = Recipe(
    name="amazon",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("train", "dev", "judges", "test"),
    rows=(73_231, 2_000, 8_000, 1_000),
    licence="dev, test: CC BY-SA 4.0 (stated by the release); train: not stated, research use only, do not ship it",
    homepage="https://github.com/lijuncen/Sentiment-and-Style-Transfer",
    notes="Lower-cased, apostrophes dropped, numbers are num_num, rare words num_extend. The training part was "
    "selected for similarity across the classes, so it is shorter and more alike than a random one. `judges` (4,000 "
    "sentences a class of it) shares none with the rest. `reference` of `test` is the human rewriting.",
)
