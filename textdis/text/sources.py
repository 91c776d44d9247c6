"""Labelled sentences out of txt, jsonl, csv, tsv and parquet files, or a data set on the hub, one row at a time.

Lines are read here, not by `datasets`, because its errors name neither the line nor the field.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from textdis.core.errors import UserError

Columns = tuple[str, str]  # names of the text and of the label column
COLUMNS: Columns = ("text", "label")
DOCUMENTS = dict.fromkeys((".xlsx", ".xls", ".ods"), "csv")  # that nothing here reads, and what to save them as
DOCUMENTS |= dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pdf"), "txt")
UNREAD = {*DOCUMENTS, ".html", ".zip"}  # which would be looked for on the hub
_SIGNS = {"\t": ("tabs", "tsv"), ";": ("semicolons", ""), "|": ("bars", ""), ",": ("commas", "csv")}  # and whose own
LIST = "write one object a line (jsonl), not a list of them"


class Row(NamedTuple):
    """One sentence as it stands in its source."""

    text: str  # stripped; empty where the line is
    label: int | str  # the number of the txt file, or what the label column holds
    source: str
    line: int  # from 1; without lines, the number of the row


def kind_of(source: str | Path) -> str:
    """`txt`, `jsonl`, `csv`, `tsv`, `parquet` or `hub`. Raises UserError for a folder or a path that is not there."""
    path = Path(source)
    suffix = "".join(path.suffixes[-2:]).lower().removesuffix(".gz").rpartition(".")[2]
    kind = {"json": "jsonl"}.get(suffix, suffix)
    if f".{suffix}" in UNREAD:
        raise UserError(f"{source}: {suffix} files are not read; save it as csv, or as txt with one sentence a line")
    if path.is_dir():
        raise UserError(f"{source}: is a folder; give its files")
    if path.exists():
        return kind if kind in _READERS else "txt"
    if kind not in _READERS and re.fullmatch(r"[\w-][\w.-]*(/[\w.-]+)?", str(source)):
        return "hub"
    raise UserError(f"{source}: no such file")


def read_rows(sources: Sequence[str | Path], text_column: str = "text", label_column: str = "label") -> Iterator[Row]:
    """Every sentence of `sources` in order, empty ones included. Raises UserError: what, where, what to do."""
    kinds = {kind_of(source) for source in sources}
    if not sources or ("txt" in kinds and len(kinds) > 1) or ("hub" in kinds and len(sources) > 1):
        raise UserError("give one txt file a style, or tables with a text and a label column, or one name on the hub")
    if twice := [source for source in sources if sources.count(source) > 1]:
        raise UserError(f"{twice[0]}: given twice; give one file for each style, and each table once")
    columns = (text_column, label_column)
    if text_column == label_column:
        raise UserError(f"column {text_column!r} cannot hold both text and label; name another with --label-column")
    if "txt" in kinds and columns != COLUMNS:
        raise UserError(f"{sources[0]}: a txt file has no columns; leave --text-column and --label-column out")
    return chain.from_iterable(
        _READERS[kind_of(source)](str(source), number, columns) for number, source in enumerate(sources)
    )


def lines(source: str) -> Iterator[str]:
    """The decoded lines of a file. Raises UserError, for broken UTF-8 with the line."""
    number = 0
    try:
        with gzip.open(source) if source.endswith(".gz") else open(source, "rb") as file:
            for number, line in enumerate(file, start=1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 (byte 0x{error.object[error.start]:02x} at {error.start + 1})"
        raise UserError(f"{source}, line {number}: {what}; save the file as UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{source}: cannot be read ({error})") from None


def _read_txt(source: str, number: int, columns: Columns) -> Iterator[Row]:
    for line, text in enumerate(lines(source), start=1):
        yield Row(text.strip(), number, source, line)


def json_records(source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a jsonl file, each with its line; blank lines are passed over. Raises UserError."""
    for line, text in enumerate(lines(source), start=1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{source}, line {line}: not JSON ({error}); {LIST}") from None
        if not isinstance(record, dict):
            raise UserError(f"{source}, line {line}: not a JSON object; {LIST}")
        yield line, record


def csv_records(source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a csv or tsv file, each with its last line; a cell that a short row lacks is None.

    Raises UserError, also for a row with more cells than the header, whose text was cut at a stray comma.
    """
    csv.field_size_limit(10**9)
    reader = csv.DictReader(lines(source), delimiter="\t" if ".tsv" in Path(source).suffixes else ",", strict=True)
    try:
        reader.fieldnames = header = [name.strip() for name in reader.fieldnames or ()]
        _check_header(header, source)
        for record in reader:
            if more := record.pop(None, None):
                what = f"{len(header) + len(more)} cells, but the header has {len(header)}"
                raise UserError(f"{source}, line {reader.line_num}: {what}; quote texts that hold a separator")
            yield reader.line_num, record
    except csv.Error as error:
        what = f"not readable as a table ({error}); is a quote left open?"
        raise UserError(f"{source}, line {reader.reader.line_num}: {what}") from None


def _check_header(names: list[str], source: str) -> None:
    """Raises UserError: two columns of one name, or all names in one, as the table has another separator."""
    if unsplit(names):
        raise UserError(f"{source}, line 1: one column, {names[0]!r}; save it with commas as csv, or with tabs as tsv")
    named = [name for name in names if name]  # spreadsheets leave nameless columns
    if len(set(named)) < len(named):
        raise UserError(f"{source}, line 1: two columns are called {max(named, key=named.count)!r}; rename one")


def unsplit(names: Sequence[str]) -> tuple[str, str] | None:
    """The other separator in the only name of a header: (what it is called, the format whose own it is, or "")."""
    return next((told for sign, told in _SIGNS.items() if len(names) == 1 and sign in names[0]), None)


def _read_jsonl(source: str, number: int, columns: Columns) -> Iterator[Row]:
    for line, record in json_records(source):
        yield _row(record, columns, source, line)


def _read_csv(source: str, number: int, columns: Columns) -> Iterator[Row]:
    for line, record in csv_records(source):
        yield _row(record, columns, source, line)


def _read_parquet(source: str, number: int, columns: Columns) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(source) as file:
            present = [name for name in columns if name in file.schema_arrow.names]
            _require(dict.fromkeys(file.schema_arrow.names, ""), columns, source, 1)
            names = _noted_names(file.schema_arrow.metadata or {}, columns[1])
            records = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches(columns=present))
            for line, record in enumerate(records, start=1):
                yield _row(_named(record, columns[1], names), columns, source, line)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UserError(f"{source}: not readable as parquet ({error})") from None


def _read_hub(source: str, number: int, columns: Columns) -> Iterator[Row]:
    import datasets

    try:
        table: Any = datasets.load_dataset(source, split="train")
    except (OSError, RuntimeError, ValueError) as error:
        # offline, no such name, and no such split all mean the same to the user: these sentences are not to be had
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"{source}: neither a file here nor a data set that the hub gave ({reason}); "
            "check the name and the connection, or give local files"
        ) from None
    _require(table.features, columns, source, 1)
    names = getattr(table.features[columns[1]], "names", None)
    for line, record in enumerate(table.select_columns(list(columns)), start=1):
        yield _row(_named(record, columns[1], names), columns, source, line)


def _noted_names(metadata: Mapping[bytes, bytes], column: str) -> list[str] | None:
    """Of the styles by number, where `datasets`, with which `data prepare` writes, noted them in a parquet file."""
    noted = json.loads(metadata.get(b"huggingface", b"{}"))
    return ((noted.get("info") or {}).get("features") or {}).get(column, {}).get("names")


def _named(record: dict[str, Any], column: str, names: Sequence[str] | None) -> dict[str, Any]:
    """The record with its style by name, where its data set numbers the styles; -1 there stands for none."""
    label = record[column]
    if names is None or not isinstance(label, int):
        return record
    return record | {column: names[label] if 0 <= label < len(names) else None}


def _row(record: dict[str, Any], columns: Columns, source: str, line: int) -> Row:
    _require(record, columns, source, line)
    text, label = (record[name] for name in columns)
    if not isinstance(text, str):
        what = f"{source}, line {line}: column {columns[0]!r} holds {text!r}"
        raise UserError(f"{what}, which is no text; quote it or remove the row")
    if label != label or isinstance(label, list | dict) or not str(label).strip():  # NaN is not itself
        what = f"{source}, line {line}: column {columns[1]!r} holds {label!r}"
        raise UserError(f"{what}, which names no style; fill it in or remove the row")
    return Row(text.strip(), str(label).strip(), source, line)


def _require(record: Any, columns: Columns, source: str, line: int) -> None:
    for name, option in zip(columns, ("--text-column", "--label-column"), strict=True):
        if name not in record:
            what = f"{source}, line {line}: no column {name!r}; it has {', '.join(map(str, record))}"
            raise UserError(f"{what}; rename one, or name the right one with {option} (train, data check)")
        if record[name] is None:
            raise UserError(f"{source}, line {line}: nothing in column {name!r}; fill it in or remove the row")


_READERS = {
    "txt": _read_txt, "jsonl": _read_jsonl, "csv": _read_csv, "tsv": _read_csv, "parquet": _read_parquet,
    "hub": _read_hub,
}  # fmt: skip
