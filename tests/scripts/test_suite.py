from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

import textdis.pipelines
from textdis.core.errors import UserError
from textdis.evaluation.reading import QUESTIONS, read_records, verdict, write_records

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "docs" / "suite"
ANSWERED = sorted(path for path in SUITE.glob("*.jsonl") if path.name != "cases.jsonl")


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("suite_script", ROOT / "scripts" / "suite.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def shouting(monkeypatch):
    """A model that shouts what it is asked for."""

    class Shout:
        def __call__(self, texts, to):
            return [f"{text.upper()} {to}" for text in texts]

    monkeypatch.setattr(textdis.pipelines, "pipeline", lambda task, model: Shout())


def test_the_suite_has_120_cases_and_more_by_phenomenon():
    cases = read_records(SUITE / "cases.jsonl")
    assert len(cases) >= 120 and len({case["text"] + case["to"] for case in cases}) == len(cases)
    assert [case["id"] for case in cases] == list(range(1, len(cases) + 1))
    assert min(Counter(case["phenomenon"] for case in cases).values()) >= 8
    assert {case["to"] for case in cases} == {"positive", "negative", "leave"}
    assert all((case["to"] == "leave") == (case["style"] == "neutral") and case["note"] for case in cases)


@pytest.mark.parametrize("path", ANSWERED, ids=lambda path: path.stem)
def test_committed_verdicts_are_whole(path):
    cases = read_records(SUITE / "cases.jsonl")
    records = read_records(path)
    assert [(r["id"], r["text"], r["to"]) for r in records] == [(c["id"], c["text"], c["to"]) for c in cases]
    for record in records:
        given = verdict(record, path.name)
        assert given is not None
        if record["output"] == record["text"]:  # a copy keeps everything and turns nothing
            assert given == {"style": record["to"] == "leave", "content": True, "grammar": True}


def test_each_case_is_asked_for_its_style_and_verdicts_stay_with_unchanged_outputs(script, shouting, tmp_path):
    cases, output = tmp_path / "cases.jsonl", tmp_path / "shout.jsonl"
    rows = [("a", "positive"), ("b", "leave"), ("c", "negative")]
    write_records(cases, [{"id": i, "phenomenon": "p", "text": t, "to": s} for i, (t, s) in enumerate(rows)])
    run = ["run", "--model", "m", "--output", str(output), "--cases", str(cases)]
    assert CliRunner().invoke(script.app, run).exit_code == 0
    records = read_records(output)
    assert [r["output"] for r in records] == ["A positive", "B opposite", "C negative"]
    answered = [record | dict.fromkeys(QUESTIONS, "yes") for record in records]
    answered[2]["output"] = "something else"
    write_records(output, answered)
    assert CliRunner().invoke(script.app, run).exit_code == 0
    assert [record["style"] for record in read_records(output)] == ["yes", "yes", None]


def test_the_table_counts_by_phenomenon(script, tmp_path):
    path = tmp_path / "x.jsonl"
    good, bad = dict.fromkeys(QUESTIONS, "yes"), {"style": "no", "content": "yes", "grammar": "yes"}
    write_records(path, [{"id": 1, "phenomenon": "a"} | good, {"id": 2, "phenomenon": "b"} | bad])
    output = CliRunner().invoke(script.app, ["table", str(path)]).output
    assert "| a | 1 | 100 | 100 | 100 | 100 |" in output and "| b | 1 | 0 | 100 | 100 | 0 |" in output
    assert "| all | 2 | 50 | 100 | 100 | 50 |" in output
    path.write_text(json.dumps({"id": 1, "phenomenon": "a", "style": None}) + "\n")
    assert isinstance(CliRunner().invoke(script.app, ["table", str(path)]).exception, UserError)
