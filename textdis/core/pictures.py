"""Files of pictures: whole or not at all, and what hinders one told in a line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError

FIGURES = ("png", "jpg", "pdf", "svg")  # that matplotlib writes


def check_picture(path: str | Path, *kinds: str) -> str:
    """The kind of file that `path` shall be, of `kinds`. Called early, nothing that took long is lost.

    Raises UserError: another ending, a folder in its place, no folder to hold it or one that may not be written.
    """
    path = Path(path)
    kind, folder = path.suffix.lower(), path.parent
    if os.path.isdir(path):
        raise UserError(f"{path}: is a directory; give a file")
    if kind[1:] not in kinds:
        choice = " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
        raise UserError(f"{path}: {kind or 'a name without an extension'} is not written; choose {choice}")
    if not folder.is_dir():
        raise UserError(f"{path}: no folder {folder}; make it, or choose another place")
    if not os.access(folder, os.W_OK):
        raise UserError(f"{path}: may not be written; choose another place")
    return kind[1:]


@contextmanager
def whole_picture(path: str | Path) -> Iterator[Path]:
    """A name beside `path` that becomes `path` when the context ends without an error; UserError for any but imports'.

    A package that is missing is no fault of the place: who needs it says how to install it.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    except ImportError:
        raise
    except Exception as error:  # encoders raise whatever they like
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise UserError(
            f"{path}: cannot be written ({' '.join(why.split())}); choose another place, kind or size"
        ) from None
    finally:
        with suppress(OSError):  # it may be none, and its folder too
            part.unlink()


def save_figure(figure: Any, path: str | Path, **options: Any) -> None:
    """Writes a figure of matplotlib as its ending says, one of FIGURES. Raises UserError where it cannot."""
    check_picture(path, *FIGURES)
    with whole_picture(path) as part:
        figure.savefig(part, **options)
