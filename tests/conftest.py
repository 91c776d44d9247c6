"""What tests of several rooms share: the project's folders, and a transfer model without weights."""

import os
from pathlib import Path

import pytest
import torch

from textdis.core.batch import EOS, PAD
from textdis.pipelines.transfer import Transfer
from textdis.text.tokenizer import WordTokenizer

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_DATASETS_OFFLINE="1")  # no test asks a hub
ROOT = Path(__file__).resolve().parents[1]

PAIRS = {"great": "awful", "love": "hate", "friendly": "rude", "tasty": "bland"}
PLAIN = "the food was staff is and i this place but _num_ . , ! it 's $ waited for minutes".split()
NEUTRAL = 0.6


class LexiconModel:
    """Swaps words by a lexicon, so that a test knows what must come out.

    Label 1 where good words outnumber bad ones; candidates: all swapped, only the first, none, and a stutter.
    """

    def __init__(self, tokenizer: WordTokenizer):
        ids = {word: tokenizer.encode(word)[1] for pair in PAIRS.items() for word in pair}
        self.score = torch.zeros(tokenizer.size)
        self.score[[ids[word] for word in PAIRS]] = 1.0
        self.score[[ids[word] for word in PAIRS.values()]] = -1.0
        self.swap = torch.arange(tokenizer.size)
        for good, bad in PAIRS.items():
            self.swap[ids[good]], self.swap[ids[bad]] = ids[bad], ids[good]
        self.batches: list[int] = []  # sentences of each batch that was rewritten

    def classify(self, batch):
        score = 2.0 * self.score[batch.tokens].sum(1)
        return torch.stack([-score, score], 1).log_softmax(-1)

    def candidates(self, batch, target, n_best=4, max_length=None):
        self.batches.append(len(batch))
        words = batch.tokens[:, 1:]
        wanted = 2.0 * target[:, None] - 1.0
        wrong = self.score[words] * wanted < 0
        swapped = torch.where(wrong, self.swap[words], words)
        once = torch.where(wrong & (wrong.cumsum(1) == 1), self.swap[words], words)
        stutter = torch.cat([swapped[:, :1], swapped[:, :-1]], 1)
        stutter[:, -1] = torch.where(swapped[:, -1] == PAD, PAD, EOS)
        tokens = torch.stack([swapped, once, words, stutter], 1)[:, :n_best]
        scores = -0.1 * torch.arange(1, 1 + tokens.shape[1]).repeat(len(tokens), 1)
        return tokens, scores


@pytest.fixture(scope="session")
def toy_files():
    """Writes sentences of the made language into two text files of a folder, one a style, and returns their names."""

    def write(folder, sentences):
        names = tuple(folder / f"my.{label}.txt" for label in (0, 1))
        for label, name in enumerate(names):
            name.write_text("".join(s.text + "\n" for s in sentences if s.label == label))
        return tuple(map(str, names))

    return write


@pytest.fixture
def lexicon():
    """A `Transfer` between `negative` and `positive` over a lexicon of four pairs."""
    return _lexicon()


@pytest.fixture(scope="session")
def lexicon_once():
    """The same, for tests by hypothesis, which make many examples of one fixture."""
    return _lexicon()


def _lexicon():
    tokenizer = WordTokenizer([*PLAIN, *PAIRS, *PAIRS.values()], slots=3)
    return Transfer(LexiconModel(tokenizer), tokenizer, ["negative", "positive"], neutral=NEUTRAL)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the model that ships; skips where a checkout comes without it."""
    folder = ROOT / "textdis" / "pretrained" / "yelp-sentiment"
    if not (folder / "config.json").is_file():
        pytest.skip(f"{folder.relative_to(ROOT)} is not in this checkout")
    return folder
