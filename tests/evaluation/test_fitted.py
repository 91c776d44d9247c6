from __future__ import annotations

import json

import pytest
from front_toys import FITTED, NAMES, TEXTS

from textdis.core.errors import UserError
from textdis.evaluation.fitted import Baselines

SIDES = {0: ["awful", "rude", "bad"], 1: ["great", "kind", "good"]}
ROWS = [
    (f"the {noun} was {word} .", k)
    for k, words in SIDES.items()
    for word in words
    for noun in ("soup", "staff", "wine")
]


def test_the_file_gives_the_same_rewritings(tmp_path):
    FITTED.save(tmp_path)
    again = Baselines.load(tmp_path, NAMES)
    for kind in ("swap", "hack"):
        first, second = getattr(FITTED, kind), getattr(again, kind)
        assert first(TEXTS, [0, 1, 0], [1, 0, 1]) == second(TEXTS, [0, 1, 0], [1, 0, 1]) != TEXTS
    assert again.origin == "a toy"


def test_few_sentences_will_do():
    fitted = Baselines.fit([text for text, _ in ROWS], [label for _, label in ROWS], names=NAMES, origin="here")
    (changed,) = fitted.swap(["the soup was awful ."], [0], [1])
    assert changed.split()[-2] in SIDES[1]
    assert fitted.hack(["x ."], [0], [1])[0].startswith("x . ")


def test_no_file_is_none():
    from pathlib import Path

    assert Baselines.load(Path("nowhere"), NAMES) is None


@pytest.mark.parametrize("change", [{"labels": ["a", "b"]}, {"format": 99}, {"swap": {"x": {}}}, {"phrases": None}])
def test_a_file_that_does_not_fit_is_refused(tmp_path, change):
    FITTED.save(tmp_path)
    path = tmp_path / "baselines.json"
    content = json.loads(path.read_text()) | change
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    with pytest.raises(UserError, match=r"baselines.json: .*give --train"):
        Baselines.load(tmp_path, NAMES)
