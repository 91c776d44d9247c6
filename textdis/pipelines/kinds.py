"""Which format a file of texts has, as its name tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textdis.core.errors import UserError
from textdis.text.sources import DOCUMENTS

KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
OTHER = DOCUMENTS | {".json": "jsonl (one object a line)"}
PACKED = frozenset((".gz", ".zip", ".bz2", ".xz", ".zst"))
UNWRITTEN = PACKED.union(  # endings that promise what plain text is not
    DOCUMENTS,
    ".json .parquet .feather .arrow .html .htm .xml .yaml .yml .sqlite .db .pkl .pickle .npy .npz".split(),
)


def kind_of(path: Path | None) -> str:
    """The format a file's name tells: `reviews.csv.gz` is csv, and anything unknown txt."""
    name = "" if path is None else path.name.lower().removesuffix(".gz")
    return KINDS.get(Path(name).suffix, "txt")


def written_kind(path: Path | None, format: str | None, kinds: Sequence[str]) -> str:
    """The format, of `kinds`, of an output: `format`, else what its name tells; txt for an ending that tells nothing.

    Raises UserError for a name that promises another.
    """
    ending = "" if path is None else path.suffix.lower()
    told = ending[1:] if ending in UNWRITTEN else kind_of(path)
    if (format or told) not in kinds or ending in PACKED:
        choice = " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
        raise UserError(f"{path}: {told} is not written; choose {choice}")
    return str(format or told)
