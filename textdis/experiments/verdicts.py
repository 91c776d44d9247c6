"""Readers' verdicts on rewritings, and how they are divided; their files are `experiments/verdict_files.py`'s."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from textdis.core.errors import UserError

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
            raise ValueError(f"right is {sorted(marks)}, and there are {len(rewritings)} rewritings, counted from 0")
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


def of_one_vocabulary(judged: Sequence[Judged], unknown: Callable[[str], list[str]], advice: str = "") -> list[Judged]:
    """Each by its method of this name. Says what is left out, which would else not be missed, and then `advice`."""
    kept = [one.of_one_vocabulary(unknown) for one in judged]
    every, left = ([ok for one in part for ok in one.right] for part in (judged, kept))
    if len(left) < len(every):
        counts = len(every) - len(left), len(every), sum(every) - sum(left)
        why = "the vocabulary lacks words in which they differ from their sources"
        say.warning("%d of %d rewritings, %d of them right, are left out: %s%s", *counts, why, advice)
    return kept


def new_words(judged: Iterable[Judged], least: int) -> list[str]:
    """Words that right rewritings have and their sources lack, or the reverse, in `least` of them or more."""
    found: Counter[str] = Counter()
    for one in judged:
        for rewriting in one.right_ones:
            found.update({*one.source.split()} ^ {*rewriting.split()})
    return sorted(word for word, count in found.items() if count >= least)


def words_of(judged: Iterable[Judged], style: int, least: int) -> set[str]:
    """Words that stand in `least` sentences of a style or more: right rewritings, and sources that are not neutral."""
    found: Counter[str] = Counter()
    for one in judged:
        sentences = one.right_ones if one.wanted == style else []
        sentences += [one.source] if one.style == style and not one.neutral else []
        found.update(word for sentence in sentences for word in set(sentence.split()))
    return {word for word, count in found.items() if count >= least}


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
        right = sum(one.teaches for one in judged)
        raise UserError(f"{len(judged)} verdicts, {right} of them with a right rewriting: too few to learn and to test")
    say.info("%d sentences teach, %d are held out", len(lessons), len(held_out))
    return lessons, held_out


def split_off(judged: Sequence[Judged], share: float, seed: int) -> tuple[list[Judged], list[Judged]]:
    """The rest, and a share of the sentences drawn by the seed; all that is said of a sentence goes the same way."""
    sources = list(dict.fromkeys(one.source for one in judged))
    drawn = np.random.default_rng(seed).permutation(len(sources))[: round(share * len(sources))]
    away = {sources[i] for i in drawn}
    return [one for one in judged if one.source not in away], [one for one in judged if one.source in away]
