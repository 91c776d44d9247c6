"""`textdis data list`, `prepare` and `check`: which public corpora there are, and whether sentences will do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from data_recipes import Overlap, Recipe

data = typer.Typer(help="Find, prepare and check data before a training.", no_args_is_help=True)
Root = Annotated[str | None, typer.Option(help="Folder with the files, or the http(s) address of one.")]


@data.callback()
def common() -> None:
    """Find, prepare and check data before a training."""


@data.command("list")
def list_recipes(root: Root = None) -> None:
    """The recipes: sentences of each split, whether their files are here, and the licence."""
    import data_recipes

    table = _table("recipe", "files", "sentences", "licence")
    table.expand = True
    for column, ratio in zip(table.columns, (None, None, 3, 2), strict=True):
        column.no_wrap, column.ratio = True, ratio  # one line a recipe, the long cells cut where there is no room
    for name in data_recipes.NAMES:
        recipe = data_recipes.recipe(name)
        sizes = ", ".join(f"{split} {n:,}" for split, n in zip(recipe.splits, recipe.rows, strict=False))
        licence = "free" if recipe.free else recipe.licence
        table.add_row(name, _whereabouts(recipe, root), sizes or ", ".join(recipe.splits), licence)
    _print(table)


def _whereabouts(recipe: Recipe, root: str | None) -> str:
    if recipe.place_in(root):
        return "[green]here[/green]"
    if recipe.homepage.startswith("hub:"):
        return "hub"
    return "missing" if recipe.files else "made" if recipe.free else "parts"


@data.command()
def prepare(
    name: Annotated[str, typer.Argument(help="Of a recipe; see `textdis data list`.")],
    root: Root = None,
    output: Annotated[Path | None, typer.Option(help="New folder for a parquet file a split.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the recipe: sentences=2000, seed=1 ...")] = None,
) -> None:
    """Check a recipe's files, show its splits, their overlaps and its licence, and write them where asked."""
    import data_recipes
    from data_recipes.prepare import prepare as write

    recipe = data_recipes.recipe(name)
    options = dict(map(_parsed, option or []))
    splits = recipe.load(root, **options)
    found = [overlap for overlap in data_recipes.overlaps(splits) if overlap.rows]
    _print(_sizes(splits), *[_overlaps(found)] * bool(found))
    if not found:
        typer.echo("no sentence stands in two splits")
    typer.echo(f"\n{recipe.notes}\nlicence: {recipe.licence}\nfrom: {recipe.homepage}")
    if output is not None:
        typer.echo(
            f"written: {write(recipe, splits, output, options)}" + ("" if recipe.free else " (do not redistribute)")
        )


def _parsed(option: str) -> tuple[str, Any]:
    name, _, value = option.partition("=")
    return name, int(value) if value.lstrip("-").isdigit() else value


def _sizes(splits: Mapping[str, Any]) -> Table:
    table = _table("split", "sentences", "of each label", "left out")
    for split, rows in splits.items():
        counts = ""
        if "label" in rows.column_names:
            names, labels = rows.features["label"].names, rows["label"][:]
            counts = ", ".join(f"{name} {labels.count(i):,}" for i, name in enumerate(names))
        table.add_row(split, f"{len(rows):,}", counts, rows.info.description)
    return table


def _overlaps(found: list[Overlap]) -> Table:
    table = _table("stand in", "and in", "distinct sentences", "rows")
    for one in found:
        share = f"{one.distinct:,} of {one.of_distinct:,}", f"{one.rows:,} of {one.of_rows:,}"
        table.add_row(one.first, one.second, *share)
    return table


def _table(*heads: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, justify="right" if head in ("distinct sentences", "rows") else "left")
    return table


def _print(*tables: Table) -> None:
    from rich.console import Console

    for table in tables:
        Console().print(table)


@data.command()
def check(
    files: Annotated[list[str], typer.Argument(help="One txt file a style, or tables with a text and a label column.")],
    text_column: Annotated[str, typer.Option(help="Of tables: where the sentence stands.")] = "text",
    label_column: Annotated[str, typer.Option(help="Of tables: where the style stands.")] = "label",
    lines: Annotated[int, typer.Option(min=1, help="How many line numbers to show of each kind.")] = 5,
) -> None:
    """Count sentences, styles, repetitions and lengths, say which lines are wrong; exit 1 where that must be mended."""
    from textdis.text.corpus import check as examine

    report = examine(files, text_column=text_column, label_column=label_column, lines=lines)
    typer.echo(str(report))
    raise typer.Exit(0 if report.ok else 1)
