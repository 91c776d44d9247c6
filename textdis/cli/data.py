"""`textdis data check`: will these sentences do for a training?"""

from __future__ import annotations

from typing import Annotated

import typer

data = typer.Typer(help="Look at data before a training.", no_args_is_help=True)


@data.callback()
def common() -> None:
    """Look at data before a training."""


@data.command()
def check(
    files: Annotated[list[str], typer.Argument(help="One txt file a style, or tables with a text and a label column.")],
    text_column: Annotated[str, typer.Option(help="Of tables: where the sentence stands.")] = "text",
    label_column: Annotated[str, typer.Option(help="Of tables: where the style stands.")] = "label",
) -> None:
    """Count sentences, styles, repetitions and lengths; exit 1 where something must be mended first."""
    from textdis.text.corpus import check as examine

    report = examine(files, text_column=text_column, label_column=label_column)
    typer.echo(str(report))
    raise typer.Exit(0 if report.ok else 1)
