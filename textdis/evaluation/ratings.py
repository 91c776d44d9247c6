"""Reads filled rating sheets (`sheets.py`) back: a table by system, and how far the raters agree."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError, require_file
from textdis.evaluation.sheets import FILLED, FORMAT, NEUTRAL, SCALE
from textdis.metrics.agreement import Level, krippendorff_alpha

LEVELS: dict[str, Level] = {"style": "nominal", "naturalness": "ordinal", "similarity": "ordinal"}
Answers = dict[str, dict[str, str]]  # item -> field -> answer; fields left out are not there


@dataclass(frozen=True)
class Ratings:
    """systems: name -> scores; agreement: field -> Krippendorff's alpha, None where all answers are the same;

    raters: name -> items full, half, blank.
    """

    systems: dict[str, dict[str, float]]
    agreement: dict[str, float | None]
    raters: dict[str, dict[str, int]]


def read(sheets: Sequence[str | Path], key: str | Path) -> Ratings:
    """The ratings of all sheets, told apart by system with the key of their export.

    transferred: share of the style answers that are the wanted style (absent where none was given), neutral: share
    that are neutral; naturalness and similarity: means of 1 to 5; ratings: answers about naturalness. Every
    answer counts once, those of half-filled items too. agreement has no field that no item got two answers for.
    Raises UserError: by file, line and field, what cannot be read; a rater who comes twice; nothing filled in.
    """
    styles, items = _key(Path(key))
    allowed = {"style": [*styles, NEUTRAL], "naturalness": SCALE, "similarity": SCALE}
    answers: dict[str, Answers] = {}
    for path in map(Path, sheets):
        for rater, found in _sheet(path, items, allowed).items():
            if any(found.values()) and any(answers.get(rater, {}).values()):
                raise UserError(f"{path}: the answers of {rater} come a second time; give one sheet a rater")
            if any(found.values()) or rater not in answers:
                answers[rater] = found
    if not any(fields for found in answers.values() for fields in found.values()):
        raise UserError("no sheet has an answer; give sheets that people have filled in")
    names = dict.fromkeys(name for item in items.values() for name in item["systems"])
    return Ratings(
        {name: _scores(name, items, answers) for name in names},
        dict(_agreement(items, answers, allowed)),
        {rater: _filled(found, len(items)) for rater, found in answers.items()},
    )


def _key(path: Path) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """The styles of the sheets, and item -> the systems that said it and the target it had."""
    try:
        require_file(path, "--key")
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] > FORMAT:
            raise UserError(f"{path}: written by a newer textdis; install that one")
        own = {item["id"]: {name: item[name] for name in ("systems", "target")} for item in content["items"]}
        return [*map(str, content["design"]["styles"])], own
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"not the key of rating sheets ({type(error).__name__}: {error})"
        raise UserError(f"{path}: {what}; give the key.json of their export") from None


def _sheet(path: Path, items: Mapping[str, Any], allowed: Mapping[str, Sequence[str]]) -> dict[str, Answers]:
    """rater -> answers of one file."""
    found: dict[str, Answers] = {}
    for number, row in _rows(path):
        rater, item = row["rater"], row["item"]
        where = f"{path}, line {number}"
        if item not in items:
            raise UserError(f"{where}, field item: {item!r} is not in the key; give the key of these sheets")
        if item in found.setdefault(rater, {}):
            raise UserError(f"{where}, field item: {item!r} comes a second time for {rater}; delete one of the lines")
        answers = {field: _answer(row[field], allowed[field], f"{where}, field {field}") for field in FILLED}
        found[rater][item] = {field: answer for field, answer in answers.items() if answer}
    return found


def _answer(cell: str, allowed: Sequence[str], where: str) -> str:
    """The answer as the key spells it; empty where the cell is."""
    choices = {"": "", **{choice.lower(): choice for choice in allowed}}
    if cell.lower() not in choices:
        raise UserError(f"{where}: {cell!r}; it must be one of {', '.join(allowed)}, or nothing")
    return choices[cell.lower()]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row; commas, semicolons or tabs between them, as spreadsheets write."""
    try:
        require_file(path)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); save the sheet as CSV in UTF-8") from None
    first = text.partition("\n")[0]
    csv.field_size_limit(10**9)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        if missing := [name for name in ("rater", "item", *FILLED) if name not in (reader.fieldnames or ())]:
            raise UserError(f"{path}, line 1: no column {', '.join(missing)}; keep the first line as it was exported")
        for row in reader:
            cells = {name: (row[name] or "").strip() for name in ("rater", "item", *FILLED)}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}; save the sheet as CSV in UTF-8") from None


def _scores(name: str, items: Mapping[str, Any], answers: Mapping[str, Answers]) -> dict[str, float]:
    own = [item for item, known in items.items() if name in known["systems"]]
    given = {field: list(_given(field, own, answers)) for field in FILLED}
    styles = [(items[item]["target"], answer) for item, answer in given["style"]]
    scores = {}
    if styles and styles[0][0] is not None:
        scores["transferred"] = sum(target == answer for target, answer in styles) / len(styles)
    if styles:
        scores["neutral"] = sum(answer == NEUTRAL for _, answer in styles) / len(styles)
    for field in ("similarity", "naturalness"):
        if given[field]:
            scores[field] = float(np.mean([int(answer) for _, answer in given[field]]))
    return {**scores, "ratings": float(len(given["naturalness"]))}


def _given(field: str, items: Iterable[str], answers: Mapping[str, Answers]) -> Iterator[tuple[str, str]]:
    for item in items:
        for found in answers.values():
            if (answer := found.get(item, {}).get(field)) is not None:
                yield item, answer


def _agreement(
    items: Mapping[str, Any], answers: Mapping[str, Answers], allowed: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, float | None]]:
    for field, level in LEVELS.items():
        numbers = {answer: float(i) for i, answer in enumerate(allowed[field])}
        table = [
            [numbers.get(found.get(item, {}).get(field, ""), np.nan) for item in items] for found in answers.values()
        ]
        with suppress(ValueError):  # no item has two answers
            alpha = krippendorff_alpha(np.array(table), level)
            yield field, None if np.isnan(alpha) else alpha


def _filled(found: Answers, items: int) -> dict[str, int]:
    """How many items are filled in wholly, in part, and not at all."""
    full = sum(len(fields) == len(FILLED) for fields in found.values())
    half = sum(0 < len(fields) < len(FILLED) for fields in found.values())
    return {"full": full, "half": half, "blank": items - full - half}
