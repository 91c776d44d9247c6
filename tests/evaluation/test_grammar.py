"""A judge of grammar on a made language: 300 sentences, so that a fit takes seconds."""

from __future__ import annotations

import numpy as np
import pytest
from front_toys import FakeJudges

import textdis.evaluation.grammar as grammar
from data_recipes import toy
from textdis.core.errors import UserError
from textdis.evaluation.evaluate import COPY, Extras, Sources, evaluate_systems
from textdis.evaluation.grammar import GrammarConfig, GrammarJudge, area_under_curve, fit_grammar
from textdis.evaluation.report import markdown_table

TEXTS = [sentence.text for sentence in toy.generate(400, 0)]
TAGS = {word: "NN" for word in toy.NOUNS} | {a: "JJ" for pair in toy.ADJECTIVES for a in pair}
TAGS |= {verb: "VBD" for pair in toy.VERBS for verb in pair} | {"was": "VBD", "is": "VBZ", "the": "DT", "and": "CC"}
CONFIG = GrammarConfig(epochs=15, batch_size=32, embedding=16, filters=16, heights=(2, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "grammar"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grammar, "usual_tags", lambda texts, seed: TAGS)
        fit_grammar(TEXTS[:300], TEXTS[300:], output, CONFIG)
    return output


@pytest.fixture(scope="module")
def judge(folder) -> GrammarJudge:
    return GrammarJudge.load(folder)


def test_knows_real_from_broken_on_sentences_it_never_saw(judge):
    assert judge.held_out["auc"] > 0.85 and judge.held_out["accuracy"] > 0.75
    assert judge.held_out["real_passed"] >= 0.9 > 0.7 > judge.held_out["broken_passed"]


def test_a_table_says_how_many_outputs_are_well_formed_and_what_the_judge_is_worth(judge):
    texts = ["the pizza was great .", "the pizza was awful ."]
    data = Sources(texts, [1, 0], label_names=FakeJudges.labels)
    found = evaluate_systems(
        {"broken": ["pizza the great was .", texts[0]]}, data, FakeJudges(), extras=Extras(grammar=judge), samples=10
    )
    assert (found.table[COPY]["well_formed"], found.table["broken"]["well_formed"]) == (1.0, 0.5)
    assert "| well formed % |" in markdown_table(found.table)
    assert any(f"in {judge.held_out['accuracy']:.0%} of cases" in note for note in found.notes)


def test_right_sentences_score_above_wrong_ones(judge):
    right, wrong = judge.well_formed(["the pizza was great .", "pizza the great was ."])
    assert right > wrong and judge.passed(["the pizza was great .", "great the was pizza pizza .", ""]).tolist() == [
        True,
        False,
        False,
    ]


def test_no_word_by_itself_tells(judge):
    """Bags of words of the real and of the broken sentences are the same, all together."""
    rng = np.random.default_rng(0)
    words = [text.split() for text in TEXTS]
    broken = grammar.Breaker(judge.frames)(words, rng)
    assert sorted(sum(broken, [])) == sorted(sum(words, []))


def test_the_folder_rebuilds_the_judge(judge, folder, tmp_path):
    judge.save(tmp_path)
    again = GrammarJudge.load(tmp_path)
    np.testing.assert_array_equal(again.well_formed(TEXTS[:20]), judge.well_formed(TEXTS[:20]))
    assert again.threshold == judge.threshold and again.held_out == judge.held_out
    assert {path.suffix for path in folder.iterdir()} == {".json", ".safetensors"}


def test_damaged_and_existing_folders_are_refused(judge, folder, tmp_path):
    judge.save(tmp_path)
    (tmp_path / "frames.json").write_text("[]")
    with pytest.raises(UserError, match="not a grammar judge"):
        GrammarJudge.load(tmp_path)
    with pytest.raises(UserError, match="exists already"):
        fit_grammar(TEXTS, TEXTS, folder)


def test_area_under_the_curve_by_hand():
    """Of the six pairs 3 > 1, 3 > 2, 3 = 3 (half), 2 > 1, 2 = 2 (half), 2 < 3: 4 of 6."""
    assert area_under_curve(np.array([3.0, 2.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(4 / 6)
