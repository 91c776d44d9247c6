"""The one family of errors a user causes and a user can mend."""

from __future__ import annotations

from pathlib import Path


class UserError(Exception):
    """Bad input: the message says what, where, and what to do. Front doors print it in one line."""


def require_file(path: str | Path, option: str = "") -> None:
    """Raises UserError for a directory, and where nothing is there. option: that named the path."""
    if Path(path).is_dir():
        raise UserError(f"{path}: is a directory; give a file")
    if not Path(path).exists():
        raise UserError(f"{path}: no such file; check the path" + f" given as {option}" * bool(option))
