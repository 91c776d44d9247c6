from __future__ import annotations

from itertools import repeat

import pytest
import torch
from torch.nn import functional as F

from textdis.core.batch import BOS, EOS, PAD, UNK, TextBatch
from textdis.core.model import load
from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig

CONFIG = TextCNNConfig(vocabulary=11, classes=3, embedding=7, heights=(1, 2, 5), filters=13)
TOKENS = torch.tensor([[BOS, 4, 5, 6, 7, EOS], [BOS, 8, UNK, EOS, PAD, PAD]])
VALID = TOKENS != PAD


@pytest.fixture
def model() -> TextCNN:
    torch.manual_seed(0)
    return TextCNN(CONFIG).eval()


def test_gives_one_row_of_logits_a_sentence(model):
    assert model(TOKENS, VALID).shape == (2, 3)


def test_ids_and_their_one_hot_rows_agree(model):
    rows = F.one_hot(TOKENS, 11).float()
    torch.testing.assert_close(model(rows, VALID), model(TOKENS, VALID))


def test_padding_changes_nothing(model):
    longer = F.pad(TOKENS, (0, 17), value=PAD)
    torch.testing.assert_close(model(longer, longer != PAD), model(TOKENS, VALID))
    garbage = torch.where(longer == PAD, 9, longer)  # what stands past the end is never read
    torch.testing.assert_close(model(garbage, longer != PAD), model(TOKENS, VALID))


def test_soft_rows_past_the_end_are_never_read(model):
    rows = F.one_hot(TOKENS, 11).float()
    longer = torch.cat([rows, torch.full((2, 3, 11), 1 / 11)], 1)
    torch.testing.assert_close(model(longer, F.pad(VALID, (0, 3))), model(rows, VALID))


def test_sentence_markers_are_stripped(model):
    bare = TOKENS[:1, 1:5]
    torch.testing.assert_close(model(bare), model(TOKENS[:1]))


@pytest.mark.parametrize("words", [[], [4], [4, 5]])
def test_a_sentence_shorter_than_a_filter_works(model, words):
    logits = model(torch.tensor([[BOS, *words, EOS]]))
    assert torch.isfinite(logits).all()


def test_word_order_matters(model):
    assert not torch.allclose(model(torch.tensor([[4, 5, 6]])), model(torch.tensor([[6, 5, 4]])))


def test_gradients_reach_soft_rows(model):
    logits = torch.randn(2, 5, 11, requires_grad=True)
    model(logits.softmax(-1)).square().sum().backward()
    assert logits.grad is not None and logits.grad.abs().sum() > 0


def test_folder_rebuilds_the_model(model, tmp_path):
    model.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert again.config == CONFIG
    torch.testing.assert_close(again(TOKENS, VALID), model(TOKENS, VALID))


def test_no_heights_are_refused():
    with pytest.raises(ValueError, match="heights"):
        TextCNNConfig(vocabulary=11, heights=())


def test_word_dropout_touches_words_only_and_only_in_training(model):
    objective = TextClassifierObjective(model, word_dropout=1.0)
    dropped = objective.train()._dropped(TOKENS)
    assert dropped.tolist() == [[BOS, UNK, UNK, UNK, UNK, EOS], [BOS, UNK, UNK, EOS, PAD, PAD]]
    assert torch.equal(objective.eval()._dropped(TOKENS), TOKENS)


def test_unlabelled_batches_are_refused(model):
    batch = TextBatch(TOKENS, VALID.sum(1))
    with pytest.raises(ValueError, match="label"):
        next(TextClassifierObjective(model).turns(repeat(batch), 0))


def test_learns_which_word_was_said():
    torch.manual_seed(0)
    tokens = torch.randint(6, 11, (64, 5))
    label = torch.arange(64) % 2
    tokens[torch.arange(64), torch.randint(5, (64,))] = 4 + label
    batch = TextBatch(tokens, torch.full((64,), 5), label=label)
    model = TextCNN(TextCNNConfig(vocabulary=11, embedding=7, heights=(1, 2), filters=13))
    objective = TextClassifierObjective(model)
    player = objective.players()["model"]
    for _ in range(200):
        turn = next(objective.turns(repeat(batch), 0))
        player.backward(turn.total)
        player.step()
    accuracy = (model.eval()(tokens).argmax(-1) == label).float().mean()
    assert accuracy == 1.0
