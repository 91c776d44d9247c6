from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from front_toys import DATA, FITTED, LABELS, NAMES, NOUNS, REFERENCES, TEXTS, FakeJudges

from textdis.core.errors import UserError
from textdis.evaluation.evaluate import (
    COPY,
    HACK,
    HUMAN,
    SWAP,
    Extras,
    Sources,
    evaluate_systems,
    evaluate_transfer,
)


def score(outputs, data=DATA):
    return evaluate_transfer(outputs, data, FakeJudges())


def test_a_perfect_system():
    scores = score(REFERENCES)
    assert scores["accuracy_cnn"] == 1.0
    assert scores["accuracy_linear"] == pytest.approx(2 / 3)  # it says positive of everything
    assert scores["ref_bleu"] == pytest.approx(100.0)
    assert scores["noun_sentences"] == 1.0 and scores["nouns_kept"] == 1.0
    assert scores["copy_rate"] == 0.0 and scores["length_ratio"] == 1.0 and scores["empty"] == 0.0


def test_a_copy_keeps_everything_and_changes_nothing():
    scores = score(TEXTS)
    assert scores["accuracy_cnn"] == 0.0 and scores["copy_rate"] == 1.0 and scores["joint"] == 0.0
    assert scores["self_bleu"] == pytest.approx(100.0) and scores["similarity"] == pytest.approx(1.0)
    assert scores["geometric_mean"] == 0.0


def test_fluency_by_hand():
    scores = score(["xyzzy was great .", "", "we"])  # 4 + 0 + 1 words, three ends
    assert scores["perplexity"] == pytest.approx(np.exp(2.0))
    assert scores["perplexity_ratio"] == pytest.approx(np.exp(2.0) / np.exp(1.0))
    assert scores["unk_share"] == pytest.approx(1 / 5)
    assert scores["length_ratio"] == pytest.approx(5 / 15) and scores["empty"] == pytest.approx(1 / 3)


def test_bleu_by_sentence_is_smoothed_so_that_a_copy_of_two_words_is_one():
    short = Sources(["so bad", "so good"], [0, 1], label_names=NAMES)
    found = evaluate_systems({}, short, FakeJudges(), FITTED, samples=10).systems[COPY]
    assert found.columns["sentence_bleu"].tolist() == pytest.approx([100.0, 100.0])


def test_geometric_mean_is_of_the_first_judge_and_self_bleu():
    scores = score([TEXTS[0], *REFERENCES[1:]])  # a copy, then two that succeed
    assert scores["accuracy_cnn"] == pytest.approx(2 / 3)
    expected = (100 * scores["accuracy_cnn"] * scores["self_bleu"]) ** 0.5
    assert scores["geometric_mean"] == pytest.approx(expected) and expected > 0


def test_silence_and_indecision_are_failures_and_are_counted():
    assert score(["", "", ""])["accuracy_linear"] == 0.0
    maybe = score(["maybe", "maybe", "maybe"])
    assert maybe["accuracy_cnn"] == 0.0 and maybe["undecided_cnn"] == 1.0 and maybe["undecided_linear"] == 0.0
    found = evaluate_systems({"mine": ["", "maybe", "fine"]}, DATA, FakeJudges(), FITTED, samples=10)
    assert "mine: 1 empty, 1 undecided by cnn; counted as failures." in found.notes


def test_what_is_not_there_is_not_scored():
    bare = replace(DATA, references=None, nouns=[[], [], []])
    assert not {"ref_bleu", "noun_sentences"} & set(score(REFERENCES, bare))


def test_bleu_to_references_is_over_the_sentences_that_have_one():
    some = replace(DATA, references=[[REFERENCES[0]], [], ["entirely other words here !", REFERENCES[2]]])
    assert score([REFERENCES[0], "nothing alike", REFERENCES[2]], some)["ref_bleu"] == pytest.approx(100.0)


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="outputs: 2 for 3 sources"):
        score(TEXTS[:2])
    with pytest.raises(UserError, match="output 2 is nan, not text"):
        score([TEXTS[0], float("nan"), TEXTS[2]])


def test_every_table_holds_the_baselines():
    found = evaluate_systems({"mine": TEXTS}, DATA, FakeJudges(), FITTED, samples=10)
    assert list(found.table) == [COPY, HUMAN, SWAP, HACK, "mine"] and found.baselines == [COPY, HUMAN, SWAP, HACK]
    assert found.table["mine"] == found.table[COPY]
    assert found.table[SWAP]["ref_bleu"] == pytest.approx(100.0)
    assert "ref_bleu" not in found.table[HUMAN] and found.table[HUMAN]["accuracy_cnn"] == 1.0
    assert any("appends (negative: never again .; positive: great place !)" in note for note in found.notes)


def test_the_hack_copies_and_still_reaches_the_style():
    hack = evaluate_systems({}, DATA, FakeJudges(), FITTED, samples=10).systems[HACK]
    assert hack.outputs[0] == "the soup was awful . great place !"
    assert hack.values["accuracy_cnn"] == pytest.approx(2 / 3)  # `great` stays in the sentence that should be negative
    assert hack.values["nouns_kept"] == 1.0 and hack.values["joint"] > 0.5


def test_of_several_references_the_first_is_the_human_row_and_the_others_its_measure():
    both = replace(DATA, references=[[text, text.replace("the", "that")] for text in REFERENCES])
    table = evaluate_systems({}, both, FakeJudges(), FITTED, samples=10).table
    assert 0 < table[HUMAN]["ref_bleu"] < 100 and table[SWAP]["ref_bleu"] == pytest.approx(100.0)


def test_where_a_second_translator_skipped_lines_bleu_to_references_is_not_compared_with_the_human_row():
    some = replace(DATA, references=[[REFERENCES[0], "a great soup"], *([text] for text in REFERENCES[1:])])
    found = evaluate_systems({"mine": TEXTS}, some, FakeJudges(), FITTED, against=HUMAN, samples=10)
    assert "ref_bleu" in found.table[HUMAN] and set(found.comparisons["mine"]) >= {"self_bleu", "accuracy_cnn"}
    assert "ref_bleu" not in found.comparisons["mine"]


def test_without_references_there_is_no_human_row_and_a_note():
    found = evaluate_systems({}, replace(DATA, references=None), FakeJudges(), FITTED, samples=10)
    assert list(found.table) == [COPY, SWAP, HACK]
    assert "No row of human references: 0 of 3 sentences have one." in found.notes


def test_each_text_is_judged_once():
    judges = FakeJudges()
    evaluate_systems({"mine": TEXTS, "other": REFERENCES}, DATA, judges, FITTED, samples=10)
    (texts,) = judges.calls
    assert len(texts) == len(set(texts)) == 9  # three sources, three rewritings, three hacks


def test_joint_thresholds_come_from_enough_human_references():
    many = Sources(TEXTS * 10, LABELS * 10, references=REFERENCES * 10, label_names=NAMES)
    human = evaluate_systems({}, many, FakeJudges(), FITTED, samples=10)
    assert human.thresholds["max_nats"] == 2.0 and human.table[HUMAN]["joint"] == pytest.approx(1.0)
    few = evaluate_systems({}, DATA, FakeJudges(), FITTED, samples=10)
    assert few.thresholds["min_similarity"] != human.thresholds["min_similarity"]


def test_intervals_hold_the_value_and_comparisons_are_paired():
    many = Sources(TEXTS * 20, LABELS * 20, label_names=NAMES)
    found = evaluate_systems({"good": REFERENCES * 20}, many, FakeJudges(), FITTED, against=COPY, samples=200)
    for name, system in found.systems.items():
        for key, between in found.intervals[name].items():
            assert between["low"] - 1e-9 <= system.values[key] <= between["high"] + 1e-9, (name, key)
    gain = found.comparisons["good"]["accuracy_cnn"]
    assert gain["difference"] == pytest.approx(1.0) and gain["p"] < 0.001
    assert set(found.comparisons) == {"good"} and found.baseline == COPY


def test_three_styles_are_asked_for_in_every_direction():
    class Three(FakeJudges):
        labels = ["a", "b", "c"]

        def style(self, texts):
            return {"cnn": np.array([[t.count(name) + 0.1 for name in self.labels] for t in texts])}

    data = Sources.every_direction(["a", "c"], [0, 2], label_names=Three.labels)
    scores = evaluate_transfer(["b", "b", "a", "b"], data, Three())
    assert data.targets == [1, 2, 0, 1] and scores["accuracy_cnn"] == pytest.approx(3 / 4)


def test_extras_are_scored_where_given():
    extras = Extras(encoder=lambda outputs, sources: np.full(len(outputs), 0.5), reverse=lambda outputs: 12.5)
    found = evaluate_systems({"mine": TEXTS}, DATA, FakeJudges(), FITTED, extras=extras, samples=10)
    assert found.table["mine"]["embedding_similarity"] == 0.5 and found.table[SWAP]["reverse_perplexity"] == 12.5


@pytest.mark.parametrize("name", [COPY, HUMAN, SWAP, HACK])
def test_names_of_baselines_are_refused_even_where_there_is_none(name):
    with pytest.raises(UserError, match=f"may not be called '{name}'"):
        evaluate_systems({name: TEXTS}, replace(DATA, references=None), FakeJudges())


def test_unknown_rows_are_refused():
    with pytest.raises(UserError, match="no row 'best' to compare with"):
        evaluate_systems({"mine": TEXTS}, DATA, FakeJudges(), FITTED, against="best")


def test_without_fitted_baselines_the_sources_serve_where_they_can():
    assert list(evaluate_systems({}, DATA, FakeJudges(), samples=10).table) == [COPY, HUMAN]
    texts = [f"the {noun} was {word} ." for noun in ("soup", "staff", "wine", "place") for word in ("awful", "great")]
    data = Sources(texts, [0, 1] * 4, label_names=NAMES)
    found = evaluate_systems({}, data, FakeJudges(), samples=10)
    assert found.systems[SWAP].outputs[0] == "the soup was great ."
    assert any("fitted on the sources themselves" in note for note in found.notes)


def test_values_agree_with_the_metrics():
    from textdis.metrics import text as metrics

    outputs = ["the soup was great , great soup .", "", "we loved it all !"]
    scores = score(outputs)
    assert scores["self_bleu"] == pytest.approx(metrics.self_bleu(outputs, TEXTS)["self_bleu"])
    assert scores["ref_bleu"] == pytest.approx(metrics.ref_bleu(outputs, REFERENCES)["ref_bleu"])
    nouns = metrics.noun_preservation(outputs, NOUNS)
    assert {key: scores[key] for key in ("noun_sentences", "nouns_kept")} == pytest.approx(
        {key: nouns[key] for key in ("noun_sentences", "nouns_kept")}
    )
    assert scores["copy_rate"] == metrics.copy_rate(outputs, TEXTS)["copy_rate"]
    assert scores["length_ratio"] == pytest.approx(metrics.length_ratio(outputs, TEXTS)["length_ratio"])
