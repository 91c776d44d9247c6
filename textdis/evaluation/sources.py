"""The sentences that systems are asked to rewrite: from a recipe, from text files, or from lists in Python.

All text becomes model text (`text/normalise.py`), whoever wrote it, so that no system gains or loses by its
spelling of blanks, capitals or numbers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from textdis.core.errors import UserError, require_file
from textdis.text.labels import label_ids
from textdis.text.normalise import normalise
from textdis.text.nouns import tag_nouns
from textdis.text.sources import Row, kind_of
from textdis.text.sources import lines as lines_of

Lines = Sequence[str] | Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sources:
    """N sentences to rewrite, in model text; row i of each field belongs together.

    A sentence may stand there once for each style that it shall get (`every_direction`). Raises UserError: no
    sentence, fields of unequal length, an item that is no text, more than two styles without `targets`.
    """

    texts: Sequence[str]
    labels: Sequence[int]  # the styles they have: 0 ... S - 1
    targets: Sequence[int] = ()  # the styles they shall get; of two styles the other one
    references: Lines | None = None  # human rewritings: one, or a list of none, one or many
    nouns: Sequence[Sequence[str]] | None = None  # words
    label_names: Sequence[str] = ("0", "1")
    judged: bool = False  # `labels` are what a judge says, not what is known

    def __post_init__(self) -> None:
        require_text(self.texts, "source")
        if not any(text.strip() for text in self.texts):
            raise UserError("no sentence to rewrite; give one at least")
        if not len(self.targets):
            if len(self.label_names) != 2:
                raise UserError(f"of {len(self.label_names)} styles say which each sentence shall get (targets)")
            object.__setattr__(self, "targets", [1 - label for label in self.labels])
        if self.references is not None:
            object.__setattr__(self, "references", reference_rows(self.references))
        for what in ("labels", "targets", "references", "nouns"):
            same_length(getattr(self, what), self.texts, what)
        for what in ("labels", "targets"):
            if wrong := set(getattr(self, what)) - set(range(len(self.label_names))):
                raise UserError(f"{what}: no style {min(wrong)}; there are {', '.join(self.label_names)}")

    @classmethod
    def from_dataset(cls, split: Any, *, every_direction: bool = False, nouns: bool = True) -> Self:
        """Columns text, label and, where there, `reference` of a split (raw or model text), with its nouns tagged.

        Where a column bears a style's name, it holds the rewritings into that style.
        """
        texts = [normalise(text) for text in split["text"][:]]
        references = split["reference"][:] if "reference" in split.column_names else None
        names = getattr(split.features["label"], "names", None) or ["0", "1"]
        make = cls.every_direction if every_direction or len(names) != 2 else cls
        made = make(
            texts,
            split["label"][:],
            references=references and normalised(references),
            nouns=noun_words(texts) if nouns else None,
            label_names=names,
        )
        into = {k: normalised(split[name][:]) for k, name in enumerate(names) if name in split.column_names}
        each = len(made.texts) // len(texts)  # rows of a sentence
        rows = [into[k][i // each] if k in into else [] for i, k in enumerate(made.targets)]
        return replace(made, references=rows) if into else made

    @classmethod
    def every_direction(
        cls, texts: Sequence[str], labels: Sequence[int], *, label_names: Sequence[str], **fields: Any
    ) -> Self:
        """Each sentence once for every style it has not, in the order of the styles: i to a, i to b, i + 1 to a ..."""
        pairs = [(i, k) for i, label in enumerate(labels) for k in range(len(label_names)) if k != label]
        rows = [i for i, _ in pairs]
        more: dict[str, Any] = {name: value and [value[i] for i in rows] for name, value in fields.items()}
        own = [texts[i] for i in rows], [labels[i] for i in rows], [k for _, k in pairs]
        return cls(*own, label_names=label_names, **more)

    @property
    def with_reference(self) -> list[int]:
        """The rows that have a human rewriting."""
        return [i for i, row in enumerate(self.references or ()) if row]

    @property
    def fingerprint(self) -> str:
        """Changes with any text, style or reference."""
        fields = self.texts, self.labels, self.targets, self.references, self.label_names
        return hashlib.sha256(repr([field and list(field) for field in fields]).encode()).hexdigest()[:16]

    def in_order(self, labels: Sequence[str]) -> Self:
        """The same with styles numbered as in `labels`, matched by name.

        Raises UserError where the names are others; mere numbers ("0", "1") are taken as they are.
        """
        names = list(self.label_names)
        if names == [str(i) for i in range(len(labels))]:
            return replace(self, label_names=tuple(labels))
        if set(names) - set(labels):
            what = f"styles {', '.join(names)} against judges of {', '.join(labels)}"
            raise UserError(f"{what}; take judges fitted on this data: textdis train judges --recipe NAME")
        to = [list(labels).index(name) for name in names]
        had, wanted = ([to[k] for k in own] for own in (self.labels, self.targets))
        return replace(self, label_names=tuple(labels), labels=had, targets=wanted)


class Labeller(Protocol):
    """What is asked of judges here (`judges.Judges`)."""

    @property
    def labels(self) -> list[str]: ...
    def style(self, texts: Sequence[str]) -> dict[str, np.ndarray]: ...


def own_sources(
    texts: Sequence[str],
    judges: Labeller,
    labels: Sequence[int] | None = None,
    targets: Sequence[int] | None = None,
    **fields: Any,
) -> Sources:
    """Sources (model text) whose styles may be known in part: what is asked of two styles is what a sentence has not.

    With neither labels nor targets, or more styles, the first judge tells the labels. Raises UserError as `Sources`.
    """
    same_length(targets, texts, "targets")  # here, as labels made of them would bear the blame
    names, judged = judges.labels, False
    if labels is None and len(names) == 2 and targets:
        labels = [1 - target for target in targets]
    if labels is None:
        labels, judged = next(iter(judges.style(texts).values())).argmax(-1).tolist(), True
    return Sources(texts, labels or [], targets or (), label_names=names, judged=judged, **fields)


def read_lines(path: str | Path, option: str = "") -> list[str]:
    """The lines of a UTF-8 text file, blank ones too. option: that named it.

    Raises UserError: not there, a table, not readable, or of no length.
    """
    require_file(path, option)
    if kind_of(path) != "txt":
        raise UserError(f"{path}: is read as plain lines; save the column you mean as a txt file, one text a line")
    found = [line.removesuffix("\n").rstrip("\r") for line in lines_of(str(path))]  # as `transfer` counts lines
    if not found:
        raise UserError(f"{path}: is empty; give a file with one sentence a line")
    return found


def read_references(path: str | Path) -> list[str]:
    """References of one translator, blank lines for none. Raises UserError as `read_lines`, or if all are blank."""
    found = read_lines(path, "--references")
    if not any(line.strip() for line in found):
        raise UserError(
            f"{path}: lines 1 to {len(found):,} are blank; write a reference on some, or leave the file out"
        )
    return found


def read_labels(path: str | Path, names: Sequence[str], option: str = "") -> list[int]:
    """A style a line, by name or number. Raises UserError, with the line, for a value that is neither."""
    return style_ids(read_lines(path, option), names, str(path))


def style_ids(values: Iterable[Any], names: Sequence[str], where: str) -> list[int]:
    """Styles by name or number, as numbers. Raises UserError, with its place, for a value that is neither."""
    return label_ids([Row("", str(value).strip(), where, i) for i, value in enumerate(values, 1)], names)


def columns(files: Iterable[Sequence[str]]) -> list[list[str]]:
    """References by sentence, from one list a translator; a blank line is no reference."""
    return normalised(zip(*files, strict=True))


def normalised(references: Iterable[Any]) -> list[list[str]]:
    """As `reference_rows`, in model text."""
    return [[text for line in row if (text := normalise(line))] for row in reference_rows(references)]


def reference_rows(references: Iterable[Any]) -> list[list[str]]:
    """Of each sentence None, one text or several as a list; None, NaN and what is blank are no reference.

    Raises UserError, with the row, for what is no text.
    """
    if isinstance(references, str):
        raise UserError("the references are one text, and would be read letter by letter; give a list of texts")
    rows = []
    for number, given in enumerate(references, 1):
        row = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
        found = [text for text in row if not (text is None or isinstance(text, float) and math.isnan(text))]
        if wrong := [text for text in found if not isinstance(text, str)]:
            raise UserError(f"reference {number} is {wrong[0]!r}, not text; where there is none give None")
        rows.append([text for text in found if text.strip()])
    return rows


def noun_words(texts: Sequence[str]) -> list[list[str]]:
    """The nouns of each text (model text), by spaCy's English tagger."""
    words = [text.split() for text in texts]
    return [[row[i] for i in found] for row, found in zip(words, tag_nouns(texts), strict=True)]


def same_length(lines: Sequence[Any] | None, sources: Sequence[Any], what: str) -> None:
    """Raises UserError where `lines` are not one a source."""
    if lines is not None and len(lines) != len(sources):
        raise UserError(f"{what}: {len(lines):,} for {len(sources):,} sources; line N must belong to source N")


def require_text(texts: Iterable[Any], what: str) -> list[str]:
    """The texts as a list. Raises UserError for what is none, and no text, such as the NaN of an empty table cell."""
    if isinstance(texts, str):
        raise UserError(f"the {what}s are one text, and would be read letter by letter; give a list of texts")
    if not isinstance(texts, Iterable):
        raise UserError(f"the {what}s are {texts!r}; give a list of texts")
    found = list(texts)
    for number, text in enumerate(found, 1):
        if not isinstance(text, str):
            raise UserError(f"{what} {number} is {text!r}, not text; an empty output is the empty text")
    return found
