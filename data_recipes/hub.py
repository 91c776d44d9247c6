"""Review and question sets of the hub, cut into labelled sentences (`cut.py`): a training set of the published kind.

data_recipes.load("yelp_review_full", reviews=200_000)     # from the hub, or its cache
data_recipes.load("yelp_review_full", "/my/parquet")       # from a folder with the set's parquet files

All of Yelp's 700,000 reviews take about ten minutes on one core.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from data_recipes.cut import SENTENCES, WORDS, cut
from data_recipes.recipe import REMARK, Recipe, Table, default_roots, draw, take
from textdis.core.errors import UserError

SEED, DEV, TEST, JUDGES = 31, 0.05, 0.1, 0.1  # shares of the distinct sentences


@dataclass(frozen=True)
class HubSet:
    """Where a set stands on the hub, and which of its columns and classes become text and styles."""

    path: str
    text: tuple[str, ...]  # columns, each cut by itself
    label: str
    classes: Mapping[int, int]  # the set's class -> the style's number; other classes are left out


def _parse(
    source: HubSet,
    folder: Path,
    reviews: int | None = None,
    most_words: int = WORDS,
    most_sentences: int = SENTENCES,
) -> dict[str, Table]:
    """Sentences of the first `reviews` rows (None: all), split by sentence, so that equal ones stand in one split."""
    table: Table = {"text": [], "label": []}
    read, long = 0, 0
    for row in islice(_rows(source, folder), reviews):
        if (label := source.classes.get(row[source.label])) is None:
            continue
        sentences = [text for name in source.text for text in cut(row[name] or "", most_words, most_sentences)]
        read, long = read + 1, long + (not sentences)
        table["text"] += sentences
        table["label"] += [label] * len(sentences)
    if not table["text"]:
        raise UserError(
            f"{source.path}: no sentence of at most {most_words} words in {read:,} reviews; allow longer ones"
        )
    tables = _split(table)
    tables["train"][REMARK] = [
        f"{read:,} reviews cut; {long:,} of them had more than {most_sentences} sentences or none short enough."
    ]
    return tables


def _split(table: Table) -> dict[str, Table]:
    bounds = {"dev": DEV, "judges": DEV + JUDGES, "test": DEV + JUDGES + TEST, "train": 1.0}
    where = [next(split for split, end in bounds.items() if draw(text, SEED) < end) for text in table["text"]]
    return {split: take(table, (i for i, own in enumerate(where) if own == split)) for split in SPLITS}


def _rows(source: HubSet, folder: Path) -> Iterator[dict[str, Any]]:
    columns = [*source.text, source.label]
    files = sorted(folder.glob("**/*.parquet")) if folder != Path() else []
    yield from _local(files, columns) if files else _remote(source.path, columns)


def _local(files: list[Path], columns: list[str]) -> Iterator[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    for path in files:
        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                if missing := sorted(set(columns) - set(file.schema_arrow.names)):
                    raise UserError(f"{path}: no column {missing[0]!r}; it has {', '.join(file.schema_arrow.names)}")
                for batch in file.iter_batches(columns=columns):
                    yield from batch.to_pylist()
        except (pyarrow.ArrowException, OSError) as error:
            raise UserError(f"{path}: not readable as parquet ({error}); get the file again") from None


def _remote(path: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    import datasets

    try:
        splits = [datasets.load_dataset(path, split=split) for split in ("train", "test")]
    except Exception as error:  # the hub's client raises a dozen kinds for "not to be had", offline among them
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"{path}: the hub gives no such data set here ({reason}); without a network, fetch its parquet files where "
            "there is one, into a folder of the recipe's name, and set TEXTDIS_DATA, or --root of textdis data, to the "
            "folder around it"
        ) from None
    for rows in splits:
        yield from rows.select_columns(columns)


class HubRecipe(Recipe):
    """A recipe whose files are parquet files in a folder, by whatever names, or else come from the hub."""

    def folder(self, root: str | Path | None = None) -> Path:
        """A folder with parquet files; the empty path where there is none and the hub is asked. Raises UserError."""
        if found := self.place_in(root):
            return found
        if root is not None:
            raise UserError(f"{root}: no parquet file in it or in {self.name}; fetch those of {self.homepage} into it")
        return Path()

    def place_in(self, root: str | Path | None = None) -> Path | None:
        bases = [Path(root)] if root is not None else default_roots()
        places = [base / self.name for base in bases] + ([Path(root)] if root is not None else [])
        return next((place for place in places if any(place.glob("**/*.parquet"))), None)


SPLITS = ("train", "dev", "judges", "test")
TOPICS = ("science", "entertainment", "politics")


def _recipe(name: str, source: HubSet, labels: tuple[str, ...], licence: str, notes: str) -> HubRecipe:
    return HubRecipe(
        name=name,
        files={},
        parse=partial(_parse, source),
        labels=labels,
        splits=SPLITS,
        licence=licence,
        homepage=f"hub: {source.path}",
        notes=f"{notes} Model text of at most 15 words; equal sentences in one split.",
    )


YELP = "the Yelp data set agreement: research and education only, do not redistribute"
RECIPES = {
    recipe.name: recipe
    for recipe in (
        _recipe(
            "yelp_review_full",
            HubSet("Yelp/yelp_review_full", ("text",), "label", {0: 0, 1: 0, 3: 1, 4: 1}),
            ("negative", "positive"),
            YELP,
            "One to five stars, three left out: the rule of Shen et al. (2017) to the letter.",
        ),
        _recipe(
            "yelp_polarity",
            HubSet("fancyzhx/yelp_polarity", ("text",), "label", {0: 0, 1: 1}),
            ("negative", "positive"),
            YELP,
            "Polarity as published by Zhang et al. (2015), who count three stars as positive.",
        ),
        _recipe(
            "amazon_polarity",
            HubSet("fancyzhx/amazon_polarity", ("content",), "label", {0: 0, 1: 1}),
            ("negative", "positive"),
            "Apache 2.0 (stated on the hub; the reviews' own terms are not): research use only, do not redistribute",
            "One and two stars against four and five.",
        ),
        _recipe(
            "yahoo_answers_topics",
            HubSet("community-datasets/yahoo_answers_topics", ("best_answer",), "topic", {1: 0, 7: 1, 9: 2}),
            TOPICS,
            "approved non-commercial research only (Yahoo Webscope): do not redistribute",
            "Sentences of the best answers on the three topics of Zhao et al. (2018).",
        ),
    )
}
