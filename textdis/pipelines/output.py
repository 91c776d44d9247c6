"""Text out: to a stream, or to a file that gets its name only when it is whole, and that can be resumed before."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

from textdis.core.errors import UserError
from textdis.core.pictures import FIGURES, check_picture

ENDS = (".part", ".part.json")  # of the files that grow beside an output


class WriteError(UserError):
    """The output could not be written: a full disk, no permission, no such folder."""


def open_output(path: Path | None, options: dict[str, Any], *, resume: bool = False) -> Stream:
    """Stdout for None, a `PartFile` for a plain file; a device or pipe with a name is written as it stands.

    Raises WriteError, or UserError where there is nothing that `resume` could take up.
    """
    if path is not None and path.is_symlink():
        path = path.resolve()  # the file is replaced, not the link to it
    if path is not None and (path.is_file() or not path.exists()):
        return PartFile(path, options, resume=resume)
    if resume:
        raise UserError("--resume needs --output with a plain file; what went to a pipe cannot be taken up")
    if path is None:
        return Stream(getattr(sys.stdout.buffer, "raw", sys.stdout.buffer), "stdout")
    if path.is_dir():
        raise WriteError(f"{path}: is a directory; give --output a file")
    with _named_errors(path):
        return Stream(path.open("wb", buffering=0), str(path))


def refuse_same(sources: Iterable[Path | None], target: Path | None, option: str = "--output") -> None:
    """Raises UserError where writing `target` would write over one of `sources`, which are read."""
    if target is None:
        return
    if target.is_dir():
        raise WriteError(f"{target}: is a directory; give {option} a file")
    for written in (target, *(target.with_name(target.name + end) for end in ENDS)):
        for source in sources:
            if source is not None and written.exists() and source.exists() and written.samefile(source):
                raise UserError(f"{written}: is the input, and would be written over; give {option} another name")


def require_place(sources: Iterable[Path | None], target: Path | None, option: str) -> None:
    """As `refuse_same`, before work that takes long; raises UserError, too, where `target` could not be written."""
    refuse_same(sources, target, option)
    if target is None:
        return
    if not target.parent.is_dir():
        raise UserError(f"{target}: no folder {target.parent} there; make it first")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise UserError(f"{target}: may not be written; give {option} another place")


def require_picture(sources: Iterable[Path | None], target: Path | None, option: str) -> None:
    """As `require_place`; raises UserError, too, where the ending is none that figures are written with."""
    require_place(sources, target, option)
    if target is not None:
        check_picture(target, *FIGURES)


class Stream:
    """Bytes that are gone once written. Use it as a context manager.

    `stream` has no buffer, so that a full disk is met by `write`, and never again by closing.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase, name: str):
        self.stream, self.name, self.done, self.bytes = stream, name, 0, 0

    def pass_over(self, texts: Iterator[str]) -> None:
        """Takes from `texts` those that an earlier run has done. Raises UserError where they are others."""

    def write(self, block: str, texts: Iterable[str]) -> None:
        """Appends `block`, which is what `texts` have become, at once. Raises WriteError, BrokenPipeError."""
        data = memoryview(encoded(block))
        with _named_errors(self.name):
            written = 0
            while written < len(data):
                written += self.stream.write(data[written:]) or 0
            self.bytes += written
            self._note(texts)

    def _note(self, texts: Iterable[str]) -> None:
        self.done += sum(1 for _ in texts)

    @property
    def advice(self) -> str:
        """How to go on after a stop."""
        return "what was written so far stays; with --output FILE a stopped run can be resumed"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        if self.name != "stdout":
            self.stream.close()


class PartFile(Stream):
    """Grows as `path.part` and is renamed to `path` when the context ends without an error.

    Beside it `path.part.json` holds the options, how many texts are done, how many bytes they made, and their
    digest, so that a run killed at any moment resumes at its last whole block. `resume` goes on with a part that
    was begun with the same `options`; without one, and without `path`, it begins. Raises WriteError, and UserError
    where they differ.
    """

    def __init__(self, path: Path, options: dict[str, Any], *, resume: bool = False):
        self.path, self.options = path, options
        self.part, self.notes = (path.with_name(path.name + end) for end in ENDS)
        self.digest = hashlib.sha256()
        self.skip, size, self.expected = self._progress() if resume else (0, 0, "")
        with _named_errors(path):
            super().__init__(self.part.open("r+b" if self.skip else "wb", buffering=0), str(self.part))
            if not self.skip:
                self.notes.unlink(missing_ok=True)  # of a part that is no more
        self.bytes = size
        self._cut()

    def _progress(self) -> tuple[int, int, str]:
        """Texts done, the bytes they made, and their digest."""
        if not (self.part.is_file() and self.notes.is_file()):
            if self.path.exists():
                why = f"{self.path} is there, and no {self.part.name}"
                raise UserError(f"nothing to resume: {why}; leave --resume out to write it anew")
            return 0, 0, ""
        try:
            found = json.loads(self.notes.read_bytes())
            options, progress = found["options"], (int(found["done"]), int(found["bytes"]), str(found["digest"]))
            sound = isinstance(options, dict) and 0 <= progress[1] <= self.part.stat().st_size
        except (ValueError, KeyError, TypeError, OSError):
            sound = False
        if not sound:
            raise UserError(f"{self.notes}: damaged, or not of {self.part}; leave --resume out to start again")
        for name, now in self.options.items():
            if options.get(name) != now:
                was = f"{self.part}: begun with {name} {options.get(name)}, now {now}"
                raise UserError(f"{was}; resume with the same, or leave --resume out to start again")
        return progress

    def pass_over(self, texts: Iterator[str]) -> None:
        for text in islice(texts, self.skip):
            self._count(text)
        if self.skip and (self.done, self.digest.hexdigest()) != (self.skip, self.expected):
            raise UserError(
                f"{self.part}: begun with another input; give the same, or leave --resume out to start again"
            )

    def _count(self, text: str) -> None:
        self.digest.update(text.encode() + b"\0")
        self.done += 1

    def _note(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._count(text)
        found = {"done": self.done, "bytes": self.bytes, "digest": self.digest.hexdigest(), "options": self.options}
        beside = self.notes.with_name(self.notes.name + ".new")
        beside.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, self.notes)

    def _cut(self) -> None:
        """Takes off what an interrupted write has left behind the last whole block."""
        self.stream.truncate(self.bytes)
        self.stream.seek(self.bytes)

    @property
    def advice(self) -> str:
        if not self.bytes:
            return "nothing was written yet"
        return f"{self.done:,} lines are done in {self.part}; run the same command with --resume to go on"

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        with _named_errors(self.path):
            self._cut()
            self.stream.close()
            if kind is not None and not self.bytes:
                self.part.unlink()
            if kind is None:
                os.replace(self.part, self.path)
                self.notes.unlink(missing_ok=True)


def encoded(text: str) -> bytes:
    """UTF-8; half a surrogate pair becomes its escape, which is what JSON writes for it."""
    return text.encode(errors="backslashreplace")


@contextmanager
def _named_errors(name: Path | str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has had enough: no error of ours
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{name}: cannot be written ({reason}); free or choose another place for --output") from None
