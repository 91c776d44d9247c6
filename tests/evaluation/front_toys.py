"""Judges that know two good words, and three sentences to rewrite: small enough to score by hand."""

from __future__ import annotations

import numpy as np

from textdis.evaluation.baselines import AppendPhrase, LexiconSwap
from textdis.evaluation.fitted import Baselines
from textdis.evaluation.protocols import SentenceNLL
from textdis.evaluation.sources import Sources

NAMES = ["negative", "positive"]
TEXTS = ["the soup was awful .", "the staff was great .", "we hated it all !"]
LABELS = [0, 1, 0]
NOUNS = [["soup"], ["staff"], []]
REFERENCES = ["the soup was great .", "the staff was awful .", "we loved it all !"]
GOOD = {"great", "loved"}
DATA = Sources(TEXTS, LABELS, references=REFERENCES, nouns=NOUNS, label_names=NAMES)
SWAP = LexiconSwap({(0, 1): {"awful": "great", "hated": "loved"}, (1, 0): {"great": "awful"}})
FITTED = Baselines(SWAP, AppendPhrase(["never again .", "great place !"]), NAMES, "a toy")


class FakeJudges:
    """Two nats a token; `xyzzy` is unknown; undecided about `maybe`; the second judge likes everything."""

    labels = NAMES
    fingerprint = "abc"
    held_out = {"cnn": 0.97, "linear": 0.94, "perplexity": float(np.exp(1.0)), "unk_share": 0.0, "tokens": 9.0}
    manifest = {"data": "yelp"}
    language = None

    def __init__(self):
        self.calls: list[list[str]] = []

    def style(self, texts):
        self.calls.append(list(texts))
        good = np.array([0.5 if "maybe" in t else 0.9 if GOOD & set(t.split()) else 0.1 for t in texts])
        return {"cnn": np.stack([1 - good, good], 1), "linear": np.tile([0.2, 0.8], (len(texts), 1))}

    def nll(self, texts):
        tokens = np.array([len(text.split()) + 1 for text in texts])
        unknown = np.array([text.split().count("xyzzy") for text in texts])
        return SentenceNLL(2.0 * tokens, tokens, unknown)

    def weak(self, threshold=None):
        return []
