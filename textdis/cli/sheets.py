"""`textdis sheets`: forms on which people rate systems blindly, and the table of what they said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textdis.cli.scored import say
from textdis.core.errors import UserError
from textdis.pipelines.output import open_output, refuse_same

if TYPE_CHECKING:
    from textdis.evaluation.ratings import Ratings

sheets = typer.Typer(help="Let people rate outputs without knowing whose they are.", no_args_is_help=True)


@sheets.callback()
def common() -> None:
    """Let people rate outputs without knowing whose they are."""


@sheets.command()
def export(
    systems: Annotated[list[str], typer.Argument(metavar="NAME=FILE...", help="Outputs: line N rewrites source N.")],
    sources: Annotated[Path, typer.Option(help="The sentences that were rewritten, one a line.")],
    output: Annotated[Path, typer.Option(help="New folder for the sheets and their key.")],
    targets: Annotated[Path | None, typer.Option(help="The style each shall have, by name, one a line.")] = None,
    styles: Annotated[str, typer.Option(help="Answers offered beside neutral.")] = "negative,positive",
    attribute: Annotated[str, typer.Option(help="What these are styles of.")] = "sentiment",
    size: Annotated[int, typer.Option(min=1, help="Sentences drawn; as many of each target.")] = 100,
    raters: Annotated[int, typer.Option(min=1, help="Sheets: all items, each in another order.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw and the orders.")] = 0,
    normalise: Annotated[
        bool, typer.Option("--normalise/--as-is", help="Spell all texts alike, so that no spelling tells a system.")
    ] = True,
) -> None:
    """Write one form a rater, as a page that saves a CSV and as a CSV, and the key to a file of its own."""
    from textdis.evaluation.sheets import KEY, Design
    from textdis.evaluation.sheets import export as write
    from textdis.evaluation.sources import read_lines
    from textdis.text.normalise import normalise as model_text

    def texts(file: str | Path, option: str) -> list[str]:
        return [model_text(line) if normalise else line.strip() for line in read_lines(file, option)]

    design = Design([style.strip() for style in styles.split(",")], attribute, size, raters, seed)
    wanted = [line.strip() for line in read_lines(targets, "--targets")] if targets else None
    outputs = {name: texts(file, "NAME=FILE") for name, file in map(_named, systems)}
    if len(outputs) < len(systems):
        raise UserError("two systems have one name; give each its own")
    items = write(outputs, texts(sources, "--sources"), output, targets=wanted, design=design)
    if wanted is None:
        say("no --targets, so these sheets will tell no transfer rate; export with --targets FILE to have one")
    typer.echo(f"{output}: {raters} sheets of {len(items)} texts from {size} sentences and {len(outputs)} systems.")
    typer.echo(f"Give rater-N.html (or rater-N.csv) to rater N; keep {KEY}, which tells whose each text is.")


@sheets.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Filled sheets; blank ones are counted.")],
    key: Annotated[Path, typer.Option(help="key.json of their export.")],
    output: Annotated[Path | None, typer.Option(help="File for the same as JSON.")] = None,
) -> None:
    """Show what the raters said of each system, how far they agree, and how much they left out."""
    import json
    from dataclasses import asdict

    from textdis.evaluation.ratings import read as collect

    refuse_same([*files, key], output)
    found = collect(files, key)
    if output is not None:
        with open_output(output, {}) as stream:
            stream.write(json.dumps(asdict(found), indent=1) + "\n", [])
    _show(found)


def _named(system: str) -> tuple[str, str]:
    name, equals, file = system.partition("=")
    if not (name and equals and file):
        raise UserError(f"{system}: not NAME=FILE, such as ours=outputs.txt")
    return name, file


def _show(found: Ratings) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = {
        "transferred": "{:.0%}",
        "neutral": "{:.0%}",
        "similarity": "{:.2f}",
        "naturalness": "{:.2f}",
        "ratings": "{:.0f}",
    }
    table = Table("system", box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right")
    for system, scores in found.systems.items():
        cells = (form.format(scores[name]) if name in scores else "-" for name, form in columns.items())
        table.add_row(Text(system), *cells)
    Console(highlight=False).print(table)
    same = "(all answers are the same, so alpha is not defined)"
    agreement = ", ".join(
        f"{field} {same if alpha is None else f'{alpha:.2f}'}" for field, alpha in found.agreement.items()
    )
    typer.echo(f"\nagreement (Krippendorff's alpha): {agreement or 'no item has answers of two raters'}")
    for rater, counts in found.raters.items():
        typer.echo(f"{rater}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
