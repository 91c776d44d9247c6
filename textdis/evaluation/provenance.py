"""What a figure depends on: code, libraries, data, files and seeds; and the record of each look at a test set."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textdis import __version__
from textdis.metrics.text import bleu_signature

LIBRARIES = ("torch", "numpy", "sacrebleu", "scikit-learn", "spacy", "transformers")
HERE = Path(__file__).parent


def provenance(**facts: Any) -> dict[str, Any]:
    """`facts`, after the date, the version of textdis and its commit, and the versions of all that counts."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "textdis": __version__,
        "commit": git_commit(HERE),
        "python": platform.python_version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
        "bleu": bleu_signature(),
        **facts,
    }


def file_hash(path: str | Path) -> str:
    """sha256 of a file, or of all files of a folder with their names; 16 digits."""
    path, digest = Path(path), hashlib.sha256()
    for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
        digest.update(f"{file.relative_to(path)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


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


def checkout() -> Path | None:
    """The project's folder where this code runs inside its checkout; None for an installed package."""
    root = HERE.parents[1]
    return root if (root / "pyproject.toml").is_file() and (root / "docs").is_dir() else None


def git_commit(folder: Path) -> str:
    """The commit checked out around `folder`, marked `+changes` where files differ from it; `unknown` without git."""
    try:
        run = ["git", "-C", str(folder), "describe", "--always", "--dirty=+changes", "--abbrev=40", "--exclude=*"]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None
