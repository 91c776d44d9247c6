"""Raw review sentences, negative and positive, of three sites: Kotzias et al. (2015)."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, records

FILES = {
    "amazon_cells_labelled.jsonl.gz": "671cf8451606eb7c2222b44ad35b0277f4acf83b2fb96785a64fadd78eaf671b",
    "imdb_labelled.jsonl.gz": "10d9b989ba30b7b2d7bc208d2dc11cfb36eebe72927cbbf7fd9cec33d72d0865",
    "yelp_labelled.jsonl.gz": "354bf92d09813427eaded4d9cd8cc21b8ca1ab0a6d390b87ccebf84473ea06d9",
}


def parse(folder: Path) -> dict[str, Table]:
    return {split: _table(folder / f"{split}_labelled.jsonl.gz") for split in ("amazon_cells", "imdb", "yelp")}


def _table(path: Path) -> Table:
    rows = records(path)
    return {name: [row[name] for row in rows] for name in ("text", "label")}


RECIPE = Recipe(
    name="kotzias2015",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("amazon_cells", "imdb", "yelp"),
    rows=(1_000, 1_000, 1_000),
    licence="not stated: research use only, do not redistribute",
    homepage="https://archive.ics.uci.edu/dataset/331",
    notes="Raw text; a split a site, 1,000 sentences each.",
)
