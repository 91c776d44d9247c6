"""Fits the three judges of a data set on its real sentences: python scripts/fit_judges.py --output runs/judges"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdis.core.errors import UserError


def main(
    output: Annotated[Path, typer.Option(help="new folder for the judges")],
    data: Annotated[str, typer.Option(help="recipe with the splits train, judges and dev")] = "yelp",
    seed: Annotated[int, typer.Option(help="random seed of weights and batches")] = 0,
) -> None:
    import data_recipes
    from textdis.evaluation.judges import fit_judges

    judges = fit_judges(data_recipes.load(data), output, name=data, seed=seed)
    for name, score in judges.held_out.items():
        print(f"{name}\t{score:.4f}")
    print(f"fingerprint\t{judges.fingerprint}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
