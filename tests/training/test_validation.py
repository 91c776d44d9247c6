import math

import pytest

from textdis.training.validation import is_better, named

NAN = float("nan")


def test_named_takes_the_player_and_sums_what_is_descended():
    losses = {"nll": 3.0, "kl": 5.0, "off": NAN, "judge/accuracy": 7.0}
    scores = named(losses, "model", {"kl": 0.5, "off": 0.0, "judge/accuracy": 0.0})
    assert math.isnan(scores.pop("model/off"))
    assert scores == {"model/nll": 3.0, "model/kl": 5.0, "judge/accuracy": 7.0, "total": 5.5}


@pytest.mark.parametrize(
    ("score", "best", "mode", "better"),
    [(1.0, None, "min", True), (1.0, 2.0, "min", True), (2.0, 2.0, "min", False), (3.0, 2.0, "max", True),
     (1.0, 2.0, "max", False), (NAN, None, "min", False), (NAN, 2.0, "max", False)],
)  # fmt: skip
def test_is_better(score, best, mode, better):
    assert is_better(score, best, mode) is better
