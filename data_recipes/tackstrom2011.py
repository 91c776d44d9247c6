"""Product reviews with the sentiment of each sentence: Täckström and McDonald (2011)."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, lines

LABELS = ("pos", "neg", "neu", "mix", "nr")

FILES = {
    "finegrained.txt.gz": "a1df41f8ec1db097cb895747a566a05f4479630cc84c7170b8068a3409f1c19a",
}


def parse(folder: Path) -> dict[str, Table]:
    """Reviews stand apart by an empty line: the document's name, domain and stars, then label and sentence a line."""
    table: Table = {name: [] for name in ("text", "label", "domain", "stars", "document")}
    for review in "\n".join(lines(folder / "finegrained.txt.gz")).strip().split("\n\n"):
        document, head, *sentences = review.strip().split("\n")
        domain, stars = head.split("\t")
        for sentence in sentences:
            label, text = sentence.split("\t", 1)
            for name, value in zip(table, (text, LABELS.index(label), domain, int(stars), document), strict=True):
                table[name].append(value)
    return {"test": table}


RECIPE = Recipe(
    name="tackstrom2011",
    files=FILES,
    parse=parse,
    labels=LABELS,
    splits=("test",),
    rows=(3_836,),
    licence='"can be freely used for any friendly purpose", citation requested',
    homepage="https://github.com/oscartackstrom/sentence-sentiment-data",
    notes="Raw text. Labels: positive, negative, neutral, mixed, not relevant. Domains: books, dvds, "
    "electronics, music, videogames.",
)
