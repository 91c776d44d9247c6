"""Judges for the sentences of Larsson et al.: python scripts/traversal_judges.py --output runs/judges-larsson

The linear judge reads labelled sentences that no traversal model was trained with the labels of: IMDB, and the judges'
sentences of Amazon and Yelp. CNN and language model read the training split and IMDB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError


def main(output: Annotated[Path, typer.Option(help="new folder for the judges")]) -> None:
    import data_recipes
    from textdis.evaluation.fitting import JudgesConfig, JudgesData, fit_judges

    own, imdb = data_recipes.load("larsson2017"), data_recipes.load("imdb")
    movies = held(imdb["dev"], imdb["test"])
    others = [data_recipes.load(name)["judges"] for name in ("amazon", "yelp")]
    splits = {
        "train": held(own["train"], imdb["dev"], imdb["test"]),
        "judges": joined(movies, held(*others)),
        "dev": held(own["dev"]),
    }
    data = JudgesData("larsson2017 with imdb, amazon and yelp", ("negative", "positive"), splits, "dev")
    judges = fit_judges(data, output, JudgesConfig(cnn_epochs=4.0, language_epochs=4.0))
    for name, score in judges.held_out.items():
        print(f"{name}\t{score:.4f}")


def held(*tables: Any) -> Any:
    """Sentences of all tables in model text, with their labels."""
    from textdis.evaluation.protocols import HeldOut
    from textdis.text.normalise import normalise

    return HeldOut(
        [normalise(t) for table in tables for t in table["text"]], [k for table in tables for k in table["label"]]
    )


def joined(first: Any, second: Any) -> Any:
    return type(first)([*first.texts, *second.texts], [*first.labels, *second.labels])


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
