"""The folder of an evaluation: report.html, scores.json, table.md, sentences.jsonl, outputs/, codes.png if asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.evaluation.codes_picture import draw_view
from textdis.evaluation.evaluate import Evaluation
from textdis.evaluation.page import write_page
from textdis.evaluation.report import markdown_table, notes_under

CODES = "codes.png"


def write_folder(evaluation: Evaluation, folder: str | Path, title: str) -> Path:
    """Writes all, in place of an earlier run's, and returns the page's path.

    Raises UserError where the folder cannot be written.
    """
    folder = Path(folder)
    make_folder(folder)
    files, earlier = _files(folder, evaluation.systems), _earlier(folder)
    try:
        _write(folder / "scores.json", json.dumps(as_dict(evaluation), indent=2, ensure_ascii=False) + "\n")
        _write(
            folder / "table.md", markdown_table(evaluation.table) + "\n" + "\n\n".join(notes_under(evaluation)) + "\n"
        )
        _write(folder / "sentences.jsonl", "".join(_sentences(evaluation)))
        for file, system in zip(files, evaluation.systems.values(), strict=True):
            _write(file, "".join(f"{text}\n" for text in system.outputs))
        if evaluation.codes is not None:
            draw_view(folder / CODES, evaluation.codes)
            files.append(folder / CODES)
        write_page(evaluation, folder / "report.html", title)
        for old in earlier - {*files}:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); give another folder") from None
    return folder / "report.html"


def _files(folder: Path, systems: Iterable[str]) -> list[Path]:
    """Where the outputs of each system stand."""
    names = [re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-").lower()[-60:] for name in systems]
    return [folder / "outputs" / f"{number:02d}-{name}.txt" for number, name in enumerate(names)]


def _earlier(folder: Path) -> set[Path]:
    """Files of an earlier run that this one need not write over: its outputs, by its own scores, and its codes."""
    try:
        systems = json.loads((folder / "scores.json").read_text(encoding="utf-8"))["systems"]
        return {*_files(folder, systems), folder / CODES}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def make_folder(folder: Path) -> None:
    """Raises UserError where it cannot be made; called early, nothing that took long is lost by that."""
    try:
        (folder / "outputs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); give another folder") from None


def as_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values: every figure, and every fingerprint behind it."""
    systems = {
        name: {
            "scores": system.values,
            "intervals": {key: [own["low"], own["high"]] for key, own in evaluation.intervals[name].items()},
            **({"against": evaluation.comparisons[name]} if name in evaluation.comparisons else {}),
        }
        for name, system in evaluation.systems.items()
    }
    return {
        "record": evaluation.record,
        "judges": evaluation.judges,
        "data": {"sentences": len(evaluation.data.texts), "fingerprint": evaluation.data.fingerprint},
        "joint_thresholds": evaluation.thresholds,
        "compared_with": evaluation.baseline,
        "notes": notes_under(evaluation),
        "systems": systems,
    }


def _sentences(evaluation: Evaluation) -> Any:
    """One line a system and sentence: what was asked, what came, and what each score saw in it."""
    data = evaluation.data
    for name, system in evaluation.systems.items():
        for i, output in enumerate(system.outputs):
            line = {"system": name, "source": data.texts[i], "wanted": data.label_names[data.targets[i]]}
            line |= {"output": output} | {key: _plain(column[i]) for key, column in system.columns.items()}
            yield json.dumps(line, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    own = value.item() if isinstance(value, np.generic) else value
    return round(own, 4) if isinstance(own, float) else own


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
