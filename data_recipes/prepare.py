"""A recipe's splits as parquet files in a folder, with its licence; never where they would be handed on unasked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_recipes.recipe import Recipe
from textdis.core.errors import UserError

if TYPE_CHECKING:
    from datasets import DatasetDict

NOTICE = (
    "DO NOT REDISTRIBUTE. These sentences are for whoever prepared them; give others the recipe's name instead.\n\n"
)


def prepare(recipe: Recipe, data: DatasetDict, output: str | Path, options: Mapping[str, Any] | None = None) -> Path:
    """Writes `data`, loaded with `options`, to `output`: a parquet file a split, `LICENCE.txt` and `recipe.json`.

    A repository is handed on with everything in it. So a folder in one is refused, unless the licence is free.
    Raises UserError: such a folder, one that is not empty, one that cannot be written.
    """
    folder = Path(output)
    if not recipe.free and (repository := _repository(folder)):
        raise UserError(
            f"{folder}: is in the repository {repository}, and {recipe.name!r} may not be handed on "
            f"(licence: {recipe.licence}); choose a folder outside of any repository"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: is there already; choose a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "LICENCE.txt").write_text(("" if recipe.free else NOTICE) + _licence(recipe), encoding="utf-8")
        _write(data, folder)
        (folder / "recipe.json").write_text(_record(recipe, data, options or {}), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror or error})") from None
    return folder


def _write(data: DatasetDict, folder: Path) -> None:
    import datasets

    quiet = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        for split, rows in data.items():
            rows.to_parquet(str(folder / f"{split}.parquet"))
    finally:
        if not quiet:
            datasets.enable_progress_bars()


def _repository(folder: Path) -> Path | None:
    folder = folder.resolve()
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def _licence(recipe: Recipe) -> str:
    return f"{recipe.name}\nLicence: {recipe.licence}\nFrom: {recipe.homepage}\n{recipe.notes}\n"


def _record(recipe: Recipe, data: DatasetDict, options: Mapping[str, Any]) -> str:
    record = {
        "recipe": recipe.name,
        "options": dict(options),
        "licence": recipe.licence,
        "redistribute": recipe.free,
        "labels": list(recipe.labels),
        "rows": {split: len(rows) for split, rows in data.items()},
        "sources": dict(recipe.files),
    }
    return json.dumps(record, indent=2) + "\n"
