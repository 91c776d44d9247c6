"""Shen et al.'s baseline. V=23, S=2 or 3, E=7, Y=3, Z=5."""

import itertools

import pytest
import torch

from textdis.core import precision
from textdis.core.batch import BOS, EOS, PAD, TextBatch, flattened
from textdis.core.model import load
from textdis.losses import vocabulary
from textdis.pipelines.rewriter import TransferModel
from textdis.systems.cross_aligned import CrossAligned, CrossAlignedConfig, CrossAlignedObjective
from textdis.text.batches import collate

ROWS = [[BOS, 7, 8, 9, EOS], [BOS, EOS], [BOS, 12, 13, 14, 15, 16, EOS], [BOS, 5, 6, EOS]]


def model(styles=2):
    torch.manual_seed(0)
    return CrossAligned(CrossAlignedConfig(23, styles, embedding=7, style=3, content=5, dropout=0.0))


def batch(labels=(0, 1, 1, 0)):
    return collate(ROWS, labels)


def turns(made, x=None):
    players = made.players()
    for turn in made.turns(itertools.repeat(x or batch()), 0):
        yield turn
        players[turn.player].backward(turn.total)
        players[turn.player].step()


def test_both_sides_take_their_turn():
    seen = [(turn.player, set(turn.losses)) for turn in turns(CrossAlignedObjective(model(), ceiling=9.0).train())]
    assert seen == [("autoencoder", {"nll", "adversarial"}), ("critics", {"style_0", "style_1"})]


def test_a_discriminator_that_knows_nothing_teaches_nothing():
    """At the start each errs by 2 ln 2 = 1.39 nats on both sides together."""
    made = CrossAlignedObjective(model(), ceiling=1.2).train()
    for critic in made.critics:
        torch.nn.init.zeros_(critic.out.weight)
        torch.nn.init.zeros_(critic.out.bias)
    first, second = turns(made)
    assert set(first.losses) == {"nll"}
    assert [loss.item() for loss in second.losses.values()] == pytest.approx([2 * 0.6931] * 2, rel=1e-3)


def test_the_adversarial_loss_reaches_encoder_and_words():
    made = CrossAlignedObjective(model(), ceiling=9.0).train()
    turn = next(iter(made.turns(itertools.repeat(batch()), 0)))
    turn.losses["adversarial"].backward()
    for module in (made.model.encoder, made.model.decoder, made.model.out):  # `out` only through soft words
        assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())


def test_a_beam_that_found_nothing_is_pads_that_the_model_can_judge():
    made = model()
    tokens, scores = made.candidates(batch(), 1 - batch().style, 30, max_length=1)
    assert (scores[:, -1] == -torch.inf).all() and not tokens[:, -1].any()
    assert torch.isfinite(made.classify(flattened(tokens))).all()


def test_states_behind_the_end_do_not_count():
    made = CrossAlignedObjective(model())
    states, valid = torch.randn(2, 6, 8), torch.tensor([[True] * 4 + [False] * 2, [True] * 6])
    other = states.clone()
    other[0, 4:] = 9.0
    critic = made.critics[0]
    assert torch.equal(critic(states, valid), critic(other, valid))
    assert critic(states[:1, :4], valid[:1, :4]).item() == pytest.approx(critic(states, valid)[0].item(), abs=1e-5)


def test_three_styles_and_a_batch_of_one():
    for x in (batch([0, 1, 2, 2]), collate(ROWS[:1], [2])):
        made = CrossAlignedObjective(model(3), ceiling=9.0).train()
        assert all(loss.isfinite() for turn in turns(made, x) for loss in turn.losses.values())


def test_validation_is_reconstruction():
    made = CrossAlignedObjective(model()).eval()
    assert set(made.validate(batch(), 0)) == {"nll"}


def test_inexact_products_train_validate_and_rewrite(monkeypatch):
    monkeypatch.setattr(precision, "half_products", lambda: True)
    monkeypatch.setattr(vocabulary, "half_products", lambda: True)
    made = CrossAlignedObjective(model(), ceiling=9.0)
    assert all(turn.total.isfinite() and turn.total.dtype == torch.float32 for turn in turns(made.train()))
    made.eval()
    assert made.validate(batch(), 0)["nll"].dtype == torch.float32
    with torch.no_grad():
        for n_best in (1, 3):
            assert made.model.candidates(batch(None), torch.ones(4, dtype=torch.long), n_best)[1].isfinite().any()


def test_it_serves_as_transfer_model(tmp_path):
    made = model().eval()
    assert isinstance(made, TransferModel)
    made.save_pretrained(tmp_path)
    again = load(tmp_path)
    target = torch.tensor([1, 0, 0, 1])
    for n_best in (1, 3):
        tokens, scores = again.candidates(batch(), target, n_best)
        assert tokens.shape[:2] == scores.shape == (4, n_best)
        assert torch.equal(tokens, made.candidates(batch(), target, n_best)[0])
    alone = made.candidates(collate(ROWS[:1], [0]), target[:1], 1, max_length=9)[0][0, 0]
    together = made.candidates(batch(), target, 1, max_length=9)[0][0, 0]
    assert alone[alone != PAD].tolist() == together[together != PAD].tolist()


def test_without_labels_it_judges_the_style_by_likelihood():
    made = model().eval()
    blind = TextBatch(batch().tokens, batch().lengths)
    found = made.classify(blind)
    assert found.exp().sum(-1).tolist() == pytest.approx([1.0] * 4, abs=1e-5)
    told = TextBatch(blind.tokens, blind.lengths, found.argmax(-1))
    target = torch.zeros(4, dtype=torch.long)
    assert torch.equal(made.candidates(blind, target, 1)[0], made.candidates(told, target, 1)[0])


def test_one_style_is_refused():
    with pytest.raises(ValueError, match="two or more"):
        CrossAlignedConfig(23, 1)
