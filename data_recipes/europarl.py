"""Debates of the European Parliament in English, German and French: Koehn (2005), release 7, as Brunner et al. use it.

For those who have the release: `europarl-v7.de-en.de`, `.en` and `europarl-v7.fr-en.fr`, `.en`, unpacked or gzipped.
The releases align English with one language each; the three-way alignment made here keeps a pair of each where the two
English lines are equal.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from data_recipes.recipe import REMARK, Recipe, Table, draw, lines, take
from textdis.core.errors import UserError

SEED, DEV, TEST = 7, 0.005, 0.1176  # shares; the paper tests on 0.2 of 1.7 million sentences
STEM = "europarl-v7.{pair}.{language}"


def parse(folder: Path, languages: str = "de,fr") -> dict[str, Table]:
    """English in `en`, each other language in a column of its own. Raises UserError: missing or unequal files."""
    names = languages.split(",")
    pairs = [_pairs(folder, name) for name in names]
    shared = [line for line in pairs[0] if all(line in other for other in pairs[1:])]
    table: Table = {"en": shared}
    for name, found in zip(names, pairs, strict=True):
        table[name] = [found[line] for line in shared]
    tables = split_pairs(table)
    tables["train"][REMARK] = [f"{len(shared):,} of {len(pairs[0]):,} English lines stand in all files."]
    return tables


def _pairs(folder: Path, language: str) -> dict[str, str]:
    """English line -> its translation. Lines that occur twice in English are left out: which of them is meant?"""
    english, other = (_side(folder, language, side) for side in ("en", language))
    if len(english) != len(other):
        raise UserError(f"{folder}: {len(english):,} English lines for {len(other):,} in {language!r}; get both again")
    counts = Counter(english)
    return {a: b for a, b in zip(english, other, strict=True) if a and b and counts[a] == 1}


def _side(folder: Path, language: str, side: str) -> list[str]:
    name = STEM.format(pair=f"{language}-en", language=side)
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return [line.strip() for line in lines(path)]
    raise UserError(f"{folder}: {name} missing; put it there, or name fewer `languages`")


def split_pairs(table: Table) -> dict[str, Table]:
    """Train, dev and test by the English sentence."""
    drawn = [draw(text, SEED) for text in table["en"]]
    return {
        "train": take(table, (i for i, x in enumerate(drawn) if x >= DEV + TEST)),
        "dev": take(table, (i for i, x in enumerate(drawn) if x < DEV)),
        "test": take(table, (i for i, x in enumerate(drawn) if DEV <= x < DEV + TEST)),
    }


class EuroparlRecipe(Recipe):
    """Any of the files will do to tell the folder; `parse` says which one is missing for the languages asked for."""

    def _verify(self, folder: Path) -> None:
        """The publisher's checksums are not known here; the numbers of lines are compared instead."""


RECIPE = EuroparlRecipe(
    name="europarl",
    files={
        STEM.format(pair=f"{pair}-en", language=side) + packed: None
        for pair in ("de", "fr")
        for side in ("en", pair)
        for packed in ("", ".gz")
    },
    parse=parse,
    labels=(),
    splits=("train", "dev", "test"),
    licence="not stated by the publisher beyond the proceedings being public: do not redistribute",
    homepage="https://www.statmt.org/europarl/",
    notes="Raw text in `en`, `de`, `fr`; no label. Pairs with an empty side are left out.",
)
