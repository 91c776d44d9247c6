"""A folder of judges: `cnn`, `linear` and `language_model`, each a folder that opens by itself, and `judges.json`.

That manifest is written last; it names the data, the configuration, the judges' own scores and a hash of each file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from textdis.core.errors import UserError
from textdis.core.fields import misfits

FORMAT, MANIFEST = 2, "judges.json"
SHIPPED = Path(__file__).parent.parent / "pretrained"
PARTS = ("cnn", "linear", "language_model")
AGAIN = "fit the judges again: textdis train judges"


class Manifest(TypedDict, total=False):
    """The fields of `judges.json` that are asked for; there are others, which are only shown."""

    format: int
    files: dict[str, str]  # name -> hash
    labels: list[str]
    data: str
    judges: dict[str, str]  # name -> fingerprint or class
    chance: dict[str, float]
    held_out: dict[str, float]
    fingerprint: str


def find(name: str | Path) -> Path:
    """The folder of the judges that ship for the data `name`, else the folder `name`. Raises UserError: neither."""
    for shipped in (SHIPPED / f"{name}-judges", SHIPPED / name):
        if (shipped / MANIFEST).is_file():
            return shipped
    if Path(name).is_dir():
        return Path(name)
    names = ", ".join(sorted(path.parent.name.removesuffix("-judges") for path in SHIPPED.glob(f"*/{MANIFEST}")))
    raise UserError(
        f"{name}: no folder of judges, nor judges that ship ({names or 'none'} do); fit some: textdis train judges"
    )


def write(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Writes `judges.json` beside the judges' own files, and returns it with their hashes."""
    files = sorted(path for part in PARTS for path in (folder / part).rglob("*") if path.is_file())
    complete = {
        "format": FORMAT,
        **manifest,
        "files": {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in files},
    }
    complete["fingerprint"] = fingerprint(complete)
    beside = folder / f"{MANIFEST}.new"
    beside.write_text(json.dumps(complete, indent=2) + "\n", encoding="utf-8")
    beside.replace(folder / MANIFEST)
    return complete


def read(folder: Path, *needed: str) -> dict[str, Any]:
    """The manifest of `folder`. needed: fields that it must have, inner ones by dots: `held_out.cnn`.

    Raises UserError: no manifest, of another format, a field of another type or none, or a file that changed.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        why = f"{MANIFEST} is {'damaged' if (folder / MANIFEST).is_file() else 'missing'}"
        raise UserError(f"{folder}: no judges there ({why}); fit them: textdis train judges") from None
    if not isinstance(manifest, dict):
        raise UserError(f"{folder / MANIFEST}: is no JSON object; {AGAIN}")
    number = manifest.get("format")
    if isinstance(number, int) and number != FORMAT:
        what = "upgrade textdis" if number > FORMAT else "fit them again"
        raise UserError(f"{folder}: judges of format {number}, this textdis reads {FORMAT}; {what}")
    _check(manifest, folder / MANIFEST, ("format", "files", *needed))
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file() or digest(path.read_bytes()) != expected:
            raise UserError(f"{path}: missing or changed since the judges were fitted; fit them again")
    return manifest


def _check(manifest: dict[str, Any], path: Path, needed: Sequence[str]) -> None:
    """Raises UserError for a field of another type than `Manifest` says, and for one of `needed` that is not there."""
    if wrong := next(misfits(Manifest, manifest), None):
        raise UserError(f"{path}: {wrong}; {AGAIN}")
    for field in needed:
        outer, _, inner = field.partition(".")
        if outer not in manifest or (inner and inner not in manifest[outer]):
            raise UserError(f"{path}: lacks {field}; {AGAIN}")


def fingerprint(manifest: Mapping[str, Any]) -> str:
    """16 hexadecimal digits of all that `manifest` says."""
    said = {key: value for key, value in manifest.items() if key != "fingerprint"}
    return digest(json.dumps(said, sort_keys=True).encode())[:16]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
