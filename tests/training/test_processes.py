import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import training_toys
from training_toys import PerExample, Stream, held_out, train, weights

from textdis.training.checkpoint import CheckpointError


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    """A run folder trained to step 4, then resumed to step 7, by two gloo processes."""
    folder = tmp_path_factory.mktemp("two")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for steps in ("4", "7"):
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        command = [*torchrun, training_toys.__file__, str(folder), steps]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env=environment, cwd=Path(__file__).parents[2]
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_two_processes_equal_one_on_the_joined_batch(two_processes, tmp_path):
    """Held to the single process for a mean over examples; row 1, of the second process, alone holds token 10."""
    one = train(tmp_path, 7, PerExample, stream=Stream(4), dropout=0.0, validation=held_out())
    for name, value in weights(tmp_path / "last").items():
        torch.testing.assert_close(weights(two_processes / "last")[name], value, rtol=1e-5, atol=2e-6)
    assert torch.equal(one.objective.model.unused, torch.ones(3))  # no gradient anywhere: no weight decay either
    assert torch.equal(weights(two_processes / "last")["unused"], torch.ones(3))


def test_only_one_process_writes(two_processes):
    steps = [line.split(",")[0] for line in (two_processes / "metrics.jsonl").read_text().splitlines()]
    assert steps == [f'{{"step": {n}' for n in (3, 4, 4, 6, 7, 7)]


def test_another_number_of_processes_may_not_resume(two_processes):
    with pytest.raises(CheckpointError, match="by 2 processes"):
        train(two_processes, 9, PerExample, stream=Stream(4), dropout=0.0)
