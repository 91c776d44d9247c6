"""10,000 English-German sentences of the WMT training data, with newstest for dev and test: the seq2seq-attn sample."""

from __future__ import annotations

import html
from pathlib import Path

from data_recipes.recipe import Recipe, Table, lines

FILES = {
    "train.en-de.en.txt.gz": "b101fec8afca09a3c1022e6c5b61291c83b6a2691aba0adb10821d7ce8548ec1",
    "train.en-de.de.txt.gz": "67f3cf7be44b340003bd1655adb03a8d16cd76f8cbbecb643ca865a037dc903a",
    "val.en-de.en.txt.gz": "f8bc850abf92e77bd85d6c85ebe8cc21c006d7b72fec38d9fca7053f8086b49c",
    "val.en-de.de.txt.gz": "cadf870db1d532cd056a9cee79ac6b71104f7714f83cfd2d17c5abe2b65daf91",
    "test.en-de.en.txt.gz": "a526873fb703fdaa8fb794d647f34704a5e093e7b23945ae43bddc036f47273c",
    "test.en-de.de.txt.gz": "1ebfa746c10bfda5f6d021b432f82f66b4249ec1f7e4d2ec683016258bf89a49",
}


def parse(folder: Path) -> dict[str, Table]:
    """Moses writes `&apos;` for an apostrophe, and so on; here they are characters again."""
    return {
        split: {
            side: [html.unescape(line) for line in lines(folder / f"{file}.en-de.{side}.txt.gz")]
            for side in ("en", "de")
        }
        for split, file in (("train", "train"), ("dev", "val"), ("test", "test"))
    }


RECIPE = Recipe(
    name="wmt_sample",
    files=FILES,
    parse=parse,
    labels=(),
    splits=("train", "dev", "test"),
    licence="not stated: research use only, do not redistribute",
    homepage="https://github.com/harvardnlp/seq2seq-attn",
    notes="Moses-tokenised, cased, in `en` and `de`; no label. A few characters were lost upstream (U+FFFD).",
    rows=(10_000, 3_000, 2_737),
)
