"""Sheets on which people rate the outputs of several systems without knowing whose they are: MT8.

After the human evaluation of paper 02 (section 3): people say the sentiment of each output and how natural it is,
seeing it alone; in a separate part they see it beside its source and say how similar the two are in structure,
whatever their sentiment. Reading the filled sheets: `ratings.py`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError

KEY, FORMAT = "key.json", 1
NEUTRAL = "neutral"
FILLED = ("style", "naturalness", "similarity")  # what a rater fills in
COLUMNS = ("rater", "item", "output", "style", "naturalness", "source", "similarity")
SCALE = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Item:
    """One text to rate. Outputs that are the same for the same source are one item of several systems."""

    id: str
    line: int  # of the sources, from 1
    source: str
    output: str
    target: str | None  # the style it shall have
    systems: tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """styles: the answers offered beside neutral; attribute: what they are styles of; raters: sheets to make."""

    styles: Sequence[str] = ("negative", "positive")
    attribute: str = "sentiment"
    size: int = 100  # sentences
    raters: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if len({*self.styles, NEUTRAL}) != len(self.styles) + 1 or len(self.styles) < 2:
            raise UserError(f"styles {', '.join(self.styles)}: name two or more different ones, none {NEUTRAL!r}")


def export(
    systems: Mapping[str, Sequence[str]],
    sources: Sequence[str],
    folder: str | Path,
    *,
    targets: Sequence[str] | None = None,
    design: Design | None = None,
) -> list[Item]:
    """Writes rater-N.html and rater-N.csv, the same form twice, and key.json, which no rater may see.

    systems: name -> outputs, line i for `sources[i]`; targets: the style each shall have. `design.size` sentences are
    drawn at random, as many of each target as can be; every rater sees all items, each in an own order.
    Raises UserError: unequal lengths, too few sentences, unknown styles, sheets that are there already, no place.
    """
    design, folder = design or Design(), Path(folder)
    _check(systems, sources, targets, design)
    if (folder / KEY).exists():
        raise UserError(f"{folder}: holds sheets already; give another folder, so that no rating loses its key")
    rng = np.random.default_rng(design.seed)
    items = _items(systems, sources, targets, _draw(len(sources), targets, design, rng))
    try:
        _write(folder, items, design, rng)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); give another folder") from None
    return items


def _write(folder: Path, items: Sequence[Item], design: Design, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, design.raters + 1):
        alone, beside = ([items[i] for i in rng.permutation(len(items))] for _ in range(2))
        name = f"rater-{number}"
        (folder / f"{name}.html").write_text(_page(name, alone, beside, design), encoding="utf-8")
        (folder / f"{name}.csv").write_text(_table(name, alone), encoding="utf-8", newline="")
    (folder / KEY).write_text(_key(items, design), encoding="utf-8")


def _check(
    systems: Mapping[str, Sequence[str]], sources: Sequence[str], targets: Sequence[str] | None, design: Design
) -> None:
    if not systems:
        raise UserError("no system to rate; give one at least")
    for name, rows in [*systems.items(), ("targets", targets or sources)]:
        if len(rows) != len(sources):
            raise UserError(f"{name}: {len(rows)} lines for {len(sources)} sources; line N must belong to source N")
    if unknown := sorted({*(targets or ())} - {*design.styles}):
        raise UserError(f"targets {', '.join(unknown)}; the styles are {', '.join(design.styles)}")


def _draw(count: int, targets: Sequence[str] | None, design: Design, rng: np.random.Generator) -> list[int]:
    """The rows to rate: `size` in all, the targets that occur even but for one."""
    styles = [style for style in design.styles if style in (targets or ())]
    groups = [[i for i in range(count) if targets[i] == style] for style in styles] if targets else [range(count)]
    wanted = [(design.size + len(groups) - 1 - i) // len(groups) for i in range(len(groups))]
    if any(len(group) < number for group, number in zip(groups, wanted, strict=True)):
        found = ", ".join(str(len(group)) for group in groups)
        raise UserError(
            f"{design.size} sentences are to be drawn evenly, of {found} that are there; ask for fewer (--size)"
        )
    drawn = (rng.choice(list(group), number, replace=False) for group, number in zip(groups, wanted, strict=True))
    return sorted(int(i) for rows in drawn for i in rows)


def _items(
    systems: Mapping[str, Sequence[str]], sources: Sequence[str], targets: Sequence[str] | None, rows: Sequence[int]
) -> list[Item]:
    items = []
    for i in rows:
        said: dict[str, list[str]] = {}
        for name, outputs in systems.items():
            said.setdefault(outputs[i], []).append(name)
        for output, names in said.items():
            # an id of the texts alone: it names no system, and is not found in the key of other sheets
            digest = hashlib.sha256(json.dumps([i, sources[i], output]).encode()).hexdigest()[:10]
            items.append(Item(digest, i + 1, sources[i], output, targets[i] if targets else None, tuple(names)))
    return items


def _page(rater: str, alone: Sequence[Item], beside: Sequence[Item], design: Design) -> str:
    from jinja2 import Environment, PackageLoader

    engine = Environment(loader=PackageLoader("textdis.evaluation", "."), autoescape=True, trim_blocks=True)
    return engine.get_template("sheet.html.j2").render(
        rater=rater, alone=alone, beside=beside, answers=[*design.styles, NEUTRAL], scale=SCALE, design=design
    )


def _table(rater: str, items: Sequence[Item]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for item in items:
        writer.writerow([rater, item.id, _cell(item.output), "", "", _cell(item.source), ""])
    return file.getvalue()


def _cell(text: str) -> str:
    """A spreadsheet takes `=`, `+`, `-` or `@` at the start for a formula, but not behind a blank."""
    return f" {text}" if text[:1] in {"=", "+", "-", "@"} else text


def _key(items: Sequence[Item], design: Design) -> str:
    content: dict[str, Any] = {"format": FORMAT, "design": asdict(design), "items": [asdict(item) for item in items]}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
