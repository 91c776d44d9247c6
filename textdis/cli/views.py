"""How results look: plain lines, JSON, a table, or for the eye a diff or source and rewriting together."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textdis.cli.paper import Paper
from textdis.core.errors import UserError
from textdis.pipelines.files import Record
from textdis.pipelines.kinds import written_kind
from textdis.pipelines.results import LineResult

Pairs = Sequence[tuple[Record, LineResult]]


@dataclass(frozen=True)
class View:
    """A name, and what turns records with their results into text; `done` records were shown before."""

    name: str
    block: Callable[[Pairs, int], str]


def choose_view(kind: str, target: Path | None, format: str | None, *, diff: bool, side_by_side: bool) -> View:
    """By `format`, else by the extension of `target`, else (on stdout) as the input's `kind`.

    Raises UserError for a format that is not written, and for more than one wish at a time.
    """
    if diff + side_by_side + (format is not None) > 1:
        raise UserError("--diff, --side-by-side and --format exclude one another; choose one")
    if diff or side_by_side:
        written_kind(target, None, ["txt"])
        draw = Paper(colour=target is None and sys.stdout.isatty(), numbered=side_by_side)
        return View("diff" if diff else "side by side", lambda pairs, done: draw([p[1] for p in pairs], done))
    if target is None and format is None:
        format = {"parquet": "jsonl"}.get(kind, kind)
    name = written_kind(target, format, list(_VIEWS))
    return View(name, _VIEWS[name]())


def _txt(pairs: Pairs, done: int) -> str:
    return "".join(f"{_one_line(result.output)}\n" for _, result in pairs)


def _one_line(text: str) -> str:
    """A text of a table may hold line ends; a line must not."""
    return re.sub(r"\r\n|\r|\n", " ", text)


def _jsonl(pairs: Pairs, done: int) -> str:
    lines = []
    for record, result in pairs:
        others = {name: value for name, value in record.fields.items() if name != record.column}
        fields = {"line": record.line, **result.as_dict()} | ({"fields": others} if others else {})
        lines.append(json.dumps(fields, ensure_ascii=False, default=str) + "\n")
    return "".join(lines)


def _table(delimiter: str) -> Callable[[Pairs, int], str]:
    header: list[str] = []  # of the first block, for those that follow

    def block(pairs: Pairs, done: int) -> str:
        """All columns there were, and two new ones: `<column>_rewritten`, `<column>_reason` (why it was left)."""
        first = next((record for record, _ in pairs if record.names), pairs[0][0])
        new = _added(first.column)
        names = header or list(first.names or first.fields or (first.column,))
        header[:] = names
        if taken := set(new) & set(names):
            raise UserError(f"the input has a column {min(taken)!r} already; rename it, or choose --format jsonl")
        lines: list[list[object]] = [] if done else [[*names, *new]]
        for record, result in pairs:
            if others := set(record.fields) - set(names):
                where = f"line {record.line}: {min(others)!r} is no column of the first row, whose columns a table has"
                raise UserError(f"{where}; choose --format jsonl")
            row = record.fields or {first.column: record.text}
            lines.append([*(row.get(name, "") for name in names), result.output, result.reason])
        return "".join(_row(line, delimiter) for line in lines)

    return block


def _added(column: str) -> list[str]:
    return [f"{column}_rewritten", f"{column}_reason"]


def _row(values: Sequence[object], delimiter: str) -> str:
    """With every value in quotes where one holds a carriage return, which the csv module leaves bare."""
    bare, text = any("\r" in str(value) for value in values), io.StringIO()
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
    )
    writer.writerow(values)
    return text.getvalue()


def empty_table(name: str, names: Sequence[str], column: str | None) -> str:
    """The header alone of a table with these columns and no rows; nothing in other formats, or without columns."""
    if name not in _DELIMITERS or not names or column is None:
        return ""
    return _row([*names, *_added(column)], _DELIMITERS[name])


_DELIMITERS = {"csv": ",", "tsv": "\t"}
_VIEWS = {"txt": lambda: _txt, "jsonl": lambda: _jsonl} | {k: partial(_table, d) for k, d in _DELIMITERS.items()}
