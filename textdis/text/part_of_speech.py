"""Part-of-speech tags of raw sentences, one a word, by spaCy's English tagger, remembered on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textdis.text.nouns import load_tagger, remembered


def tag_words(texts: Sequence[str], *, batch_size: int = 256) -> list[str]:
    """The tags (Penn Treebank) of each text's words and marks, with blanks between: "The cat sat." -> "DT NN VBD .".

    spaCy's tokenizer says what a word is; blanks of the text have no tag. Raises UserError without spaCy or its model.
    """
    texts = list(texts)
    return remembered("tags", texts, lambda: list(_tags(texts, batch_size)))


def _tags(texts: list[str], batch_size: int) -> Iterator[str]:
    for doc in load_tagger().pipe(texts, batch_size=batch_size):
        yield " ".join(token.tag_ for token in doc if not token.is_space)
