"""Labelled review sentences as in Larsson et al. (2017): three published sets together, with each sentence's domain."""

from __future__ import annotations

from pathlib import Path

from data_recipes import kotzias2015, rt_polarity, tackstrom2011
from data_recipes.recipe import Recipe, Table, draw, take

SEED, DEV = 19, 0.1  # share of the sentences held out
SITES = {"amazon_cells": "phones", "imdb": "movies", "yelp": "restaurants"}  # of Kotzias et al.


def parse(folder: Path) -> dict[str, Table]:
    """Splits by sentence: equal sentences stand in one split."""
    table: Table = {"text": [], "label": [], "domain": []}
    _extend(table, rt_polarity.parse(rt_polarity.RECIPE.folder())["train"], "movies")
    for site, rows in kotzias2015.parse(kotzias2015.RECIPE.folder()).items():
        _extend(table, rows, SITES[site])
    reviews = tackstrom2011.parse(tackstrom2011.RECIPE.folder())["test"]
    for domain in dict.fromkeys(reviews["domain"]):
        _extend(table, _polar(reviews, domain), "movies" if domain == "dvds" else domain)
    held_out = [draw(text, SEED) < DEV for text in table["text"]]
    return {
        "train": take(table, (i for i, held in enumerate(held_out) if not held)),
        "dev": take(table, (i for i, held in enumerate(held_out) if held)),
    }


def _polar(reviews: Table, domain: str) -> Table:
    """The positive and negative sentences of a domain, with our labels."""
    polar = [i for i, own in enumerate(reviews["domain"]) if own == domain and reviews["label"][i] in (0, 1)]
    rows = take({name: reviews[name] for name in ("text", "label")}, polar)
    return rows | {"label": [1 - label for label in rows["label"]]}  # theirs: 0 is positive


def _extend(table: Table, rows: Table, domain: str) -> None:
    table["text"] += rows["text"]
    table["label"] += rows["label"]
    table["domain"] += [domain] * len(rows["text"])


RECIPE = Recipe(
    name="larsson2017",
    files={},
    parse=parse,
    labels=("negative", "positive"),
    splits=("train", "dev"),
    rows=(14_306, 1_599),
    licence="as rt_polarity, kotzias2015 and tackstrom2011, whose files it reads",
    homepage="https://arxiv.org/abs/1712.10066",
    notes="Raw text. rt_polarity (10,662 sentences), kotzias2015 (3,000) and the positive and negative sentences of "
    "tackstrom2011 (2,243), with `domain`; the paper took 500 of 1,000 sentences a site of Kotzias et al. and drew "
    "another split of 90 to 10.",
)
