"""Fits the judges of a recipe: `python scripts/fit_judges.py --output runs/judges` is `textdis train judges`."""

from __future__ import annotations

from typing import Annotated

import typer

from textdis.cli import main as textdis


def main(
    output: Annotated[str, typer.Option(help="new folder for the judges")],
    data: Annotated[str, typer.Option(help="recipe of the sentences")] = "yelp",
    seed: Annotated[int, typer.Option(help="random seed of weights and batches")] = 0,
) -> None:
    textdis(["train", "judges", "--recipe", data, "--output", output, "--seed", str(seed)])


if __name__ == "__main__":
    typer.run(main)
