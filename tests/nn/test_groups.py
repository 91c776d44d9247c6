"""Codes and words between padded batches, without padding. B=5, T up to 9, E=7, H=11, V=23."""

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.nn import groups
from textdis.nn.feedforward import mlp
from textdis.nn.groups import CodeDecoder, CodeEncoder, joined, label_groups, length_groups
from textdis.text.batches import collate

ROWS = [[BOS, *range(4, 4 + n), EOS] for n in (3, 0, 7, 1, 5)]


@pytest.fixture
def batch():
    return collate(ROWS, [0, 1, 2, 1, 0])


def wider(batch, pads=3):
    tokens = torch.cat([batch.tokens, torch.full((len(batch), pads), PAD)], 1)
    return TextBatch(tokens, batch.lengths, batch.label)


def test_every_row_is_in_one_group_of_its_length(batch):
    found = length_groups(batch.lengths, 2)
    assert sorted(torch.cat([rows for rows, _ in found]).tolist()) == [0, 1, 2, 3, 4]
    assert [longest for _, longest in found] == [3, 7, 9]


def test_label_groups(batch):
    assert [(label, rows.tolist()) for label, rows in label_groups(batch.label)] == [(0, [0, 4]), (1, [1, 3]), (2, [2])]


@pytest.mark.parametrize("size", [1, 2, 32])
def test_neither_groups_nor_pads_change_a_code(batch, size, monkeypatch):
    torch.manual_seed(0)
    encoder = CodeEncoder(23, 7, 11)
    alone = torch.cat([encoder(row.tokens, row.lengths) for row in (collate([ids]) for ids in ROWS)])
    monkeypatch.setattr(groups, "GROUP", size)
    for given in (batch, wider(batch)):
        torch.testing.assert_close(encoder(given.tokens, given.lengths), alone)


def test_an_encoder_starts_where_it_is_told(batch):
    torch.manual_seed(0)
    encoder, start = CodeEncoder(23, 7, 11, cell="gru"), torch.randn(5, 11)
    alone = [encoder(collate([ids]).tokens, collate([ids]).lengths, start[i : i + 1]) for i, ids in enumerate(ROWS)]
    torch.testing.assert_close(encoder(batch.tokens, batch.lengths, start), torch.cat(alone))


def test_a_decoder_sees_valid_words_only_and_steps_as_it_is_forced(batch):
    torch.manual_seed(0)
    decoder, context = CodeDecoder(23, 7, 3, 11), torch.randn(5, 3)
    states, targets, owners = decoder(wider(batch), context)
    assert len(states) == len(targets) == int(batch.mask.sum())
    for i, ids in enumerate(ROWS):
        assert targets[owners == i].tolist() == ids[1:]
        state = torch.zeros(1, decoder.rnn.state_size)
        for t, token in enumerate(ids[:-1]):
            hidden, state = decoder.step(torch.tensor([token]), context[i : i + 1], state)
            torch.testing.assert_close(hidden[0], states[owners == i][t])


def test_joined_batches_pad_to_the_widest():
    both = joined([collate(ROWS[:2], [0, 1]), collate(ROWS[2:], [2, 1, 0])])
    assert torch.equal(both.tokens, collate(ROWS).tokens)
    assert both.label.tolist() == [0, 1, 2, 1, 0] and both.lengths.tolist() == list(map(len, ROWS))


def test_a_spectral_stack_is_one_lipschitz():
    torch.manual_seed(0)
    stack = mlp([5, 13, 1], spectral=True)
    for _ in range(50):  # the power iteration takes one turn a call
        stack(torch.randn(3, 5))
    stack.eval()
    one, other = torch.randn(200, 5), torch.randn(200, 5)
    assert ((stack(one) - stack(other)).abs().squeeze(-1) <= 1.01 * (one - other).norm(dim=-1)).all()
