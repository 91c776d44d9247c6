"""Learning from verdicts. V=23, K=3 styles, G=3 sentences, M=7 rewritings."""

import itertools
from dataclasses import replace

import pytest
import torch

from textdis.core.batch import BOS, EOS, PairBatch, TextBatch
from textdis.core.errors import UserError
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.systems.feedback import FeedbackObjective, TaughtBatch, VerdictBatch
from textdis.text.batches import collate

SIZES = {"embedding": 13, "hidden": 29, "units": 7, "dropout": 0.0}
CONFIG = CollaborativeConfig(
    23, 3, 2, SIZES, {"embedding": 11, "filters": 5, "heights": [1, 2], "dropout": 0.0}, 0.5, 1.0
)
SOURCES = [[BOS, 7, 8, 9, EOS], [BOS, 4, 11, EOS], [BOS, 12, 13, 14, EOS]]
REWRITINGS = [[BOS, 7, 8, 10, EOS], [BOS, 7, 7, EOS], [BOS, 8, 10, EOS], [BOS, 4, 12, EOS], [BOS, 4, EOS]]
REWRITINGS += [[BOS, 12, 15, EOS], [BOS, 12, 13, 15, EOS]]
OWNER, RIGHT = [0, 0, 0, 1, 1, 2, 2], [True, False, True, False, True, True, True]


@pytest.fixture
def model() -> Collaborative:
    torch.manual_seed(0)
    return Collaborative(CONFIG)


def verdicts(right=RIGHT) -> VerdictBatch:
    source, rewriting = collate(SOURCES, [0, 1, 2]), collate(REWRITINGS, [1, 1, 1, 0, 0, 1, 1])
    return VerdictBatch(source, rewriting, torch.tensor(OWNER), torch.tensor(right))


def taught() -> TaughtBatch:
    x = collate(SOURCES, [0, 1, 2])
    said = PairBatch(x.rows(torch.tensor([0, 1])), collate(REWRITINGS[2:4], [1, 0]))
    return TaughtBatch(said, PairBatch(x, x), verdicts(), collate([[BOS, 16, EOS], [BOS, 17, 18, EOS]]))


def test_the_loss_of_ranking_by_hand(model):
    """Scores of one sentence at a time, as the candidates of `Collaborative` are ranked."""
    objective, batch = FeedbackObjective(model, temperature=2.0), verdicts()
    losses = []
    for row in range(3):
        rows = [i for i, own in enumerate(OWNER) if own == row]
        x = batch.source.rows(torch.tensor([row] * len(rows)))
        shares = (model.scores(x, batch.rewriting.rows(torch.tensor(rows))) / 2.0).softmax(0)
        losses.append(-sum(share for share, i in zip(shares, rows, strict=True) if RIGHT[i]).log())
    found = objective._rank(batch, objective._scores(batch)).item()
    assert found == pytest.approx(torch.stack(losses).mean().item(), rel=1e-4)
    assert losses[2].item() == pytest.approx(0.0, abs=1e-5)  # all its rewritings are right: nothing to learn


def test_scores_are_those_of_the_candidates(model):
    model.eval()
    batch, target = collate(SOURCES, [0, 1, 2]), torch.tensor([1, 0, 1])
    with torch.no_grad():
        tokens, scores = model.candidates(batch, target, 3)
        for column in range(3):
            said = [[BOS, *[i for i in row if i]] for row in tokens[:, column].tolist()]
            if all(row[-1] == EOS for row in said):  # a beam that ran out of words has no end to score
                found = model.scores(batch, collate(said, target.numpy()))
                torch.testing.assert_close(found, scores[:, column], atol=1e-3, rtol=1e-3)


def test_what_was_right_grows_likelier(model):
    objective, batches = FeedbackObjective(model, lr=5e-3), itertools.repeat(taught())
    players = objective.players()
    before = objective.validate(verdicts(), 0)["rank"].item()
    for _ in range(30):
        for turn in objective.turns(batches, 0):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
    assert objective.validate(verdicts(), 0)["rank"].item() < 0.3 * before


def test_the_classifier_learns_the_styles_and_to_be_in_doubt(model):
    objective, batch = FeedbackObjective(model, lr=1e-2), taught()
    players = objective.players()
    for _ in range(60):
        for turn in objective.turns(iter([batch]), 0):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
    model.eval()
    with torch.no_grad():
        said, neutral = model.classify(batch.said.target).exp(), model.classify(batch.neutral).exp()
    assert said.argmax(1).tolist() == [1, 0] and said.amax(1).min() > 0.9
    torch.testing.assert_close(neutral, torch.full_like(neutral, 1 / 3), atol=0.1, rtol=0)


def test_the_class_loss_by_hand(model):
    batch = taught()
    (turn,) = FeedbackObjective(model).turns(iter([batch]), 0)
    assert set(turn.losses) == {"rank", "say", "rec", "class"}
    said, neutral = model.classify(batch.said.target), model.classify(batch.neutral)
    rows = [-said[0, 1], -said[1, 0], *-neutral.mean(1)]
    assert turn.losses["class"].item() == pytest.approx(torch.stack(rows).mean().item(), rel=1e-5)
    without = replace(batch, neutral=None).to("cpu")
    (turn,) = FeedbackObjective(model).turns(iter([without]), 0)
    assert turn.losses["class"].item() == pytest.approx(torch.stack(rows[:2]).mean().item(), rel=1e-5)


def test_weights_of_the_losses(model):
    objective = FeedbackObjective(model, weights={"rank": 2.0})
    (turn,) = objective.turns(iter([taught()]), 0)
    weighed = 2 * turn.losses["rank"] + 0.3 * turn.losses["say"] + 0.05 * turn.losses["rec"]
    weighed += turn.losses["class"]
    assert turn.total.item() == pytest.approx(weighed.item(), rel=1e-5)


def test_what_is_said_counts_more_where_it_was_edited(model):
    (turn,) = FeedbackObjective(model, edited=3.0).turns(iter([taught()]), 0)
    nats = []
    for x, y in zip(SOURCES[:2], REWRITINGS[2:4], strict=True):
        source, target = collate([x], [SOURCES.index(x)]), collate([y], [[1, 0][SOURCES.index(x)]])
        token = model.seq2seq.token_nll(model.seq2seq.start(source, target.style), target)[0]
        weights = torch.tensor([1.0 if word in x else 3.0 for word in y[1:]])
        nats.append((token * weights).sum())
    assert turn.losses["say"].item() == pytest.approx(torch.stack(nats).mean().item(), rel=1e-4)


def test_a_batch_moves_as_one_and_loses_no_row():
    batch = taught().to("cpu")
    assert len(batch.verdicts) == 3 and batch.verdicts.right.sum() == 5
    assert isinstance(batch.verdicts.source, TextBatch)
    few = replace(batch.verdicts, source=batch.verdicts.source.rows(torch.tensor([True, False, True])))
    assert len(few) == 2 and few.source.tokens[1].tolist() == [BOS, 12, 13, 14, EOS]


def test_a_weight_for_no_loss_is_refused(model):
    with pytest.raises(UserError, match="'rnak', which is not there; there are rank"):
        FeedbackObjective(model, weights={"rnak": 0.3})
