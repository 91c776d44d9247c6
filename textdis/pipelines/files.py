"""Texts in, one record at a time: txt, jsonl, csv, tsv and parquet, from files (.gz too) or from a pipe.

Memory never grows with the file: lines are read with a limit, parquet in batches of rows. Unlike a corpus, a
text keeps its blanks, a row keeps its other columns, and an empty line is an empty text.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from textdis.core.errors import UserError, require_file
from textdis.pipelines.kinds import OTHER, kind_of
from textdis.text.sources import unsplit

MAX_TEXT = 100_000  # characters; real reviews have a few thousand
MAX_LINE = 1 << 20  # bytes of a line, whatever its other columns hold
_NAMING = frozenset(  # words that columns are called by, one of which tells a name from a text written alike
    "answer body caption comment comments content description feedback id label message notes opinion post question"
    " rating response review reviews sentence stars summary text title tweet".split()
)
NAMED = 20  # lines with replaced bytes that are remembered by number


@dataclass(frozen=True)
class Record:
    """One text to treat, and what else its row held."""

    line: int  # from 1; in a parquet file the number of the row
    text: str
    fields: dict[str, Any] = field(default_factory=dict)  # of a table: all columns, the text's own too
    column: str = "text"  # of `fields`, where the text stood
    names: tuple[str, ...] = ()  # of the first row's columns, which are the table's


def path_of(name: str | None) -> Path | None:
    """The path of that name; None for no name and for -, which stand for stdin and stdout."""
    return None if name in (None, "-") else Path(str(name))


class Source:
    """A stream of records. Iterating raises UserError: what is wrong, in which line, what to do.

    path: a file, or None for stdin. kind: txt, jsonl, csv, tsv or parquet, by default what the extension says.
    column: the field that holds the text, by default `text`, or the only one there is. errors: `refuse` or `replace`
    broken UTF-8. option: that named the path. bare: the command has no options --input-format, --column and --errors.
    After reading, `replacements` counts the lines it was replaced in, and `replaced` names the first.
    """

    def __init__(
        self, path: Path | None, kind: str | None = None, column: str | None = None, errors: str = "refuse",
        option: str = "--input", bare: bool = False,
    ):  # fmt: skip
        self.path, self.kind, self.column, self.errors = path, kind or kind_of(path), column, errors
        self.name, self.bare = "stdin" if path is None else str(path), bare
        self.guessed = False  # the text's column, by being alone in the first row
        self.replacements, self.replaced, self.names = 0, list[int](), tuple[str, ...]()
        if kind is None and path is not None and (ending := path.suffix.lower()) in OTHER:
            other = OTHER[ending] + self._or("name its kind with --input-format") * (ending == ".json")
            raise UserError(f"{path}: {path.suffix} files are not read; save it as {other}")
        if path is not None:
            require_file(path, option)
        if path is None and self.kind == "parquet":
            raise UserError("stdin: parquet cannot be read from a pipe; name the file with --input")
        if column is not None and self.kind == "txt":
            raise UserError(f"{self.name}: a txt file has no column {column!r}; leave --column out")

    def __iter__(self) -> Iterator[Record]:
        return {"txt": self._txt, "jsonl": self._jsonl, "parquet": self._parquet}.get(self.kind, self._csv)()

    def count(self) -> int | None:
        """How many records a progress bar may expect; None for a pipe, a packed file, or no plain file."""
        if self.path is None or self.path.suffix == ".gz" or not self.path.is_file() or self.kind == "parquet":
            return None
        with self.path.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))

    def _txt(self) -> Iterator[Record]:
        for number, line in self._lines():
            text = line.rstrip("\r\n")
            if "\r" in text:  # the line ends of old Macs: a whole file would be one text
                advice = r"convert the line ends, as with tr '\r' '\n', or write the text as a string of jsonl"
                raise self._error(number, f"holds a lone carriage return; {advice}")
            yield Record(number, self._checked(number, text))

    def _jsonl(self) -> Iterator[Record]:
        """Empty lines wait for the next object, as the first one tells the columns of all."""
        last = number = 0
        for number, line in self._lines():
            try:
                fields = json.loads(line) if line.strip() else None
            except (ValueError, RecursionError) as error:
                raise self._error(number, f"not JSON ({error}); each line must be one object") from None
            if isinstance(fields, dict):
                record = self._record(number, fields)
                yield from (self._empty(blank) for blank in range(last + 1, number))
                yield record
                last = number
            elif fields is not None:
                raise self._error(number, 'not a JSON object; write {"text": "..."}')
        yield from (self._empty(blank) for blank in range(last + 1, number + 1))

    def _empty(self, number: int) -> Record:
        return Record(number, "", {}, self.column or "text", self.names)

    def _csv(self) -> Iterator[Record]:
        csv.field_size_limit(MAX_LINE)
        own = "\t" if self.kind == "tsv" else ","
        rows = csv.reader((line for _, line in self._lines()), delimiter=own, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            if len(set(header)) < len(header):
                raise self._error(1, "two columns have the same name; rename one")
            self._refuse_text(header)
            self._refuse_other_signs(header)
            self._settle(tuple(header))
            for row in rows:
                row = row or [""] * len(header)  # an empty line is an empty text
                if len(row) != len(header):
                    what = f"{len(row)} fields, but the header has {len(header)}"
                    raise self._error(rows.line_num, f"{what}; quote texts that hold a separator or a quote")
                yield self._record(rows.line_num, dict(zip(header, row, strict=True)))
        except csv.Error as error:
            raise self._error(rows.line_num, f"not readable as csv ({error}); is a quote left open?") from None

    def _refuse_text(self, header: list[str]) -> None:
        """Without a header the first text would be taken for one, and be lost."""
        if self.column is None and len(header) == 1 and not _is_name(name := header[0]):
            what = f"{name[:40]!r} looks like a text, not like a column's name; write a first line `text` above it"
            raise self._error(1, what + self._or("pass --input-format txt, or name it with --column if it is one"))

    def _refuse_other_signs(self, header: list[str]) -> None:
        if header != [self.column] and (found := unsplit(header)):
            signs, kind = found
            what = f"one column, {header[0]!r}, with {signs} in it; separate columns by {self.kind}'s own sign"
            raise self._error(1, what + (self._or(f"name the format with --input-format {kind}") if kind else ""))

    def _parquet(self) -> Iterator[Record]:
        import pyarrow
        import pyarrow.parquet

        try:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                rows = (row for batch in file.iter_batches(1024) for row in batch.to_pylist())
                for number, row in enumerate(rows, start=1):
                    yield self._record(number, row)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise UserError(f"{self.name}: not readable as parquet ({str(error).splitlines()[0]})") from None

    def _settle(self, names: tuple[str, ...]) -> None:
        """The columns, by the first row, and where nobody said which holds the text: the only one, or `text`."""
        self.names = self.names or names
        if self.column is None:
            self.column = names[0] if len(names) == 1 else "text"
            self.guessed = self.column != "text"

    def _record(self, number: int, fields: dict[str, Any]) -> Record:
        """Finds and checks the text of a table's row; none (null) is an empty one."""
        self._settle(tuple(fields))
        if self.guessed and "text" in fields:
            what = f"has a column 'text', and the rows before only {self.column!r}, which was taken for the text"
            raise self._error(number, f"{what}; give all rows the same{self._or('say which it is with --column')}")
        if self.column not in fields:
            found = ", ".join(map(str, fields)) or "none"
            what = f"no column {self.column!r} (it has: {found}); add it"
            raise self._error(number, what + self._or("name one with --column"))
        text = fields[self.column]
        if not isinstance(text, str | None):
            what = f"column {self.column!r} holds {text!r}, not a text; write one there"
            raise self._error(number, what + self._or("name another --column"))
        return Record(number, self._checked(number, text or ""), fields, self.column, self.names)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Decoded lines with their ends, numbered from 1; a byte order mark is dropped."""
        with _opened(self.path, self.name) as stream:
            number = 0
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                if b"\0" in line:
                    raise self._error(number, "holds a NUL byte: no UTF-8 text; if it is UTF-16, convert it first")
                if len(line) > MAX_LINE:
                    raise self._error(number, f"longer than {MAX_LINE:,} bytes; write one text a line")
                yield number, self._decoded(number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)

    def _decoded(self, number: int, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            self._broken(number, f"broken UTF-8 at byte {error.start + 1}")
            return line.decode(errors="replace")

    def _checked(self, number: int, text: str) -> str:
        """Bounds the length, and catches what JSON escapes can smuggle past `_lines`."""
        if len(text) > MAX_TEXT:
            raise self._error(number, f"{len(text):,} characters, more than {MAX_TEXT:,}; cut it into several lines")
        if "\0" in text:
            raise self._error(number, "holds a NUL character; remove it")
        try:
            text.encode()
        except UnicodeEncodeError:
            self._broken(number, "half a surrogate pair")
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def _broken(self, number: int, what: str) -> None:
        if self.errors == "refuse":
            raise self._error(number, f"{what}; mend it{self._or('pass --errors replace')}")
        self.replacements += 1
        if len(self.replaced) < NAMED:
            self.replaced.append(number)

    def _or(self, advice: str) -> str:
        """More advice, where the command has the option that it names."""
        return "" if self.bare else f", or {advice}"

    def _error(self, number: int, what: str) -> UserError:
        return UserError(f"{self.name}, line {number}: {what}")


def _is_name(header: str) -> bool:
    """Whether a column may be called so: review_text, Customer Review; not "Great food", "Great!" nor "Terrible"."""
    words = re.findall(r"\w+", header.lower())
    if len(words) > 4 or re.search(r"[.!?…](?:\s|$)", header):
        return False
    plain = " " in header or (header.isalpha() and header.istitle())  # as a text is written
    return not plain or not _NAMING.isdisjoint(words)


@contextmanager
def _opened(path: Path | None, name: str) -> Iterator[IO[bytes]]:
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield stream  # type: ignore[misc]
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{name}: cannot be read ({error})") from None
