"""The table of Whitney and Fergus (2017) on our clips: trains what is missing, scores it, prints it. It goes on where
an earlier call stopped.

python scripts/sequential_vae_table.py                                       all rows, then the table
python scripts/sequential_vae_table.py --row "sprites, factored" --seed 0    one of them
python scripts/sequential_vae_table.py --show                                the table of what is there
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from textdis.core.errors import UserError
from textdis.experiments.lines import read, require_end, write

if TYPE_CHECKING:
    from textdis.experiments.sequential_vae import SequentialVAEExperiment

RESULTS = Path(__file__).parents[1] / "docs" / "sequential_vae.jsonl"
SCORED = 2_000  # clips
APART = 1_000  # is added to the random seed of a run's clips for those that score it
SHORT: dict[str, Any] = {"recipe": "moving_mnist", "steps": 2_400}
LARGE: dict[str, Any] = {"recipe": "moving_mnist", "pixels": 64, "frames": 16}
SLOW: dict[str, Any] = {"warmup": 800, "lr": 1.2e-3}  # what keeps things from staying undrawn
WIDE = "moving MNIST, width of 32, 2,400 steps"  # what a model of 64 pixels grows from
FORMS: dict[str, dict[str, Any]] = {
    "moving MNIST": {"recipe": "moving_mnist"},
    "moving MNIST, 2,400 steps": SHORT,
    "moving MNIST, no memory, 2,400 steps": SHORT | {"memory": 0},
    "moving MNIST, no memory, drawn whole, 2,400 steps": SHORT | {"memory": 0, "parts": 1},
    "moving MNIST, no memory, 64 x 64, 2,400 steps": SHORT | {"memory": 0, "pixels": 64},
    "moving MNIST, 64 x 64, 16 frames": LARGE,
    "moving MNIST, 64 x 64, 16 frames, slow start": LARGE | SLOW,
    WIDE: SHORT | {"width": 32},
    "moving MNIST, 64 x 64, 16 frames, grown, 2,000 steps": LARGE | {"grow_from": WIDE, "steps": 2_000},
    "sprites": {"recipe": "sprites"},
    "sprites, slow start": {"recipe": "sprites"} | SLOW,
    "sprites, slow start, rate of 2e-3": {"recipe": "sprites", "warmup": 1_000},
    "sprites, no memory, 2,400 steps": SHORT | {"recipe": "sprites", "memory": 0},
}
KINDS: dict[str, dict[str, Any]] = {"factored": {"factors": 2, "size": 32}, "entangled": {"factors": 1, "size": 64}}
ROWS = {f"{form}, {kind}": {"parts": 2} | FORMS[form] | KINDS[kind] for form in FORMS for kind in KINDS}
COLUMNS = {
    "elbo": ("ELBO", 1.0, 1),
    "kl": ("divergence", 1.0, 1),
    "elbo_per_frame": ("ELBO a frame", 1.0, 2),
    "information_same": ("same", 1.0, 2),
    "information_cross": ("cross", 1.0, 2),
    "information_gap": ("gap", 1.0, 2),
    "correlation_block_share": ("correlation in blocks %", 100.0, 1),
    "plane_share": ("one plane %", 100.0, 1),
    "plane_least": ("worse factor %", 100.0, 1),
    "shuffled_same": ("no time: same", 1.0, 2),
    "shuffled_cross": ("no time: cross", 1.0, 2),
    "forecast_error": ("3 frames ahead", 1.0, 4),
    "repeat_error": ("last repeated", 1.0, 4),
}


def main(
    output: Annotated[Path, typer.Option(help="folder of the runs")] = Path("runs/sequential-vae"),
    results: Annotated[Path, typer.Option(help="one JSON line a run")] = RESULTS,
    row: Annotated[list[str] | None, typer.Option(help="rows; all by default")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="random seeds; 0, 1 and 2 by default")] = None,
    steps: Annotated[int | None, typer.Option(help="batches of a run; another number is another row")] = None,
    show: Annotated[bool, typer.Option("--show", help="print the table only")] = False,
) -> None:
    for one in [] if show else seed or [0, 1, 2]:
        for name in row or ROWS:
            called = name if steps is None else f"{name}, {steps} steps"
            if (called, one) in read(results):
                continue
            line = {"row": called, "seed": one} | run(name, one, output, steps)
            write(results, line)
    print(table(read(results)))


def run(name: str, seed: int, output: Path, steps: int | None) -> dict[str, Any]:
    """Trains a row with a random seed and scores its best model on held-out clips that did not choose it."""
    from data_recipes.clips import load_clips
    from textdis.core.model import load
    from textdis.evaluation.video_factors import factor_scores

    began = time.process_time()
    e = fit(name, seed, output, steps)
    spent = round((time.process_time() - began) / 60, 2)
    sizes: dict[str, Any] = {"pixels": e.pixels, "frames": e.frames, "counts": (1, SCORED)}
    clips = load_clips(str(e.recipe), **sizes, seed=seed + APART, motion=e.motion)["test"].frames
    scores = factor_scores(load(Path(e.output, "model")), clips)  # type: ignore[arg-type]
    return {"cpu_minutes": spent, "steps": e.steps, "scores": {k: round(v, 5) for k, v in scores.items()}}


def fit(name: str, seed: int, output: Path, steps: int | None) -> SequentialVAEExperiment:
    """The run of a row, trained; where it grows from another row's, of the same kind, that is trained first."""
    from textdis.experiments.sequential_vae import SequentialVAEExperiment, train

    if name not in ROWS:
        raise UserError(f"no row {name!r}; there are: {'; '.join(ROWS)}")
    folder = output / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}{f'-{steps}' if steps else ''}"
    e = replace(SequentialVAEExperiment(str(folder), seed=seed, precision="bf16", device="cpu"), **ROWS[name])
    if e.grow_from:
        kind = name.rpartition(", ")[2]
        e = replace(e, grow_from=f"{fit(f'{e.grow_from}, {kind}', seed, output, steps).output}/model")
    e = replace(e, steps=steps or e.steps)
    train(e)
    require_end(folder, e.steps)
    return e


def table(lines: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Markdown: means over random seeds, and the gap of each."""
    out = [["row", "seeds", *(heading for heading, _, _ in COLUMNS.values()), "gaps"]]
    out.append(["---", *["---:"] * (len(COLUMNS) + 2)])
    for name in sorted({name for name, _ in lines}):
        own = [line["scores"] for (row, _), line in sorted(lines.items()) if row == name]
        means = [
            f"{factor * np.mean([scores[key] for scores in own]):.{digits}f}" if key in own[0] else "-"
            for key, (_, factor, digits) in COLUMNS.items()
        ]
        out.append([name, str(len(own)), *means, ", ".join(f"{scores['information_gap']:.2f}" for scores in own)])
    return "\n".join(f"| {' | '.join(line)} |" for line in out)


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
