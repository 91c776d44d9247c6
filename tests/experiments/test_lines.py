"""The lines that a table goes on from."""

import json

import pytest

from textdis.core.errors import UserError
from textdis.experiments.lines import read, require_end, write


def test_lines_come_back_by_row_and_seed(tmp_path):
    results = tmp_path / "new" / "x.jsonl"
    assert read(results) == {}
    lines = [{"row": "a, b", "seed": seed, "scores": {"x": 0.1 * seed}} for seed in (0, 1)]
    for line in lines:
        write(results, line)
    assert read(results) == {("a, b", 0): lines[0], ("a, b", 1): lines[1]}


def test_lines_of_other_data_stay_out(tmp_path):
    results = tmp_path / "x.jsonl"
    for recipe in ("yelp", "yahoo"):
        write(results, {"row": "a", "seed": 0, "recipe": recipe})
    assert read(results, recipe="yelp") == {("a", 0): {"row": "a", "seed": 0, "recipe": "yelp"}}
    assert read(results, recipe="yelp", sentences=1) == {}


def test_a_run_that_was_stopped_is_told(tmp_path):
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps({"step": step}) + "\n" for step in (1, 7)))
    require_end(tmp_path, 7)
    with pytest.raises(UserError, match="stopped at step 7 of 8; the same command goes on"):
        require_end(tmp_path, 8)
