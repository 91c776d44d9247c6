"""Puts a trained model among those that ship, in half precision; its card is written by hand and stays.

python scripts/ship.py --model runs/yelp-sentiment/model --name yelp-sentiment
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdis.core.errors import UserError

SHIPPED = Path(__file__).resolve().parents[1] / "textdis" / "pretrained"
LARGEST = 20_000_000  # bytes of a model folder


def main(
    model: Annotated[Path, typer.Option(help="model folder to ship")],
    name: Annotated[str, typer.Option(help="name that pipeline() will know it by")],
) -> None:
    from textdis.core.model import load, read_config
    from textdis.text.tokenizer import load_tokenizer

    notes = {key: value for key, value in read_config(model).items() if key not in ("format", "model", "config")}
    folder = SHIPPED / name
    load(model).save_pretrained(folder, half=True, **notes)
    load_tokenizer(model).save(folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    if size > LARGEST:
        raise UserError(f"{folder}: {size:,} bytes, more than the {LARGEST:,} a shipped model may have")
    print(f"{folder.name}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
