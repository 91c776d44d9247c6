"""Exact resume: bit-equal on a CPU to a run that never stopped."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import training_toys
from training_toys import held_out, same, train, weights

STEPS = 23


def log_of(folder):
    found = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "sentences_per_second"} for line in found]


def test_killed_at_a_random_step_and_resumed_it_ends_bit_equal(tmp_path):
    kill_at = random.SystemRandom().randrange(6, STEPS)
    command = [sys.executable, training_toys.__file__, str(tmp_path / "killed"), str(STEPS), str(kill_at)]
    killed = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert killed.returncode == -9, killed.stderr
    resumed = train(tmp_path / "killed", STEPS, validation=held_out())
    straight = train(tmp_path / "straight", STEPS, validation=held_out())
    assert same(weights(resumed), weights(straight)), f"killed at step {kill_at}"
    assert log_of(tmp_path / "killed") == log_of(tmp_path / "straight"), f"killed at step {kill_at}"
    for name in ("model", "last"):
        assert same(weights(tmp_path / "killed" / name), weights(tmp_path / "straight" / name))


@pytest.mark.parametrize("stop", [1, 5, 8])
def test_a_shorter_run_continued_equals_the_longer_one(tmp_path, stop):
    train(tmp_path, stop)
    resumed, straight = train(tmp_path, 13), train(None, 13)
    assert same(weights(resumed), weights(straight))
    for mine, other in zip(resumed.players.players.values(), straight.players.players.values(), strict=True):
        assert mine.steps == other.steps


def test_a_finished_run_is_left_as_it_is(tmp_path):
    first = train(tmp_path, 9, validation=held_out())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = train(tmp_path, 9, validation=held_out())
    assert again.state.scores == first.state.scores
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_another_seed_is_another_run():
    assert not same(weights(train(None, 5, seed=0)), weights(train(None, 5, seed=1)))


def test_nothing_in_the_state_needs_unpickling(tmp_path):
    train(tmp_path, 5, accumulate=3)
    state = torch.load(tmp_path / "training" / "state.pt", weights_only=True)
    assert type(state["ranks"][0]["batches"]["position"]) is int  # the stream gave a numpy integer
