"""Reading edits. V=23, K=3 styles, B=3 sentences, M=7 rewritings, whose nats come from a small writer."""

import itertools
from dataclasses import asdict

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.losses.likelihood import listwise
from textdis.systems.collaborative import CollaborativeConfig, unsaid
from textdis.systems.reranker import IN, KEPT, OUT, PADDED, MarkedBatch, Reranker, RerankerConfig, RerankerObjective
from textdis.systems.reranker import aligned as align
from textdis.text.batches import collate

SIZES = {"embedding": 13, "hidden": 29, "units": 7, "dropout": 0.0}
WRITER = CollaborativeConfig(23, 3, 2, SIZES, {"embedding": 11, "filters": 5, "heights": [1, 2], "dropout": 0.0})
SOURCES = [[BOS, 7, 8, 9, EOS], [BOS, 4, 11, EOS], [BOS, 12, 13, 14, 15, EOS]]
REWRITINGS = [[BOS, 7, 8, 10, EOS], [BOS, 7, 7, EOS], [BOS, 8, 10, EOS], [BOS, 4, 12, EOS], [BOS, 4, EOS]]
REWRITINGS += [[BOS, 12, 15, EOS], [BOS, 12, 13, 15, EOS]]
OWNER, RIGHT = torch.tensor([0, 0, 0, 1, 1, 2, 2]), torch.tensor([True, False, True, False, False, True, True])


@pytest.fixture
def model() -> Reranker:
    torch.manual_seed(0)
    config = RerankerConfig(asdict(WRITER), embedding=11, hidden=17, units=19, dropout=0.0)
    return Reranker(config).eval()


def texts() -> tuple[TextBatch, TextBatch]:
    return collate(SOURCES, [0, 1, 2]), collate(REWRITINGS, [1, 1, 1, 0, 0, 1, 1])


def test_the_edit_of_two_sentences():
    at, op = align([[7, 8, 9, EOS, PAD]], [[7, 10, 11, EOS], [7, 8, 9, EOS]], [0, 0])
    assert op.tolist() == [[KEPT, OUT, OUT, IN, IN, KEPT], [KEPT] * 4 + [PADDED] * 2]
    assert at[0].tolist() == [[0, 0], [1, 0], [2, 0], [0, 1], [0, 2], [3, 3]]


def test_what_the_reader_sees_is_what_the_writer_thinks(model):
    x, y = texts()
    seen, network = model.look(x, y, OWNER), model.writer.seq2seq
    own = x.rows(OWNER)
    forth = network.token_nll(network.start(own, y.style), y)
    prior = network.token_nll(network.start(unsaid(x), x.style), x)[OWNER]
    assert seen.word[0].tolist() == [7, 8, 9, 10, EOS] and seen.op[0].tolist() == [KEPT, KEPT, OUT, IN, KEPT]
    given = 4.0 * seen.nats[0]
    torch.testing.assert_close(given[[0, 1, 3, 4], 0], forth[0, :4].clamp(max=12.0))
    torch.testing.assert_close(given[[0, 1, 2, 4], 3], prior[0, :4].clamp(max=12.0))
    assert given[2, :2].tolist() == [0, 0] and given[3, 2:].tolist() == [0, 0]
    assert seen.op[4].tolist() == [KEPT, OUT, KEPT, PADDED, PADDED] and seen.word[4].tolist() == [4, 11, EOS, PAD, PAD]
    assert not seen.nats[4, 3:].any()
    torch.testing.assert_close(seen.whole[:, 0], -network.log_likelihood(network.start(own, y.style), y))
    torch.testing.assert_close(seen.whole[:, 4], model.classify(y)[torch.arange(7), y.style])
    assert seen.whole[:, 6].tolist() == [3, 2, 2, 2, 1, 2, 3] and seen.whole[:, 7].tolist() == [3, 3, 3, 2, 2, 4, 4]


def test_padding_changes_no_verdict(model):
    x, y = texts()
    together = model.reader(model.look(x, y, OWNER))
    for row in range(7):
        mine, said = collate([SOURCES[OWNER[row]]], [int(x.style[OWNER[row]])]), collate([REWRITINGS[row]])
        alone = model.look(mine, TextBatch(said.tokens, said.lengths, y.style[row : row + 1]), torch.tensor([0]))
        torch.testing.assert_close(model.reader(alone)[0], together[row], atol=1e-5, rtol=1e-4)


def test_candidates_are_the_writers_in_the_readers_order(model):
    x, target = collate(SOURCES, [0, 1, 2]), torch.tensor([1, 0, 1])
    with torch.no_grad():
        tokens, odds = model.candidates(x, target, 3)
        made, _ = model.writer.candidates(x, target, 3)
        greedy, _ = model.candidates(x, target, 1)
        assert greedy.tolist() == model.writer.candidates(x, target, 1)[0].tolist()
        said = [[BOS, *[i for i in row if i]] for row in tokens[1].tolist()]
        y = collate(said, [0] * 3)
        again = model.reader(model.look(x, y, torch.ones(3, dtype=torch.long)))
    assert odds.tolist() == odds.sort(-1, descending=True).values.tolist()
    assert [sorted(map(tuple, rows)) for rows in tokens.tolist()] == [
        sorted(map(tuple, rows)) for rows in made.tolist()
    ]
    torch.testing.assert_close(again, odds[1], atol=1e-5, rtol=1e-4)


def test_words_that_are_not_listed_cost_the_writer_the_same(model):
    """A narrowed vocabulary changes what is likely, not what stands where."""
    x, y = texts()
    before = model.look(x, y, OWNER)
    model.writer.list_words(torch.arange(23) < 16)
    seen = model.look(x, y, OWNER)
    assert seen.word.tolist() == before.word.tolist() and seen.op.tolist() == before.op.tolist()
    assert (seen.nats[..., 1] <= before.nats[..., 1] + 1e-5).all()  # of fewer words each is likelier


def test_the_reader_learns_the_marks_and_the_writer_stays(model):
    objective = RerankerObjective(model, lr=1e-2)
    batch = MarkedBatch(model.look(*texts(), OWNER), OWNER, RIGHT)
    assert len(batch) == 3
    players, written = objective.players(), [p.clone() for p in model.writer.parameters()]
    before = objective.validate(batch, 0)
    for _ in range(40):
        for turn in objective.turns(itertools.repeat(batch), 0):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
    after = objective.validate(batch, 0)
    assert after["right"] < 0.2 * before["right"] and after["choice"] < 0.2 * before["choice"]
    assert all(torch.equal(p, q) for p, q in zip(model.writer.parameters(), written, strict=True))


def test_a_saved_reranker_says_the_same(model, tmp_path):
    model.writer.list_words(torch.arange(23) < 16)
    again = Reranker(RerankerConfig(asdict(model.writer.config), 11, 17, 19, 0.0))
    again.load_state_dict(model.state_dict())
    again.save_pretrained(tmp_path)
    opened = Reranker.from_pretrained(tmp_path)
    seen = model.look(*texts(), OWNER)
    assert torch.equal(opened.reader(opened.look(*texts(), OWNER)), model.reader(seen))


def test_the_listwise_loss_by_hand():
    scores = torch.tensor([1.0, 2.0, 3.0, 0.5, 0.0, 1.0, -1.0], requires_grad=True)
    shares = scores[:3].softmax(0)
    want = -(shares[0] + shares[2]).log() / 2  # the second sentence has no right one, the third nothing else
    torch.testing.assert_close(listwise(scores, OWNER, RIGHT), want)
    assert listwise(scores, OWNER, torch.zeros(7, dtype=torch.bool)).item() == 0.0
