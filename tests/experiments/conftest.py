"""What tests of several experiments share."""

import pytest
import torch

from textdis.training import processes
from textdis.training.trainer import Trainer


@pytest.fixture
def second_of_two(monkeypatch):
    """From `processes.join` on this is the second of two processes. -> the batches that would have been trained on"""
    world, taken = [1], []

    def join(device):
        world[0] = 2
        return torch.device("cpu")

    monkeypatch.setattr(processes, "join", join)
    monkeypatch.setattr(processes, "share", lambda: {"rank": world[0] - 1, "world": world[0]})
    monkeypatch.setattr(Trainer, "fit", lambda self, batches, *_: taken.append(batches) or {})
    return taken
