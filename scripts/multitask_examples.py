"""What a multi-task autoencoder says between sentences and of their sums, whatever it is, as markdown.

python scripts/multitask_examples.py runs/multitask/REP-64-0/model runs/multitask/REP-LANG1-POS-64-0/model
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from textdis.core.errors import UserError

LINES, LONGEST = 2, 45  # lines shown, characters of their ends at most


def main(models: Annotated[list[Path], typer.Argument(help="model folders")]) -> None:
    """The first lines of the table's pairs, five sums of minimal pairs (one a kind), and the paper's five."""
    from data_recipes.grammar import minimal_pairs
    from textdis.evaluation.interpolation import FIVE
    from textdis.pipelines.codes import Codes

    opened = {folder.parent.name: Codes.from_folder(folder, device="cpu") for folder in models}
    for first, second in _ends():
        print(f"\n| | {' | '.join(opened)} |\n| ---: |{' --- |' * len(opened)}")
        lines = [codes.interpolate(first, second).points for codes in opened.values()]
        for points in zip(*lines, strict=True):
            print(f"| {points[0].t:.2f} | {' | '.join(point.text for point in points)} |")
        print(f"\n({first} -> {second})")
    sums = [(pair.a, pair.b, pair.c, pair.d) for pair in minimal_pairs(5, seed=0)]
    for title, rows in (("minimal pairs", sums), ("the paper's five", [(*three, "") for three in FIVE])):
        print(f"\n| {title}: a - b + c | wanted | {' | '.join(opened)} |\n| --- | --- |{' --- |' * len(opened)}")
        for a, b, c, d in rows:
            said = [codes.arithmetic(a, b, c).text for codes in opened.values()]
            print(f"| {a} - {b} + {c} | {d or '-'} | {' | '.join(said)} |")


def _ends() -> list[tuple[str, str]]:
    from textdis.experiments.parallel_data import recipe_columns

    texts = [t for t in recipe_columns("grammar", "dev", "en", (), False)["en"] if t and len(t) <= LONGEST]
    drawn = np.random.default_rng(0).choice(len(texts), (LINES, 2), replace=False).tolist()
    return [(texts[i], texts[j]) for i, j in drawn]


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
