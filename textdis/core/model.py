"""A model that rebuilds itself from a folder: JSON, safetensors, and whatever files it needs beside.

The folder is the whole interface. `config.json` names the class and its configuration; weights are
safetensors; nothing is unpickled and no class outside `textdis.` is ever imported.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import shutil
from pathlib import Path
from typing import Any, ClassVar, Self, TypedDict

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model
from torch import nn

from textdis.core.errors import UserError
from textdis.core.fields import misfits

FORMAT = 1  # raised when a folder written now could not be read by an older textdis
WEIGHTS, CONFIG = "model.safetensors", "config.json"
IDIOMS = "idioms.json"  # phrases that tell a style, written by hand (`pipelines/idioms.py`)


class ModelError(UserError):
    """A model folder that cannot be used; the message says which, why, and what to do."""


class Card(TypedDict, total=False):
    """What stands in `config.json`, where it does; a model may note more."""

    model: str  # module:class
    config: dict[str, Any]  # fields of the class's Config
    labels: list[str]  # of the styles, or of other kinds
    neutral: float  # a style below this probability leaves a sentence alone
    longest: int  # words of a sentence in training
    frames: int  # of a clip in training
    raw: bool  # it reads text as it is, not model text
    trained_on: str | None  # recipe:split


class Model(nn.Module):
    """A network with a frozen dataclass `Config`, built by `Class(config)`."""

    Config: ClassVar[type]

    def __init__(self, config: Any):
        super().__init__()
        self.config = config

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def save_pretrained(self, folder: str | Path, *, half: bool = False, **notes: Any) -> None:
        """Writes `config.json` and `model.safetensors`; `half` stores weights as float16.

        `notes` are stored beside the configuration (labels, thresholds) and returned by `read_config`.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        card = {
            "format": FORMAT,
            "model": f"{type(self).__module__}:{type(self).__qualname__}",
            "config": dataclasses.asdict(self.config),
            **notes,
        }
        (folder / CONFIG).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
        if half:
            twin = type(self)(self.config)
            twin.load_state_dict(self.state_dict())
            save_model(twin.half(), str(folder / WEIGHTS))
        else:
            save_model(self, str(folder / WEIGHTS))
        shutil.copymode(folder / CONFIG, folder / WEIGHTS)  # safetensors writes what its owner alone may read

    @classmethod
    def from_pretrained(cls, folder: str | Path, *, device: str = "cpu") -> Self:
        """Rebuilds a model of this class (or a subclass) from `folder`, in float32, in eval mode.

        Raises ModelError: no such folder, not a model folder, a newer format, a foreign class,
        broken or missing weights.
        """
        folder = Path(folder)
        card = read_config(folder)
        kind = _class_of(card["model"], folder)
        if not issubclass(kind, cls):
            raise ModelError(f"{folder}: holds a {card['model']}, not a {cls.__name__}")
        _check(kind.Config, card["config"], folder / CONFIG, "config.")
        try:
            model = kind(kind.Config(**card["config"]))
        except (TypeError, ValueError, KeyError, RuntimeError, ArithmeticError) as error:
            raise ModelError(f"{folder / CONFIG}: bad configuration ({error})") from None
        _load_weights(model, folder / WEIGHTS)
        return model.to(device).eval()


def read_config(folder: str | Path) -> dict[str, Any]:
    """The parsed `config.json` of a model folder, checked for format. Raises ModelError."""
    folder = Path(folder)
    path = folder / CONFIG
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model folder; give a folder that `textdis train` wrote")
    refuse_run(folder)
    if not path.is_file():
        raise ModelError(f"{folder}: not a textdis model folder ({CONFIG} is missing)")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not valid JSON ({error}); the folder is damaged, fetch it again") from None
    if not isinstance(card, dict) or not isinstance(card.get("model"), str) or "config" not in card:
        raise ModelError(f"{path}: not written by textdis (no 'model' and 'config' in it)")
    if not isinstance(card.get("format"), int) or card["format"] > FORMAT:
        raise ModelError(
            f"{path}: format {card.get('format')!r} is newer than this textdis reads ({FORMAT}); upgrade textdis"
        )
    _check(Card, card, path)
    return card


def refuse_run(folder: Path) -> None:
    """Raises ModelError for the folder of a run, whose model lies in a folder of its own."""
    if not (folder / CONFIG).is_file() and (folder / "model" / CONFIG).is_file():
        raise ModelError(f"{folder}: is the folder of a run; its model is {folder / 'model'}, give that")


def _check(kind: type, values: dict[str, Any], path: Path, within: str = "") -> None:
    """Raises ModelError where a value is of another type than the class `kind` says."""
    if wrong := next(misfits(kind, values, within), None):
        raise ModelError(f"{path}: {wrong}; mend it, or fetch the folder again")


def load(folder: str | Path, *, device: str = "cpu") -> Model:
    """Rebuilds whatever model `folder` holds. Raises ModelError."""
    return Model.from_pretrained(folder, device=device)


def _class_of(path: str, folder: Path) -> type[Model]:
    module, _, name = path.partition(":")
    if not module.startswith("textdis."):
        raise ModelError(f"{folder}: names the class {path!r}; only classes of textdis are loaded")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise ModelError(f"{folder}: this textdis has no {path!r}; upgrade textdis") from None
    if not (isinstance(kind, type) and issubclass(kind, Model)):
        raise ModelError(f"{folder}: {path!r} is not a model")
    return kind


def _load_weights(model: nn.Module, path: Path) -> None:
    if not path.is_file():
        found = sorted(p.name for p in path.parent.iterdir() if p.suffix in {".bin", ".pt", ".pth", ".pkl", ".ckpt"})
        hint = f" ({found[0]} is a pickle, which textdis never opens)" if found else ""
        raise ModelError(f"{path}: no weights there{hint}; only safetensors are loaded")
    try:
        with safe_open(str(path), "pt"):
            pass
        load_model(model, str(path))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not readable as safetensors ({error}); fetch the folder again") from None
    except RuntimeError as error:
        raise ModelError(f"{path}: weights do not fit {CONFIG} ({str(error).splitlines()[0]})") from None
    if any(not torch.isfinite(p).all() for p in model.parameters()):
        raise ModelError(f"{path}: holds weights that are not finite; fetch the folder again")
