"""The commands: `textdis transfer`, `evaluate`, `train`, `probe`, `interpolate`, `data`, `info` and the rest below."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from textdis import __version__
from textdis.cli.data import data
from textdis.cli.evaluate import evaluate
from textdis.cli.info import info
from textdis.cli.lines import arithmetic, interpolate
from textdis.cli.probe import probe
from textdis.cli.sample import sample
from textdis.cli.sheets import sheets
from textdis.cli.train import train
from textdis.cli.transfer import transfer
from textdis.cli.traverse import traverse
from textdis.core.errors import UserError
from textdis.pipelines.output import WriteError


class Stoppable(TyperGroup):
    """Says that it stopped after Ctrl-C, where a command has said no more about it; typer would say nothing."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("textdis: stopped", file=sys.stderr)
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=Stoppable,
    help="Pull a text apart into what it says and how it says it, and put it back together changed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(transfer)
app.command()(traverse)
app.command()(evaluate)
app.add_typer(probe, name="probe")
app.command()(interpolate)
app.command()(arithmetic)
app.command()(sample)
app.add_typer(train, name="train")
app.add_typer(data, name="data")
app.add_typer(sheets, name="sheets")
app.command()(info)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"textdis {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    """What stands before any command."""


def run(arguments: list[str] | None) -> None:
    """Runs a command line, by default the process's own, and exits."""
    try:
        if {"--help", "--version"}.isdisjoint(sys.argv[1:] if arguments is None else arguments):
            # torch imports it too, but takes a Ctrl-C at that moment for numpy's absence, and goes on with half of it
            import numpy  # noqa: F401
        app(arguments, prog_name="textdis")
    except UserError as error:
        print(f"textdis: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, WriteError) else 2)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        longest = max(Path(str(error.filename)).parts, key=len)
        print(
            f"textdis: {longest[:40]}...: too long for a file's name, or for that of the .part beside it; shorten it",
            file=sys.stderr,
        )
        sys.exit(2)
