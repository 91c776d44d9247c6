"""The baselines that read a training set, and the file they are kept in beside the judges of the same data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from textdis.core.errors import UserError
from textdis.evaluation.baselines import AppendPhrase, LexiconSwap

FILE, FORMAT = "baselines.json", 1
MOST, FEWEST, PER = 25, 3, 200  # a word counts where 25 sentences hold it; of few sentences one in 200, but 3 at least


@dataclass(frozen=True)
class Baselines:
    """A lexicon swap and a planted hack, fitted on the same sentences."""

    swap: LexiconSwap
    hack: AppendPhrase
    labels: Sequence[str]  # names of the styles
    origin: str  # what they were fitted on, for the notes under a table

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[int], *, names: Sequence[str], origin: str) -> Self:
        """Fits both on model text. Raises UserError where too few sentences tell the styles apart."""
        least = min(MOST, max(FEWEST, len(texts) // PER))
        swap = LexiconSwap.fit(texts, labels, min_count=least)
        return cls(swap, AppendPhrase.fit(texts, labels), list(names), origin)

    def save(self, folder: Path) -> None:
        """Writes `baselines.json` into `folder`."""
        swap = {f"{old} {new}": dict(words) for (old, new), words in self.swap.opposites.items()}
        content = {"format": FORMAT, "origin": self.origin, "labels": list(self.labels), "swap": swap}
        content["phrases"] = list(self.hack.phrases)
        (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, labels: Sequence[str]) -> Self | None:
        """Those kept in `folder`, None where there are none. Raises UserError: damaged, or of other styles."""
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            swap = LexiconSwap(_opposites(content["swap"]))
            found = cls(swap, AppendPhrase(content["phrases"]), content["labels"], content["origin"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path}: damaged ({error}); delete it and give --train FILE FILE") from None
        if list(found.labels) != list(labels) or content.get("format") != FORMAT:
            raise UserError(f"{path}: of other styles or of another textdis; delete it and give --train FILE FILE")
        return found


def _opposites(stored: Mapping[str, Any]) -> dict[tuple[int, int], dict[str, str]]:
    found = {}
    for key, words in stored.items():
        old, new = key.split()
        found[int(old), int(new)] = {str(word): str(other) for word, other in words.items()}
    return found
