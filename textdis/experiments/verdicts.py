"""Readers' verdicts on rewritings, a JSON line a sentence, gzipped where the name says so:

    {"source": "the food was great .", "from": "positive", "to": "negative",
     "rewritings": ["the food was awful .", "the food was ."], "right": [0]}

`right` counts from 0; `"neutral": true`: the source has no opinion to turn, or opinions of both kinds. A file that goes
with a recipe whose sentences may not be passed on names the sentence by its `row` in the training split and a `hash`,
and each rewriting by its edits, [start, end, words] over the words of the source.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.experiments.data import labelled
from textdis.text.units import write

say = logging.getLogger(__name__)
Pair = tuple[tuple[str, int], tuple[str, int]]  # source and target, each with its style
Edit = tuple[int, int, str]  # words start to end of the source become these


@dataclass(frozen=True)
class Judged:
    """One sentence, in model text, and what readers said of its rewritings."""

    source: str
    style: int  # it has
    wanted: int
    rewritings: tuple[str, ...]
    right: tuple[bool, ...]
    neutral: bool = False

    @classmethod
    def marked(
        cls,
        source: str,
        style: int,
        wanted: int,
        rewritings: Sequence[str],
        right: Iterable[int],
        neutral: bool = False,
    ) -> Judged:
        """`right` by number, from 0. Raises ValueError where a rewriting of that number is missing."""
        marks = set(right)
        if not marks <= set(range(len(rewritings))):
            raise ValueError(f"right is {sorted(marks)}, and there are {len(rewritings)} rewritings")
        return cls(source, style, wanted, tuple(rewritings), tuple(i in marks for i in range(len(rewritings))), neutral)

    @property
    def teaches(self) -> bool:
        """Whether something is right: else nobody said what would be."""
        return any(self.right)

    @property
    def right_ones(self) -> list[str]:
        return [y for y, ok in zip(self.rewritings, self.right, strict=True) if ok]

    @property
    def both_ways(self) -> list[Pair]:
        """Each right rewriting from the source, and the source from it, unless that has no style, or more than one."""
        x, said = (self.source, self.style), [(y, self.wanted) for y in self.right_ones]
        return [pair for y in said for pair in ((x, y), (y, x))[: 1 if self.neutral else 2]]

    @property
    def contested(self) -> bool:
        """Whether a rewriting that is no copy is wrong: a reader who only wrote one says nothing of others."""
        return any(not ok and y != self.source for y, ok in zip(self.rewritings, self.right, strict=True))

    def where(self, kept: Callable[[str], bool]) -> Judged:
        """The same with the rewritings alone of which `kept` is true."""
        pairs = [(y, ok) for y, ok in zip(self.rewritings, self.right, strict=True) if kept(y)]
        return replace(self, rewritings=tuple(y for y, _ in pairs), right=tuple(ok for _, ok in pairs))

    def of_one_vocabulary(self, unknown: Callable[[str], list[str]]) -> Judged:
        """The same with the rewritings alone that have the source's unknown words: slots are numbered by them."""
        names = unknown(self.source)
        return self.where(lambda rewriting: unknown(rewriting) == names)

    @property
    def beside_the_copy(self) -> Judged:
        """The same, and the source itself, which is no rewriting: shown or not, no reader takes it for one."""
        if self.neutral or self.source in self.rewritings:
            return self
        return replace(self, rewritings=(*self.rewritings, self.source), right=(*self.right, False))


def read_all(paths: Iterable[str], names: Sequence[str], recipe: str | None) -> list[Judged]:
    """All lines of several files, in order; `row` counts the sentences of the recipe's training split.

    Raises UserError as `read_verdicts`, and where the recipe's data are missing.
    """
    texts = labelled(recipe)["train"]["text"][:] if recipe else None
    return [one for path in paths for one in read_verdicts(Path(path), names, texts)]


def read_verdicts(path: Path, names: Sequence[str], texts: Sequence[str] | None = None) -> list[Judged]:
    """All lines of a file. names: of the styles, by label; texts: the sentences that `row` counts.

    Raises UserError: no such file, a line that is no verdict, unknown styles, rows of other sentences.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = raw.decode("utf-8-sig").split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as verdicts ({error})") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_judged(json.loads(line), names, texts))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            kind = type(error).__name__
            raise UserError(
                f"{path}, line {number}: not a verdict ({kind}: {error}); see textdis/experiments/verdicts.py"
            ) from None
    return found


def _judged(line: dict[str, Any], names: Sequence[str], texts: Sequence[str] | None) -> Judged:
    if "row" in line and texts is None:
        raise ValueError("it names a row of a recipe, and none was given")
    source = str(line["source"]) if "source" in line else (texts or [])[line["row"]]
    if "hash" in line and line["hash"] != digest(source):
        raise ValueError(f"row {line['row']} is another sentence here")
    if "edits" in line:
        rewritings = [applied(source, edits) for edits in line["edits"]]
    else:
        rewritings = [str(text) for text in line["rewritings"]]
    style, wanted = (_label(line[key], names) for key in ("from", "to"))
    return Judged.marked(source, style, wanted, rewritings, line["right"], bool(line.get("neutral")))


def _label(style: Any, names: Sequence[str]) -> int:
    if style not in names:
        raise ValueError(f"no style {style!r}, only {', '.join(map(repr, names))}")
    return names.index(style)


def of_one_vocabulary(judged: Sequence[Judged], unknown: Callable[[str], list[str]], advice: str = "") -> list[Judged]:
    """Each by its method of this name. Says what is left out, which would else not be missed, and then `advice`."""
    kept = [one.of_one_vocabulary(unknown) for one in judged]
    every, left = ([ok for one in part for ok in one.right] for part in (judged, kept))
    if len(left) < len(every):
        counts = len(every) - len(left), len(every), sum(every) - sum(left)
        why = "the vocabulary lacks words in which they differ from their sources"
        say.warning("%d of %d rewritings, %d of them right, are left out: %s%s", *counts, why, advice)
    return kept


def write_verdicts(path: Path, lines: Iterable[tuple[int, Judged]], names: Sequence[str]) -> None:
    """(row, verdict) by row, hash and edits: what a recipe's sentences need to be left out."""
    written = []
    for row, one in lines:
        right = [i for i, yes in enumerate(one.right) if yes]
        facts = {"row": row, "hash": digest(one.source), "from": names[one.style], "to": names[one.wanted]}
        facts |= {"edits": [edits(one.source, y) for y in one.rewritings], "right": right}
        written.append(json.dumps(facts | ({"neutral": True} if one.neutral else {}), separators=(",", ":")))
    text = "".join(f"{line}\n" for line in written).encode()
    write(path, gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def digest(source: str) -> str:
    return hashlib.blake2s(source.encode(), digest_size=4).hexdigest()


def edits(source: str, rewriting: str) -> list[Edit]:
    """What `applied` undoes: spans of words of the source, and what stands there in the rewriting."""
    a, b = source.split(), rewriting.split()
    codes = SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()
    return [(i, j, " ".join(b[k:m])) for kind, i, j, k, m in codes if kind != "equal"]


def applied(source: str, changes: Iterable[Sequence[Any]]) -> str:
    """The rewriting that `edits` took apart."""
    words, said, at = source.split(), list[str](), 0
    for start, end, new in changes:
        said += [*words[at:start], *new.split()]
        at = end
    return " ".join([*said, *words[at:]])


def new_words(judged: Iterable[Judged], least: int) -> list[str]:
    """Words that right rewritings have and their sources lack, or the reverse, in `least` of them or more."""
    found: Counter[str] = Counter()
    for one in judged:
        for rewriting in one.right_ones:
            found.update({*one.source.split()} ^ {*rewriting.split()})
    return sorted(word for word, count in found.items() if count >= least)


def divided(judged: Sequence[Judged], share: float, seed: int) -> tuple[list[Judged], list[Judged]]:
    """Those that teach, and those that are held out, drawn by the seed; all verdicts of a sentence go the same way.

    Held out are sentences with a wrong rewriting; where no reader marked one, those with a right one. Raises UserError
    where either has nothing to say.
    """
    rest, away = split_off(judged, share, seed)
    marked = any(one.contested for one in judged)
    held_out = [one for one in away if (one.contested if marked else one.teaches)]
    lessons = [one for one in rest if one.teaches or one.neutral]
    if not held_out or not any(one.teaches and (one.contested or not marked) for one in lessons):
        raise UserError(
            f"{len(judged)} verdicts, {len(lessons)} of them with a right rewriting: too few to learn and to test"
        )
    say.info("%d sentences teach, %d are held out", len(lessons), len(held_out))
    return lessons, held_out


def split_off(judged: Sequence[Judged], share: float, seed: int) -> tuple[list[Judged], list[Judged]]:
    """The rest, and a share of the sentences drawn by the seed; all that is said of a sentence goes the same way."""
    sources = list(dict.fromkeys(one.source for one in judged))
    drawn = np.random.default_rng(seed).permutation(len(sources))[: round(share * len(sources))]
    away = {sources[i] for i in drawn}
    return [one for one in judged if one.source not in away], [one for one in judged if one.source in away]
