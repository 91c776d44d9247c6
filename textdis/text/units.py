"""What every tokenizer is: sentences to ids and back, with the ids of `core.batch` for the special ones."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path

from textdis.core.batch import BOS, EOS, PAD

SPECIALS = ("<pad>", "<s>", "</s>", "<unk>")
JSON_FILE = "tokenizer.json"  # of a vocabulary in the open; its "kind" says which


class Tokenizer(ABC):
    """Sentences in model text to ids `<s> ... </s>` and back."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of ids."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Ids of one sentence, from `<s>` to `</s>`."""

    @abstractmethod
    def decode(self, ids: Iterable[int], source: str | None = None) -> str:
        """Model text of `ids`: padding and `<s>` are dropped, and it stops at `</s>`.

        `source` is the sentence that was encoded; slots take their words back from it.
        """

    @abstractmethod
    def save(self, folder: str | Path) -> None:
        """Writes the one file that `load_tokenizer` reads."""

    @abstractmethod
    def positions(self, text: str, words: Iterable[int]) -> list[int]:
        """Numbers of the tokens that the words numbered `words` of `text` became; 0 is the first after `<s>`."""

    def encode_batch(self, texts: Iterable[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def decode_batch(self, rows: Iterable[Iterable[int]], sources: Sequence[str] | None = None) -> list[str]:
        """One sentence a row; `rows` may be a tensor or array [N, T]."""
        if hasattr(rows, "tolist"):
            rows = rows.tolist()
        if sources is None:
            return [self.decode(row) for row in rows]
        return [self.decode(row, source) for row, source in zip(rows, sources, strict=True)]


def content(ids: Iterable[int]) -> list[int]:
    """The ids before `</s>`, without padding and `<s>`."""
    row: list[int] = ids.tolist() if hasattr(ids, "tolist") else list(ids)
    end = row.index(EOS) if EOS in row else len(row)
    return [i for i in row[:end] if i not in (PAD, BOS)]


def write(path: Path, data: bytes) -> None:
    """Writes beside and renames, so that a kill leaves the former file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    os.replace(beside, path)
