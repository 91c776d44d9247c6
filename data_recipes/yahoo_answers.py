"""Questions with their best answers, two topics of Yahoo! Answers: a sample of Zhang, Zhao and LeCun (2015)."""

from __future__ import annotations

from pathlib import Path

from data_recipes.cut import cut
from data_recipes.recipe import REMARK, Recipe, Table, draw, key, records

TOPICS = ("science_mathematics", "society_culture")
SEED, DEV = 12, 0.05  # share of the training texts

FILES = {
    "qa_two_topics.train.jsonl.gz": "27b8b6be6f95751ea9668df11eaab755f200d64b47d70469ee8d35afd927ff3c",
    "qa_two_topics.test.jsonl.gz": "126f844d1ced3dd174e2a363f7fbb0b33a265b3b4c7cf42d53c71beb622a88cc",
}


def parse(folder: Path, most_words: int | None = None) -> dict[str, Table]:
    """Whole texts; with `most_words`, their sentences of at most that many words, as model text.

    A text of the training file that stands in the test file too is left out; `dev` is drawn from the rest.
    """
    return tables(folder, most_words)


def tables(folder: Path, most_words: int | None, judges: float = 0.0) -> dict[str, Table]:
    """The splits of `parse`; judges: the share of the texts that is a split of its own, for judges of style."""
    files = {name: records(folder / f"qa_two_topics.{name}.jsonl.gz") for name in ("train", "test")}
    tested = {key(row["text"]) for row in files["test"]}
    rest = [row for row in files["train"] if key(row["text"]) not in tested]
    drawn = [(draw(row["text"], SEED), row) for row in rest]
    rows = {
        "train": [row for x, row in drawn if x >= DEV + judges],
        "dev": [row for x, row in drawn if x < DEV],
        "judges": [row for x, row in drawn if DEV <= x < DEV + judges],
        "test": files["test"],
    }
    found = {split: _table(own, most_words) for split, own in rows.items() if own}
    if left := len(files["train"]) - len(rest):
        found["train"][REMARK] = [f"{left:,} texts that stand in test too are left out."]
    return found


def _table(rows: list[dict], most_words: int | None) -> Table:
    pairs = [
        (text, TOPICS.index(row["topic"]))
        for row in rows
        for text in ([row["text"]] if most_words is None else cut(row["text"], most_words, most_sentences=None))
    ]
    return {"text": [text for text, _ in pairs], "label": [label for _, label in pairs]}


RECIPE = Recipe(
    name="yahoo_answers",
    place="yahoo",
    files=FILES,
    parse=parse,
    labels=("science", "society"),
    splits=("train", "dev", "test"),
    rows=(3_818, 182, 418),
    licence="not stated: research use only, do not redistribute",
    homepage="https://github.com/zhangxiangxiao/Crepe",
    notes="Raw texts of a question and its answer, 2,000 a topic; where the answer begins is not marked. "
    "`most_words=15` cuts them into sentences (model text).",
)
