"""What every recipe is made of."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

Table = dict[str, list[Any]]  # columns of one split


@dataclass(frozen=True)
class Recipe:
    """Where a data set comes from, what it must hold, and how it is read."""

    name: str  # also of its folder
    files: Mapping[str, str]  # name in the folder -> sha256
    parse: Callable[..., dict[str, Table]]  # (folder, **options) -> the splits' columns
    labels: tuple[str, ...]  # names of the styles by label; empty where a data set has none
    splits: tuple[str, ...]
    licence: str
    homepage: str
    notes: str = ""

    def load(self, root: str | Path | None = None, **options: Any) -> DatasetDict:
        """See `data_recipes.load`."""
        from datasets import DatasetDict

        known = list(inspect.signature(self.parse).parameters)[1:]
        if unknown := sorted(set(options) - set(known)):
            raise UserError(f"recipe {self.name!r} has no option {unknown[0]!r}; it has {', '.join(known) or 'none'}")
        tables = self.parse(self.folder(root), **options)
        return DatasetDict({split: self._dataset(table) for split, table in tables.items()})

    def folder(self, root: str | Path | None = None) -> Path:
        """The folder with all of the recipe's files, each compared with its checksum. Raises UserError."""
        if not self.files:
            return Path()
        roots = [Path(root)] if root is not None else default_roots()
        places = [place for base in roots for place in (base / self.name, base) if place.is_dir()]
        for place in places:
            if any((place / file).is_file() for file in self.files):
                self._verify(place)
                return place
        where = " or ".join(str(base / self.name) for base in roots) or f"a folder {self.name} (its parent as root)"
        raise UserError(
            f"data of {self.name!r} not found; put {', '.join(self.files)} (see {self.homepage}) into {where}, "
            "or name their folder with TEXTDIS_DATA"
        )

    def _verify(self, folder: Path) -> None:
        missing = [file for file in self.files if not (folder / file).is_file()]
        if missing:
            raise UserError(f"{folder}: {', '.join(missing)} missing; put them there (see {self.homepage})")
        for file, expected in self.files.items():
            found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            if found != expected:
                raise UserError(
                    f"{folder / file}: sha256 is {found[:12]}..., not {expected[:12]}...; get the file again"
                )

    def _dataset(self, table: Table) -> Dataset:
        import pyarrow
        from datasets import ClassLabel, Dataset, Features

        features = Features.from_arrow_schema(pyarrow.table(table).schema)
        if "label" in table:
            features["label"] = ClassLabel(names=list(self.labels))
        return Dataset.from_dict(table, features=features)


def default_roots() -> list[Path]:
    """`TEXTDIS_DATA` if set, else ../shared/data beside the project's root if there."""
    if folder := os.environ.get("TEXTDIS_DATA"):
        return [Path(folder)]
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return [beside] if beside.is_dir() else []


def lines(path: Path) -> list[str]:
    """The lines of a gzipped text file, without their ends."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line in file]


def records(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped jsonl file."""
    return [json.loads(line) for line in lines(path)]


def styles(folder: Path, pattern: str, reference: str | None = None) -> Table:
    """One file a style, `{}` in `pattern` being 0 and 1; `reference`: the pattern of rewritings, line by line."""
    texts = [lines(folder / pattern.format(label)) for label in (0, 1)]
    table: Table = {"text": sum(texts, []), "label": [label for label in (0, 1) for _ in texts[label]]}
    if reference is not None:
        table["reference"] = [line for label in (0, 1) for line in lines(folder / reference.format(label))]
    return table


def take(table: Table, rows: Iterable[int]) -> Table:
    """The rows of a table numbered `rows`."""
    rows = list(rows)
    return {name: [column[i] for i in rows] for name, column in table.items()}


def key(text: str) -> str:
    """Letters and digits of `text`, case ignored: sentences with one key count as one."""
    return re.sub(r"[\W_]+", "", text.casefold())


def draw(text: str, seed: int) -> float:
    """A number in [0, 1) drawn for a sentence; equal for all sentences with one key, on any machine and release."""
    digest = hashlib.sha256(f"{seed} {key(text)}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
