"""Text to ids and back: whole words, sentencepiece, or characters (`text/characters.py`); `load_tokenizer` finds which.

Words and pieces read model text (lower-cased words, one blank between). All keep the ids of `core.batch`:
`<pad>` 0, `<s>` 1, `</s>` 2, `<unk>` 3.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from textdis.core.batch import BOS, EOS, PAD, UNK
from textdis.core.errors import UserError
from textdis.core.model import refuse_run
from textdis.text.characters import CharTokenizer
from textdis.text.units import JSON_FILE, SPECIALS, Tokenizer, content, write

__all__ = ["CharTokenizer", "SentencePieceTokenizer", "Tokenizer", "WordTokenizer", "load_tokenizer"]

PIECE_FILE = "tokenizer.model"


class WordTokenizer(Tokenizer):
    """One id a word: 4 specials, then `slots`, then `words` by falling frequency.

    With slots, the j-th distinct unknown word of a sentence becomes `<slot_j>`, and `decode(ids, source)` puts the
    word back, so that names, URLs and emoji can be copied. Unknown words beyond the slots, or without any, are `<unk>`.
    """

    def __init__(self, words: Sequence[str], slots: int = 0):
        self.words, self.slots = list(words), slots
        marks = [*SPECIALS, *(f"<slot_{j}>" for j in range(slots))]
        self._names = marks + self.words
        # marks are left out: a sentence that spells `<pad>` holds an unknown word, not padding
        self._ids = {word: i for i, word in enumerate(self.words, len(marks))}
        if len(self._ids) != len(self.words):
            raise UserError(f"a vocabulary of {len(self.words)} words holds some twice; each word may stand once")

    @classmethod
    def fit(
        cls, sentences: Iterable[str], min_count: int = 1, max_size: int | None = None, slots: int = 0
    ) -> WordTokenizer:
        """Keeps words seen `min_count` times or more, at most the `max_size` most frequent (specials not counted)."""
        counts = Counter(word for sentence in sentences for word in sentence.split())
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([word for word, count in ranked if count >= min_count][:max_size], slots)

    @property
    def size(self) -> int:
        return len(self._names)

    def encode(self, text: str) -> list[int]:
        words, get = text.split(), self._ids.get
        ids = [BOS, *(get(word, UNK) for word in words), EOS]
        if self.slots and UNK in ids:
            slots = self.slot_ids(text)
            ids[1:-1] = [slots.get(word, i) for word, i in zip(words, ids[1:-1], strict=True)]
        return ids

    def slot_ids(self, text: str) -> dict[str, int]:
        """The unknown words of `text` that got a slot, in order of appearance, with the slots' ids."""
        unknown = dict.fromkeys(word for word in text.split() if word not in self._ids)
        return dict(zip(unknown, range(len(SPECIALS), len(SPECIALS) + self.slots), strict=False))

    def decode(self, ids: Iterable[int], source: str | None = None) -> str:
        names: Any = self._names
        ids = content(ids)
        if source is not None and any(len(SPECIALS) <= i < len(SPECIALS) + self.slots for i in ids):
            words = {i: word for word, i in self.slot_ids(source).items()}
            return " ".join(words.get(i) or names[i] for i in ids)
        return " ".join([names[i] for i in ids])

    def positions(self, text: str, words: Iterable[int]) -> list[int]:
        return list(words)

    def save(self, folder: str | Path) -> None:
        record = {"kind": "word", "slots": self.slots, "words": self.words}
        write(Path(folder) / JSON_FILE, (json.dumps(record, ensure_ascii=False) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> WordTokenizer:
        """Reads what `save` wrote. Raises UserError where the file is damaged."""
        try:
            record = json.loads(path.read_bytes())
            words, slots = record["words"], record["slots"]
            sound = record["kind"] == "word" and isinstance(slots, int) and slots >= 0 and isinstance(words, list)
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}: not a word vocabulary ({error}); fetch the folder again") from None
        if not sound or not all(isinstance(word, str) and word.split() == [word] for word in words):
            raise UserError(f"{path}: damaged word vocabulary; fetch the folder again")
        return cls(words, slots)


class SentencePieceTokenizer(Tokenizer):
    """Unigram pieces with byte fallback: any script comes back as it was, and `<unk>` never appears.

    (The one exception is the character U+2581, which sentencepiece itself uses for the blank.)
    """

    def __init__(self, model: bytes):
        import sentencepiece

        self._model, self._pieces = model, sentencepiece.SentencePieceProcessor()
        self._pieces.LoadFromSerializedProto(model)

    @classmethod
    def fit(cls, sentences: Iterable[str], size: int = 8000) -> SentencePieceTokenizer:
        """Trains about `size` pieces, fewer where the text does not hold as many.

        Raises UserError where `size` cannot hold the 4 specials, the 256 bytes and the characters.
        """
        import sentencepiece

        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.Train(
                sentence_iterator=iter(sentences), model_writer=model, vocab_size=size, hard_vocab_limit=False,
                pad_id=PAD, bos_id=BOS, eos_id=EOS, unk_id=UNK, byte_fallback=True, normalization_rule_name="identity",
                num_threads=1, minloglevel=2,
            )  # fmt: skip
        except RuntimeError:
            raise UserError(
                f"sentencepiece could not make {size} pieces of this text: 4 specials, 256 bytes and each character "
                "take one; give more sentences, or more pieces (4,000 to 8,000 are usual)"
            ) from None
        return cls(model.getvalue())

    @property
    def size(self) -> int:
        return self._pieces.GetPieceSize()

    def encode(self, text: str) -> list[int]:
        return [BOS, *self._pieces.EncodeAsIds(text), EOS]

    def decode(self, ids: Iterable[int], source: str | None = None) -> str:
        return self._pieces.DecodeIds(content(ids))

    def positions(self, text: str, words: Iterable[int]) -> list[int]:
        wanted, word, found = set(words), -1, []
        for i, piece in enumerate(self._pieces.EncodeAsPieces(text)):
            word += piece.startswith("▁")
            if word in wanted:
                found.append(i)
        return found

    def save(self, folder: str | Path) -> None:
        write(Path(folder) / PIECE_FILE, self._model)

    @classmethod
    def load(cls, path: Path) -> SentencePieceTokenizer:
        """Reads what `save` wrote. Raises UserError where the file is damaged."""
        try:
            made = cls(path.read_bytes())
        except RuntimeError:
            raise UserError(f"{path}: not a sentencepiece model; fetch the folder again") from None
        pieces = made._pieces
        if (pieces.pad_id(), pieces.bos_id(), pieces.eos_id(), pieces.unk_id()) != (PAD, BOS, EOS, UNK):
            raise UserError(f"{path}: its special ids are not 0, 1, 2, 3; train it with SentencePieceTokenizer.fit")
        return made


def load_tokenizer(folder: str | Path) -> Tokenizer:
    """The tokenizer of a model folder. Raises UserError: none there, or damaged."""
    folder = Path(folder)
    if (folder / JSON_FILE).is_file():
        kind = CharTokenizer if CharTokenizer.wrote(folder / JSON_FILE) else WordTokenizer
        return kind.load(folder / JSON_FILE)
    if (folder / PIECE_FILE).is_file():
        return SentencePieceTokenizer.load(folder / PIECE_FILE)
    refuse_run(folder)
    raise UserError(f"{folder}: no tokenizer there ({JSON_FILE} or {PIECE_FILE}); give a folder that textdis wrote")
