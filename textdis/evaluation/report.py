"""Tables of scores for a page or a terminal, and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textdis.evaluation.evaluate import LEAST, Evaluation
from textdis.metrics.joint import WEAKNESS
from textdis.metrics.text import bleu_signature

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text
WIDE, NAME = 6, 20  # scores of a table on a terminal, and characters of a system's name


@dataclass(frozen=True)
class Column:
    """How a score is shown: value * factor with so many digits. better: 1 more, -1 less, 0 neither."""

    heading: str
    factor: float = 1
    digits: int = 1
    group: str = "Content"
    better: int = 1


PERCENT = 100
COLUMNS = {
    "joint": Column("joint %", PERCENT, group="All three"),
    "geometric_mean": Column("G", group="All three"),
    "self_bleu": Column("self-BLEU"),
    "ref_bleu": Column("ref-BLEU"),
    "similarity": Column("similar %", PERCENT),
    "embedding_similarity": Column("embedding %", PERCENT),
    "noun_sentences": Column("noun kept %", PERCENT),
    "nouns_kept": Column("nouns kept %", PERCENT),
    "well_formed": Column("well formed %", PERCENT, group="Fluency"),
    "perplexity": Column("ppl", group="Fluency", better=-1),
    "perplexity_ratio": Column("ppl / real", digits=2, group="Fluency", better=-1),
    "reverse_perplexity": Column("reverse ppl", group="Fluency", better=-1),
    "unk_share": Column("unk %", PERCENT, group="Fluency", better=-1),
    "length_ratio": Column("length", digits=2, group="Form", better=0),
    "copy_rate": Column("copies %", PERCENT, group="Form", better=-1),
    "distinct_outputs": Column("distinct %", PERCENT, group="Form"),
    "distinct_2": Column("dist-2 %", PERCENT, group="Form"),
    "empty": Column("empty %", PERCENT, group="Form", better=-1),
}


def columns(rows: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """The columns of scores that any system has: accuracies first, one a judge."""
    keys = dict.fromkeys(key for scores in rows.values() for key in scores)
    judges = {
        key: Column(f"acc {key.removeprefix('accuracy_')} %", PERCENT, group="Style")
        for key in keys
        if key.startswith("accuracy_")
    }
    return judges | {key: column for key, column in COLUMNS.items() if key in keys}


def shown(value: float | None, column: Column) -> str:
    return "-" if value is None else f"{value * column.factor:,.{column.digits}f}"


def markdown_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """One line a system, one column a score that any of them has; `-` where one has not."""
    chosen = columns(rows)
    lines = [["system", *(column.heading for column in chosen.values())], ["---", *["---:"] * len(chosen)]]
    for name, scores in rows.items():
        cells = [shown(scores.get(key), column) for key, column in chosen.items()]
        lines.append([name.replace("|", "\\|"), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def terminal_tables(evaluation: Evaluation) -> list[RenderableType]:
    """Tables of six scores each, which fit 100 columns, and one of the first differences from the baseline, with p."""
    chosen = list(columns(evaluation.table).items())
    blocks = [dict(chosen[i : i + WIDE]) for i in range(0, len(chosen), WIDE)]
    return [_scores(evaluation, block) for block in blocks] + _compared(evaluation, dict(chosen))


def _scores(evaluation: Evaluation, block: Mapping[str, Column]) -> RenderableType:
    table = _table("system", (column.heading for column in block.values()))
    for name, system in evaluation.systems.items():
        cells = []
        for key, column in block.items():
            between = evaluation.intervals[name].get(key, {"low": 0.0, "high": 0.0})
            half = (between["high"] - between["low"]) / 2
            cells.append(shown(system.values.get(key), column) + (f" ±{shown(half, column)}" if half else ""))
        table.add_row(_short(name), *cells, style="dim" if name in evaluation.baselines else None)
    return table


def _compared(evaluation: Evaluation, chosen: Mapping[str, Column]) -> list[RenderableType]:
    """Nothing where there is no other system."""
    keys = [key for key in chosen if any(key in own for own in evaluation.comparisons.values())][: WIDE - 1]
    if not keys:
        return []
    table = _table(f"minus {evaluation.baseline}", (chosen[key].heading for key in keys))
    for name, own in evaluation.comparisons.items():
        found = [(own.get(key), chosen[key]) for key in keys]
        table.add_row(
            _short(name), *[f"{signed(c['difference'], col)} {p_value(c['p'])}" if c else "-" for c, col in found]
        )
    return [table]


def _table(first: str, headings: Iterable[str]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(_short(first), no_wrap=True, width=NAME)
    for heading in headings:
        table.add_column(Text(heading), justify="right", no_wrap=True)
    return table


def _short(name: str) -> Text:
    """A name that fits its column, cut in the middle; a text, so that `[b]` in it is no markup."""
    from rich.text import Text

    half = NAME // 2
    return Text(name if len(name) <= NAME else f"{name[: half - 1]}…{name[-half:]}")


def signed(value: float, column: Column) -> str:
    return f"{value * column.factor:+,.{column.digits}f}"


def p_value(p: float) -> str:
    return "p<.001" if p < 0.001 else f"p={p:.3f}".replace("0.", ".")


def judges_note(held_out: Mapping[str, float], fingerprint: str) -> str:
    """What stands under each table: how good the judges are on real held-out sentences, and how BLEU was computed."""
    accuracies = ", ".join(
        f"{name} {held_out[name]:.1%}" for name in held_out if name not in ("perplexity", "unk_share", "tokens")
    )
    return (
        f"Judges {fingerprint}; on real held-out sentences: {accuracies}; perplexity {held_out['perplexity']:.1f} "
        f"(end of sentence counted, {held_out['unk_share']:.1%} unknown words). BLEU: {bleu_signature()}\n"
    )


def reading_notes(evaluation: Evaluation) -> list[str]:
    """How every table is to be read, whatever is in it; one paragraph each."""
    known, own, some = evaluation.judges, evaluation.thresholds, len(evaluation.data.with_reference)
    origin = f"fixed on {some:,} human references" if some >= LEAST else "no human references to fix them on"
    return [
        judges_note(known["held_out"], known["fingerprint"]).strip(),
        "Intervals (95 %) are over resampled sentences, not over random seeds of a training; after ± half their width. "
        "Those of 0 % and 100 % are Wilson's.",
        f"Joint: wanted style, similarity of {own['min_similarity']:.2f} or more, and at most {own['max_nats']:.2f} "
        f"nats a token ({origin}). The score can be {WEAKNESS}.",
    ]


def notes_under(evaluation: Evaluation) -> list[str]:
    """What must be read with the tables: what is special of this one, and what holds for all."""
    return [*evaluation.notes, *reading_notes(evaluation)]
