from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from typer.testing import CliRunner

import data_recipes
import textdis.pipelines
from textdis.core.errors import UserError
from textdis.evaluation import provenance
from textdis.evaluation.reading import QUESTIONS, read_records, write_records

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "blind_reading.py"
TEXTS, LABELS = ["bad soup .", "good wine .", "so bad .", "so good ."], [0, 1, 0, 1]


class Swap:
    def __call__(self, texts, to):
        return [text.replace("bad", "Good").replace("good", "bad") if to == "positive" else text for text in texts]


@pytest.fixture
def script(monkeypatch):
    specification = importlib.util.spec_from_file_location("blind_reading_script", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    features = Features({"text": Value("string"), "label": ClassLabel(names=["negative", "positive"])})
    train = Dataset.from_dict({"text": ["so bad", "so good"] * 30, "label": [0, 1] * 30}, features=features)
    dev = Dataset.from_dict({"text": TEXTS, "label": LABELS}, features=features)
    test = dev.add_column("reference", ["Good soup.", "Bad wine.", "Fine.", "Poor."])
    splits = DatasetDict({"train": train, "dev": dev, "li.test": test})
    monkeypatch.setattr(data_recipes, "load", lambda name: splits)
    monkeypatch.setattr(textdis.pipelines, "pipeline", lambda task, model: Swap())
    monkeypatch.setattr(provenance, "checkout", lambda: None)  # looks are noted beside the sheet, not in docs/
    return module


def run(script, *arguments):
    return CliRunner().invoke(script.app, list(map(str, arguments)))


def test_from_sheet_to_table(script, tmp_path):
    outputs = tmp_path / "mine.txt"
    outputs.write_text("\ufeffmine a\nmine\u2028b\nmine c\nmine d\n")  # four lines, whatever is in them
    folder = tmp_path / "reading"
    ways = ["--system", "swap", "--system", f"mine={outputs}", "--size", 4, "--split", "li.test"]
    result = run(script, "sheet", folder, *ways)
    assert result.exit_code == 0, result.exception
    items, key = read_records(folder / "sheet.jsonl"), json.loads((folder / "key.json").read_text())
    named = {name for names in key.values() for name in names}
    assert named == {"copy", "lexicon swap", "human reference", "swap", "mine"}
    assert {"good soup .", "mine a"} <= {item["output"] for item in items}
    looks = [json.loads(line) for line in (folder / "test_runs.jsonl").read_text().splitlines()]
    assert [(look["system"], look["split"]) for look in looks] == [("swap", "li.test"), ("mine", "li.test")]
    assert all(set(item) == {"id", "source", "wanted", "output", *QUESTIONS} for item in items)
    assert isinstance(run(script, "table", folder).exception, UserError)  # nothing was read yet
    write_records(folder / "sheet.jsonl", [item | dict.fromkeys(QUESTIONS, "yes") for item in items])
    assert "| mine | 4 | 100 | 100 | 100 | 100 | 51 to 100 |" in run(script, "table", folder).output


def test_without_references_there_is_no_human(script, tmp_path):
    assert run(script, "sheet", tmp_path / "r", "--system", "swap", "--size", 2).exit_code == 0
    assert "human reference" not in (tmp_path / "r" / "key.json").read_text()
    assert not (tmp_path / "r" / "test_runs.jsonl").exists()


def test_of_three_styles_a_source_stands_once_for_each_that_it_has_not(script, tmp_path, monkeypatch):
    features = Features({"text": Value("string"), "label": ClassLabel(names=["plain", "negative", "positive"])})
    train = Dataset.from_dict(
        {"text": ["so plain", "so bad", "so good"] * 30, "label": [0, 1, 2] * 30}, features=features
    )
    test = Dataset.from_dict({"text": ["so so", "so so again"], "label": [0, 0]}, features=features)
    test = test.add_column("negative", ["is bad", "is bad again"]).add_column("positive", ["is good", "is good again"])
    monkeypatch.setattr(data_recipes, "load", lambda name: DatasetDict({"train": train, "dev": test}))
    folder = tmp_path / "reading"
    assert run(script, "sheet", folder, "--system", "swap", "--size", 4).exit_code == 0
    items, key = read_records(folder / "sheet.jsonl"), json.loads((folder / "key.json").read_text())
    human = {(item["source"], item["wanted"], item["output"]) for item in items if "human reference" in key[item["id"]]}
    again = {("so so again", "negative", "is bad again"), ("so so again", "positive", "is good again")}
    assert human == again | {("so so", "negative", "is bad"), ("so so", "positive", "is good")}


def test_bad_input_is_told(script, tmp_path):
    few = tmp_path / "few.txt"
    few.write_text("one\n")
    again = tmp_path / "again"
    assert run(script, "sheet", again, "--system", "swap", "--size", 2).exit_code == 0
    for arguments, message in (
        (["sheet", again, "--system", "swap"], "holds a sheet already"),
        (["sheet", tmp_path / "a", "--system", "swap", "--split", "no"], "no such split"),
        (["sheet", tmp_path / "b", "--system", f"x={few}", "--size", 2], "1 lines for 4 sentences"),
        (["table", tmp_path / "none"], "not the key of a sheet"),
    ):
        error = run(script, *arguments).exception
        assert isinstance(error, UserError) and message in str(error)
