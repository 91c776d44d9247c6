"""Models of the transformers library that `textdis evaluate` seats beside, or in place of, its own judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.cli.scoring import Task
    from textdis.evaluation.judges import HeldOut


@dataclass(frozen=True)
class DropIns:
    """Folders, or names on the hub."""

    classifier: str | None = None  # one more style judge
    language_model: str | None = None  # in place of ours
    held_out: Sequence[Path] = ()  # real sentences that they must show their worth on, one txt file a style


def seat(task: Task, wanted: DropIns, *, force: bool) -> Task:
    """The task before judges that were scored on real held-out sentences first.

    Raises UserError: a model that cannot be opened or knows other styles, a classifier too weak, unless `force`;
    sentences to try models on, and no model.
    """
    if wanted.classifier is None and wanted.language_model is None:
        if wanted.held_out:
            raise UserError("--held-out is what --classifier or --language-model is tried on; add one, or leave it out")
        return task
    from textdis.evaluation.transformers_judges import TransformersClassifier, TransformersLanguageModel

    judges, real = task.judges, _held_out(task, wanted.held_out)
    if wanted.classifier is not None:
        opened = TransformersClassifier(wanted.classifier, judges.labels)
        judges = judges.with_style(_name(wanted.classifier), opened, real, force=force)
    if wanted.language_model is not None:
        judges = judges.with_language(TransformersLanguageModel(wanted.language_model), real.texts)
    return replace(task, judges=judges)


def _name(model: str) -> str:
    """Of the judge's column: the last part of a path or of a name on the hub."""
    return Path(model).name.replace(" ", "-")


def _held_out(task: Task, files: Sequence[Path]) -> HeldOut:
    """From --held-out, else the dev split that our own judges were scored on. Raises UserError: neither is there."""
    import data_recipes
    from textdis.cli.scoring import labelled
    from textdis.evaluation.judges import HeldOut
    from textdis.text.corpus import load_corpus

    names = task.judges.labels
    if files:
        corpus = load_corpus([str(path) for path in files], labels=names)
    else:
        try:
            corpus = data_recipes.load(str(task.judges.manifest.get("data")))["dev"]
        except (UserError, KeyError) as error:
            what = "another judge must first show its worth on real sentences that it was not fitted on"
            raise UserError(f"{what}; give them with --held-out FILE FILE, one a style ({error})") from None
    return HeldOut(*labelled(corpus, names))
