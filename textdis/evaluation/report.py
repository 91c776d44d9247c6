"""Tables of scores for a page, and the record of each look at a test set."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textdis.metrics.text import bleu_signature

# score -> (heading, factor, digits); accuracies come first, one column a judge
COLUMNS = {
    "self_bleu": ("self-BLEU", 1, 1),
    "ref_bleu": ("ref-BLEU", 1, 1),
    "geometric_mean": ("G", 1, 1),
    "noun_sentences": ("noun kept %", 100, 1),
    "nouns_kept": ("nouns kept %", 100, 1),
    "perplexity": ("ppl", 1, 1),
    "perplexity_ratio": ("ppl / real", 1, 2),
    "unk_share": ("unk %", 100, 1),
    "length_ratio": ("length", 1, 2),
    "copy_rate": ("copies %", 100, 1),
    "distinct_outputs": ("distinct %", 100, 1),
    "empty": ("empty %", 100, 1),
}


def markdown_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """One line a system, one column a score that any of them has; `-` where one has not."""
    judges = {key: (f"acc {key.removeprefix('accuracy_')} %", 100, 1) for key in _keys(rows) if "accuracy" in key}
    columns = judges | {key: column for key, column in COLUMNS.items() if key in _keys(rows)}
    lines = [["system", *(heading for heading, _, _ in columns.values())], ["---", *["---:"] * len(columns)]]
    for name, scores in rows.items():
        cells = [
            f"{scores[key] * factor:.{digits}f}" if key in scores else "-"
            for key, (_, factor, digits) in columns.items()
        ]
        lines.append([name.replace("|", "\\|"), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def judges_note(held_out: Mapping[str, float], fingerprint: str) -> str:
    """What stands under each table: how good the judges are on real held-out sentences, and how BLEU was computed."""
    accuracies = ", ".join(
        f"{name} {held_out[name]:.1%}" for name in held_out if name not in ("perplexity", "unk_share", "tokens")
    )
    return (
        f"Judges {fingerprint}; on real held-out sentences: {accuracies}; perplexity {held_out['perplexity']:.1f} "
        f"(end of sentence counted, {held_out['unk_share']:.1%} unknown words). BLEU: {bleu_signature()}\n"
    )


def record(
    path: str | Path, *, system: str, split: str, command: str, judges: str, scores: Mapping[str, float]
) -> dict[str, Any]:
    """Appends one JSON line: a look at a test set that happened. Returns it.

    command: what was typed; judges: their fingerprint.
    """
    path = Path(path)
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": system,
        "split": split,
        "command": command,
        "commit": git_commit(path.resolve().parent),
        "judges": judges,
        "bleu": bleu_signature(),
        "scores": {name: round(value, 6) for name, value in scores.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return line


def git_commit(folder: Path) -> str:
    """The commit checked out around `folder`, marked `+changes` where files differ from it; `unknown` without git."""
    try:
        run = ["git", "-C", str(folder), "describe", "--always", "--dirty=+changes", "--abbrev=40", "--exclude=*"]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _keys(rows: Mapping[str, Mapping[str, float]]) -> dict[str, None]:
    return dict.fromkeys(key for scores in rows.values() for key in scores)
