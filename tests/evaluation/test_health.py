"""What a model's codes are said to hold, on models whose answer is known. V=11, D=4."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.evaluation.health import code_health, codes_of, rewritten, style_probe
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.text.batches import Batches
from textdis.text.tokenizer import WordTokenizer

RNG = np.random.default_rng(0)


class Parrot:
    """Says back what it read, with `wrong` in place of its first word; the code is one of the label."""

    device, config = torch.device("cpu"), SimpleNamespace(styles=2)

    def __init__(self, wrong: int | None = None):
        self.wrong = wrong

    def encode(self, batch):
        return torch.nn.functional.one_hot(batch.style, 4).float()

    def candidates(self, batch, target, n_best=1):
        words = batch.targets.clone()
        if self.wrong is not None:
            words[:, 0] = self.wrong
        return torch.nn.functional.pad(words, (0, 2), value=PAD)[:, None], torch.zeros(len(batch), 1)


@pytest.fixture
def held_out():
    rows = [[BOS, *([4 + i % 7] * (1 + i % 3)), EOS] for i in range(60)]
    return Batches(rows, [i % 2 for i in range(60)], batch_size=13)


def test_a_parrot_is_in_perfect_health_and_shows_its_styles(held_out):
    found = code_health(Parrot(), held_out)
    assert found["accuracy"] == found["probe"] == found["encoded_norm"] == 1.0
    assert found["encoded_spread"] == pytest.approx(0.5**0.5)
    assert "generated_norm" not in found


def test_accuracy_counts_words_at_their_place(held_out):
    """60 sentences of 2 to 4 words with `</s>`, 3 on average; one of each comes back wrong."""
    assert code_health(Parrot(wrong=3), held_out)["accuracy"] == pytest.approx(2 / 3)


def test_an_arae_is_asked_for_generated_codes_too(held_out):
    torch.manual_seed(0)
    model = ARAE(ARAEConfig(11, 2, embedding=5, code=4, hidden=5, noise=3, generator=(7,))).eval()
    found = code_health(model, held_out)
    assert found["encoded_norm"] == pytest.approx(1.0, abs=1e-5)
    assert found["generated_norm"] > 0 and found["generated_spread"] > 0
    assert 0 <= found["accuracy"] <= 1
    codes, labels = codes_of(model, held_out)
    assert codes.shape == (60, 4) and sorted(set(labels)) == [0, 1]


@pytest.mark.parametrize("hidden", [0, 16])
def test_a_probe_finds_what_is_there_and_nothing_else(hidden):
    labels = np.arange(600) % 2
    noise = RNG.standard_normal((600, 5))
    telling = noise + 4.0 * np.eye(5)[0] * (2 * labels[:, None] - 1)
    assert style_probe(telling, labels, hidden=hidden)["probe"] > 0.98
    assert 0.4 < style_probe(noise, labels, hidden=hidden)["probe"] < 0.6


def test_only_the_layered_probe_finds_what_no_line_divides():
    codes = RNG.uniform(-1, 1, (2000, 2))
    labels = (codes[:, 0] * codes[:, 1] > 0).astype(int)
    assert style_probe(codes, labels)["probe"] < 0.65
    assert style_probe(codes, labels, hidden=64)["probe"] > 0.85


def test_a_probe_of_one_style_is_refused():
    with pytest.raises(ValueError, match="some of two"):
        style_probe(np.zeros((9, 2)), np.zeros(9, int))


def test_chance_is_the_commonest_style():
    labels = np.array([0] * 90 + [1] * 10)
    assert style_probe(RNG.standard_normal((100, 2)), labels)["probe_chance"] == pytest.approx(0.9, abs=0.06)


def test_rewritings_keep_the_order():
    tokenizer, texts = WordTokenizer(list("abcdefg")), ["c b a", "a", "b c", ""]
    assert rewritten(Parrot(), tokenizer, texts, [0, 1, 1, 0], [1, 0, 0, 1]) == texts
