"""Verdicts as they stand in files, made by hand or by a recipe."""

import gzip
import json

import pytest

from textdis.core.errors import UserError
from textdis.experiments.verdict_files import applied, edits, read_verdicts, write_verdicts
from textdis.experiments.verdicts import Judged

NAMES = ["negative", "positive"]
GOOD = Judged("the food was great .", 1, 0, ("the food was awful .", "the food was ."), (True, False))
LINE = {"source": GOOD.source, "from": "positive", "to": "negative", "rewritings": [*GOOD.rewritings], "right": [0]}


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "rewriting",
    [
        "the food was awful .",
        "awful food",
        "the food was great .",
        "not the food was great . at all !",
        "food great the",
    ],
)
def test_edits_give_the_rewriting_back(rewriting):
    assert applied(GOOD.source, edits(GOOD.source, rewriting)) == rewriting


def test_verdicts_are_read_as_they_stand(tmp_path):
    assert read_verdicts(lines(tmp_path / "v.jsonl", LINE), NAMES) == [GOOD]


def test_ordinary_writing_becomes_model_text(tmp_path):
    written = LINE | {"source": "The food was GREAT.", "rewritings": ["The food was awful.", "The food was."]}
    assert read_verdicts(lines(tmp_path / "v.jsonl", written), NAMES) == [GOOD]


@pytest.mark.parametrize("name", ["v.jsonl", "v.jsonl.gz"])
def test_sentences_that_may_not_be_passed_on_are_named_by_their_row(tmp_path, name):
    path, texts = tmp_path / name, ["other .", GOOD.source]
    neutral = Judged("other .", 0, 1, ("another .",), (False,), neutral=True)
    write_verdicts(path, [(1, GOOD), (0, neutral)], NAMES)
    assert b"food" not in (gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes())
    assert read_verdicts(path, NAMES, texts) == [GOOD, neutral]
    with pytest.raises(UserError, match=r"line 1: not a verdict: row 1 is another sentence"):
        read_verdicts(path, NAMES, ["other .", "changed ."])
    with pytest.raises(UserError, match="row is 1; the recipe's rows go from 0 to 0"):
        read_verdicts(path, NAMES, ["other ."])
    with pytest.raises(UserError, match="none was given"):
        read_verdicts(path, NAMES)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (LINE | {"right": [2]}, r"right is \[2\], and there are 2"),
        (LINE | {"right": [-1]}, r"right is \[-1\]; write the numbers"),
        (LINE | {"right": [True, False]}, r"right is \[True, False\]; write the numbers"),
        (LINE | {"right": 0}, "right is 0; write a list"),
        (LINE | {"to": "neutral"}, "to is 'neutral'; the styles are negative, positive"),
        (LINE | {"to": "positive"}, "from and to are both 'positive'"),
        (LINE | {"neutral": "no"}, "neutral is 'no'; write true or false"),
        (LINE | {"source": None}, "source is None; write a text"),
        (LINE | {"source": " "}, "source is ' '; write a text"),
        (LINE | {"rewritings": "awful food"}, "rewritings is 'awful food'; write a list"),
        (LINE | {"rewritings": ["awful food", ""]}, "rewriting 1 is ''; write a text"),
        (LINE | {"rewritings": ["The food was great."]}, "the source itself is marked right"),
        (LINE | {"edits": [[0]]}, "edits are"),
        ({"source": "x"}, "'rewritings' is missing"),
        ([1], "no JSON object"),
    ],
)
def test_what_is_no_verdict_is_told_with_its_line(tmp_path, row, message):
    with pytest.raises(UserError, match=rf"v.jsonl, line 2: not a verdict: .*{message}"):
        read_verdicts(lines(tmp_path / "v.jsonl", LINE, row), NAMES)


def test_nothing_to_change_may_be_right_where_nothing_is_said(tmp_path):
    """A reader may find the sentence itself right where it is neutral."""
    kept = LINE | {"rewritings": [GOOD.source], "neutral": True}
    assert read_verdicts(lines(tmp_path / "v.jsonl", kept), NAMES)[0].right_ones == [GOOD.source]


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "v.jsonl.gz").write_text("plain")
    with pytest.raises(UserError, match="v.jsonl.gz: cannot be read as verdicts"):
        read_verdicts(tmp_path / "v.jsonl.gz", NAMES)
    with pytest.raises(UserError, match="missing.jsonl: no such file; check the path given as --verdicts"):
        read_verdicts(tmp_path / "missing.jsonl", NAMES)
    with pytest.raises(UserError, match="is a directory"):
        read_verdicts(tmp_path, NAMES)
