from __future__ import annotations

import math

import pytest

from textdis.core.errors import UserError
from textdis.evaluation.sources import (
    Sources,
    columns,
    normalised,
    own_sources,
    read_labels,
    read_lines,
    read_references,
    require_text,
    same_length,
)

NAMES = ["negative", "positive"]


def test_of_two_styles_the_target_is_the_other():
    data = Sources(["a", "b"], [0, 1], label_names=NAMES)
    assert list(data.targets) == [1, 0] and data.references is None and data.with_reference == []


def test_more_styles_need_targets():
    with pytest.raises(UserError, match="of 3 styles say which"):
        Sources(["a"], [0], label_names=["x", "y", "z"])
    assert list(Sources(["a"], [0], [2], label_names=["x", "y", "z"]).targets) == [2]


def test_every_direction_repeats_each_sentence_with_what_belongs_to_it():
    data = Sources.every_direction(["a", "b"], [0, 2], label_names=["x", "y", "z"], nouns=[["n"], []], references=None)
    assert (data.texts, data.labels, data.targets) == (["a", "a", "b", "b"], [0, 0, 2, 2], [1, 2, 0, 1])
    assert data.nouns == [["n"], ["n"], [], []] and data.references is None


def test_none_one_or_many_references():
    data = Sources(["a", "b", "c"], [0, 0, 1], references=["one", [], ["two", "three"]])
    assert data.references == [["one"], [], ["two", "three"]] and data.with_reference == [0, 2]
    data = Sources(["a", "b", "c"], [0, 0, 1], references=[None, math.nan, ["", None, "x"]])
    assert data.references == [[], [], ["x"]] and data.with_reference == [2]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"texts": []}, "no sentence to rewrite"),
        ({"labels": [0]}, "labels: 1 for 2 sources"),
        ({"targets": [0]}, "targets: 1 for 2 sources"),
        ({"references": ["a"]}, "references: 1 for 2 sources"),
        ({"nouns": [[]]}, "nouns: 1 for 2 sources"),
        ({"labels": [0, 2]}, "labels: no style 2; there are 0, 1"),
        ({"texts": ["a", None]}, "source 2 is None, not text"),
        ({"texts": [None, "a"]}, "source 1 is None, not text"),
        ({"references": "ab"}, "letter by letter"),
        ({"references": ["a", 5]}, "reference 2 is 5, not text"),
        ({"references": ["a", ["b", 5]]}, "reference 2 is 5, not text"),
    ],
)
def test_what_does_not_fit_is_refused(fields, message):
    with pytest.raises(UserError, match=message):
        Sources(**{"texts": ["a", "b"], "labels": [0, 1]} | fields)


def test_the_fingerprint_changes_with_text_styles_and_references():
    kinds = [
        Sources(["a", "b"], [0, 1]),
        Sources(["a", "c"], [0, 1]),
        Sources(["a", "b"], [1, 0]),
        Sources(["a", "b"], [0, 1], references=["x", "y"]),
    ]
    assert len({data.fingerprint for data in kinds}) == 4
    assert kinds[0].fingerprint == Sources(["a", "b"], [0, 1]).fingerprint


def test_styles_are_matched_by_name():
    data = Sources(["a", "b"], [0, 1], label_names=["positive", "negative"]).in_order(NAMES)
    assert (data.labels, data.targets, list(data.label_names)) == ([1, 0], [0, 1], NAMES)
    assert Sources(["a"], [1]).in_order(NAMES).labels == [1]  # mere numbers are taken as they are
    with pytest.raises(UserError, match="styles science, politics against judges of negative, positive"):
        Sources(["a"], [1], label_names=["science", "politics"]).in_order(NAMES)


def test_a_dataset_is_normalised_and_tagged():
    datasets = pytest.importorskip("datasets")
    columns = {"text": ["The soup WAS awful."], "label": [0], "reference": ["The soup wasn't bad!"]}
    split = datasets.Dataset.from_dict(columns).cast_column("label", datasets.ClassLabel(names=NAMES))
    data = Sources.from_dataset(split)
    assert data.texts == ["the soup was awful ."] and data.references == [["the soup was n't bad !"]]
    assert data.nouns == [["soup"]] and data.labels == [0] and list(data.label_names) == NAMES
    assert Sources.from_dataset(split, nouns=False).nouns is None


def test_three_topics_of_a_dataset_go_in_every_direction():
    datasets = pytest.importorskip("datasets")
    split = datasets.Dataset.from_dict({"text": ["why", "who"], "label": [0, 1]})
    split = split.cast_column("label", datasets.ClassLabel(names=["science", "music", "politics"]))
    data = Sources.from_dataset(split, nouns=False)
    assert data.targets == [1, 2, 0, 2] and data.texts == ["why", "why", "who", "who"]


def test_columns_that_bear_a_styles_name_hold_the_references_of_that_direction():
    datasets = pytest.importorskip("datasets")
    columns = {
        "text": ["a dog", "a cat"],
        "label": [0, 1],
        "funny": ["a silly dog", ""],
        "sweet": ["Dear dog", "dear cat"],
    }
    split = datasets.Dataset.from_dict(columns).cast_column(
        "label", datasets.ClassLabel(names=["plain", "funny", "sweet"])
    )
    data = Sources.from_dataset(split, nouns=False)
    assert data.targets == [1, 2, 0, 2]
    assert data.references == [["a silly dog"], ["dear dog"], [], ["dear cat"]]


class Judge:
    labels = NAMES

    def style(self, texts):
        import numpy as np

        return {"cnn": np.array([[0.2, 0.8] if "good" in text else [0.7, 0.3] for text in texts])}


def test_styles_that_are_not_given_come_from_the_targets_or_the_judge():
    texts = ["good", "bad"]
    assert own_sources(texts, Judge(), None, [1, 1]).labels == [0, 0]
    judged = own_sources(texts, Judge())
    assert judged.labels == [1, 0] and judged.judged and list(judged.targets) == [0, 1]
    assert not own_sources(texts, Judge(), [0, 0]).judged
    with pytest.raises(UserError, match="targets: 1 for 2 sources"):
        own_sources(texts, Judge(), None, [1])


def test_files_are_read_line_by_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n\nthree\n")
    assert read_lines(path) == ["one", "", "three"]
    path.write_text("")
    with pytest.raises(UserError, match="a.txt: is empty"):
        read_lines(path)
    path.write_bytes(b"one\ncaf\xe9\n")
    with pytest.raises(UserError, match=r"a.txt, line 2: not UTF-8 \(byte 0xe9 at 4\); save the file as UTF-8"):
        read_lines(path)
    with pytest.raises(UserError, match="none.txt: no such file; check the path given as --sources"):
        read_lines(tmp_path / "none.txt", "--sources")
    with pytest.raises(UserError, match="is a directory; give a file"):
        read_lines(tmp_path)


def test_labels_are_names_or_numbers(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("negative\n1\npositive\n")
    assert read_labels(path, NAMES) == [0, 1, 1]
    path.write_text("negative\nhappy\n")
    with pytest.raises(UserError, match="labels.txt, line 2: label 'happy' is none of negative, positive"):
        read_labels(path, NAMES)


def test_a_blank_line_is_no_reference():
    assert columns([["One!", "", "Three"], ["Uno", "  ", ""]]) == [["one !", "uno"], [], ["three"]]
    assert columns([["\u200b"], ["Uno"]]) == [["uno"]]
    assert normalised(["", "\u200b", ["", "Two"]]) == [[], [], ["two"]]


def test_references_that_are_all_blank_are_told_with_their_file(tmp_path):
    path = tmp_path / "references.txt"
    path.write_text("\n  \n", encoding="utf-8")
    with pytest.raises(UserError, match=r"references.txt: lines 1 to 2 are blank"):
        read_references(path)
    path.write_text("\nslow food\n", encoding="utf-8")
    assert read_references(path) == ["", "slow food"]


def test_lengths_are_told():
    with pytest.raises(UserError, match="b.txt: 1,000 for 999 sources"):
        same_length([""] * 1000, [""] * 999, "b.txt")


def test_lines_are_those_that_transfer_counts(tmp_path):
    """A mark that Notepad writes is no text, and a lone carriage return ends no line."""
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffnegative\r\nthe food\rwas awful\u2028.\n".encode())
    assert read_lines(path) == ["negative", "the food\rwas awful\u2028."]


def test_one_text_and_blank_ones_are_refused():
    with pytest.raises(UserError, match="letter by letter"):
        require_text("the food", "source")
    with pytest.raises(UserError, match="no sentence"):
        Sources(["", " "], [0, 1], label_names=["a", "b"])
