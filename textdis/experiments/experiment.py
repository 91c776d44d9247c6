"""What every run leaves behind: which settings, data, code and libraries made it."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from textdis.core.errors import UserError
from textdis.training.config import TrainerConfig

T = TypeVar("T")
LIBRARIES = ("torch", "numpy", "datasets", "sentencepiece", "spacy")
# options that count something, of which none makes no sense, where an experiment has them; of others there may be none
COUNTS = (
    "steps", "sentences", "batch_size", "held_out", "validations", "validate_every", "save_every", "every", "frames",
    "pixels", "clips", "limit", "max_length", "patience", "width", "critic_width", "image_width", "hidden", "size",
    "factors", "layers", "content", "motion", "code", "representation", "critic_steps",
    "groups", "said", "order", "frame_order", "least_phrase", "vector", "language_hidden",
)  # fmt: skip
SHARES = {
    "share": lambda value: 0 < value <= 1,
    "held_out": lambda value: 0 < value < 1,  # a count where it is whole
} | dict.fromkeys(("average", "beta1", "beta2", "clear", "alone", "cnn_word_dropout"), lambda value: 0 <= value < 1)
SHARES |= dict.fromkeys(("neutral", "swap", "drop", "veil"), lambda value: 0 <= value <= 1)
FROM_ZERO = ("label", "choice", "edited", "cnn_epochs", "language_epochs")
ABOVE_ZERO = ("lr", "minutes", "temperature", "threshold")
MAY_CHANGE = {"minutes", "device", "output", "tensorboard"}  # on resume: where and how long, not what


def check(experiment: Any) -> None:
    """Raises UserError where a count is too low, a rate not above 0, a share no share, a random seed no seed."""
    for name, value in vars(experiment).items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        option = "--" + name.replace("_", "-")
        if isinstance(value, int) and name != "seed" and value < (least := int(name in COUNTS)):
            raise UserError(f"{option} {value}: give {least} or more")
        if (name in ABOVE_ZERO or name.endswith("_lr")) and not value > 0:
            raise UserError(f"{option} {value}: give a number above 0")
        if name in SHARES and (isinstance(value, float) or name != "held_out") and not SHARES[name](value):
            raise UserError(f"{option} {value}: give a share, between 0 and 1")
        if name in FROM_ZERO and value < 0:
            raise UserError(f"{option} {value}: give 0 or more")
        if name == "seed" and not 0 <= value < 1 << 63:
            raise UserError(f"{option} {value}: give a whole number from 0 to 2^63 - 1")


def built(make: Callable[..., T], *given: Any, **named: Any) -> T:
    """make(...), which builds a model of sizes that a user chose. Raises UserError: sizes that cannot be."""
    try:
        return make(*given, **named)
    except (ValueError, TypeError) as error:
        raise UserError(f"these sizes cannot be: {error}") from None


def fields_of(kind: type, given: Mapping[str, Any], option: str, fixed: Collection[str] = ()) -> dict[str, Any]:
    """What a user gave by `option` of another configuration, the dataclass `kind`, of which the run has `fixed`.

    Raises UserError: no such field, a count below 1.
    """
    known = [item.name for item in dataclasses.fields(kind) if item.name not in fixed]
    for name, value in given.items():
        if name not in known:
            raise UserError(f"{option} {name}: there is none of that name; choose among {', '.join(known)}")
        counts = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(count, int) and not isinstance(count, bool) and count < 1 for count in counts):
            raise UserError(f"{option} {name} {value}: give 1 or more")
    return dict(given)


def paced(experiment: Any, **monitor: Any) -> TrainerConfig:
    """It validates and saves `experiment.validations` times, evenly. monitor: fields that say which model is best."""
    e, every = experiment, max(1, experiment.steps // experiment.validations)
    own = {"seed": e.seed, "minutes": e.minutes, "device": e.device}
    return TrainerConfig(e.steps, validate_every=every, save_every=every, **own, **monitor)


def record(output: Path, experiment: Any, texts: Iterable[str]) -> None:
    """Writes `output/experiment.json`: every field, the data's hash, the git commit, library versions.

    Raises UserError where `output` holds a run of other settings or other data: resuming it would mix two. One that was
    refused before it saved anything is none.
    """
    settings = _plain(experiment)
    path = output / "experiment.json"
    data = _fingerprint(texts)
    if path.is_file() and _begun(output):
        _same_run(path, settings, _defaults(experiment), data)
        return
    origin = {"commit": _commit(), "machine": machine(), "libraries": _versions()}
    card = {"settings": settings, "data_sha256": data} | origin
    make_folder(output)
    beside = path.with_suffix(f".json.{os.getpid()}")  # several processes of one run write the same
    beside.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    os.replace(beside, path)


def _begun(output: Path) -> bool:
    """Whether a run has left more than its settings and its log."""
    files = (entry for entry in output.rglob("*") if entry.is_file())
    return not all(entry.name.startswith(("experiment.json", "metrics.jsonl")) for entry in files)


def make_folder(output: Path) -> None:
    """Raises UserError where there is a file of that name, or no way to write."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{output}: cannot be a folder ({error.strerror}); choose another output") from None


def _plain(settings: Any) -> Any:
    """As JSON gives them back, which knows no tuples."""
    return json.loads(json.dumps(settings, default=dataclasses.asdict))


def _defaults(experiment: Any) -> dict[str, Any]:
    """What each setting is unless given, whichever way it is made; nothing of those that must be given."""
    fields, none = dataclasses.fields(experiment), dataclasses.MISSING
    made = {f.name: f.default if f.default_factory is none else f.default_factory() for f in fields}
    return _plain({name: value for name, value in made.items() if value is not none})


def _same_run(path: Path, settings: dict[str, Any], defaults: dict[str, Any], data: str) -> None:
    """defaults: of settings that came later, which the record lacks."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        known = defaults | old["settings"]
        changed = [k for k, v in settings.items() if k not in MAY_CHANGE and known.get(k, dataclasses.MISSING) != v]
        changed += ["the data"] if old["data_sha256"] != data else []
    except (json.JSONDecodeError, KeyError, TypeError):
        raise UserError(f"{path}: damaged; choose another output folder") from None
    if changed:
        raise UserError(f"{path.parent}: holds a run with other settings ({', '.join(changed)}); choose another output")


def _fingerprint(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def machine() -> str:
    """The kind of machine, for tables of results: processor, cores, and the GPU's name where there is one."""
    import torch

    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{platform.machine()}, {os.cpu_count()} cores{gpu}"


def _commit() -> str | None:
    here = Path(__file__).parent
    try:
        answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
