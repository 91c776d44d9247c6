from __future__ import annotations

import pytest

from textdis.pipelines.clauses import Clauses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the food was good but the service was slow .", ["the food was good", "the service was slow"]),
        ("delicious tacos , terrible parking ! !", ["delicious tacos", "terrible parking"]),
        ("it was loud , yet we had fun , and stayed late .", ["it was loud", "we had fun", "stayed late"]),
        ("clean and quiet rooms , but rude people", ["clean and quiet rooms", "rude people"]),
        ("good .", ["good"]),
        ("!", ["!"]),
        ("", [""]),
    ],
)
def test_a_sentence_in_clauses(text, parts):
    clauses = Clauses.of(text)
    assert list(clauses.parts) == parts
    assert clauses.with_new({}) == text


def test_a_contrast_goes_where_clauses_agree():
    clauses = Clauses.of("great tacos , but slow staff , but loud music !")
    assert clauses.with_new({"great tacos .": "awful tacos ."}) == "awful tacos , and slow staff , but loud music !"
    both = {"great tacos .": "awful tacos .", "slow staff .": "quick staff ."}
    assert clauses.with_new(both) == "awful tacos , but quick staff , and loud music !"
    assert Clauses.of("butter was good but cold").with_new({"butter was good .": "x y ."}) == "butter was good but cold"


def test_of_a_mixed_sentence_the_clause_of_the_other_style_is_rewritten(lexicon):
    line = "I hate the rude staff, but the food was great!"
    (sentence,) = next(iter(lexicon.rewrite([line], to="negative"))).sentences
    assert sentence.output == "I hate the rude staff, and the food was awful!"
    assert sentence.reason is None and (sentence.source_style, sentence.output_style) == ("negative", "negative")
    assert 0.5 < sentence.similarity < 1.0
    assert sentence.source_probability < 0.99 < sentence.output_probability  # one word of three was against it
    (told,) = next(iter(lexicon.rewrite([line], to="negative", source="negative"))).sentences
    assert told.kept and told.reason == "already in the wanted style"  # who says so is believed
