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

from data_recipes.fetch import fetch, is_url
from textdis.core.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

Table = dict[str, list[Any]]  # columns of one split
REMARK = "#"  # a column of this name holds one line on what the split leaves out; it becomes the split's description


@dataclass(frozen=True)
class Recipe:
    """Where a data set comes from, what it must hold, and how it is read."""

    name: str  # also of its folder
    files: Mapping[str, str | None]  # name in the folder -> sha256; None where the publisher's file is not known here
    parse: Callable[..., dict[str, Table]]  # (folder, **options) -> the splits' columns
    labels: tuple[str, ...]  # names of the styles by label; empty where a data set has none
    splits: tuple[str, ...]
    licence: str
    homepage: str
    notes: str = ""
    rows: tuple[int, ...] = ()  # sentences of each split, where they are always the same
    free: bool = False  # whether the licence lets a user hand the sentences on
    place: str = ""  # name of the folder, where it is not the recipe's

    def load(self, root: str | Path | None = None, **options: Any) -> DatasetDict:
        """See `data_recipes.load`."""
        from datasets import DatasetDict

        parameters = inspect.signature(self.parse, eval_str=True).parameters
        known = list(parameters)[1:]
        if unknown := sorted(set(options) - set(known)):
            raise UserError(f"recipe {self.name!r} has no option {unknown[0]!r}; it has {', '.join(known) or 'none'}")
        for name, value in options.items():
            self._check_option(name, value, parameters[name].annotation)
        tables = self.parse(self.folder(root), **options)
        return DatasetDict({split: self._dataset(table) for split, table in tables.items()})

    def _check_option(self, name: str, value: Any, kind: Any) -> None:
        """Raises UserError: not of its type, or a number below 0."""
        where = f"recipe {self.name!r}: option {name} is {value!r}; it must be"
        if kind is not inspect.Parameter.empty and (isinstance(value, bool) or not isinstance(value, kind)):
            raise UserError(f"{where} {inspect.formatannotation(kind)}")
        if isinstance(value, int) and value < 0:
            raise UserError(f"{where} 0 or more")

    def folder(self, root: str | Path | None = None) -> Path:
        """The folder with all of the recipe's files, each compared with its checksum. Raises UserError.

        root: a folder as for `load`, or the http(s) address of one, whose files are then fetched once.
        """
        if not self.files:
            return Path()
        if root is not None and is_url(root):
            fetched = fetch(self.name, self.files, str(root))
            self._verify(fetched)
            return fetched
        if place := self.place_in(root):
            self._verify(place)
            return place
        folder = self.place or self.name
        roots = [Path(root)] if root is not None else default_roots()
        where = " or ".join([*(str(base / folder) for base in roots), "a folder to which you set TEXTDIS_DATA"])
        raise UserError(
            f"data of {self.name!r} not found; put {', '.join(self.files)} (see {self.homepage}) into {where}"
        )

    def place_in(self, root: str | Path | None = None) -> Path | None:
        """The folder where any of the files stand, nothing of them read yet."""
        for base in [Path(root)] if root is not None else default_roots():
            for place in (base / (self.place or self.name), base):
                if any((place / file).is_file() for file in self.files):
                    return place
        return None

    def _verify(self, folder: Path) -> None:
        missing = [file for file in self.files if not (folder / file).is_file()]
        if missing:
            raise UserError(f"{folder}: {', '.join(missing)} missing; put them there (see {self.homepage})")
        for file, expected in self.files.items():
            found = hashlib.sha256((folder / file).read_bytes()).hexdigest() if expected else None
            if expected and found != expected:
                raise UserError(
                    f"{folder / file}: sha256 is {str(found)[:12]}..., not {expected[:12]}...; get the file again"
                )

    def _dataset(self, table: Table) -> Dataset:
        import pyarrow
        from datasets import ClassLabel, Dataset, Features

        remark = table.pop(REMARK, [])
        features = Features.from_arrow_schema(pyarrow.table(table).schema)
        if "label" in table:
            features["label"] = ClassLabel(names=list(self.labels))
        dataset = Dataset.from_dict(table, features=features)
        dataset.info.description = " ".join(remark)
        return dataset


def default_roots() -> list[Path]:
    """`TEXTDIS_DATA` if set, else ../shared/data beside the project's root if there."""
    if folder := os.environ.get("TEXTDIS_DATA"):
        return [Path(folder)]
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return [beside] if beside.is_dir() else []


def lines(path: Path) -> list[str]:
    """The lines of a text file, gzipped or not, without their ends."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
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


def squeezed(table: Table) -> Table:
    """The table with single blanks between the words of each sentence, and none at its ends."""
    return {
        name: [" ".join(value.split()) for value in column] if column and isinstance(column[0], str) else column
        for name, column in table.items()
    }


def take(table: Table, rows: Iterable[int]) -> Table:
    """The rows of a table numbered `rows`."""
    rows = list(rows)
    return {name: [column[i] for i in rows] for name, column in table.items()}


def without(table: Table, keys: set[str]) -> Table:
    """The rows whose `text` has none of these keys."""
    return take(table, (i for i, text in enumerate(table["text"]) if key(text) not in keys))


def drawn_groups(table: Table, n: int, seed: int) -> list[int]:
    """`n` rows of each label, whole groups of equal sentences at a time.

    So common sentences are as common among them as among the rest: drawing rows would take nearly every stock sentence
    ("great service .") away from it.
    """
    keys = [key(text) for text in table["text"]]
    lot = {own: draw(own, seed) for own in set(keys)}
    order = sorted(range(len(keys)), key=lambda i: (lot[keys[i]], i))
    labels = table["label"]
    return [i for label in sorted(set(labels)) for i in [i for i in order if labels[i] == label][:n]]


def key(text: str) -> str:
    """Letters and digits of `text`, case ignored: sentences with one key count as one."""
    return re.sub(r"[\W_]+", "", text.casefold())


def draw(text: str, seed: int) -> float:
    """A number in [0, 1) drawn for a sentence; equal for all sentences with one key, on any machine and release."""
    digest = hashlib.sha256(f"{seed} {key(text)}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
