from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, DatasetDict
from typer.testing import CliRunner

import data_recipes
import textdis.pipelines
from textdis.core.errors import UserError
from textdis.evaluation.evaluate import Sources
from textdis.evaluation.judges import Judges

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "evaluate.py"
TEXTS, LABELS = ["the soup was bad .", "the staff was good .", "bad wine !"], [0, 1, 0]


class FakeTransfer:
    labels = ["negative", "positive"]

    def __init__(self):
        self.asked: list[tuple[list[str], dict]] = []

    def __call__(self, texts, **options):
        self.asked.append((texts, options))
        return [text.replace("bad", "Good").replace("wasn't", "was") for text in texts]


class FakeJudges:
    held_out = {"cnn": 0.9, "perplexity": 10.0, "unk_share": 0.0, "tokens": 9.0}
    fingerprint = "abc"

    def style(self, texts):
        return {"cnn": np.array([[0.1, 0.9] if "good" in text else [0.9, 0.1] for text in texts])}

    def perplexity(self, texts):
        return {"perplexity": 20.0, "unk_share": 0.0, "tokens": 9.0}


@pytest.fixture
def script(monkeypatch, tmp_path):
    specification = importlib.util.spec_from_file_location("evaluate_script", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    monkeypatch.setattr(module, "RUNS", tmp_path / "test_runs.jsonl")
    train = Dataset.from_dict({"text": ["so bad", "so good"] * 30, "label": [0, 1] * 30})
    test = Dataset.from_dict({"text": TEXTS, "label": LABELS, "reference": ["The soup was good."] * 3})
    splits = DatasetDict({"train": train, "dev": test.remove_columns("reference"), "li.test": test})
    monkeypatch.setattr(data_recipes, "load", lambda name: splits)
    monkeypatch.setattr(Judges, "load", lambda folder: FakeJudges())
    return module


@pytest.fixture
def transfer(monkeypatch) -> FakeTransfer:
    fake = FakeTransfer()
    monkeypatch.setattr(textdis.pipelines, "pipeline", lambda task, model: fake)
    return fake


def run(script, *arguments: str):
    import typer

    app = typer.Typer()
    app.command()(script.main)
    return CliRunner().invoke(app, ["--judges", "judges", *arguments])


def test_each_sentence_is_asked_for_the_style_it_has_not(script, transfer):
    outputs = script.rewrite("mine", Sources(TEXTS, LABELS), known=False, strength=0.7)
    assert outputs == ["the soup was good .", "the staff was good .", "good wine !"]
    assert transfer.asked == [
        ([TEXTS[0], TEXTS[2]], {"to": "positive", "source": None, "strength": 0.7}),
        ([TEXTS[1]], {"to": "negative", "source": None, "strength": 0.7}),
    ]
    script.rewrite("mine", Sources(TEXTS, LABELS), known=True)
    assert [options["source"] for _, options in transfer.asked[2:]] == ["negative", "positive"]


def test_a_look_at_the_test_set_is_written_down(script, transfer):
    result = run(script, "--model", "mine", "--split", "li.test")
    assert result.exit_code == 0, result.output
    assert "| mine | 66.7 |" in result.output and "| human reference |" in result.output
    (line,) = script.RUNS.read_text().splitlines()
    assert json.loads(line)["system"] == "mine" and json.loads(line)["judges"] == "abc"


def test_a_look_at_dev_is_not(script, transfer, tmp_path):
    saved = tmp_path / "saved.txt"
    assert run(script, "--model", "mine", "--save", str(saved)).exit_code == 0
    assert saved.read_text().splitlines()[2] == "good wine !" and not script.RUNS.exists()


def test_a_file_of_outputs_is_scored(script, tmp_path):
    path = tmp_path / "outputs.txt"
    path.write_text("the soup was good .\n\ngood wine !\n")
    result = run(script, "--outputs", str(path))
    assert result.exit_code == 0 and f"| {path} | 66.7 |" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "either --model or --outputs"),
        (["--model", "a", "--outputs", "b"], "either --model or --outputs"),
        (["--outputs", "missing.txt"], "missing.txt: not readable"),
        (["--model", "mine", "--split", "nope"], "no such split"),
    ],
)
def test_bad_input_is_told(script, transfer, arguments, message):
    error = run(script, *arguments).exception
    assert isinstance(error, UserError) and message in str(error)
