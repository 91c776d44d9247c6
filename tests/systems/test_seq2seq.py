"""Sequence to sequence. Sizes: B=3, S=T=6, V=23, E=13, H=29."""

import dataclasses

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.core.model import load
from textdis.nn.decoding import greedy
from textdis.systems.seq2seq import Seq2Seq, Seq2SeqConfig, SoftSource
from textdis.text.batches import collate

ROWS = [[BOS, 7, 8, 9, 10, EOS], [BOS, 4, 11, EOS], [BOS, EOS]]
CONFIG = Seq2SeqConfig(23, embedding=13, hidden=29, units=7, styles=2, slots=2)


def model(**fields) -> Seq2Seq:
    torch.manual_seed(0)
    return Seq2Seq(dataclasses.replace(CONFIG, **fields)).eval()


def batch(rows=ROWS) -> TextBatch:
    return collate(rows, [i % 2 for i in range(len(rows))])


VARIANTS = [
    {},
    {"cell": "lstm", "layers": 2},
    {"attention": "multiplicative", "bidirectional": False},
    {"copy": False},
    {"tied": False, "styles": 0},
]


@pytest.mark.parametrize("fields", VARIANTS, ids=str)
def test_teacher_forcing_equals_one_step_at_a_time(fields):
    net, x = model(**fields), batch()
    state = net.start(x, 1 - x.label)
    probs, attention = net.forced(state, x.inputs)
    for t in range(x.inputs.shape[1]):
        log_probs, state = net.step(x.inputs[:, t], state)
        assert torch.allclose(log_probs.exp(), probs[:, t], atol=1e-6)
        assert torch.allclose(state.hidden["attention"], attention[:, t], atol=1e-6)


def test_a_step_without_gradients_says_the_same_of_words_that_stand_twice_or_nowhere():
    net, x = model(), batch([[BOS, 7, 8, 7, EOS], [BOS, 4, 11, EOS]])
    start = net.start(x, 1 - x.label)
    slow, _ = net.step(x.inputs[:, 1], start)
    with torch.no_grad():
        fast, _ = net.step(x.inputs[:, 1], start)
    assert torch.allclose(fast.exp(), slow.exp(), atol=1e-6)
    assert fast.exp().sum(-1) == pytest.approx(1, abs=1e-5) and fast.argmax(-1).equal(slow.argmax(-1))


@pytest.mark.parametrize("fields", VARIANTS, ids=str)
def test_the_short_way_to_the_likelihood_is_the_long_one(fields):
    net, x = model(**fields), batch()
    probs, _ = net.forced(net.start(x, x.label), x.inputs)
    assert torch.allclose(probs.sum(-1), torch.ones(3, 5), atol=1e-5)
    slow = -(probs.gather(-1, x.targets[..., None]).squeeze(-1) + 1e-8).log()
    fast = net.token_nll(net.start(x, x.label), x)
    assert torch.allclose(fast[x.mask], slow[x.mask], atol=1e-4)


def test_pads_change_nothing():
    net, x = model(), batch()
    alone = batch([ROWS[1]])
    alone = dataclasses.replace(alone, label=x.label[1:2])
    together = net.token_nll(net.start(x, x.label), x)[1, :3]
    assert torch.allclose(together, net.token_nll(net.start(alone, alone.label), alone)[0], atol=1e-5)


def test_one_hot_words_are_words():
    net, x = model(), batch()
    soft = SoftSource(torch.nn.functional.one_hot(x.tokens, 23).float(), x.lengths, x.label)
    hard_state, soft_state = net.start(x, x.label), net.start(soft, x.label)
    assert torch.allclose(net.token_nll(hard_state, x)[x.mask], net.token_nll(soft_state, x)[x.mask], atol=1e-5)
    assert torch.allclose(net.forced(hard_state, x.inputs)[0], net.forced(soft_state, x.inputs)[0], atol=1e-5)
    rows = torch.nn.functional.one_hot(x.tokens[:, 0], 23).float()
    assert torch.allclose(net.step(rows, soft_state)[0], net.step(x.tokens[:, 0], hard_state)[0], atol=1e-5)


def test_only_the_pointer_says_slots_and_nothing_says_pads():
    """Slot 4 stands in row 1 alone: elsewhere its probability is zero, as are those of <pad> and <s>."""
    net, x = model(), batch()
    probs, attention = net.forced(net.start(x, x.label), x.inputs)
    assert probs[0, :, 4].max() < 1e-20 and probs[2, :, 4].max() < 1e-20
    assert probs[1, :, 4].min() > 1e-3
    assert probs[:, :, 5].max() < 1e-20
    assert probs[0, :, PAD].max() < 1e-20


def test_copies_by_hand():
    """The gate shut, all attention on one word: that word is certain."""
    net, x = model(), batch([[BOS, 7, EOS]])
    torch.nn.init.zeros_(net.gate.weight)
    torch.nn.init.constant_(net.gate.bias, -50.0)
    probs, attention = net.forced(net.start(x, x.label), x.inputs)
    assert torch.allclose(probs[0, :, [BOS, 7, EOS]], attention[0], atol=1e-6)


def test_labels_are_heard():
    net, x = model(), batch()
    one, other = (net.forced(net.start(x, torch.full((3,), k)), x.inputs)[0] for k in (0, 1))
    assert (one - other).abs().max() > 1e-4
    told = dataclasses.replace(x, label=1 - x.label)
    assert not torch.allclose(
        net.forced(net.start(told, x.label), x.inputs)[0], net.forced(net.start(x, x.label), x.inputs)[0]
    )


def test_a_model_with_styles_asks_for_them():
    with pytest.raises(ValueError, match="built with styles"):
        model().start(collate(ROWS))


def test_tied_tables_are_one():
    net = model()
    assert net.out.weight is net.embed.weight
    assert sum(p.numel() for p in model(tied=False).parameters()) == sum(p.numel() for p in net.parameters()) + 23 * 13


@pytest.mark.parametrize("half", [False, True])
def test_a_folder_gives_the_same_model_back(tmp_path, half):
    net, x = model(cell="lstm"), batch()
    net.save_pretrained(tmp_path, half=half)
    again = load(tmp_path)
    assert isinstance(again, Seq2Seq) and again.config == net.config
    assert again.out.weight is again.embed.weight
    first, second = (greedy(m.step, m.start(x, x.label), 6) for m in (net, again))
    assert torch.allclose(first.scores, second.scores, atol=0.05 if half else 1e-6)


def listed(*words: int) -> torch.Tensor:
    return torch.isin(torch.arange(CONFIG.vocabulary), torch.tensor(words))


@torch.no_grad()
def test_a_narrowed_network_says_what_the_whole_one_would_of_its_words():
    """Its probabilities are the whole network's, had all other words been closed, but for what the pointer copies."""
    net, x = model(), batch()
    net.list_words(listed(7, 9, 20))
    twin, source, ids = net.narrowed(x)
    assert ids.tolist() == [0, 1, 2, 3, 4, 5, 7, 9, 20, 8, 10, 11] and ids[source.tokens].equal(x.tokens)
    closed = net.closed.clone()
    closed[~torch.isin(torch.arange(23), ids[:9])] = -1e9
    token = torch.tensor([BOS, 4, 10])
    place = torch.tensor([BOS, 4, ids.tolist().index(10)])
    net.closed = closed
    whole, _ = net.step(token, net.start(x, 1 - x.label))
    narrow, _ = twin.step(place, twin.start(source, 1 - x.label))
    torch.testing.assert_close(narrow, whole[:, ids])


@torch.no_grad()
def test_a_network_is_narrowed_where_words_are_listed_and_can_be_copied():
    x = batch()
    for net in (model(), model(copy=False)):
        if not net.config.copy:
            net.list_words(listed(7))
        twin, source, ids = net.narrowed(x)
        assert twin is net and source is x and ids.tolist() == list(range(23))


@torch.no_grad()
def test_each_style_may_have_its_words(tmp_path):
    net, x = model(), batch()
    net.list_words(torch.stack([listed(7, 9), listed(20)]))
    net.save_pretrained(tmp_path)
    for one in (net, load(tmp_path)):
        assert one.narrowed(x, 0)[2].tolist()[:8] == [0, 1, 2, 3, 4, 5, 7, 9]
        assert one.narrowed(x, 1)[2].tolist()[:8] == [0, 1, 2, 3, 4, 5, 20, 7]  # 7 the source has


def test_the_list_is_kept_in_the_folder(tmp_path):
    net = model()
    net.list_words(listed(7, 9, 20))
    net.save_pretrained(tmp_path, half=True)
    again = load(tmp_path)
    assert again.listed.nonzero().flatten().tolist() == [0, 1, 2, 3, 4, 5, 7, 9, 20]
    assert net.out.weight is net.embed.weight  # nothing of the whole network was changed
