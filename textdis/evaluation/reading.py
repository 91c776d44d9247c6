"""What a reader finds: is the style right, the content kept, the grammar right? Each yes or no, blind or by case.

Fu et al. (2018) and Mir et al. (2019) ask the same three questions. An output is right where all three are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.metrics.statistics import wilson

QUESTIONS = ("style", "content", "grammar")
Record = dict[str, Any]


def blinded(
    systems: Mapping[str, Sequence[str]],
    sources: Sequence[str],
    wanted: Sequence[str],
    *,
    size: int = 100,
    seed: int = 0,
) -> tuple[list[Record], dict[str, list[str]]]:
    """Sheet and key: the outputs of all systems for `size` sources, drawn evenly from the wanted styles, shuffled.

    Row i of each list belongs to source i. Outputs that are the same are one item of several systems. The key names
    the systems of each item; an item names none. Raises UserError: unequal lengths, too few sources.
    """
    if any(len(rows) != len(sources) for rows in [wanted, *systems.values()]):
        raise UserError("sources, wanted styles and the outputs of each system must have as many lines")
    rng = np.random.default_rng(seed)
    styles = sorted(set(wanted))
    drawn: list[int] = []
    for k, style in enumerate(styles):
        rows = [i for i, own in enumerate(wanted) if own == style]
        share = (size + len(styles) - 1 - k) // len(styles)
        if len(rows) < share:
            raise UserError(f"{len(rows)} sources are to become {style}, and {share} were asked for; ask for fewer")
        drawn += rng.choice(rows, share, replace=False).tolist()
    items, key = [], {}
    for i in drawn:
        said: dict[str, list[str]] = {}
        for name, outputs in systems.items():
            said.setdefault(outputs[i], []).append(name)
        for output, names in said.items():
            own = hashlib.sha256(json.dumps([i, sources[i], output]).encode()).hexdigest()[:10]
            items.append({"id": own, "source": sources[i], "wanted": wanted[i], "output": output})
            key[own] = names
    blank = dict.fromkeys(QUESTIONS)
    return [items[i] | blank for i in rng.permutation(len(items))], key


def read_records(path: str | Path) -> list[Record]:
    """The objects of a JSONL file. Raises UserError: unreadable, or a line that is no object with an `id`."""
    found = []
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error})") from None
    lines = text.removesuffix("\n").split("\n")  # not `splitlines`: a text may hold U+2028
    for number, line in enumerate(lines if text else (), 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise UserError(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(record, dict) or "id" not in record:
            raise UserError(f"{path}, line {number}: no object with an id; leave the sheet's lines as they are")
        found.append(record)
    return found


def write_records(path: str | Path, records: Iterable[Record]) -> None:
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    Path(path).write_text("".join(lines), encoding="utf-8")


def verdict(record: Record, where: str) -> dict[str, bool] | None:
    """The three answers of a record; None where none was given. Raises UserError: some missing, or not yes or no."""
    answers = [record.get(question) for question in QUESTIONS]
    if all(answer is None for answer in answers):
        return None
    if not set(answers) <= {"yes", "no"}:
        raise UserError(f"{where}, id {record['id']}: {', '.join(QUESTIONS)} must each be yes or no")
    return {question: answer == "yes" for question, answer in zip(QUESTIONS, answers, strict=True)}


def by_system(records: Iterable[Record], key: Mapping[str, Sequence[str]], where: str) -> dict[str, list[dict]]:
    """The verdicts of each system, by the key of a blinded sheet. Raises UserError: an item without verdict or key."""
    found: dict[str, list[dict]] = {}
    for record in records:
        given = verdict(record, where)
        if given is None or record["id"] not in key:
            raise UserError(f"{where}, id {record['id']}: {'no verdict yet' if given is None else 'not of this key'}")
        for name in key[record["id"]]:
            found.setdefault(name, []).append(given)
    return found


def markdown_table(groups: Mapping[str, Sequence[Mapping[str, bool]]], heading: str = "system") -> str:
    """Per cent right by question and in all three, with the interval of the last; a line a group."""
    lines = [f"| {heading} | read | style % | content % | grammar % | all three % | 95 % interval |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for name, verdicts in groups.items():
        right = sum(all(given.values()) for given in verdicts)
        low, high = wilson(right, len(verdicts))
        counts = [sum(given[question] for given in verdicts) for question in QUESTIONS]
        cells = [f"{100 * count / len(verdicts):.0f}" for count in [*counts, right]]
        lines.append(f"| {name} | {len(verdicts)} | {' | '.join(cells)} | {100 * low:.0f} to {100 * high:.0f} |")
    return "\n".join(lines) + "\n"
