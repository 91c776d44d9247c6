"""The systems that `textdis evaluate` compares: models that are run here, and files of outputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textdis.cli.code_view import TRAVERSAL
from textdis.core.errors import UserError
from textdis.pipelines.kinds import written_kind
from textdis.pipelines.output import require_place

if TYPE_CHECKING:
    from textdis.evaluation.evaluate import Sources
    from textdis.pipelines.transfer import Transfer


@dataclass(frozen=True)
class Systems:
    """By name: outputs in model text, the hash of the folder or file they came from, what the model was trained on."""

    outputs: dict[str, list[str]]
    hashes: dict[str, str]
    trained_on: dict[str, str] = field(default_factory=dict)  # a recipe and split, `yelp:train`, where it is known


def name_systems(models: Sequence[str], files: Sequence[Path], names: Sequence[str]) -> list[str]:
    """What each is called, models first.

    Raises UserError: nothing given, as many names as there are not, one twice, one that the report gives itself.
    """
    from textdis.evaluation.evaluate import BASELINES

    given = [*models, *map(str, files)]
    if not given:
        raise UserError("nothing to score: give --model or --outputs, each as often as you like")
    if names and len(names) != len(given):
        raise UserError(f"{len(names)} times --name for {len(given)} systems: name all, models first, or none")
    called = list(names or given)
    if len(set(called)) < len(called):
        raise UserError(f"two systems are called {max(called, key=called.count)!r}; give each a --name of its own")
    if taken := {*BASELINES, TRAVERSAL} & {*called}:
        raise UserError(
            f"a system may not be called {min(taken)!r}, as the report has its own of that name; give another --name"
        )
    return called


def find_systems(
    data: Sources,
    models: Sequence[str],
    files: Sequence[Path],
    called: Sequence[str],
    *,
    known: bool,
    options: dict[str, float | None],
) -> Systems:
    """Reads the files, then runs the models. Raises UserError: a file that is not one line a source, no such model."""
    from textdis.evaluation.provenance import file_hash
    from textdis.evaluation.sources import read_lines, same_length
    from textdis.pipelines.folders import find_model
    from textdis.text.normalise import normalise

    outputs, hashes, origins = dict.fromkeys(called, list[str]()), dict[str, str](), dict[str, str]()
    for name, file in zip(called[len(models) :], files, strict=True):
        lines = read_lines(file, "--outputs")
        same_length(lines, data.texts, str(file))
        outputs[name], hashes[name] = [normalise(line) for line in lines], file_hash(file)
    for name, model in zip(called, models, strict=False):
        outputs[name], hashes[name] = rewrite(model, data, known, **options), file_hash(find_model(model))
        if origin := trained_on(model):
            origins[name] = origin
    return Systems(outputs, hashes, origins)


def trained_on(model: str) -> str | None:
    """`recipe:train`, from the model's own notes, or from the record of the run whose folder it lies in."""
    from textdis.core.model import read_config
    from textdis.pipelines.folders import find_model

    folder = find_model(model)
    if origin := read_config(folder).get("trained_on"):
        return str(origin)
    run = folder.parent / "experiment.json"
    recipe = json.loads(run.read_text(encoding="utf-8"))["settings"].get("recipe") if run.is_file() else None
    return f"{recipe}:train" if recipe else None


def rewrite(model: str | Transfer, data: Sources, known: bool, **options: float | None) -> list[str]:
    """What the pipeline makes of each sentence when asked for its target style, in model text.

    known: the pipeline is told the style that a sentence has; else its classifier judges, and a sentence that it finds
    neutral, or in the wanted style already, stays a copy. Raises UserError where the model lacks a style.
    """
    from textdis.pipelines import pipeline
    from textdis.text.normalise import normalise

    transfer = pipeline("transfer", model) if isinstance(model, str) else model
    outputs = [""] * len(data.texts)
    names = data.label_names
    asked = [(names[new], names[old] if known else None) for old, new in zip(data.labels, data.targets, strict=True)]
    if lacking := {style for pair in asked for style in pair if style} - {*transfer.labels}:
        what = f"no style {min(lacking)!r} in this model, which has {', '.join(transfer.labels)}"
        raise UserError(f"{what}; give --judges that know those (textdis train judges fits them on your own sentences)")
    for to, source in dict.fromkeys(asked):
        rows = [i for i, pair in enumerate(asked) if pair == (to, source)]
        ways = {"to": to, "source": source, **options}
        for i, line in zip(rows, transfer([data.texts[i] for i in rows], **ways), strict=True):
            outputs[i] = normalise(line)
    return outputs


def check_place(path: Path | None, called: Sequence[str], read: Iterable[Path]) -> None:
    """Raises UserError where `write_lines` could not: several systems, no folder, another ending, a file of `read`."""
    if path is None:
        return
    require_place(read, path, "--save")
    written_kind(path, None, ["txt"])
    if len(called) != 1:
        raise UserError("--save writes the outputs of one system; --output FOLDER keeps those of all")


def write_lines(path: Path | None, systems: Systems) -> None:
    """The outputs of the only system, one a line. Raises UserError where `check_place` could not see that it fails."""
    if path is None:
        return
    (texts,) = systems.outputs.values()
    try:
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
