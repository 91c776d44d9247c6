"""The curve over --strength: a line a model, a mark a baseline, a row a point."""

import importlib.util
from pathlib import Path

import pytest
import torch

from textdis.core.errors import UserError
from textdis.text.batches import collate

FILE = Path(__file__).parents[2] / "scripts" / "strength_curve.py"
spec = importlib.util.spec_from_file_location("strength_curve", FILE)
strength_curve = importlib.util.module_from_spec(spec)
spec.loader.exec_module(strength_curve)


def point(system, strength, bleu, accuracy):
    scores = {"accuracy_cnn": accuracy, "accuracy_linear": accuracy, "self_bleu": bleu}
    return {"system": system, "strength": strength} | scores | {"perplexity_ratio": 1.0, "copy_rate": 0.0}


POINTS = [
    point("copy of the source", None, 100.0, 0.05),
    point("swap", None, 64.0, 0.8),
    point("ours", 0.0, 66.0, 0.9),
    point("ours", 1.0, 61.0, 0.95),
]


def test_every_point_is_a_row():
    lines = strength_curve.table(POINTS).splitlines()
    assert len(lines) == 6 and "| ours, strength 1 | 95.0 | 95.0 | 61.0 |" in lines[-1]


def test_systems_and_strengths_are_named_in_the_picture():
    svg = strength_curve.draw(POINTS)
    assert svg.startswith("<svg") and all(f">{text}<" in svg for text in ("swap", "ours", "0", "1", "self-BLEU"))
    assert "copy" not in svg  # it would leave a corner for all others


def test_the_picture_is_written_beside_its_points(tmp_path):
    strength_curve.write(POINTS, tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text().startswith("<svg")
    assert len((tmp_path / "x.jsonl").read_text().splitlines()) == len(POINTS)
    (tmp_path / "y.svg").mkdir()
    with pytest.raises(UserError, match="y.svg: cannot be written .Is a directory.; choose another place"):
        strength_curve.write(POINTS, tmp_path / "y.svg")


class Counting:
    """Says its source again, and counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def classify(self, batch):
        return torch.zeros(len(batch), 2)

    def candidates(self, batch, target, n_best=4, max_length=None):
        self.asked += 1
        return batch.tokens[:, None, 1:], target[:, None].float()


def test_a_batch_is_searched_once_for_each_target():
    model, batch = Counting(), collate([[1, 7, 8, 2], [1, 9, 2]], [0, 1])
    remembering = strength_curve.Remembering(model)
    for target in ([1, 0], [1, 0], [1, 1]):
        tokens, scores = remembering.candidates(batch, torch.tensor(target), 1)
        assert tokens.tolist() == batch.tokens[:, None, 1:].tolist() and scores.squeeze().tolist() == target
    assert model.asked == 2
    remembering.candidates(batch, torch.tensor([1, 0]), 2)
    assert model.asked == 3 and remembering.classify(batch).shape == (2, 2)
