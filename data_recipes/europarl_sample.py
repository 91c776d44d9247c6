"""The first 3,000 English-French pairs of Europarl, release 7: Koehn (2005)."""

from __future__ import annotations

from pathlib import Path

from data_recipes.europarl import split_pairs
from data_recipes.recipe import REMARK, Recipe, Table, lines, take

FILES = {
    "fr-en.en.txt.gz": "8d5032df7625eb56584252aeea31104125300ba40b68c1e682acf791a69f5e7c",
    "fr-en.fr.txt.gz": "e193809c0a4bc631dfe5758de475e990dad4f99c8c7ea0b72f0c14a4679d387b",
}


def parse(folder: Path) -> dict[str, Table]:
    table: Table = {language: lines(folder / f"fr-en.{language}.txt.gz") for language in ("en", "fr")}
    full = [i for i, pair in enumerate(zip(table["en"], table["fr"], strict=True)) if all(pair)]
    tables = split_pairs(take(table, full))
    tables["train"][REMARK] = [f"{len(table['en']) - len(full)} pairs with an empty side are left out."]
    return tables


RECIPE = Recipe(
    name="europarl_sample",
    files=FILES,
    parse=parse,
    labels=(),
    splits=("train", "dev", "test"),
    rows=(2_631, 20, 343),
    licence="not stated: research use only, do not redistribute",
    homepage="https://www.statmt.org/europarl/",
    notes="Raw text in `en` and `fr`; no label. The first debates only: for tests, not for a model.",
)
