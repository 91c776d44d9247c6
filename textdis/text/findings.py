"""Which lines of a user's files are wrong, and how."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from textdis.core.errors import UserError
from textdis.text.sources import Row, kind_of

KINDS = ("empty", "repeats an earlier line", "stands in another style too", "over-long")


def require_utf8(sources: Sequence[str | Path], shown: int = 5) -> None:
    """Raises UserError that names every line that is not UTF-8, not the first alone, so that all can be mended."""
    found = {
        str(source): _broken(Path(source)) for source in sources if kind_of(source) in ("txt", "jsonl", "csv", "tsv")
    }
    told = [f"{source}, {numbered(lines, shown)}: not UTF-8" for source, lines in found.items() if lines]
    if told:
        raise UserError("; ".join(told) + "; save the file as UTF-8")


def _broken(path: Path) -> list[int]:
    lines = []
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    lines.append(number)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({error})") from None
    return lines


def findings(rows: Iterable[Row], labels: Sequence[int], max_words: int, shown: int = 5) -> list[str]:
    """One line a file and kind: what is wrong there, in which lines, the first `shown` of them named.

    labels: the style of each row. An over-long sentence has more than `max_words` words.
    """
    rows, found = list(rows), dict[tuple[str, str], list[int]]()
    styles: dict[str, set[int]] = {}
    for row, label in zip(rows, labels, strict=True):
        styles.setdefault(sentence_key(row.text), set()).add(label)
    seen: set[tuple[int, str]] = set()
    for row, label in zip(rows, labels, strict=True):
        for kind in _wrong(row, label, styles, seen, max_words):
            found.setdefault((row.source, kind), []).append(row.line)
        seen.add((label, sentence_key(row.text)))
    order = sorted(found, key=lambda entry: (entry[0], KINDS.index(entry[1])))
    return [f"{source}, {numbered(found[source, kind], shown)}: {kind}" for source, kind in order]


def _wrong(row: Row, label: int, styles: dict[str, set[int]], seen: set[tuple[int, str]], max_words: int) -> list[str]:
    if not row.text:
        return [KINDS[0]]
    key = sentence_key(row.text)
    wrong = ((label, key) in seen, len(styles[key]) > 1, len(row.text.split()) > max_words)
    return [kind for kind, is_so in zip(KINDS[1:], wrong, strict=True) if is_so]


def numbered(lines: Sequence[int], shown: int) -> str:
    """line 3; lines 3, 7; lines 3, 7 and 1,234 more"""
    few, more = ", ".join(map(str, lines[:shown])), len(lines) - shown
    return f"line{'s' * (len(lines) > 1)} {few}" + (f" and {more:,} more" if more > 0 else "")


def sentence_key(text: str) -> str:
    """Sentences with one key count as equal: case and the width of blanks are ignored."""
    return " ".join(text.casefold().split())
