"""Aligned sequences: one row a sentence, one column a language, a tag sequence, or whatever else belongs to it.

From tables (jsonl, csv, tsv, parquet: one column a sequence) or from txt files of which line i belongs to line i.
A cell that is empty, blank or null is missing: None. Nothing is normalised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError
from textdis.text.sources import csv_records, json_records, kind_of, lines

Columns = dict[str, list[str | None]]  # by name, all of one length


def read_tables(sources: Sequence[str | Path], names: Sequence[str]) -> Columns:
    """The columns `names` of tables, one table after the other. Raises UserError: what, where, what to do."""
    columns: Columns = {name: [] for name in names}
    for source in map(str, sources):
        kind = kind_of(source)
        if kind not in _READERS:
            raise UserError(f"{source}: not a table (jsonl, csv, tsv, parquet); aligned txt files go by name=file")
        for line, record in _READERS[kind](source):
            for name in names:
                if name not in record:
                    there = ", ".join(map(str, record))
                    raise UserError(f"{source}, line {line}: no column {name!r}; it has {there}; name the right one")
                columns[name].append(_cell(record[name]))
    return columns


def read_aligned(files: Mapping[str, str | Path]) -> Columns:
    """One txt file a column. Raises UserError: unreadable, or not as long as the others."""
    columns: Columns = {name: [_cell(line) for line in lines(str(file))] for name, file in files.items()}
    counts = {name: len(column) for name, column in columns.items()}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{files[name]} has {count:,}" for name, count in counts.items())
        raise UserError(f"aligned files must have as many lines as one another: {found}")
    return columns


def _cell(value: Any) -> str | None:
    return None if value is None else str(value).strip() or None


def _parquet(source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(source) as file:
            for batch in file.iter_batches():
                yield from enumerate(batch.to_pylist(), start=1)
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"{source}: not readable as parquet ({error})") from None


_READERS: dict[str, Callable[[str], Iterator[tuple[int, dict[str, Any]]]]] = {
    "jsonl": json_records, "csv": csv_records, "tsv": csv_records, "parquet": _parquet,
}  # fmt: skip
