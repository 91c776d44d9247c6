"""One self-contained page of an evaluation: no script, no network, nothing beside it.

Sentences are escaped by the template's engine; the plots are SVG text made here. Examples are chosen by the first
judge's probability of the wanted style times the similarity to the source; those drawn at random are drawn once for
all systems, so that a reader sees more than the extremes.
"""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textdis.evaluation import plots
from textdis.evaluation.codes_picture import draw_view
from textdis.evaluation.diff import Run, word_diff
from textdis.evaluation.evaluate import COPY, Evaluation
from textdis.evaluation.report import Column, columns, judges_note, p_value, reading_notes, shown, signed

EXAMPLES, DRAWN = 8, 10  # best and worst of each system; sentences shown for all systems
HISTOGRAMS = {  # column -> (what it shows, label, limits)
    "sentence_bleu": ("How much of the source is left", "BLEU to the source, by sentence", (0.0, 100.0)),
    "probability": ("How sure the first judge is", "probability of the wanted style", (0.0, 1.0)),
    "nats_per_token": ("How fluent it reads", "nats a token (less is more fluent)", None),
    "length_ratio": ("How long it is", "words of the output / words of the source", (0.0, 2.5)),
}
UNSEEN = (
    "Truth. A rewriting that reads well may report what nobody has seen; no score here knows.",
    "Meaning. BLEU and similarity compare words, not what they say: a paraphrase is punished, and one word that turns "
    "the meaning (a negation, another dish) costs almost nothing.",
    "Style without words. Judges learned which words go with a style: irony, faint praise and tone pass them by.",
    "Sense. Perplexity is low for what is common, whether or not it makes sense here; it also favours short and "
    "repeated outputs.",
    "The judges' own errors. An output tuned to please a classifier can satisfy it and no reader; the second judge, "
    "fitted on other sentences, shows some of this, not all.",
    "People. Nothing here replaces readers: export a blinded sheet and ask some.",
)


@dataclass(frozen=True)
class Example:
    """One sentence and its rewriting, word by word."""

    source: Sequence[Run]
    output: Sequence[Run]
    wanted: str  # name of the style
    facts: str
    good: bool | None  # the joint score's verdict


def write_page(evaluation: Evaluation, path: str | Path, title: str = "Evaluation") -> None:
    """Writes the page as one HTML file."""
    Path(path).write_text(render(evaluation, title), encoding="utf-8")


def render(evaluation: Evaluation, title: str) -> str:
    """The page as text."""
    from jinja2 import Environment, PackageLoader

    engine = Environment(loader=PackageLoader("textdis.evaluation", "."), autoescape=True, trim_blocks=True)
    looked = plots.looks(list(evaluation.systems), evaluation.baselines)
    return engine.get_template("page.html.j2").render(
        title=title,
        evaluation=evaluation,
        styles=", ".join(evaluation.data.label_names),
        reading=reading_notes(evaluation),
        swatches={name: plots.swatch(look) for name, look in looked.items()},
        scores=_scores(evaluation),
        comparisons=_comparisons(evaluation),
        scatter=_scatter(evaluation, looked),
        codes=_codes(evaluation),
        histograms=_histograms(evaluation, looked),
        drawn=_drawn(evaluation),
        examples={name: _extremes(evaluation, name) for name in evaluation.systems},
        judges=judges_note(evaluation.judges["held_out"], evaluation.judges["fingerprint"]),
        unseen=UNSEEN,
        record=json.dumps(evaluation.record, indent=2, ensure_ascii=False),
    )


def _scores(evaluation: Evaluation) -> dict[str, Any]:
    """Headings by group, and a row of (value, interval, whether it is the best of the systems) for each system."""
    chosen = columns(evaluation.table)
    groups = Counter(column.group for column in chosen.values())
    best = {key: _best(evaluation, key, column.better) for key, column in chosen.items()}
    rows: dict[str, list[tuple[str, str, bool]]] = {}
    for name, system in evaluation.systems.items():
        rows[name] = []
        for key, column in chosen.items():
            own, between = system.values.get(key), evaluation.intervals[name].get(key)
            ends = "" if between is None else _ends(between, column, shown)
            rows[name].append((shown(own, column), ends, own is not None and own == best[key]))
    return {"groups": groups, "headings": [column.heading for column in chosen.values()], "rows": rows}


def _ends(between: Mapping[str, float], column: Column, write: Callable[[float, Column], str]) -> str:
    """An interval; nothing where it has no width, as that of a copy's self-BLEU."""
    low, high = write(between["low"], column), write(between["high"], column)
    return "" if between["low"] == between["high"] else f"{low} {'to' if write is signed else '–'} {high}"


def _best(evaluation: Evaluation, key: str, better: int) -> float | None:
    """The best value among the systems that are no baselines, if there are several."""
    others = [scores for name, scores in evaluation.table.items() if name not in evaluation.baselines]
    own = [scores[key] for scores in others if key in scores]
    return max(own, key=lambda value: better * value) if better and len(own) > 1 else None


def _comparisons(evaluation: Evaluation) -> dict[str, Any]:
    """Headings, and a row of (difference, interval, p) for each system."""
    compared = evaluation.comparisons
    chosen = {k: c for k, c in columns(evaluation.table).items() if any(k in own for own in compared.values())}
    rows = {
        name: [
            (signed(own[key]["difference"], column), _ends(own[key], column, signed), p_value(own[key]["p"]))
            if key in own
            else ("-", "", "")
            for key, column in chosen.items()
        ]
        for name, own in compared.items()
    }
    return {"headings": [column.heading for column in chosen.values()], "rows": rows}


def _scatter(evaluation: Evaluation, looked: dict[str, plots.Look]) -> str:
    accuracy = next(iter(columns(evaluation.table)))
    points = {name: (s.values["self_bleu"], 100 * s.values[accuracy]) for name, s in evaluation.systems.items()}
    return plots.scatter(points, looked, ("self-BLEU: content kept", f"accuracy by {accuracy[9:]}, %: style reached"))


def _histograms(evaluation: Evaluation, looked: dict[str, plots.Look]) -> list[tuple[str, str]]:
    """A heading and a plot for each column that there is."""
    found = []
    for key, (heading, label, limits) in HISTOGRAMS.items():
        told = key in ("sentence_bleu", "length_ratio")  # of a copy, which would only flatten the others
        own = {n: s.columns[key] for n, s in evaluation.systems.items() if not (told and n == COPY)}
        found.append((heading, plots.histogram(own, looked, label, limits)))
    return found


def drawn_rows(size: int) -> list[int]:
    """Which of `size` sentences are shown for all systems."""
    return sorted(np.random.default_rng(0).choice(size, min(DRAWN, size), replace=False).tolist())


def _codes(evaluation: Evaluation) -> str | None:
    """The picture of codes as the address of an image, where there is a view of them."""
    if evaluation.codes is None:
        return None
    picture = io.BytesIO()
    draw_view(picture, evaluation.codes)
    return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"


def _drawn(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The same sentences for all systems, drawn at random with seed 0."""
    shown_systems = [name for name in evaluation.systems if name != next(iter(evaluation.systems))]
    return [
        {
            "source": evaluation.data.texts[row],
            "wanted": evaluation.data.label_names[evaluation.data.targets[row]],
            "outputs": {name: _example(evaluation, name, row) for name in shown_systems},
        }
        for row in drawn_rows(len(evaluation.data.texts))
    ]


def _extremes(evaluation: Evaluation, name: str) -> tuple[list[Example], list[Example]]:
    """The best and the worst rewritings of a system, each text once."""
    own = evaluation.systems[name]
    value = own.columns["probability"] * own.columns["similarity"]
    order = np.argsort(-value, kind="stable").tolist()
    rows = list({own.outputs[row]: row for row in reversed(order)}.values())[::-1]
    few = min(EXAMPLES, len(rows) // 2)
    return [_example(evaluation, name, i) for i in rows[:few]], [
        _example(evaluation, name, i) for i in rows[::-1][:few]
    ]


def _example(evaluation: Evaluation, name: str, row: int) -> Example:
    system, data = evaluation.systems[name], evaluation.data
    source, output = word_diff(data.texts[row], system.outputs[row])
    at = {key: float(column[row]) for key, column in system.columns.items()}
    wanted = data.label_names[data.targets[row]]
    facts = f"{wanted} {at['probability']:.0%} · similar {at['similarity']:.0%} · {at['nats_per_token']:.1f} nats/token"
    return Example(source, output, wanted, facts, bool(at["joint"]) if "joint" in at else None)
