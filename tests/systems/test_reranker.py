"""Reading edits. V=23, K=3 styles, B=3 sentences, M=7 rewritings, whose nats come from a small writer."""

import itertools
import math
from dataclasses import asdict, replace

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, TextBatch, begun, flattened
from textdis.losses.likelihood import listwise
from textdis.nn.edit_reader import IN, KEPT, OUT, PADDED, aligned
from textdis.systems.collaborative import CollaborativeConfig
from textdis.systems.reranker import MarkedBatch, Reranker, RerankerConfig, RerankerObjective
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
    at, op = aligned([[7, 8, 9, EOS, PAD]], [[7, 10, 11, EOS], [7, 8, 9, EOS]], [0, 0])
    assert op.tolist() == [[KEPT, OUT, OUT, IN, IN, KEPT], [KEPT] * 4 + [PADDED] * 2]
    assert at.tolist() == [[0, 1, 2, 1, 2, 3], [0, 1, 2, 3, 0, 0]]


def test_what_the_reader_sees(model):
    x, y = texts()
    seen = model.read(x, y, OWNER)
    assert seen.word[0].tolist() == [7, 8, 9, 10, EOS] and seen.op[0].tolist() == [KEPT, KEPT, OUT, IN, KEPT]
    assert seen.word[4].tolist() == [4, 11, EOS, PAD, PAD] and seen.op[4].tolist() == [KEPT, OUT, KEPT, PADDED, PADDED]
    torch.testing.assert_close(seen.whole[:, 0], model.writer.scores(x.rows(OWNER), y))
    torch.testing.assert_close(seen.whole[:, 1], model.classify(y)[torch.arange(7), y.style])
    torch.testing.assert_close(seen.whole[:, 2], model.classify(x)[OWNER, x.style[OWNER]])
    assert seen.whole[:, 3].tolist() == [3, 2, 2, 2, 1, 2, 3] and seen.whole[:, 4].tolist() == [3, 3, 3, 2, 2, 4, 4]


def test_padding_changes_no_verdict(model):
    x, y = texts()
    together = model.reader(model.read(x, y, OWNER))
    for row in range(7):
        mine, said = collate([SOURCES[OWNER[row]]], [int(x.style[OWNER[row]])]), collate([REWRITINGS[row]])
        alone = model.read(mine, TextBatch(said.tokens, said.lengths, y.style[row : row + 1]), torch.tensor([0]))
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
        again = model.reader(model.read(x, y, torch.ones(3, dtype=torch.long)))
    assert odds.tolist() == odds.sort(-1, descending=True).values.tolist()
    assert [sorted(map(tuple, rows)) for rows in tokens.tolist()] == [
        sorted(map(tuple, rows)) for rows in made.tolist()
    ]
    torch.testing.assert_close(again, odds[1], atol=1e-3, rtol=1e-3)


def test_more_are_read_than_asked_for_and_those_with_the_style_stay(model):
    x, target = collate(SOURCES, [0, 1, 2]), torch.tensor([1, 0, 1])
    model.config = replace(model.config, searched=3)
    with torch.no_grad():
        tokens, odds = model.candidates(x, target, 2)
        made, _ = model.writer.candidates(x, target, 6)
        styled = (model.classify(flattened(made)).argmax(-1).view(3, 6) == target[:, None]).sum(1)
        kept = (model.classify(flattened(tokens)).argmax(-1).view(3, 2) == target[:, None]).sum(1)
    assert tokens.shape[:2] == (3, 2) and kept.tolist() == styled.clamp(max=2).tolist()
    assert odds.tolist() == odds.sort(-1, descending=True).values.tolist()


def test_the_reader_learns_the_marks_and_the_writer_stays(model):
    objective = RerankerObjective(model, lr=1e-2)
    batch = MarkedBatch(model.read(*texts(), OWNER), OWNER, RIGHT)
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
    seen = model.read(*texts(), OWNER)
    assert torch.equal(opened.reader(opened.read(*texts(), OWNER)), model.reader(seen))


def test_the_listwise_loss_by_hand():
    scores = torch.tensor([1.0, 2.0, 3.0, 0.5, 0.0, 1.0, -1.0], requires_grad=True)
    shares = scores[:3].softmax(0)
    want = -(shares[0] + shares[2]).log() / 2  # the second sentence has no right one, the third nothing else
    torch.testing.assert_close(listwise(scores, OWNER, RIGHT), want)
    assert listwise(scores, OWNER, torch.zeros(7, dtype=torch.bool)).item() == 0.0


def test_labels_add_their_share_to_the_odds(model, tmp_path):
    told = Reranker(model.config).eval()
    told.load_state_dict(model.state_dict())
    told.fit_labels(collate([[BOS, 7, EOS], [BOS, 8, EOS]] * 9, [1, 2] * 9), 0.7)
    y = collate([[BOS, 7, EOS], [BOS, 8, EOS]], [1, 1])
    seven, eight = told.labelled(y).tolist()
    assert seven > 0.7 * math.log(0.5) > eight and model.labelled(y) == 0.0
    x, target = collate(SOURCES, [0, 1, 2]), torch.tensor([1, 2, 1])
    with torch.no_grad():
        found, odds = told.candidates(x, target, 3)
        plain, bare = model.candidates(x, target, 3)
        added = told.labelled(begun(plain, target)[0]).view_as(bare)
    torch.testing.assert_close(odds, (bare + added).sort(-1, descending=True).values)
    assert len(found) == 3 and added.abs().max() > 0
    told.save_pretrained(tmp_path)
    assert Reranker.from_pretrained(tmp_path).candidates(x, target, 3)[1].tolist() == odds.tolist()


def test_which_sentences_have_a_style_is_learnt_and_kept(model, tmp_path):
    told = Reranker(model.config).eval()
    told.load_state_dict(model.state_dict())
    said = collate([[BOS, 7, EOS], [BOS, 8, EOS]] * 9)
    torch.testing.assert_close(model.style_or_none(said), model.classify(said).exp())  # nobody taught it
    told.fit_opinions(said, torch.tensor([True, False] * 9))
    with torch.no_grad():
        seven, eight = told.style_or_none(said).sum(-1)[:2].tolist()
    assert seven > 0.8 and eight < 0.2
    told.save_pretrained(tmp_path)
    again = Reranker.from_pretrained(tmp_path)
    assert again.style_or_none(said).sum(-1)[:2].tolist() == [seven, eight]
