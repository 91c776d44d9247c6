"""`textdis info`: what is in a model folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

CARD_LINES = 20  # of the model card that are shown


def info(model: Annotated[str, typer.Argument(help="A model that ships, a folder, or owner/name on the hub.")]) -> None:
    """Show a model's class, labels, sizes, configuration, and the head of its card."""
    from textdis.core.model import load, read_config
    from textdis.pipelines.folders import find_model
    from textdis.text.tokenizer import load_tokenizer

    folder = find_model(model)
    notes, network, tokenizer = read_config(folder), load(folder), load_tokenizer(folder)
    parameters = sum(p.numel() for p in network.parameters())
    sizes = {
        "folder": str(folder),
        "parameters": f"{parameters:,}",
        "size": f"{sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 1e6:.1f} MB",
        "tokenizer": f"{type(tokenizer).__name__}, {tokenizer.size:,} units",
    }
    for name, value in _flat(notes | sizes):
        typer.echo(f"{name:<24} {value}")
    for line in _card(folder / "README.md"):
        typer.echo(line)


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names joined by dots, with plain values; lists by commas."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _card(path: Path) -> list[str]:
    if not path.is_file():
        return ["", "(no model card: README.md is missing)"]
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    more = [f"... ({len(lines) - CARD_LINES} more lines in {path})"] if len(lines) > CARD_LINES else []
    return ["", *lines[:CARD_LINES], *more]
