"""Idioms that tell a style by themselves, where a classifier goes by their words: "never disappointed" is praise.

What they are is a matter of language and attribute, so that they stand in the model's folder, in `idioms.json`, a list
for each style that has any:

    {"positive": ["can't/couldn't recommend ... enough"], "negative": ["i/we wanted to like/love"]}

A phrase is words, raw or in model text; of words between slashes any will do, `...` stands for one to six words
without a comma. These are no regular expressions, which could keep a machine busy for ever. They tell the style of a
source, and which of its candidates to take last.

What a sentence goes on to say may outweigh its idiom: "I wanted to love it and I did". There a sure classifier rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from textdis.core.errors import UserError
from textdis.core.model import IDIOMS
from textdis.text.normalise import normalise

TOLD = 0.95  # least probability of a style that an idiom tells
SURE = 0.9  # least probability of a style, if there is one, that no idiom overrules in a sentence that goes on
GAP, _WORDS = "...", r"[^\s,]+(?: [^\s,]+){0,5}"
_ON = re.compile(r" (?:[,;]|and|but|yet|although|though)(?: \w\S*){2}")  # "awesome and friendly ." says no second thing


class Idioms:
    """phrases: of each style that has any, by its name; labels: names of the styles, in the model's order.

    Raises UserError, which begins with `name`: a style there is not, what is no phrase.
    """

    def __init__(self, phrases: Mapping[str, Sequence[str]], labels: Sequence[str], *, name: str = "idioms"):
        self.patterns: dict[int, re.Pattern[str]] = {}
        if not isinstance(phrases, Mapping):
            raise UserError(f"{name}: no table of styles; give a list of phrases for each style that has any")
        for style, listed in phrases.items():
            if style not in labels:
                raise UserError(f"{name}: no style {style!r}; this model has {', '.join(labels)}")
            if isinstance(listed, str) or not isinstance(listed, Sequence):
                raise UserError(f"{name}: {style} has {listed!r:.60}; give a list of phrases")
            if listed:
                either = "|".join(_pattern(phrase, f"{name}: {style}") for phrase in listed)
                self.patterns[labels.index(style)] = re.compile(rf"(?<!\S)(?:{either})(?!\S)")

    @classmethod
    def of_folder(cls, folder: Path, labels: Sequence[str]) -> Idioms:
        """Those in a model's folder, if any. Raises UserError for a file that cannot be used."""
        path = folder / IDIOMS
        if not path.is_file():
            return cls({}, labels)
        try:
            phrases = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once_each)
        except (ValueError, RecursionError) as error:  # also what is too long a number, or too deep
            raise UserError(f"{path}: not valid JSON ({error}); mend it") from None
        return cls(phrases, labels, name=str(path))

    def style(self, text: str) -> int | None:
        """The style that idioms of a sentence in model text tell; None where there is none, or some of two styles."""
        found = [style for style, pattern in self.patterns.items() if pattern.search(text)]
        return found[0] if len(found) == 1 else None

    def over(self, styles: Tensor, texts: Sequence[str]) -> Tensor:
        """What a classifier says of B texts, in place, where no idiom knows better.

        styles: probabilities [B, K]; what they lack to 1 is that of no style, and no doubt of which.
        """
        for probabilities, text in zip(styles, texts, strict=True):
            style = self.style(text)
            if style is None or probabilities[style] >= TOLD or self._outweighed(style, probabilities, text):
                continue
            probabilities.fill_((1.0 - TOLD) / max(1, len(probabilities) - 1))
            probabilities[style] = TOLD
        return styles

    def _outweighed(self, style: int, probabilities: Tensor, text: str) -> bool:
        """Whether the sentence goes on after its last idiom, and the classifier is sure of a style, if it has one."""
        *_, last = self.patterns[style].finditer(text)
        return bool(probabilities.max() >= SURE * probabilities.sum()) and _ON.search(text, last.end()) is not None


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, which would else keep the last of what stands twice and say nothing."""
    if len(table := dict(pairs)) < len(pairs):
        raise ValueError("a style stands in it twice")
    return table


def _pattern(phrase: Any, where: str) -> str:
    """The regular expression of one phrase. It has one gap at most, so that a search takes a time of words alone."""
    chunks = phrase.split() if isinstance(phrase, str) else []
    words = [[normalise(word) for word in chunk.split("/")] for chunk in chunks]
    if not chunks or not all(map(all, words)) or chunks.count(GAP) > 1 or GAP in (chunks[0], chunks[-1]):
        raise UserError(f"{where} has {phrase!r:.60}; give words, a / between any that will do, at most one ...")
    return " ".join(_WORDS if some == [GAP] else f"(?:{'|'.join(map(re.escape, some))})" for some in words)
