from __future__ import annotations

import pytest
import torch

from textdis.core.errors import UserError
from textdis.experiments.verdicts import Judged
from textdis.experiments.vocabulary import grown, longer, with_words_of
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.text.batches import collate
from textdis.text.tokenizer import CharTokenizer, WordTokenizer

TOKENIZER = WordTokenizer(["the", "lid", "good", "bad"], slots=2)
JUDGED = [
    Judged("kim the lid is good", 1, 0, ("kim the lid is flimsy",), (True,)),
    Judged("the lid is sturdy kim", 1, 0, ("the lid is flimsy kim", "the lid is awful kim"), (True, False)),
]


def test_words_that_change_join_and_names_keep_their_slots():
    assert with_words_of(TOKENIZER, JUDGED, 2).words == [*TOKENIZER.words, "flimsy"]
    assert with_words_of(TOKENIZER, JUDGED, 1).words == [*TOKENIZER.words, "flimsy", "sturdy"]
    assert with_words_of(TOKENIZER, JUDGED, 1).slots == 2


def test_pieces_lack_no_word():
    with pytest.raises(UserError, match="leave --grow out"):
        with_words_of(CharTokenizer("abc"), JUDGED, 1)


def test_a_grown_model_says_what_it_said():
    torch.manual_seed(0)
    small = {"embedding": 12, "hidden": 16, "units": 8}
    model = Collaborative(CollaborativeConfig(TOKENIZER.size, 2, 2, small, {"embedding": 8, "filters": 4})).eval()
    with torch.no_grad():
        model.seq2seq.out.bias.uniform_(-9, 0)
    more = grown(model, TOKENIZER.size + 3).eval()
    batch = collate(TOKENIZER.encode_batch(["the lid good", "bad lid"]), [0, 1])
    torch.testing.assert_close(more.classify(batch), model.classify(batch))
    nll, wider = (-m.seq2seq.log_likelihood(m.seq2seq.start(batch, batch.style), batch) for m in (model, more))
    assert (wider - nll).abs().max() < 0.05 * nll.min()  # new words take next to nothing
    assert more.config.vocabulary == TOKENIZER.size + 3


def test_new_rows():
    assert longer(torch.tensor([True, False]), 3).tolist() == [True, False, True]
    assert longer(torch.tensor([[True, False], [False, True]]), 3).tolist() == [[1, 0, 1], [0, 1, 1]]
    assert longer(torch.tensor([0.5, -2.0]), 4).tolist() == [0.5, -2.0, -2.0, -2.0]
    rows = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
    more = longer(rows, 4)
    assert more[:2].tolist() == rows.tolist() and more[2:, 1].tolist() == [5.0, 5.0]
    assert not torch.equal(more[2], more[3]) and (more[2:, 0] - 2).abs().max() < 1
