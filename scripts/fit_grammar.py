"""Fits the judge of grammar on real sentences alone: python scripts/fit_grammar.py --output runs/grammar"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdis.core.errors import UserError


def main(
    output: Annotated[Path, typer.Option(help="new folder for the judge")],
    data: Annotated[str, typer.Option(help="recipe with the splits judges and dev")] = "yelp",
    seed: Annotated[int, typer.Option(help="random seed of weights, batches and of what is broken")] = 0,
    epochs: Annotated[float, typer.Option(help="passes over the sentences")] = 12.0,
) -> None:
    import data_recipes
    from textdis.evaluation.grammar import GrammarConfig, fit_grammar

    splits = data_recipes.load(data)
    if missing := sorted({"judges", "dev"} - set(splits)):
        raise UserError(f"--data {data}: no split {', '.join(missing)}, which the judge is fitted or measured on")
    config = GrammarConfig(seed=seed, epochs=epochs)
    judge = fit_grammar(splits["judges"]["text"][:], splits["dev"]["text"][:], output, config)
    for name, score in judge.held_out.items():
        print(f"{name}\t{score:.4f}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
