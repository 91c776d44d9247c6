from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from typer.testing import CliRunner

import data_recipes
from textdis.experiments import pairs
from textdis.experiments.pairs import Made
from textdis.experiments.verdict_files import read_verdicts, write_verdicts
from textdis.experiments.verdicts import Judged

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "teach.py"
NAMES = ["negative", "positive"]
TEXTS, LABELS = ["bad soup .", "good wine .", "so bad .", "so good .", "soup"], [0, 1, 0, 1, 1]
ODDS = {"a": [2.0, 3.0], "b": [2.5, 0.5]}  # of a system's two attempts at every sentence


def reworded(folder, sentences, path, offered):
    """Two attempts a sentence; what is neither good nor bad is in no style, and comes back as it was."""
    made = []
    for row, (text, label) in enumerate(zip(sentences.texts, sentences.labels, strict=True)):
        other = text.replace("bad", "BAD").replace("good", "bad").replace("BAD", "good")
        own = 0.5 if text == "soup" else 0.9
        made.append(Made(row, 1 - label, own, [f"{other} {folder}", text], ODDS[folder], [0.9, 0.9]))
    return made


@pytest.fixture
def teach(monkeypatch, tmp_path):
    specification = importlib.util.spec_from_file_location("teach_script", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    features = Features({"text": Value("string"), "label": ClassLabel(names=NAMES)})
    train = Dataset.from_dict({"text": TEXTS, "label": LABELS}, features=features)
    monkeypatch.setattr(data_recipes, "load", lambda name: DatasetDict({"train": train}))
    monkeypatch.setattr(pairs, "rewritings", reworded)

    def run(*options):
        output = tmp_path / "taught.jsonl.gz"
        result = CliRunner().invoke(module.app, [str(tmp_path), str(output), *map(str, options)])
        assert result.exit_code == 0, result.exception
        return read_verdicts(output, NAMES, TEXTS)

    return run


def test_the_surest_rewriting_of_all_systems_is_kept(teach):
    found = teach("--system", "a", "--system", "b")
    assert [one.source for one in found] == TEXTS[:4]  # the last has no style that could be turned
    assert found[0].rewritings == ("good soup . b",) and found[1].rewritings == ("bad wine . b",)
    assert all(one.right == (True,) and one.wanted == 1 - one.style for one in found)


def test_what_no_reader_is_sure_of_teaches_nothing(teach):
    assert teach("--system", "a", "--least", 2.2) == []  # the copy of odds 3 is no rewriting
    assert len(teach("--system", "a", "--system", "b", "--least", 2.2)) == 4


def test_sentences_with_marks_are_left_out(teach, tmp_path):
    marked = tmp_path / "marked.jsonl.gz"
    write_verdicts(marked, [(2, Judged.marked("so bad .", 0, 1, ["so good ."], [0]))], NAMES)
    assert [one.source for one in teach("--system", "a", "--without", marked)] == [
        "bad soup .",
        "good wine .",
        "so good .",
    ]
