from __future__ import annotations

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.evaluation.evaluate import COPY, HUMAN, SWAP, Sources, evaluate_systems, evaluate_transfer

TEXTS = ["the soup was awful .", "the staff was great .", "we hated it all !"]
LABELS = [0, 1, 0]
NOUNS = [["soup"], ["staff"], []]
OPPOSITE = {"awful": "great", "great": "awful", "hated": "loved"}
REFERENCES = ["the soup was great .", "the staff was awful .", "we loved it all !"]
GOOD = {"great", "loved"}


class FakeJudges:
    """Knows two good words; undecided about `maybe`; everything has perplexity 20."""

    held_out = {"cnn": 0.97, "linear": 0.94, "perplexity": 10.0, "unk_share": 0.0}

    def style(self, texts):
        good = np.array([0.5 if "maybe" in t else 0.9 if GOOD & set(t.split()) else 0.1 for t in texts])
        return {"cnn": np.stack([1 - good, good], 1), "linear": np.tile([0.2, 0.8], (len(texts), 1))}

    def perplexity(self, texts):
        return {"perplexity": 20.0, "unk_share": 0.25, "tokens": 7.0}


def swap(texts, labels):
    return [" ".join(OPPOSITE.get(word, word) for word in text.split()) for text in texts]


def score(outputs, references=None, nouns=None):
    return evaluate_transfer(outputs, TEXTS, LABELS, references, FakeJudges(), nouns)


def test_a_perfect_system():
    scores = score(REFERENCES, REFERENCES, NOUNS)
    assert scores["accuracy_cnn"] == 1.0
    assert scores["accuracy_linear"] == pytest.approx(2 / 3)  # it says positive of everything
    assert scores["ref_bleu"] == pytest.approx(100.0)
    assert scores["noun_sentences"] == 1.0 and scores["without_nouns"] == 1.0
    assert scores["copy_rate"] == 0.0 and scores["length_ratio"] == 1.0


def test_a_copy_keeps_everything_and_changes_nothing():
    scores = score(TEXTS, REFERENCES, NOUNS)
    assert scores["accuracy_cnn"] == 0.0 and scores["copy_rate"] == 1.0
    assert scores["self_bleu"] == pytest.approx(100.0) and scores["geometric_mean"] == 0.0


def test_perplexity_is_held_against_real_text():
    scores = score(TEXTS)
    assert scores["perplexity"] == 20.0 and scores["perplexity_ratio"] == 2.0 and scores["unk_share"] == 0.25


def test_geometric_mean_is_of_the_first_judge_and_self_bleu():
    scores = score([TEXTS[0], *REFERENCES[1:]])  # a copy, then two that succeed
    assert scores["accuracy_cnn"] == pytest.approx(2 / 3)
    expected = (100 * scores["accuracy_cnn"] * scores["self_bleu"]) ** 0.5
    assert scores["geometric_mean"] == pytest.approx(expected) and expected > 0


def test_silence_and_indecision_are_failures():
    assert score(["", "", ""])["accuracy_linear"] == 0.0
    assert score(["maybe", "maybe", "maybe"])["accuracy_cnn"] == 0.0
    assert score(["", "", ""])["empty"] == 1.0


def test_what_is_not_there_is_not_scored():
    assert not {"ref_bleu", "noun_sentences"} & set(score(TEXTS))
    assert "noun_sentences" not in score(TEXTS, nouns=[[], [], []])


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="2 outputs for 3 sources"):
        score(TEXTS[:2])
    with pytest.raises(UserError, match="no sentence"):
        evaluate_transfer([], [], [], None, FakeJudges(), None)
    with pytest.raises(UserError, match="two styles"):
        evaluate_transfer(TEXTS, TEXTS, [0, 1, 2], None, FakeJudges(), None)


def test_every_table_holds_the_baselines():
    data = Sources(TEXTS, LABELS, REFERENCES, NOUNS)
    table = evaluate_systems({"mine": TEXTS}, data, FakeJudges(), swap)
    assert list(table) == [COPY, HUMAN, SWAP, "mine"]
    assert table["mine"] == table[COPY]
    assert table[SWAP]["ref_bleu"] == pytest.approx(100.0)
    assert "ref_bleu" not in table[HUMAN] and table[HUMAN]["accuracy_cnn"] == 1.0


def test_without_references_there_is_no_human_row():
    assert list(evaluate_systems({}, Sources(TEXTS, LABELS), FakeJudges(), swap)) == [COPY, SWAP]


def test_sources_come_from_a_dataset():
    datasets = pytest.importorskip("datasets")
    split = datasets.Dataset.from_dict(
        {"text": ["the soup was awful ."], "label": [0], "reference": ["The soup wasn't bad!"]}
    )
    data = Sources.from_dataset(split)
    assert data.references == ["the soup was n't bad !"]
    assert data.nouns == [["soup"]] and data.labels == [0]
