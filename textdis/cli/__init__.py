"""The command `textdis`. What it runs, `commands`, takes half a second to import, and only `main` hears Ctrl-C then."""

import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Runs a command line and exits: 0; 1 where output could not be written; 2 for bad input; 130 after Ctrl-C.

    A reader that has had enough (head, less) closes the pipe: that ends the command quietly, with 1.
    """
    try:
        from textdis.cli.commands import run

        run(arguments)
    except KeyboardInterrupt:  # before typer hears it, or after
        print("textdis: stopped", file=sys.stderr)
        sys.exit(130)
