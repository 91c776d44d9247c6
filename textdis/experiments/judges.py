"""Fit judges, from labelled sentences to a folder that `Judges.load(folder)` opens."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError
from textdis.evaluation.fitted import Baselines
from textdis.evaluation.fitting import JudgesConfig, JudgesData, fit_judges
from textdis.evaluation.judges import Judges
from textdis.evaluation.protocols import HeldOut
from textdis.experiments.data import check_source, labelled
from textdis.experiments.experiment import check, record
from textdis.text.corpus import label_names, load_corpus
from textdis.text.normalise import normalise

say = logging.getLogger(__name__)
HELD_OUT = ("dev", "val", "validation")  # names under which a recipe has its held-out split
SEED = 7  # of the share that is set aside where there is none; equal for all users, and no option


@dataclass(frozen=True, kw_only=True)
class JudgesExperiment(JudgesConfig):
    """Everything a fit needs. Sentences come from files (`data`) or from a recipe."""

    output: str  # folder for the judges
    data: tuple[str, ...] = ()  # one txt file a style, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    held_out: float = 0.05  # share of the sentences set aside for the judges' own score, where the data have no dev


def train(experiment: JudgesExperiment) -> Judges:
    """Fits judges into `output`; stopped, the same command goes on. Warns of a judge that is too weak to judge.

    Raises UserError: no data, fewer than two styles, an output that holds judges or another run.
    """
    data, output = read(experiment), Path(experiment.output)
    record(output, experiment, chain.from_iterable(split.texts for split in data.splits.values()))
    judges = fit_judges(data, output, experiment)
    keep_baselines(data, output)
    for message in judges.weak():
        say.warning("%s", message)
    return judges


def keep_baselines(data: JudgesData, folder: Path) -> None:
    """A lexicon swap and a planted hack of the same sentences, beside the judges, for every table these stand under."""
    origin = f"{len(data.splits['train'].texts):,} training sentences of {data.name}"
    try:
        Baselines.fit(*data.splits["train"], names=data.labels, origin=origin).save(folder)
    except UserError as error:
        say.warning("no baselines beside the judges: %s", error)


def read(experiment: JudgesExperiment) -> JudgesData:
    """The sentences in model text: training, those apart for one judge (`judges`) where there are any, held out.

    Raises UserError: both or neither source given, no labelled split `train`, a style without sentences, a setting that
    cannot be.
    """
    columns = experiment.text_column, experiment.label_column
    check_source(experiment.data, experiment.recipe, columns)
    if not 0 < experiment.held_out < 1:
        raise UserError(f"held_out {experiment.held_out}: a share of the sentences, such as 0.05")
    check(experiment)
    tables = labelled(experiment.recipe) if experiment.recipe else {"train": load_corpus(experiment.data, *columns)}
    names = label_names(tables["train"])
    splits = {split: _sentences(tables[split]) for split in ("train", "judges", *HELD_OUT) if split in tables}
    held_out, notes = next((split for split in HELD_OUT if split in splits), "held out"), ""
    if held_out not in splits:
        notes = f"held out: {experiment.held_out:.0%} of train, drawn by a hash of letters and digits of the sentence"
        splits |= _apart(splits["train"], experiment.held_out, held_out)
    for split, (_, labels) in splits.items():
        if missing := [name for k, name in enumerate(names) if k not in set(labels)]:
            raise UserError(f"no sentence of the style {missing[0]!r} in the split {split!r}; give more of it")
    return JudgesData(experiment.recipe or "files of its own", names, splits, held_out, notes)


def _sentences(table: Any) -> HeldOut:
    """All sentences that are not empty, normalised, as all text is that judges are asked about."""
    texts = [normalise(text) for text in table["text"][:]]
    rows = [i for i, text in enumerate(texts) if text]
    labels = table["label"][:]
    return HeldOut([texts[i] for i in rows], [labels[i] for i in rows])


def _apart(sentences: HeldOut, share: float, name: str) -> dict[str, HeldOut]:
    """`train` and the split `name` with about `share` of it; equal sentences stand on one side."""
    from data_recipes.recipe import draw

    drawn = [draw(text, SEED) < share for text in sentences.texts]
    return {"train": _take(sentences, drawn, False), name: _take(sentences, drawn, True)}


def _take(sentences: HeldOut, drawn: Sequence[bool], wanted: bool) -> HeldOut:
    rows = [i for i, own in enumerate(drawn) if own == wanted]
    return HeldOut([sentences.texts[i] for i in rows], [sentences.labels[i] for i in rows])
