"""Puts a trained model, or judges, among those that ship, in half precision; card and idioms are by hand, and stay.

python scripts/ship.py --model runs/yelp-sentiment/model --name yelp-sentiment
python scripts/ship.py --model runs/judges --name yelp-judges
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdis.core.errors import UserError

SHIPPED = Path(__file__).resolve().parents[1] / "textdis" / "pretrained"
LARGEST = 20_000_000  # bytes of a folder


def main(
    model: Annotated[Path, typer.Option(help="model folder, or folder of judges, to ship")],
    name: Annotated[str, typer.Option(help="name that pipeline() will know it by; of judges: DATA-judges")],
) -> None:
    folder = SHIPPED / name
    if (model / "judges.json").is_file():
        ship_judges(model, folder)
    else:
        ship_model(model, folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > LARGEST:
        raise UserError(f"{folder}: {size:,} bytes, more than the {LARGEST:,} that may ship in one")
    print(f"{folder.name}: {size / 1e6:.1f} MB")


def ship_model(model: Path, folder: Path) -> None:
    from textdis.core.model import load, read_config
    from textdis.text.tokenizer import load_tokenizer

    notes = {key: value for key, value in read_config(model).items() if key not in ("format", "model", "config")}
    load(model).save_pretrained(folder, half=True, **notes)
    load_tokenizer(model).save(folder)


def ship_judges(fitted: Path, folder: Path) -> None:
    """Their own scores are taken anew, after the rounding, on the recipe's held-out sentences."""
    from textdis.evaluation import judge_folders
    from textdis.evaluation.fitting import save
    from textdis.evaluation.judges import Judges
    from textdis.experiments.judges import JudgesExperiment, keep_baselines, read

    judges = Judges.load(fitted)
    data = read(JudgesExperiment(output="", recipe=judge_folders.read(fitted, "data")["data"]))
    save(judges, folder, half=True)
    rounded = Judges.load(folder, force=True).rescored(data.splits[data.held_out])
    rounded.require()
    save(rounded, folder, half=True)
    keep_baselines(data, folder)
    for score, value in judges.held_out.items():
        print(f"{score}: {value:.4f}, rounded {rounded.held_out[score]:.4f}")
    print(f"fingerprint: {rounded.fingerprint}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
