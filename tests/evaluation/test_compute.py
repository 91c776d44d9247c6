from __future__ import annotations

import subprocess
import sys

import pytest
from front_toys import LABELS, REFERENCES, TEXTS, FakeJudges

from textdis.core.errors import UserError
from textdis.evaluation import compute
from textdis.evaluation.judges import Judges

RAW = ["The soup was awful.", "The staff was GREAT.", "We hated it all!"]


def test_without_judges_what_needs_none():
    found = compute(predictions=RAW, sources=TEXTS, references=[*REFERENCES[:2], RAW[2]], judges=None, samples=10)
    assert found["self_bleu"] == pytest.approx(100.0) and found["copy_rate"] == 1.0 and 0 < found["ref_bleu"] < 100
    assert found["nouns_kept"] == 1.0 and found["judges"] is None and "tok:none" in found["bleu"]
    assert not any(key.startswith(("accuracy", "joint", "perplexity")) for key in found)
    assert set(found["intervals"]["ref_bleu"]) == {"low", "high"}


def test_with_judges_everything():
    given = {"sources": TEXTS, "judges": FakeJudges(), "nouns": False, "samples": 10}
    named = compute(predictions=REFERENCES, labels=["negative", "positive", "0"], **given)
    assert named["accuracy_cnn"] == 1.0 and named["judges"] == "abc" and "nouns_kept" not in named
    assert compute(predictions=REFERENCES, labels=LABELS, **given) == named
    assert compute(predictions=REFERENCES, targets=[1, 0, 1], **given) == named
    assert compute(predictions=REFERENCES, **given) == named  # the first judge tells the labels, and is right here


def test_a_missing_reference_is_none():
    given = {"predictions": TEXTS, "sources": TEXTS, "judges": None, "nouns": False, "samples": 10}
    one = compute(references=[[REFERENCES[0]], [], []], **given)
    for nothing in (None, float("nan"), "", "\u200b"):
        assert compute(references=[REFERENCES[0], nothing, [nothing]], **given) == one


def test_what_can_be_gone_through_once_is_enough():
    lists = {"predictions": RAW, "sources": TEXTS, "references": [[text] for text in REFERENCES], "labels": LABELS}
    once = {name: iter(given) for name, given in lists.items()} | {"references": map(iter, lists["references"])}
    given = {"judges": FakeJudges(), "nouns": False, "samples": 10}
    assert compute(**once, **given) == compute(**lists, **given)


def test_judges_are_found_by_name(monkeypatch):
    asked = []
    monkeypatch.setattr(Judges, "load", lambda name: asked.append(name) or FakeJudges())
    compute(predictions=TEXTS, sources=TEXTS, nouns=False, samples=10)
    assert asked == ["yelp"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predictions": TEXTS[:2]}, "2 for 3 sources"),
        ({"predictions": [*TEXTS[:2], float("nan")]}, "prediction 3 is nan, not text"),
        ({"sources": None}, "the sources are None; give a list of texts"),
        ({"labels": ["negative", "positive", "happy"]}, "labels, line 3: label 'happy' is none of"),
        ({"references": REFERENCES[:1]}, "references: 1 for 3 sources"),
        ({"references": "abc"}, "letter by letter"),
        ({"references": [*REFERENCES[:2], 5]}, "reference 3 is 5, not text"),
        ({"sources": [], "predictions": []}, "no sentence"),
        ({"seed": -1}, "a seed of 0 or more"),
        ({"samples": 0}, "samples of 1 or more"),
    ],
)
@pytest.mark.parametrize("judges", [FakeJudges(), None], ids=["judges", "none"])
def test_bad_input_is_told(change, message, judges):
    if judges is None and "labels" in change:
        return
    given = {"predictions": TEXTS, "sources": TEXTS, "nouns": False, "judges": judges} | change
    with pytest.raises(UserError, match=message):
        compute(**given)


def test_importing_compute_waits_for_no_torch():
    code = "import sys; from textdis.evaluation import compute; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
