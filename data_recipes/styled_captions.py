"""Factual, humorous and romantic image captions: those of Li et al. (2018), and factual ones of Multi30k."""

from __future__ import annotations

from pathlib import Path

from data_recipes import captions, multi30k
from data_recipes.recipe import Recipe, Table, draw, drawn_groups, key, lines, styles, take, without
from textdis.text.normalise import normalise

FACTUAL, JUDGES, SEED = {"train": 6_000, "dev": 200}, 1_500, 22  # factual captions; a judge's sentences a class
FILES = {f"captions/{name}": digest for name, digest in captions.FILES.items()}
FILES |= {f"multi30k/{split}.en.txt.gz": multi30k.FILES[f"{split}.en.txt.gz"] for split in ("train", "val")}


def parse(folder: Path) -> dict[str, Table]:
    test = captions.parse(folder / "captions")["test"]
    known = {key(text) for text in test["text"]}
    train = _three(folder, "train", "captions/li.train.{}.txt.gz", "multi30k/train.en.txt.gz", known)
    judges = take(train, drawn_groups(train, JUDGES, SEED))
    dev = _three(folder, "dev", "captions/li.dev_minus_references.{}.txt.gz", "multi30k/val.en.txt.gz", known)
    return {
        "train": without(train, {key(text) for text in [*judges["text"], *dev["text"]]}),
        "dev": dev,
        "judges": judges,
        "test": {name: [normalise(text) for text in column] for name, column in test.items()}
        | {"label": [0] * len(test["text"])},
    }


def _three(folder: Path, split: str, styled: str, factual: str, known: set[str]) -> Table:
    """Factual captions, drawn from those that no test has, before the humorous and romantic ones."""
    two = styles(folder, styled)
    texts = sorted({text for text in lines(folder / factual) if key(text) not in known}, key=lambda t: draw(t, SEED))
    texts = texts[: FACTUAL[split]]
    labels = [0] * len(texts) + [1 + label for label in two["label"]]
    return {"text": [normalise(text) for text in [*texts, *two["text"]]], "label": labels}


RECIPE = Recipe(
    name="styled_captions",
    files=FILES,
    parse=parse,
    labels=("factual", "humorous", "romantic"),
    splits=("train", "dev", "judges", "test"),
    rows=(13_498, 600, 4_500, 300),
    licence="captions: CC BY-SA 4.0 (stated by the release); Multi30k: not stated, research use only, do not ship it",
    homepage="https://github.com/lijuncen/Sentiment-and-Style-Transfer",
    notes="Model text. The factual captions of `train`, `judges` and `dev` are drawn from Multi30k, whose pictures may "
    "be those of `test`; no sentence of `test` is among them. `judges` (1,500 sentences a class) shares none with "
    "`train`. Test sentences are factual; the columns `humorous` and `romantic` are their human rewritings.",
    place=".",
)
