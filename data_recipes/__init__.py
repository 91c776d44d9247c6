"""Data sets by name: which files, how they are read, their labels, splits and licence. No data ship with this package.

data_recipes.load("yelp")                      # from TEXTDIS_DATA, or ../shared/data beside the project
data_recipes.load("yelp", "/my/data")          # from /my/data/yelp, or /my/data itself
data_recipes.load("yelp", "https://...")       # from the files below an address, fetched once
data_recipes.load("yelp_review_full")          # from the hub, whole reviews cut into sentences
data_recipes.load("toy", sentences=2000)       # made up on the spot
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_recipes.overlaps import Overlap, conflict, overlaps
from data_recipes.recipe import Recipe
from textdis.core.errors import UserError

if TYPE_CHECKING:
    from datasets import DatasetDict

__all__ = ["NAMES", "Overlap", "Recipe", "conflict", "load", "overlaps", "recipe"]

NAMES = (
    "amazon",
    "amazon_polarity",
    "captions",
    "europarl",
    "europarl_sample",
    "grammar",
    "imdb",
    "kotzias2015",
    "larsson2017",
    "multi30k",
    "rt_polarity",
    "styled_captions",
    "tackstrom2011",
    "toy",
    "wmt_sample",
    "yahoo",
    "yahoo_answers",
    "yahoo_answers_topics",
    "yahoo_sentences",
    "yelp",
    "yelp_polarity",
    "yelp_review_full",
    "yelp_shen",
)
HUB = ("amazon_polarity", "yahoo_answers_topics", "yelp_polarity", "yelp_review_full")


def recipe(name: str) -> Recipe:
    """The recipe called `name`. Raises UserError where there is none."""
    if name not in NAMES:
        raise UserError(f"no recipe {name!r}; there are {', '.join(NAMES)}")
    if name in HUB:
        return importlib.import_module("data_recipes.hub").RECIPES[name]
    return importlib.import_module(f"data_recipes.{name}").RECIPE


def load(name: str, root: str | Path | None = None, **options: Any) -> DatasetDict:
    """The data set `name`, its files checked; sentences in `text`, styles in `label` (ClassLabel), split by split.

    root: folder that holds the recipe's files, or a folder `name` with them, or the http(s) address of one; by default
    `TEXTDIS_DATA`, else ../shared/data beside the project, else the hub for what stands there. options: those of the
    recipe (`toy`: sentences, seed).
    Raises UserError: no such recipe, files missing or other than expected, unknown options.
    """
    return recipe(name).load(root, **options)
