"""The edit tagger. V=19, P=3 phrases of at most L=2 words, B=2 sentences."""

import itertools
from dataclasses import replace

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.core.model import load
from textdis.systems.edit_tagger import (
    DELETED,
    UNKNOWN,
    EditBatch,
    EditTagger,
    EditTaggerConfig,
    EditTaggerObjective,
)
from textdis.text.batches import collate

CONFIG = EditTaggerConfig(
    19, 3, 2, slots=2, embedding=7, hidden=5, units=11, dropout=0.0, offered=3, searched=200,
    classifier={"embedding": 5, "filters": 3, "heights": [1, 2], "dropout": 0.0},
)  # fmt: skip
ROWS = [[BOS, 7, 8, EOS], [BOS, 4, EOS]]


@pytest.fixture
def model() -> EditTagger:
    torch.manual_seed(0)
    made = EditTagger(CONFIG).eval()
    made.phrases[1], made.phrases[2] = torch.tensor([12, PAD]), torch.tensor([13, 14])
    torch.nn.init.normal_(made.told)
    torch.nn.init.normal_(made.after)
    return made


def tagged(deleted, phrase, rows=ROWS) -> EditBatch:
    source = collate(rows, [0, 1][: len(rows)])
    return EditBatch(source, 1 - source.style, torch.tensor(deleted), torch.tensor(phrase))


def every(model, row, wanted):
    """All tags of one sentence but the deletion of its end: (deleted, phrase, log-probability)."""
    pairs = list(itertools.product((0, 1), range(3)))
    for tags in itertools.product(pairs, repeat=len(row) - 1):
        deleted, phrase = [0, *(d for d, _ in tags)], [0, *(p for _, p in tags)]
        source = collate([row], [1 - wanted])
        one = EditBatch(source, torch.tensor([wanted]), torch.tensor([deleted]), torch.tensor([phrase]))
        yield deleted, phrase, -model.edit_nll(one).item()


def test_the_probabilities_of_all_tags_add_up_to_one(model):
    with torch.no_grad():
        scores = torch.tensor([score for *_, score in every(model, ROWS[0], 1)])
    assert len(scores) == 6**3 and scores.exp().sum().item() == pytest.approx(1.0, abs=1e-4)


def test_the_best_candidates_are_those_of_all_tags(model):
    batch = collate(ROWS, [0, 1])
    with torch.no_grad():
        deleted, phrase, scores = model._searched(batch, 1 - batch.style, 250)  # as wide as all there are
        for row, wanted in ((0, 1), (1, 0)):
            told = [t for t in every(model, ROWS[row], wanted) if t[0][-1] == 0]  # the end stays
            best = sorted(told, key=lambda t: -t[2])[:5]
            length = len(ROWS[row])
            found = zip(deleted[row, :5, :length].tolist(), phrase[row, :5, :length].tolist(), strict=True)
            assert list(found) == [(d, p) for d, p, _ in best]
            assert scores[row, :5].tolist() == pytest.approx([score for *_, score in best], abs=1e-4)
        assert not deleted[1, :5, 3].any() and not phrase[1, :5, 3].any()  # a pad


def test_sentences_from_tags_by_hand(model):
    tokens = collate(ROWS).tokens
    deleted = torch.tensor([[[0, 1, 0, 0], [0, 1, 1, 0]], [[0, 0, 0, 0], [0, 0, 0, 0]]])
    phrase = torch.tensor([[[0, 2, 0, 0], [0, 0, 0, 1]], [[0, 0, 1, 0], [0, 1, 0, 0]]])
    said = [[13, 14, 8, EOS], [12, EOS, PAD, PAD]], [[4, 12, EOS, PAD], [12, 4, EOS, PAD]]
    assert model._realised(tokens, deleted, phrase).tolist() == [*said]


def test_candidates_with_the_style_come_first_and_a_batch_changes_none(model):
    batch, target = collate(ROWS, [0, 1]), torch.tensor([1, 0])
    with torch.no_grad():
        tokens, scores = model.candidates(batch, target, 4)
        assert tokens.shape[:2] == scores.shape == (2, 4)
        for row in range(2):
            alone, own = model.candidates(collate(ROWS[row : row + 1], [row]), target[row : row + 1], 4)
            width = alone.shape[-1]
            assert alone[0].tolist() == tokens[row, :, :width].tolist() and not tokens[row, :, width:].any()
            torch.testing.assert_close(own[0], scores[row], atol=1e-4, rtol=1e-4)
        assert model.candidates(batch, target, 2, max_length=1)[0].shape[-1] <= 2


def test_a_cut_sentence_ends_and_stands_once(model):
    batch = collate(ROWS, [0, 1])
    with torch.no_grad():
        for length in (None, 2, 1):
            tokens, scores = model.candidates(batch, torch.tensor([1, 0]), 20, max_length=length)
            for said, own in zip(tokens.tolist(), scores.tolist(), strict=True):
                found = [[i for i in ids if i != PAD] for ids in said]
                real = [ids for ids, score in zip(found, own, strict=True) if score > -torch.inf]
                assert all(ids[-1] == EOS and len(ids) - 1 <= (length or 99) for ids in real)
                assert len({*map(tuple, real)}) == len(real) >= 3 and not any(found[len(real) :])


def test_unknown_phrases_teach_where_and_not_what(model):
    known, unknown = (tagged([[0, 1, 0, 0]], [[0, p, 0, 0]], ROWS[:1]) for p in (1, UNKNOWN))
    assert model.edit_nll(unknown).item() < model.edit_nll(known).item()
    model.zero_grad()
    with torch.no_grad():
        keep, _ = model.read(known.source, known.wanted)
    assert keep.shape == (1, 4, 2, 2)


def test_changes_weigh_more(model):
    batch = tagged([[0, 0, 0, 0]], [[0, 0, 0, 0]], ROWS[:1])
    assert model.edit_nll(batch, 5.0).item() == pytest.approx(model.edit_nll(batch).item())
    changed = replace(batch, deleted=torch.tensor([[0, DELETED, 0, 0]]))
    assert model.edit_nll(changed, 5.0).item() > model.edit_nll(changed).item()


def test_edits_are_learnt_and_the_classifier_stays(model):
    batch = tagged([[0, 1, 0, 0], [0, 0, 0, 0]], [[0, 2, 0, 0], [0, 0, 1, 0]])
    before = {name: value.clone() for name, value in model.classifier.state_dict().items()}
    objective = EditTaggerObjective(model, lr=3e-2)
    players = objective.players()
    for _ in range(60):
        for turn in objective.turns(itertools.repeat(batch), 0):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
    assert objective.validate(batch, 0)["edit"].item() < 0.1
    with torch.no_grad():
        deleted, phrase, _ = model.eval()._searched(batch.source, batch.wanted, 1)
    assert deleted[:, 0].equal(batch.deleted) and phrase[:, 0].equal(batch.phrase)
    assert all(value.equal(model.classifier.state_dict()[name]) for name, value in before.items())


def test_a_folder_gives_the_same_model_back(model, tmp_path):
    model.save_pretrained(tmp_path)
    again, batch = load(tmp_path), collate(ROWS, [0, 1])
    with torch.no_grad():
        assert again.candidates(batch, 1 - batch.style)[0].equal(model.candidates(batch, 1 - batch.style)[0])
