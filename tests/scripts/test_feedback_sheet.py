from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from typer.testing import CliRunner

import data_recipes
from textdis.core.errors import UserError
from textdis.experiments import pairs
from textdis.experiments.pairs import Made
from textdis.experiments.verdict_files import read_verdicts

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "feedback_sheet.py"
TEXTS, LABELS = ["bad soup .", "good wine .", "so bad .", "so good ."], [0, 1, 0, 1]


def swapped(folder, sentences, path, offered):
    """Two attempts a sentence, one of which does not have the style."""
    made = []
    for row, (text, label) in enumerate(zip(sentences.texts, sentences.labels, strict=True)):
        other = text.replace("bad", "BAD").replace("good", "bad").replace("BAD", "good")
        texts = [f"{other} {folder}", text, f"{folder} {text}"]
        made.append(Made(row, 1 - label, 1.0, texts[:offered], [-1.0] * 3, [0.9, 0.9, 0.1]))
    return made


@pytest.fixture
def script(monkeypatch):
    specification = importlib.util.spec_from_file_location("feedback_sheet_script", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    features = Features({"text": Value("string"), "label": ClassLabel(names=["negative", "positive"])})
    train = Dataset.from_dict({"text": TEXTS, "label": LABELS}, features=features)
    monkeypatch.setattr(data_recipes, "load", lambda name: DatasetDict({"train": train}))
    monkeypatch.setattr(pairs, "rewritings", swapped)
    return module


def run(script, *arguments):
    return CliRunner().invoke(script.app, list(map(str, arguments)))


def drawn(script, folder):
    result = run(script, "draw", folder, "--system", "a", "--system", "b", "--size", 4, "--part", 3)
    assert result.exit_code == 0, result.exception


def test_from_sheets_to_verdicts(script, tmp_path):
    drawn(script, tmp_path / "s")
    parts = [(tmp_path / "s" / f"part_{k}.txt").read_text() for k in (0, 1)]
    assert [part.count("source: ") for part in parts] == [3, 1] and "1: " in parts[0] and "2: " in parts[0]
    key = [json.loads(line) for line in (tmp_path / "s" / "key.jsonl").read_text().splitlines()]
    assert all(sorted(y.split()[-1] for y in block["rewritings"]) == ["a", "b"] for block in key)
    answers = [
        {"n": b["n"], "right": [1 + b["rewritings"].index(y) for y in b["rewritings"] if y.endswith(" b")]} for b in key
    ]
    (tmp_path / "s" / "answer_0.jsonl").write_text("".join(json.dumps(a) + "\n" for a in answers[:3]))
    (tmp_path / "s" / "answer_1.jsonl").write_text(json.dumps(answers[3] | {"neutral": True}) + "\n")
    result = run(script, "collect", tmp_path / "s", tmp_path / "v.jsonl.gz")
    assert result.exit_code == 0, result.exception
    found = read_verdicts(tmp_path / "v.jsonl.gz", ["negative", "positive"], TEXTS)
    assert [one.source for one in found] == TEXTS and [one.wanted for one in found] == [1, 0, 1, 0]
    assert all([y.endswith(" b") for y in one.rewritings] == list(one.right) for one in found)
    assert sum(one.neutral for one in found) == 1


def test_readers_may_write(script, tmp_path):
    """On sheets without attempts, or beside those that they mark."""
    assert run(script, "draw", tmp_path / "w", "--size", 4).exit_code == 0
    assert "How to write" in (tmp_path / "w" / "brief.md").read_text()
    assert (tmp_path / "w" / "key.jsonl").read_text() == ""  # too short to be rewritten
    script.SHORTEST = 3
    (tmp_path / "w" / "key.jsonl").unlink()
    assert run(script, "draw", tmp_path / "w", "--size", 4).exit_code == 0
    key = [json.loads(line) for line in (tmp_path / "w" / "key.jsonl").read_text().splitlines()]
    answers = [{"n": 0, "written": " quite  new ."}, {"n": 1, "neutral": True}, {"n": 2, "wrong": True}]
    answers.append({"n": 3, "written": key[3]["source"], "wrong": True})  # a copy is none
    (tmp_path / "w" / "answer_0.jsonl").write_text("".join(json.dumps(a) + "\n" for a in answers))
    assert run(script, "collect", tmp_path / "w", tmp_path / "v.jsonl").exit_code == 0
    found = {one.source: one for one in read_verdicts(tmp_path / "v.jsonl", ["negative", "positive"], TEXTS)}
    ones = [found[block["source"]] for block in key]
    assert [one.rewritings for one in ones] == [("quite new .",), (), (), ()]
    assert [one.teaches for one in ones] == [True, False, False, False] and ones[1].neutral

    drawn(script, tmp_path / "s")
    key = [json.loads(line) for line in (tmp_path / "s" / "key.jsonl").read_text().splitlines()]
    answers = [{"n": 0, "right": [], "written": "new ."}, {"n": 1, "right": [2], "written": key[1]["rewritings"][0]}]
    (tmp_path / "s" / "answer_0.jsonl").write_text("".join(json.dumps(a) + "\n" for a in answers))
    assert run(script, "collect", tmp_path / "s", tmp_path / "v.jsonl").exit_code == 0
    found = read_verdicts(tmp_path / "v.jsonl", ["negative", "positive"], TEXTS)
    ones = [[one for one in found if one.source == block["source"]] for block in key[:2]]
    assert [one.right for one in ones[0]] == [(False, False), (True,)] and ones[0][1].rewritings == ("new .",)
    assert [one.right for one in ones[1]] == [(False, True), (True,)]


def test_bad_input_is_told(script, tmp_path):
    drawn(script, tmp_path / "s")
    for answer, message in (
        ({"n": 99, "right": []}, "line 1: not an answer"),
        ({"n": 0, "right": ["x"]}, "line 1: not an answer"),
        ({"n": 0, "right": [3]}, "there are 2 rewritings"),
        ({"n": 0, "right": [0]}, "there are 2 rewritings"),
    ):
        (tmp_path / "s" / "answer_0.jsonl").write_text(json.dumps(answer) + "\n")
        error = run(script, "collect", tmp_path / "s", tmp_path / "v.jsonl").exception
        assert isinstance(error, UserError) and message in str(error)
        assert not (tmp_path / "v.jsonl").exists()
    error = run(script, "draw", tmp_path / "s", "--system", "a").exception
    assert isinstance(error, UserError) and "holds sheets already" in str(error)
    assert isinstance(run(script, "collect", tmp_path / "none", tmp_path / "v.jsonl").exception, UserError)


def test_a_line_ends_at_a_line_feed_alone(script, tmp_path):
    (tmp_path / "answers.jsonl").write_text('\ufeff{"written": "good\u2028soup"}\n\n{"n": 1}\n')
    assert script.records(tmp_path / "answers.jsonl") == [{"written": "good\u2028soup"}, {"n": 1}]
