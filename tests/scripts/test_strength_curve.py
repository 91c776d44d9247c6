"""The curve over --strength: a line a model, a mark a baseline, a row a point."""

import importlib.util
from pathlib import Path

FILE = Path(__file__).parents[2] / "scripts" / "strength_curve.py"
spec = importlib.util.spec_from_file_location("strength_curve", FILE)
strength_curve = importlib.util.module_from_spec(spec)
spec.loader.exec_module(strength_curve)


def point(system, strength, bleu, accuracy):
    scores = {"accuracy_cnn": accuracy, "accuracy_linear": accuracy, "self_bleu": bleu}
    return {"system": system, "strength": strength} | scores | {"perplexity_ratio": 1.0, "copy_rate": 0.0}


POINTS = [point("copy", None, 100.0, 0.05), point("ours", 0.0, 66.0, 0.9), point("ours", 1.0, 61.0, 0.95)]


def test_every_point_is_a_row():
    lines = strength_curve.table(POINTS).splitlines()
    assert len(lines) == 5 and "| ours, strength 1 | 95.0 | 95.0 | 61.0 |" in lines[-1]


def test_systems_and_strengths_are_named_in_the_picture():
    svg = strength_curve.draw(POINTS)
    assert svg.startswith("<svg") and all(f">{text}<" in svg for text in ("copy", "ours", "0", "1", "self-BLEU"))
