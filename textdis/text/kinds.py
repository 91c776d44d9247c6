"""The part of speech that each word mostly has, by spaCy's English tagger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from textdis.text.nouns import NUMBER, load_tagger

SAMPLE = 40_000  # sentences that are tagged: half a minute
OPEN = "CD FW JJ JJR JJS NN NNP NNPS NNS RB RBR RBS UH VB VBD VBG VBN VBP VBZ".split()  # any word may join these


def usual_tags(texts: Sequence[str], *, seed: int = 0) -> dict[str, str]:
    """Word -> Penn tag, of the words in `texts` (model text; of many, a sample drawn by the seed).

    Raises UserError where spaCy or its English model is not installed.
    """
    from spacy.tokens import Doc

    if len(texts) > SAMPLE:
        texts = [texts[i] for i in np.random.default_rng(seed).choice(len(texts), SAMPLE, replace=False)]
    tagger = load_tagger()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for doc in tagger.pipe((Doc(tagger.vocab, words=text.split()) for text in texts), batch_size=512):
        for token in doc:
            found[token.text][token.tag_] += 1
    return {word: max(tags, key=lambda tag: (tags[tag], tag)) for word, tags in found.items()} | {NUMBER: "CD"}


def word_kinds(words: Sequence[str], tags: dict[str, str], *, own: int = 60) -> list[str]:
    """What a word counts as in a sentence's frame: its open class; itself where it is a function word.

    The first `own` words, which come by falling frequency, are kinds of their own too ("was" is not "said"), unless
    nouns or adjectives. A word that was never tagged is a noun.
    """
    kinds = []
    for rank, word in enumerate(words):
        tag = tags.get(word, "NN")
        kinds.append(tag if tag in OPEN and (rank >= own or tag[:2] in ("NN", "JJ")) else word)
    return kinds
