"""The multi-task autoencoder, with sizes that are distinct primes."""

from __future__ import annotations

import dataclasses
from itertools import repeat

import pytest
import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.core.codes import CodeModel
from textdis.core.errors import UserError
from textdis.core.model import ModelError, load
from textdis.nn.final_state import FinalState
from textdis.systems.multitask import MultiBatch, MultiTaskAutoencoder, MultiTaskConfig, MultiTaskObjective
from textdis.text.batches import collate

CONFIG = MultiTaskConfig(13, {"copy": 13, "pos": 7}, embedding=5, hidden=11, representation=3)
ROWS = [[BOS, 4, 5, 6, 7, EOS], [BOS, 8, 9, EOS], [BOS, EOS]]
TAGS = [[BOS, 4, 5, EOS], [BOS, 6, EOS], [BOS, EOS]]
MISSING = [PAD, PAD]


def batch_of(rows=ROWS, tags=TAGS) -> MultiBatch:
    source = collate(rows)
    return MultiBatch(source, {"copy": source, "pos": collate(tags)})


@pytest.fixture
def model() -> MultiTaskAutoencoder:
    torch.manual_seed(0)
    return MultiTaskAutoencoder(CONFIG).eval()


def losses(model: MultiTaskAutoencoder, batch: MultiBatch, step: int = 0, **options) -> dict[str, torch.Tensor]:
    return next(MultiTaskObjective(model, **options).turns(repeat(batch), step)).losses


# ---- the encoder -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lengths", [[3, 13, 1, 7, 7, 1, 5], [5] * 7, [1, 2, 3, 4, 5, 6, 7], [1] * 7])
def test_final_state_is_that_of_a_packed_sequence(lengths):
    torch.manual_seed(0)
    reader, x, counts = FinalState(5, 11), torch.randn(7, 13, 5), torch.tensor(lengths)
    _, (h, c) = reader.rnn(pack_padded_sequence(x, counts, batch_first=True, enforce_sorted=False))
    torch.testing.assert_close(reader(x, counts), torch.cat([h[0], c[0]], -1))


def test_gradients_of_the_final_state_are_those_of_a_packed_sequence():
    torch.manual_seed(0)
    reader, x, counts = FinalState(5, 11), torch.randn(3, 7, 5), torch.tensor([2, 7, 5])
    reader(x, counts).square().sum().backward()
    ours = [p.grad.clone() for p in reader.parameters()]
    reader.zero_grad()
    _, (h, c) = reader.rnn(pack_padded_sequence(x, counts, batch_first=True, enforce_sorted=False))
    (h.square().sum() + c.square().sum()).backward()
    for own, p in zip(ours, reader.parameters(), strict=True):
        torch.testing.assert_close(own, p.grad)


def test_the_code_is_that_of_the_true_last_symbol_whatever_the_padding_and_the_company(model):
    together = model.encode(collate(ROWS))
    padded = F.pad(collate(ROWS).tokens, (0, 17), value=PAD)
    torch.testing.assert_close(model.encode(TextBatch(padded, collate(ROWS).lengths)), together)
    for i, row in enumerate(ROWS):
        torch.testing.assert_close(model.encode(collate([row]))[0], together[i])


def test_the_last_symbol_and_its_order_matter(model):
    codes = model.encode(collate([[BOS, 4, 5, EOS], [BOS, 5, 4, EOS], [BOS, 4, 6, EOS]]))
    assert (torch.cdist(codes, codes) + torch.eye(3) > 1e-4).all()


def test_the_empty_sentence_has_a_code_of_its_own(model):
    codes = model.encode(collate([[BOS, EOS], [BOS, 4, EOS]]))
    assert codes.shape == (2, 3) and torch.isfinite(codes).all() and not torch.allclose(codes[0], codes[1])


def test_tanh_bounds_the_representation(model):
    bounded = MultiTaskAutoencoder(dataclasses.replace(CONFIG, activation="tanh"))
    bounded.load_state_dict(model.state_dict())
    torch.testing.assert_close(bounded.encode(collate(ROWS)), torch.tanh(model.encode(collate(ROWS))))


# ---- the decoders ----------------------------------------------------------------------------------------------------


def test_each_decoder_has_a_dense_layer_of_its_own_to_h_and_c(model):
    copy, pos = model.speaker("copy"), model.speaker("pos")
    assert copy.start is not pos.start
    assert copy.start.weight.shape == pos.start.weight.shape == (2 * 11, 3)
    codes = model.encode(collate(ROWS))
    before = copy.nll(codes, collate(ROWS)), pos.nll(codes, collate(TAGS))
    with torch.no_grad():
        pos.start.bias.add_(1.0)
    torch.testing.assert_close(copy.nll(codes, collate(ROWS)), before[0])
    assert not torch.allclose(pos.nll(codes, collate(TAGS)), before[1])


def test_both_halves_of_the_initial_state_come_from_the_code(model):
    """Zeroing the rows of h, or those of c, changes what is said."""
    speaker, codes = model.speaker("copy"), model.encode(collate(ROWS))
    whole = speaker.nll(codes, collate(ROWS))
    for half in (slice(0, 11), slice(11, 22)):
        kept = speaker.start.weight.detach().clone()
        with torch.no_grad():
            speaker.start.weight[half] = 0.0
        assert not torch.allclose(speaker.nll(codes, collate(ROWS)), whole)
        with torch.no_grad():
            speaker.start.weight.copy_(kept)


def test_nll_sums_steps_of_the_free_decoder(model):
    """The sum of -log p of the symbols, taken one step at a time, renormalised without `<pad>` and `<s>`."""
    from textdis.nn.decoding import DecoderState

    speaker = model.speaker("copy")
    speaker.closed.zero_()
    codes = model.encode(collate(ROWS[:1]))
    state, total = DecoderState({"rnn": speaker.start(codes)}, {}), 0.0
    for token, following in zip(ROWS[0], ROWS[0][1:], strict=False):
        log_probs, state = speaker.step(torch.tensor([token]), state)
        total -= log_probs[0, following].item()
    assert speaker.nll(codes, collate(ROWS[:1])).item() == pytest.approx(total, rel=1e-5)


def test_padding_and_company_change_no_loss(model):
    together = model.nll(model.encode(collate(ROWS)), batch_of().targets)
    for i in range(3):
        alone = batch_of([ROWS[i]], [TAGS[i]])
        for name, nats in model.nll(model.encode(alone.source), alone.targets).items():
            torch.testing.assert_close(nats[0], together[name][i])


def test_a_missing_target_costs_nothing_and_teaches_nothing(model):
    partly = batch_of(tags=[TAGS[0], MISSING, TAGS[2]])
    nats = model.nll(model.encode(partly.source), partly.targets)["pos"]
    whole = model.nll(model.encode(collate(ROWS)), batch_of().targets)["pos"]
    assert nats[1] == 0.0
    torch.testing.assert_close(nats[[0, 2]], whole[[0, 2]])
    none = batch_of(tags=[MISSING] * 3)
    loss = losses(model, none)["pos"]
    assert loss == 0.0
    loss.backward()
    assert all(p.grad is None or not p.grad.any() for p in model.parameters())


def test_a_missing_target_moves_no_code_of_its_row(model):
    codes = model.encode(collate(ROWS)).detach().requires_grad_()
    targets = collate([TAGS[0], MISSING, TAGS[2]])
    model.nll(codes, {"pos": targets})["pos"].sum().backward()
    assert codes.grad[[0, 2]].any() and not codes.grad[1].any()


def test_veiled_symbols_in_training_only():
    torch.manual_seed(0)
    model = MultiTaskAutoencoder(dataclasses.replace(CONFIG, veil=0.5))
    batch = batch_of()
    once, again = (losses(model, batch)["copy"].item() for _ in range(2))
    assert once != again
    model.eval()
    once, again = (losses(model, batch)["copy"].item() for _ in range(2))
    assert once == again


# ---- the objective ---------------------------------------------------------------------------------------------------


def test_losses_are_named_by_decoder_and_weighted_by_name(model):
    turn = next(MultiTaskObjective(model, weights={"pos": 5.0}).turns(repeat(batch_of()), 0))
    assert list(turn.losses) == ["copy", "pos"]
    assert turn.total.item() == pytest.approx(turn.losses["copy"].item() + 5.0 * turn.losses["pos"].item())


def test_alternating_takes_one_decoder_a_step_in_turn(model):
    assert [list(losses(model, batch_of(), step, alternating=True)) for step in range(3)] == [
        ["copy"],
        ["pos"],
        ["copy"],
    ]
    objective = MultiTaskObjective(model, alternating=True)
    player = objective.players()["model"]
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    turn = next(objective.turns(repeat(batch_of()), 1))
    player.backward(turn.total)
    player.step()
    moved = {name.split(".")[1] for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert "to_pos" in moved and "to_copy" not in moved
    assert list(objective.validate(batch_of(), 1)) == ["copy", "pos"]


def test_a_batch_moves_as_one():
    moved = batch_of().to("meta")
    assert moved.source.tokens.device.type == moved.targets["pos"].tokens.device.type == "meta"
    assert len(moved) == 3


@pytest.mark.parametrize("name", ["type", "train", "pos.fine"])
def test_any_name_makes_a_decoder(name):
    if "." in name:
        with pytest.raises((KeyError, ValueError)):
            MultiTaskAutoencoder(MultiTaskConfig(13, {name: 5}))
    else:
        assert MultiTaskAutoencoder(MultiTaskConfig(13, {name: 5})).speaker(name).out.out_features == 5


def test_without_decoders_and_with_unknown_weights_it_is_refused(model):
    with pytest.raises(ValueError, match="without decoders"):
        MultiTaskAutoencoder(MultiTaskConfig(13))
    with pytest.raises(UserError, match="'lang1'"):
        MultiTaskObjective(model, weights={"lang1": 1.0})


# ---- a code model ----------------------------------------------------------------------------------------------------


def test_says_codes_and_never_pads_or_starts(model):
    assert isinstance(model, CodeModel) and model.code_size == 3
    said = model.say(torch.randn(17, 3) * 5.0, 6)
    assert said.shape[0] == 17 and said.shape[1] <= 7
    assert (said != BOS).all()
    assert all(EOS in row and PAD not in row[: row.index(EOS)] for row in said.tolist())


def test_without_copy_it_encodes_but_cannot_say():
    model = MultiTaskAutoencoder(MultiTaskConfig(13, {"pos": 7}))
    assert model.encode(collate(ROWS)).shape == (3, 64)
    with pytest.raises(UserError, match="no decoder 'copy', only pos"):
        model.say(torch.randn(2, 64), 5)
    assert model.say(torch.randn(2, 64), 5, "pos").max() < 7


def test_folder_rebuilds_the_model(model, tmp_path):
    model.save_pretrained(tmp_path)
    torch.testing.assert_close(load(tmp_path).encode(collate(ROWS)), model.encode(collate(ROWS)))
    text = (tmp_path / "config.json").read_text().replace('"copy": 13,', "").replace('"pos": 7', "")
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match="without decoders"):
        load(tmp_path)


def test_learns_sentences_and_tags_by_heart():
    torch.manual_seed(0)
    model = MultiTaskAutoencoder(dataclasses.replace(CONFIG, hidden=23))
    objective = MultiTaskObjective(model, schedule=lambda step: 3.0)
    player = objective.players()["model"]
    for step in range(250):
        turn = next(objective.turns(repeat(batch_of()), step))
        player.backward(turn.total)
        player.step()
    assert max(loss.item() for loss in turn.losses.values()) < 0.1
    said = model.eval().say(model.encode(collate(ROWS)), 9).tolist()
    assert [row[: row.index(EOS) + 1] for row in said] == [row[1:] for row in ROWS]
