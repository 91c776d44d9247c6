"""Model folders of the hub: safe files only, and an answer at once where there is no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textdis.core.errors import UserError

SAFE = ("*.json", "*.safetensors", "*.model")  # of what a model folder holds; never a pickle


def fetched(name: str, instead: str, also: Sequence[str] = ()) -> Path:
    """The hub's model of that name, as a folder: the files of SAFE, and those of the patterns `also`.

    instead: what to do where there is none. Raises UserError: no such name, no network, offline.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=[*SAFE, *also]))
    except (OSError, ValueError):  # of the hub's errors all are one of these
        raise UserError(
            f"{name}: no such folder, and the hub did not give a model of that name; check the name and the "
            f"connection, or {instead}"
        ) from None
