"""What a rewriting says of itself: per line, per sentence, and which words changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from textdis.text.matching import steps


@dataclass(frozen=True)
class SentenceResult:
    """A sentence (or clause) of a line, as it stood and as it stands now.

    `style` fields are label names, `probability` the model's own classifier's; None where it was not asked.
    `reason` says why the source was kept; None where it was rewritten.
    """

    source: str
    output: str
    source_style: str | None = None
    source_probability: float | None = None
    output_style: str | None = None
    output_probability: float | None = None
    similarity: float = 1.0  # in [0, 1], of the model's text
    changed: list[tuple[str, str]] = field(default_factory=list)  # (from, to) in words; either may be empty
    reason: str | None = None

    @property
    def kept(self) -> bool:
        return self.reason is not None


@dataclass(frozen=True)
class LineResult:
    """A line, its rewriting, and the sentences that were looked at."""

    source: str
    output: str
    sentences: list[SentenceResult] = field(default_factory=list)
    blank: bool = False

    @property
    def reason(self) -> str | None:
        """Why nothing changed, one reason a kept sentence; None where something was rewritten."""
        if self.blank:
            return "blank"
        if any(not sentence.kept for sentence in self.sentences):
            return None
        reasons = dict.fromkeys(sentence.reason for sentence in self.sentences if sentence.reason)
        return "; ".join(reasons) or "nothing to rewrite"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        sentences = [asdict(sentence) | {"kept": sentence.kept} for sentence in self.sentences]
        return {"source": self.source, "output": self.output, "reason": self.reason, "sentences": sentences}


def word_changes(source: Sequence[str], output: Sequence[str]) -> list[tuple[str, str]]:
    """Runs of words that differ, as (from, to). -> [("great", "awful")]"""
    found = steps(source, output)
    return [(" ".join(source[i:j]), " ".join(output[k:m])) for tag, i, j, k, m in found if tag != "equal"]


class Run(NamedTuple):
    """Neighbouring words of two texts, with the blanks behind them; `same` but for those blanks, or different."""

    source: str
    output: str
    same: bool


def word_diff(source: str, output: str) -> list[Run]:
    """Both texts, run by run."""
    a, b = (re.findall(r"[\w'’]+\s*|[^\w\s]\s*|^\s+", text) for text in (source, output))
    bare = [[word.strip() for word in words] for words in (a, b)]
    return [Run("".join(a[i:j]), "".join(b[k:m]), tag == "equal") for tag, i, j, k, m in steps(*bare)]
