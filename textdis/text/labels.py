"""Names and numbers of the styles that sources hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from textdis.core.errors import UserError
from textdis.text.sources import Row, kind_of


def style_names(sources: Sequence[str | Path], rows: Iterable[Row], labels: Sequence[str] | None) -> list[str]:
    """`labels`, or what tells the txt files apart (`my.0.txt`: 0), or the sorted values of the label column."""
    files = [Path(source).name for source in sources] if kind_of(sources[0]) == "txt" else []
    if labels is not None:
        names = list(labels)
    elif files:
        if len(set(files)) < len(files):  # negative/train.txt and positive/train.txt
            files = [Path(source).absolute().parent.name for source in sources]
        names = _distinct_parts([re.sub(r"(\.txt)?(\.gz)?$", "", name, flags=re.IGNORECASE) for name in files])
    else:
        values = {str(row.label) for row in rows}
        names = sorted(values, key=lambda value: (not value.isdigit(), int(value) if value.isdigit() else 0, value))
    if len(set(names)) != len(names) or (files and len(names) != len(files)):
        what = f"{len(sources)} source(s) for the styles {', '.join(names)}"
        raise UserError(f"{what}; give one file for each style, under a name of its own")
    return names


def _distinct_parts(stems: list[str]) -> list[str]:
    """The names without what all of them begin with, up to a `.`, `_` or `-`."""
    parts = [re.split(r"(?<=[._-])", stem) for stem in stems]
    while len(parts) > 1 and all(len(p) > 1 and p[0] == parts[0][0] for p in parts):
        parts = [p[1:] for p in parts]
    return ["".join(p) for p in parts]


def label_ids(rows: Iterable[Row], names: Sequence[str]) -> list[int]:
    """The label of each row, by the name or the number of its style. Raises UserError for a value that is neither."""
    known = {str(i): i for i in range(len(names))} | {name: i for i, name in enumerate(names)}
    ids = []
    for row in rows:
        label = row.label if isinstance(row.label, int) else known.get(row.label)
        if label is None:
            raise UserError(f"{row.source}, line {row.line}: label {row.label!r} is none of {', '.join(names)}")
        ids.append(label)
    return ids
