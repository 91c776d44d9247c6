"""The table of MoCoGAN and its baseline: trains what is missing, scores it, prints it. Called again, it goes on.

python scripts/video_table.py --output runs/video             all rows, then the table
python scripts/video_table.py --row MoCoGAN --seed 0          one of them
python scripts/video_table.py --show                          the table of what is there
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from textdis.core.errors import UserError
from textdis.experiments.lines import read, require_end, write
from textdis.experiments.mocogan import MoCoGANExperiment, VGANExperiment, make_objective, train

RESULTS = Path(__file__).parents[1] / "docs" / "video.jsonl"
PIXELS, FRAMES = 32, 8
COUNT = 800  # clips that are scored, of each model and of the real test split
SWAPS = 200  # clips
REAL, UNTRAINED = "real clips", "MoCoGAN, before training"
OFF = ", drift not shown"  # rows without the critic of drift (`nn/critics.py`), and with a shorter average
PLAIN: dict[str, Any] = {"drift": 0.0, "average": 0.998}
ROWS: dict[str, tuple[type, dict[str, Any]]] = {
    "MoCoGAN": (MoCoGANExperiment, {}),
    "VGAN": (VGANExperiment, {}),
    "MoCoGAN, content redrawn per frame": (MoCoGANExperiment, {"redraw": True}),
    "MoCoGAN, no image critic": (MoCoGANExperiment, {"image": False}),
    "MoCoGAN, frames by layers that enlarge": (MoCoGANExperiment, {"points": False, "width": 32}),
    f"MoCoGAN{OFF}": (MoCoGANExperiment, PLAIN),
    f"VGAN{OFF}": (VGANExperiment, PLAIN),
    f"MoCoGAN, one colour a thing{OFF}": (MoCoGANExperiment, PLAIN | {"flat": True}),
    f"MoCoGAN, one colour a thing, no image critic{OFF}": (MoCoGANExperiment, PLAIN | {"flat": True, "image": False}),
    f"MoCoGAN, content redrawn per frame{OFF}": (MoCoGANExperiment, PLAIN | {"redraw": True}),
    f"MoCoGAN, no image critic{OFF}": (MoCoGANExperiment, PLAIN | {"image": False}),
    f"MoCoGAN, motion heard by all from the start{OFF}": (MoCoGANExperiment, PLAIN | {"quiet": 1.0}),
    f"MoCoGAN, frames by layers that enlarge{OFF}": (MoCoGANExperiment, PLAIN | {"points": False, "width": 32}),
    UNTRAINED: (MoCoGANExperiment, {}),
}
STEPS, JUDGE_STEPS = 6_000, 500


def main(
    output: Annotated[Path, typer.Option(help="folder of the runs")] = Path("runs/video"),
    results: Annotated[Path, typer.Option(help="one JSON line a run")] = RESULTS,
    row: Annotated[list[str] | None, typer.Option(help="rows; all by default")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="random seeds; 0, 1, 2 by default")] = None,
    show: Annotated[bool, typer.Option("--show", help="print the table only")] = False,
) -> None:
    done = read(results)
    asked = [(name, one) for one in seed or (0, 1, 2) for name in row or [REAL, *ROWS]]
    for name, one in [] if show else asked:
        if (name, one) in done or (name == REAL and one):
            continue
        line = {"row": name, "seed": one} | (_real(output) if name == REAL else _run(name, one, output))
        write(results, line)
    print(table(read(results)))


def _real(output: Path) -> dict[str, Any]:
    """The anchor: real clips of the dev split against those of the test split."""
    from data_recipes.clips import load_clips
    from textdis.evaluation.clips import clip_scores

    clips, judge = load_clips("shape_motion", pixels=PIXELS, frames=FRAMES), _judge(output)
    scores = clip_scores(clips["dev"].frames[:COUNT], clips["test"].frames[:COUNT], judge)
    return {"scores": scores, "judge": judge.held_out}


def _run(name: str, seed: int, output: Path) -> dict[str, Any]:
    """Trains a row with a random seed and scores what it became."""
    from textdis.core.model import load

    folder = output / f"{name.replace(' ', '-').replace(',', '')}-{seed}"
    made, own = ROWS[name]
    if name == UNTRAINED:
        return {"steps": 0} | _scored(make_objective(made("", seed=seed)).model, output, swaps=True)
    began = time.process_time()
    train(made(str(folder), recipe="shape_motion", seed=seed, steps=STEPS, device="cpu", precision="float32", **own))
    require_end(folder, STEPS)
    minutes, model = round((time.process_time() - began) / 60, 2), load(folder / "model")
    swaps = made is MoCoGANExperiment and not own.get("redraw")
    return {"cpu_minutes": minutes, "steps": STEPS} | _scored(model, output, swaps=swaps)


def _scored(model: Any, output: Path, *, swaps: bool) -> dict[str, Any]:
    from data_recipes.clips import load_clips
    from textdis.evaluation.clips import clip_scores, generate, swap_scores

    real = load_clips("shape_motion", pixels=PIXELS, frames=FRAMES)["test"].frames[:COUNT]
    line: dict[str, Any] = {"weights": sum(p.numel() for p in model.parameters())}
    line["scores"] = clip_scores(generate(model, COUNT, FRAMES), real, _judge(output))
    return line | ({"swaps": swap_scores(model, SWAPS, FRAMES)} if swaps else {})


def _judge(output: Path) -> Any:
    """Fitted once, on real training clips; its weights are read again by later calls."""
    from data_recipes.clips import load_clips
    from textdis.evaluation.clips import fit_judge

    clips = load_clips("shape_motion", pixels=PIXELS, frames=FRAMES)
    return fit_judge(clips["train"], clips["dev"], steps=JUDGE_STEPS, output=output / "judge")


def table(lines: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Markdown: means over random seeds, each seed's content distance in brackets."""
    heads = [
        "row",
        "ACD (0-255)",
        "empty frames %",
        "path, sides",
        "path / real",
        "motion sure",
        "shape sure",
        "Frechet",
    ]
    heads += ["swap content: colour, path", "swap motion: colour, path", "CPU min"]
    out = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for name in [row for row in (REAL, *ROWS) if any(key[0] == row for key in lines)]:
        own = [line for (row, _), line in sorted(lines.items()) if row == name]
        scores = [line["scores"] for line in own]
        each = ", ".join(f"{s['acd']:.2f}" for s in scores)
        cells = [f"{_mean(scores, 'acd')} ({each})" if len(own) > 1 else each, _mean(scores, "empty_share", 100)]
        cells += [_mean(scores, k) for k in ("path", "path_ratio", "motion_sure", "shape_sure", "frechet")]
        swaps = [line["swaps"] for line in own if "swaps" in line]
        cells += [f"{_mean(swaps, f'{k}_colour')}, {_mean(swaps, f'{k}_path')}" for k in ("content", "motion")]
        out.append([name, *cells, _mean(own, "cpu_minutes")])
    return "\n".join(f"| {' | '.join(line)} |" for line in out)


def _mean(lines: Sequence[dict[str, Any]], key: str, factor: float = 1.0) -> str:
    values = [line[key] * factor for line in lines if key in line]
    return f"{np.mean(values):.2f}" if values else "-"


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
