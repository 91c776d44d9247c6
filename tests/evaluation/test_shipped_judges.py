"""The judges that ship: found by name, good enough to judge, and what their card says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from textdis.core.errors import UserError
from textdis.evaluation.judges import Judges
from textdis.pipelines.folders import find_model

TEXTS = ["the staff was rude and the soup cold .", "great food and friendly people !"]


@pytest.fixture(scope="module")
def folder(root) -> Path:
    found = root / "textdis" / "pretrained" / "yelp-judges"
    if not (found / "judges.json").is_file():
        pytest.skip("the judges are not in this checkout")
    return found


@pytest.fixture(scope="module")
def judges(folder) -> Judges:
    return Judges.load("yelp")


def test_they_judge(judges):
    assert judges.labels == ["negative", "positive"]
    assert {name: p.argmax(-1).tolist() for name, p in judges.style(TEXTS).items()} == {"cnn": [0, 1], "linear": [0, 1]}
    assert (
        judges.perplexity(TEXTS)["perplexity"]
        < 0.2 * judges.perplexity([" ".join(sorted(TEXTS[0].split()))])["perplexity"]
    )


def test_their_card_says_what_was_measured(folder, judges):
    card, scores = (folder / "README.md").read_text(encoding="utf-8"), judges.held_out
    assert f"`{judges.fingerprint}`" in card
    for said in (f"{scores['cnn']:.2%}", f"{scores['linear']:.2%}", f"{scores['unk_share']:.2%}"):
        assert said.replace("%", " %") in card
    assert f"perplexity {scores['perplexity']:.1f}" in card


def test_they_are_small_and_hold_no_pickle(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 15e6
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".npz", ".md"}


def test_they_are_no_transfer_model(folder):
    with pytest.raises(UserError) as error:
        find_model("no-such-model")
    assert "judges" not in str(error.value)
    with pytest.raises(UserError, match="no such model folder"):
        find_model("yelp-judges")
