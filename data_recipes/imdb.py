"""Sentences of IMDB reviews, negative and positive: Dai et al. (2019), dev and test only."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, styles

FILES = {
    "dai.dev.0.txt.gz": "91ef5d54ed4275b4bdee246a01f883fe186062a184fba226a16931f1c6f3957e",
    "dai.dev.1.txt.gz": "930b518045c5566f2e40488dd2b968bb29c3d9893ba2e1e3aea9dff69dd45251",
    "dai.test.0.txt.gz": "72eefb3821d8a21225552e97f8ab7e622f78e89e7a903f5b724d3e3e3bdd0b21",
    "dai.test.1.txt.gz": "de9ca67fb11f7054554b56c4ffc4321625b54296a290870d972ee87747b64e97",
}


def parse(folder: Path) -> dict[str, Table]:
    return {split: styles(folder, f"dai.{split}.{{}}.txt.gz") for split in ("dev", "test")}


RECIPE = Recipe(
    name="imdb",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("dev", "test"),
    rows=(4_000, 2_000),
    licence="not stated: research use only, do not redistribute",
    homepage="https://github.com/fastnlp/style-transformer",
    notes="Lower-cased, blank-separated words. 77 sentences stand in both splits.",
)
