"""Humorous and romantic image captions: Li et al. (2018), after FlickrStyle10K."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, lines, squeezed, styles

FILES = {
    "li.dev_minus_references.0.txt.gz": "f34c381ceb2f71ba0f0a54cec4ff56573e89f9d8e4625c2666cf1fbb79a83f50",
    "li.dev_minus_references.1.txt.gz": "932812ad6b2d93693ad2fe45a357366f5589a9148fd39096826722283967d50d",
    "li.reference.to_humorous.txt.gz": "bb93a899e0623604ee5b8771ab2b98d1c572f073d855b0735da9356245b18718",
    "li.reference.to_romantic.txt.gz": "ec05ab4dc0bff727014571556a0aed9a3c641e7db7e75663b6444e5babdb418a",
    "li.test.factual.txt.gz": "191f703291265bd5a98864e2963796440895c5be07d4816c296373a46af5c3f4",
    "li.train.0.txt.gz": "b053c59cd7f35b3944246f03bc97ce21ab8021b1c478261c5a5109d3a387b834",
    "li.train.1.txt.gz": "f82aa7bff8e73e1ef8612c5ce5d6895a1112ca942bf40046ebb23a48ccc4c983",
}


def parse(folder: Path) -> dict[str, Table]:
    return {
        "train": squeezed(styles(folder, "li.train.{}.txt.gz")),
        "dev": squeezed(styles(folder, "li.dev_minus_references.{}.txt.gz")),
        "test": {
            "text": lines(folder / "li.test.factual.txt.gz"),
            "humorous": lines(folder / "li.reference.to_humorous.txt.gz"),
            "romantic": lines(folder / "li.reference.to_romantic.txt.gz"),
        },
    }


RECIPE = Recipe(
    name="captions",
    files=FILES,
    parse=parse,
    labels=("humorous", "romantic"),
    splits=("train", "dev", "test"),
    licence="CC BY-SA 4.0 (stated by the release)",
    free=True,
    rows=(12_000, 400, 300),
    homepage="https://github.com/lijuncen/Sentiment-and-Style-Transfer",
    notes="Test sentences are factual and have no label; the columns `humorous` and `romantic` are their human "
    "rewritings. `dev` is the published one without the test's references. Lower-cased, only partly tokenised.",
)
