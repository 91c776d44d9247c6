"""The CNN-GRU autoencoder with a sentiment head."""

import dataclasses

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.core.codes import CodeModel
from textdis.core.model import load
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig, MMDTraversalObjective
from textdis.text.batches import collate

VOCABULARY, FILTERS, HEIGHTS = 29, 3, (1, 2, 3, 4)
SIZE = FILTERS * len(HEIGHTS)  # of a code, and of a word vector


def model(seed=0, **fields):
    torch.manual_seed(seed)
    return MMDTraversal(MMDTraversalConfig(VOCABULARY, embedding=SIZE, filters=FILTERS, **fields)).eval()


def batch(*rows, labels=None):
    return collate([[BOS, *row, EOS] for row in rows], labels)


ROWS = ([7, 8, 9, 10, 11], [12], [13, 14, 7])


def test_it_is_a_code_model_of_three_hundred_numbers():
    assert isinstance(model(), CodeModel) and model().code_size == SIZE
    assert MMDTraversal(MMDTraversalConfig(VOCABULARY)).code_size == 300


def test_codes_are_not_negative_and_pads_change_nothing():
    together = model().encode(batch(*ROWS))
    assert together.shape == (3, SIZE) and (together >= 0).all()
    for i, row in enumerate(ROWS):  # the second is shorter than three of the filters
        assert torch.allclose(model().encode(batch(row))[0], together[i], atol=1e-6)


def test_nll_counts_words_and_the_end_and_no_pad():
    one = model()
    x = batch(*ROWS)
    nats = one.token_nll(one.encode(x), x)
    assert nats.shape == x.mask.shape and (nats[~x.mask] == 0).all() and (nats[x.mask] > 0).all()
    short = batch(ROWS[1])
    assert torch.allclose(nats[1, :2], one.token_nll(one.encode(short), short)[0], atol=1e-5)


def test_forcing_and_stepping_agree():
    one, x = model(), batch(ROWS[0])
    codes = one.encode(x)
    from textdis.nn.decoding import DecoderState

    state, nats = DecoderState({"rnn": codes}, {}), []
    for token, target in zip(x.inputs[0], x.targets[0], strict=True):
        log_probs, state = one.step(token[None], state)
        assert log_probs[0, [PAD, BOS]].max() < -1e8
        nats.append(-log_probs[0, target])
    # forcing gives pads and <s> their share, stepping does not: the difference is the same at no step, but small
    assert torch.allclose(torch.stack(nats), one.token_nll(codes, x)[0], atol=0.2)
    assert torch.exp(log_probs).sum().item() == pytest.approx(1.0, abs=1e-5)


def test_saying_ends_and_depends_on_the_code_alone():
    one = model()
    ids = one.say(one.encode(batch(*ROWS)), 6)
    assert ids.shape[0] == 3 and ids.shape[1] <= 7
    for i in range(3):
        alone = one.say(one.encode(batch(ROWS[i])), 6)[0]
        assert [t for t in alone.tolist() if t] == [t for t in ids[i].tolist() if t]
    assert all(EOS in row for row in ids.tolist())


def test_the_label_is_read_from_the_code():
    one = model(classes=3)
    log_probs = one.classify(one.encode(batch(*ROWS)))
    assert log_probs.shape == (3, 3) and torch.allclose(log_probs.exp().sum(-1), torch.ones(3))


def test_word_vectors_of_their_own_size_need_a_matrix_of_their_own():
    with pytest.raises(ValueError, match="tied"):
        MMDTraversalConfig(VOCABULARY, embedding=SIZE + 1, filters=FILTERS)
    free = MMDTraversal(MMDTraversalConfig(VOCABULARY, embedding=17, filters=FILTERS, tied=False)).eval()
    assert free.say(free.encode(batch(*ROWS)), 4).shape[0] == 3


def test_warming_up_knows_no_labels_and_the_sum_is_not_weighted():
    objective = MMDTraversalObjective(model(), warmup=2)
    turn = next(objective.turns(iter([batch(*ROWS)]), 1))
    assert list(turn.losses) == ["nll"]
    turn = next(objective.turns(iter([batch(*ROWS, labels=[0, 1, 1])]), 2))
    assert turn.total.item() == pytest.approx(turn.losses["nll"].item() + turn.losses["label"].item(), rel=1e-6)
    with pytest.raises(ValueError, match="without labels"):
        next(objective.turns(iter([batch(*ROWS)]), 2))


def test_held_out_losses_are_exact():
    objective, x = MMDTraversalObjective(model(), share=0.2), batch(*ROWS, labels=[0, 1, 1])
    exact = objective.model.token_nll(objective.model.encode(x), x).sum() / 3
    assert objective.eval().validate(x, 0)["nll"].item() == pytest.approx(exact.item(), rel=1e-6)
    torch.manual_seed(3)
    assert objective.train().validate(x, 0)["nll"].item() != pytest.approx(exact.item(), rel=1e-4)


def test_a_folder_rebuilds_it(tmp_path):
    one = model(heights=(1, 2, 3, 4))
    one.save_pretrained(tmp_path, labels=["negative", "positive"], longest=15)
    again = load(tmp_path)
    assert dataclasses.asdict(again.config) == dataclasses.asdict(one.config)
    assert torch.equal(again.encode(batch(*ROWS)), one.encode(batch(*ROWS)))
