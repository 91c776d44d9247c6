from __future__ import annotations

import math
from functools import partial
from itertools import repeat

import pytest
import torch
from torch.nn import functional as F

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.core.model import load
from textdis.systems.language_model import LanguageModel, LanguageModelConfig, LanguageModelObjective

CONFIG = LanguageModelConfig(vocabulary=11, hidden=7, layers=2, dropout=0.3)
TOKENS = torch.tensor([[BOS, 4, 5, 6, 7, EOS], [BOS, 8, 9, EOS, PAD, PAD]])


def batch_of(tokens: torch.Tensor) -> TextBatch:
    return TextBatch(tokens, (tokens != PAD).sum(1))


@pytest.fixture
def model() -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(CONFIG).eval()


def test_counts_words_and_the_end_of_the_sentence(model):
    nats, tokens = model.nll(batch_of(TOKENS))
    assert nats.shape == (2,) and (nats > 0).all()
    assert tokens.tolist() == [5, 3]


def test_nll_is_the_sum_of_the_logits_of_each_step(model):
    logits = model(TOKENS[:, :-1]).log_softmax(-1)
    by_hand = [-sum(logits[i, t, TOKENS[i, t + 1]].item() for t in range(n)) for i, n in enumerate((5, 3))]
    assert model.nll(batch_of(TOKENS))[0].tolist() == pytest.approx(by_hand, rel=1e-5)


def test_batch_size_and_padding_change_nothing(model):
    together, _ = model.nll(batch_of(F.pad(TOKENS, (0, 13), value=PAD)))
    alone = torch.cat([model.nll(batch_of(row[None, :n]))[0] for row, n in zip(TOKENS, (6, 4), strict=True)])
    torch.testing.assert_close(together, alone)


def test_later_words_are_not_looked_at(model):
    changed = TOKENS.clone()
    changed[:, 3:] = 10
    torch.testing.assert_close(model(changed)[:, :3], model(TOKENS)[:, :3])
    assert not torch.allclose(model(changed)[:, 3:], model(TOKENS)[:, 3:])


def test_probabilities_of_all_next_words_sum_to_one(model):
    nats = [model.nll(batch_of(torch.tensor([[BOS, word]])))[0].item() for word in range(1, 11)]
    pad = -model(torch.tensor([[BOS]])).log_softmax(-1)[0, 0, PAD].item()
    assert sum(math.exp(-n) for n in [*nats, pad]) == pytest.approx(1.0, abs=1e-5)


def test_folder_rebuilds_the_model(model, tmp_path):
    model.save_pretrained(tmp_path)
    torch.testing.assert_close(load(tmp_path).nll(batch_of(TOKENS)), model.nll(batch_of(TOKENS)))


def test_learns_a_sentence_by_heart():
    torch.manual_seed(0)
    objective = LanguageModelObjective(
        LanguageModel(LanguageModelConfig(vocabulary=11, hidden=7, dropout=0.0)),
        optimizer=partial(torch.optim.Adam, lr=0.03),
    )
    player = objective.players()["model"]
    batch = batch_of(TOKENS[:1])
    for _ in range(200):
        turn = next(objective.turns(repeat(batch), 0))
        player.backward(turn.total)
        player.step()
    assert objective.validate(batch, 0)["nll"] < 0.1  # against 5 log 11 = 12.0 of a guess
