"""Labelled sentences as one `datasets.Dataset`, and a check of them before a training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textdis.core.errors import UserError
from textdis.text.batches import Batches, collate
from textdis.text.findings import findings, require_utf8, sentence_key
from textdis.text.labels import label_ids, style_names
from textdis.text.sources import read_rows

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["Batches", "Report", "StyleReport", "check", "collate", "label_names", "load_corpus"]

PERCENTILES = (5, 50, 95, 100)
FEW, MANY_SHARED, UNEVEN, MANY_EQUAL, MANY_LONG = 500, 0.05, 4.0, 0.3, 0.1  # where `check` objects or remarks
MANY_STYLES, FEW_EACH = 20, 5  # more styles, of fewer sentences on the mean, are numbers or texts and no styles


def load_corpus(
    sources: Sequence[str | Path],
    text_column: str = "text",
    label_column: str = "label",
    *,
    labels: Sequence[str] | None = None,
) -> Dataset:
    """Reads `sources` into columns `text` (string) and `label` (ClassLabel); empty lines are left out.

    sources: txt or txt.gz files, one a style (file i has label i), or tables (jsonl, csv, tsv, parquet) with a text and
    a label column, or one name on the hub (its `train` split).
    labels: names of the styles in order; by default from the file names, or the sorted values of the label column.
    Raises UserError: a missing, empty or unreadable source, broken UTF-8, a missing column, fewer than two styles.
    """
    from datasets import ClassLabel, Dataset, Features, Value

    rows = [row for row in read_rows(sources, text_column, label_column) if row.text]
    names = style_names(sources, rows, labels)
    ids = label_ids(rows, names)
    _require_styles(sources, names, Counter(ids))
    features = Features({"text": Value("string"), "label": ClassLabel(names=names)})
    return Dataset.from_dict({"text": [row.text for row in rows], "label": ids}, features=features)


def label_names(dataset: Dataset) -> list[str]:
    """Names of the styles, by label."""
    feature: Any = dataset.features["label"]
    return list(feature.names)


@dataclass(frozen=True)
class StyleReport:
    """Counts over the sentences of one style."""

    name: str
    sentences: int
    empty: int
    duplicates: int  # sentences that stand in this style already
    over_long: int  # sentences of more words than the check's `max_words`
    words: tuple[int, ...]  # words a sentence at PERCENTILES


@dataclass(frozen=True)
class Report:
    """What `check` found. `problems` would spoil a training; `remarks` would not."""

    styles: tuple[StyleReport, ...]
    shared: int  # distinct sentences that stand in more than one style
    vocabulary: int  # distinct words
    once: int  # of them, those that occur once
    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    findings: tuple[str, ...] = ()  # which lines are empty, repeated, in two styles, over-long

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        width = max(5, *(len(style.name) for style in self.styles))
        heads = (*_HEADS, *(f"{p}%" for p in PERCENTILES))
        lines = ["style".ljust(width) + "".join(f"{head:>11}" for head in heads)]
        for s in self.styles:
            cells = (s.sentences, s.empty, s.duplicates, s.over_long, *s.words)
            lines.append(s.name.ljust(width) + "".join(f"{cell:>11,}" for cell in cells))
        lines.append("(the last four columns: words a sentence at these percentiles)")
        lines.append(f"in more than one style: {self.shared:,}; vocabulary: {self.vocabulary:,} ({self.once:,} once)")
        lines += [f"found: {text}" for text in self.findings]
        lines += [f"problem: {text}" for text in self.problems] + [f"remark: {text}" for text in self.remarks]
        return [*lines, "verdict: " + ("ok" if self.ok else f"{len(self.problems)} problem(s) to mend first")]


_HEADS = ("sentences", "empty", "duplicates", "over-long")


def check(
    sources: Sequence[str | Path],
    *,
    text_column: str = "text",
    label_column: str = "label",
    labels: Sequence[str] | None = None,
    max_words: int = 30,
    lines: int = 5,
) -> Report:
    """Reads `sources` as `load_corpus` does and says whether a transfer model can be trained on them.

    max_words: a sentence with more is counted as over-long. lines: how many line numbers a finding names, at least one.
    Raises UserError as `load_corpus`; broken UTF-8 is told with all of its lines.
    """
    require_utf8(sources, lines)
    rows = list(read_rows(sources, text_column, label_column))
    full = [row for row in rows if row.text]
    names = style_names(sources, full, labels)
    _require_styles(sources, names, Counter(label_ids(full, names)))
    texts: list[list[str]] = [[] for _ in names]
    ids = label_ids(rows, names)
    for row, label in zip(rows, ids, strict=True):
        texts[label].append(row.text)
    styles = tuple(_style(name, own, max_words) for name, own in zip(names, texts, strict=True))
    distinct = [{sentence_key(text) for text in own if text} for own in texts]
    shared = sum(map(len, distinct)) - len(set().union(*distinct))
    words = Counter(word for row in full for word in row.text.split())
    once = sum(count == 1 for count in words.values())
    share = shared / min(map(len, distinct))
    problems, remarks = _problems(styles, shared, share), _remarks(styles, shared, share, max_words)
    found = findings(rows, ids, max_words, lines)
    return Report(styles, shared, len(words), once, tuple(problems), tuple(remarks), tuple(found))


def _style(name: str, texts: list[str], max_words: int) -> StyleReport:
    full = [text for text in texts if text]
    lengths = np.array([len(text.split()) for text in full])
    words = tuple(int(n) for n in np.percentile(lengths, PERCENTILES, method="nearest"))
    duplicates = len(full) - len({sentence_key(text) for text in full})
    return StyleReport(name, len(full), len(texts) - len(full), duplicates, int((lengths > max_words).sum()), words)


def _problems(styles: Sequence[StyleReport], shared: int, share: float) -> list[str]:
    found = [
        f"{s.name!r} has {s.sentences:,} sentences; give at least {FEW:,}, better several thousand"
        for s in styles
        if s.sentences < FEW
    ]
    if share > MANY_SHARED:
        found.append(f"{shared:,} sentences stand in more than one style; keep each in the style it belongs to")
    return found


def _remarks(styles: Sequence[StyleReport], shared: int, share: float, max_words: int) -> list[str]:
    counts, found = [s.sentences for s in styles], []
    if max(counts) > UNEVEN * min(counts):
        found.append(
            f"the largest style has {max(counts) / min(counts):.1f} times the smallest; more of the latter helps"
        )
    if 0 < share <= MANY_SHARED:
        found.append(f"{shared:,} sentences stand in more than one style; that few do little harm")
    for s in styles:
        if s.duplicates > MANY_EQUAL * s.sentences:
            found.append(f"{s.name!r}: {s.duplicates:,} of {s.sentences:,} are repetitions; remove those not meant")
        if s.over_long > MANY_LONG * s.sentences:
            found.append(f"{s.name!r}: {s.over_long:,} have more than {max_words} words; split them into sentences")
        if s.empty:
            found.append(f"{s.name!r}: {s.empty:,} empty lines are left out")
    return found


def _require_styles(sources: Sequence[str | Path], names: Sequence[str], counts: Counter[int]) -> None:
    empty = [name for i, name in enumerate(names) if not counts[i]]
    if not counts:
        raise UserError(f"{', '.join(map(str, sources))}: no sentence there; give files with one sentence a line")
    if empty:
        raise UserError(f"{', '.join(map(str, sources))}: no sentence of the style {', '.join(empty)}")
    if len(names) > MANY_STYLES and counts.total() < FEW_EACH * len(names):
        what = f"{sources[0]}: {len(names):,} styles in {counts.total():,} sentences"
        raise UserError(f"{what}; name the column that holds the style with --label-column")
    if len(names) < 2:
        raise UserError(f"{sources[0]}: only one style ({names[0]}); give at least two, for instance a second txt file")
