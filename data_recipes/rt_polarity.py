"""Sentences of movie reviews, negative and positive: Pang and Lee (2005), sentence polarity data 1.0."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, squeezed, styles

FILES = {
    "rt-polarity.0.txt.gz": "2e19723396a72c5a3a15871d5559c1068413f5a00ed691b40c70d1bc2589581f",
    "rt-polarity.1.txt.gz": "887620346001c03bde1806de04cd6862f8317e7234ae336e06b35947244bc610",
}


def parse(folder: Path) -> dict[str, Table]:
    return {"train": squeezed(styles(folder, "rt-polarity.{}.txt.gz"))}


RECIPE = Recipe(
    name="rt_polarity",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("train",),
    rows=(10_662,),
    licence="not stated: research use only, do not redistribute",
    homepage="https://www.cs.cornell.edu/people/pabo/movie-review-data/",
    notes="Lower-cased, blank-separated words. Published without splits.",
)
