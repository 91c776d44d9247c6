"""`textdis info`: what is in a model folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError

CARD_LINES = 20  # of the model card that are shown


def info(model: Annotated[str, typer.Argument(help="A model or judges that ship, a folder, or owner/name.")]) -> None:
    """Show a model's class, labels, sizes, configuration, and the head of its card; of judges, their own scores."""
    folder, facts = _judges(model) or _model(model)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    for name, value in _flat(facts | {"folder": str(folder), "size": f"{size / 1e6:.1f} MB"}):
        typer.echo(f"{name:<24} {value}")
    for line in _card(folder / "README.md"):
        typer.echo(line)


def _judges(name: str) -> tuple[Path, dict[str, Any]] | None:
    """Their folder and manifest, less the hashes of files; None where `name` is none of judges."""
    from textdis.evaluation import judge_folders

    try:
        folder = judge_folders.find(name)
    except UserError:
        return None
    if not (folder / judge_folders.MANIFEST).is_file():
        return None
    return folder, {key: value for key, value in judge_folders.read(folder).items() if key != "files"}


def _model(name: str) -> tuple[Path, dict[str, Any]]:
    from textdis.core.model import load, read_config
    from textdis.pipelines.clips import is_clip_model
    from textdis.pipelines.folders import find_model
    from textdis.text.tokenizer import load_tokenizer

    folder = find_model(name)
    notes, network = read_config(folder), load(folder)
    facts = {"parameters": f"{sum(p.numel() for p in network.parameters()):,}"}
    if not is_clip_model(folder):
        tokenizer = load_tokenizer(folder)
        facts["tokenizer"] = f"{type(tokenizer).__name__}, {tokenizer.size:,} units"
    return folder, notes | facts


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
