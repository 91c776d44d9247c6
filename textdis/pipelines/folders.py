"""Model folders by name, by path, or from the hub; and the model in them, made ready to run."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError
from textdis.core.hub import fetched

SHIPPED = Path(__file__).parent.parent / "pretrained"


def find_model(name: str | Path) -> Path:
    """The folder of a model: one that ships, one on disk, or one on the hub (`owner/name`, fetched once).

    Raises UserError where there is none, and for what is neither a name nor a path.
    """
    if not isinstance(name, str | os.PathLike):
        ways = f"give the name of one that ships ({_shipped()}), a folder, or owner/name on the hub"
        raise UserError(f"the model is of type {type(name).__name__}; {ways}")
    if (SHIPPED / name / "config.json").is_file():
        return SHIPPED / name
    if Path(name).exists():
        return Path(name)
    if not re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", str(name)):
        known = f"nor a model that ships (these do: {_shipped()})"
        raise UserError(f"{name}: no such model folder, {known}; check the name")
    return fetched(str(name), f"use a model that ships ({_shipped()})", also=["README.md"])


def _shipped() -> str:
    return ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/config.json"))) or "none"


def choose_device(device: str) -> str:
    """`auto` is a GPU where there is one. Raises UserError for a GPU that is not there."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"device {device!r} cannot be used ({str(error).splitlines()[0]}); use auto or cpu") from None
    return device


def quantised(model: Any) -> Any:
    """The model with int8 weights in its linear and recurrent layers, for a CPU: smaller, a little less exact.

    The one place that knows torch's dynamic quantisation, which is marked for removal.
    """
    import torch
    from torch import nn

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.GRU, nn.LSTM}, dtype=torch.qint8)
