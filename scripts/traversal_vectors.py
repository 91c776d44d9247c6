"""Budget against share flipped and topic kept, on made-up codes: python scripts/traversal_vectors.py

Rows go to docs/traversal_vectors.jsonl, one a draw, budget and way of moving; the table on stdout is their mean.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from textdis.evaluation.made_codes import DESIGNS, vector_scores


def main(
    output: Annotated[Path, typer.Option(help="jsonl file for all rows")] = Path("docs/traversal_vectors.jsonl"),
    draws: Annotated[int, typer.Option(help="random seeds of the codes, from 0")] = 10,
) -> None:
    import numpy as np

    rows = [row for design in DESIGNS for row in vector_scores(design, range(draws))]
    output.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print("| direction of sentiment | lambda | length | mmd | mean difference | random |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for design, budget in dict.fromkeys((row["design"], row["budget"]) for row in rows):
        same = [row for row in rows if (row["design"], row["budget"]) == (design, budget)]
        cells = []
        for way in dict.fromkeys(row["way"] for row in same):
            own = [row for row in same if row["way"] == way]
            cells.append(" / ".join(f"{np.mean([row[score] for row in own]):.2f}" for score in ("flipped", "topic")))
        length = np.mean([row["length"] for row in same])
        print(f"| {design} | {budget:g} | {length:.1f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
