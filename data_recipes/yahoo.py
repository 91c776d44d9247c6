"""Question titles of Yahoo! Answers on three topics: Zhang, Zhao and LeCun (2015), test set."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, draw, records, take

TOPICS = ("Science & Mathematics", "Entertainment & Music", "Politics & Government")
SEED, DEV, TEST, JUDGES = 11, 0.05, 0.05, 0.2  # shares of the titles

FILES = {
    "zhang.test_titles.jsonl.gz": "d5ed25917bf2b1139db9e3a1834cf4733ca1a201015d602f6760c875710fdbb0",
}


def parse(folder: Path) -> dict[str, Table]:
    """Splits by title: equal titles stand in one split."""
    rows = [row for row in records(folder / "zhang.test_titles.jsonl.gz") if row["topic"] in TOPICS]
    table = {"text": [row["title"] for row in rows], "label": [TOPICS.index(row["topic"]) for row in rows]}
    drawn = [draw(text, SEED) for text in table["text"]]
    return {
        "train": take(table, (i for i, x in enumerate(drawn) if x >= DEV + TEST + JUDGES)),
        "dev": take(table, (i for i, x in enumerate(drawn) if x < DEV)),
        "judges": take(table, (i for i, x in enumerate(drawn) if DEV + TEST <= x < DEV + TEST + JUDGES)),
        "test": take(table, (i for i, x in enumerate(drawn) if DEV <= x < DEV + TEST)),
    }


RECIPE = Recipe(
    name="yahoo",
    files=FILES,
    parse=parse,
    labels=("science", "entertainment", "politics"),
    splits=("train", "dev", "judges", "test"),
    rows=(12_490, 942, 3_667, 901),
    licence="approved non-commercial research only (Yahoo Webscope): do not redistribute",
    homepage="https://github.com/zhangxiangxiao/Crepe",
    notes="Raw titles, 18,000 of them; the splits are our own, equal titles in one. `judges`: a fifth, for judges "
    "of style.",
)
