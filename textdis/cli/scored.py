"""What `textdis evaluate` does once all is gathered: it scores, writes looks at tests down, and shows the tables."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textdis.cli.scoring import Task
    from textdis.cli.systems import Systems
    from textdis.evaluation.evaluate import Evaluation, Extras

WIDTH = 100  # columns where there is no terminal to ask
NORMALISED = "All text, ours and others', was brought to model text first: lower case, words apart, numbers as _num_."


def score(task: Task, systems: Systems, train: Sequence[Path], extras: Extras, wanted: dict[str, Any]) -> Evaluation:
    """The evaluation, with all fingerprints in its record; says how long it took."""
    from textdis.cli.scoring import find_baselines
    from textdis.evaluation.evaluate import evaluate_systems
    from textdis.evaluation.provenance import provenance

    fitted = find_baselines(task, train)
    start = time.monotonic()
    found = evaluate_systems(systems.outputs, task.data, task.judges, fitted, extras=extras, **wanted)
    seconds = time.monotonic() - start
    say(f"scored {len(found.systems)} rows of {len(task.data.texts):,} sentences in {seconds:.1f} s")
    facts = provenance(
        command=command(),
        data={"recipe": task.recipe, "split": task.split, "fingerprint": found.data.fingerprint},
        judges=task.judges.fingerprint,
        systems=systems.hashes,
        resamples={key: wanted[key] for key in ("samples", "seed")},
        seconds=round(seconds, 1),
    )
    notes = [*task.notes, *conflicts(task, systems), *found.notes, NORMALISED]
    return replace(found, record=facts, notes=notes)


def conflicts(task: Task, systems: Systems) -> list[str]:
    """Warnings where a model was trained on what it is scored on, as far as its folder tells."""
    import data_recipes

    if task.recipe is None:
        return []
    found = {
        name: data_recipes.conflict(origin, f"{task.recipe}:{task.split}")
        for name, origin in systems.trained_on.items()
    }
    return [f"{name}: {why}." for name, why in found.items() if why]


def look(task: Task, systems: Systems, found: Evaluation, output: Path | None) -> None:
    """Writes a look at a test split down, a line a system: in the checkout's docs, else in `output`."""
    scores = {name: found.table[name] for name in systems.outputs}
    write_look(scores, task.split, task.title, task.judges.fingerprint, output)


def write_look(
    scores: Mapping[str, Mapping[str, float]], split: str | None, title: str, judges: str, output: Path | None
) -> None:
    """A line for each system, if `split` is a test split. judges: who gave its scores, by fingerprint or in a word."""
    from textdis.evaluation.provenance import record

    if split is None or not split.endswith("test"):
        return
    path = runs_file(output)
    if path is None:
        say("this look at a test split is written down nowhere; add --output FOLDER to keep it")
        return
    for name, own in scores.items():
        record(path, scores=own, system=name, split=split, command=command(), judges=judges)
    say(f"this look at {title} was written down in {path}")


def runs_file(output: Path | None) -> Path | None:
    from textdis.evaluation.provenance import checkout

    if (root := checkout()) is not None:
        return root / "docs" / "test_runs.jsonl"
    return output and output / "test_runs.jsonl"


def show(found: Evaluation, markdown: bool) -> None:
    """The tables on stdout, with what must be read with them."""
    from rich.console import Console

    from textdis.evaluation.report import markdown_table, notes_under, terminal_tables

    notes = notes_under(found)
    if markdown:
        print(markdown_table(found.table), *notes, sep="\n")
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for table in terminal_tables(found):
        console.print(table)
    for note in notes:
        console.print(note, markup=False, style="dim")


def command() -> str:
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


def say(text: str) -> None:
    print(f"textdis: {text}", file=sys.stderr)
