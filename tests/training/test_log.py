import json

import pytest
import torch

from textdis.training.log import Log, Meter


def test_meter_averages_each_name_by_its_own_count_and_empties():
    meter = Meter()
    for value in (1.0, 2.0, 6.0):
        meter.add({"a": torch.tensor(value)})
    meter.add({"b": torch.tensor(7.0, requires_grad=True)})
    assert meter.read() == {"a": 3.0, "b": 7.0}
    assert meter.read() == {}


def test_meter_goes_on_from_its_state():
    first, second = Meter(), Meter()
    first.add({"a": torch.tensor(1.0)})
    second.load_state_dict(first.state_dict(), torch.device("cpu"))
    second.add({"a": torch.tensor(4.0)})
    assert second.read() == {"a": 2.5}


def test_a_line_holds_step_split_and_values_in_strict_json(tmp_path):
    log = Log(tmp_path / "metrics.jsonl")
    log.write(7, "train", {"nll": 0.5, "broken": float("nan")})
    line = json.loads((tmp_path / "metrics.jsonl").read_text(), parse_constant=pytest.fail)
    assert line == {"step": 7, "split": "train", "nll": 0.5, "broken": None}


def test_lines_beyond_the_step_and_cut_lines_are_dropped(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = Log(path)
    for step in (3, 6, 9):
        log.write(step, "train", {"nll": 1.0})
    with path.open("a") as file:
        file.write('{"step": 6, "spl')
    Log(path, 6).write(7, "train", {})
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [3, 6, 7]


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Log(None).write(1, "train", {"nll": 1.0})
    assert not list(tmp_path.iterdir())
