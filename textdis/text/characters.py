"""Raw text to ids and back, character by character, case kept: nothing is lower-cased, split or joined."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from textdis.core.batch import BOS, EOS, UNK
from textdis.core.errors import UserError
from textdis.text.units import JSON_FILE, SPECIALS, Tokenizer, content, write

LOST = "\N{REPLACEMENT CHARACTER}"  # what an unknown character is when it comes back


class CharTokenizer(Tokenizer):
    """One id a character (Unicode code point): 4 specials, then `characters` by falling frequency.

    A character outside the alphabet is `<unk>`, and comes back as U+FFFD; `unknown` counts them.
    """

    def __init__(self, characters: Sequence[str]):
        self.characters = list(characters)
        self._ids = {character: i for i, character in enumerate(self.characters, len(SPECIALS))}
        self._names = ["", "", "", LOST, *self.characters]
        if len(self._ids) != len(self.characters):
            raise UserError("an alphabet that holds some character twice; each may stand once")

    @classmethod
    def fit(cls, texts: Iterable[str], min_count: int = 1) -> CharTokenizer:
        """Keeps the characters seen `min_count` times or more."""
        counts = Counter[str]()
        for text in texts:
            counts.update(text)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([character for character, count in ranked if count >= min_count])

    @property
    def size(self) -> int:
        return len(self._names)

    def encode(self, text: str) -> list[int]:
        get = self._ids.get
        return [BOS, *(get(character, UNK) for character in text), EOS]

    def decode(self, ids: Iterable[int], source: str | None = None) -> str:
        names = self._names
        return "".join([names[i] for i in content(ids)])

    def unknown(self, texts: Iterable[str]) -> int:
        """How many characters of `texts` are outside the alphabet."""
        return sum(character not in self._ids for text in texts for character in text)

    def positions(self, text: str, words: Iterable[int]) -> list[int]:
        spans = [match.span() for match in re.finditer(r"\S+", text)]
        return [position for word in words for position in range(*spans[word])]

    def save(self, folder: str | Path) -> None:
        record = {"kind": "char", "characters": self.characters}
        write(Path(folder) / JSON_FILE, (json.dumps(record, ensure_ascii=False) + "\n").encode())

    @staticmethod
    def wrote(path: Path) -> bool:
        """Whether the file at `path` calls itself an alphabet."""
        try:
            return json.loads(path.read_bytes())["kind"] == "char"
        except (ValueError, KeyError, TypeError):
            return False

    @classmethod
    def load(cls, path: Path) -> CharTokenizer:
        """Reads what `save` wrote. Raises UserError where the file is damaged."""
        characters = json.loads(path.read_bytes()).get("characters")
        if not isinstance(characters, list) or not all(isinstance(c, str) and len(c) == 1 for c in characters):
            raise UserError(f"{path}: damaged alphabet; fetch the folder again")
        return cls(characters)
