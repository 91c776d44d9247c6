import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.pipelines.options import TransferOptions


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("to", [3, None, ["positive"]], "the name of a style, or opposite"),
        ("source", [5, ["positive"]], "the name of a style, or None"),
        ("unfiltered", ["no", 1, None], "True or False"),
        ("strength", ["high", 1.5, -0.1, True, None, float("nan"), [0.5]], "a number from 0 to 1"),
        ("min_similarity", ["0.4", 2, np.array([0.1, 0.2])], "a number from 0 to 1"),
        ("neutral", [[0.3], 2, False], "a number from 0 to 1"),
        ("n_best", [0, 2.5, 101, True, "4", None, float("nan")], "a whole number from 1 to 100"),
        ("batch_size", [0, 2.5, True, "many"], "a whole number from 1 up"),
        ("seed", ["x", -1, 2**63, 0.5, None], "a whole number from 0 up"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_to_give(name, values, wanted):
    for value in values:
        with pytest.raises(UserError) as caught:
            TransferOptions(**{name: value})
        assert str(caught.value) == f"{name} is {value!r}; give {wanted}"


def test_an_option_that_there_is_not_is_told_with_the_nearest():
    with pytest.raises(UserError, match=r"no option 'strenght' \(did you mean 'strength'\?\); there are to, source, "):
        TransferOptions.named({"seed": 1, "strenght": 1})
    with pytest.raises(UserError, match="no option 'zzz'; there are to, "):
        TransferOptions.named({"zzz": 1})
    assert TransferOptions.named({"seed": 1}) == TransferOptions(seed=1)


def test_numbers_of_numpy_become_plain_ones():
    options = TransferOptions(
        strength=np.float32(0.5), neutral=np.float64(0.25), min_similarity=1, n_best=np.int64(4), seed=np.uint8(3)
    )
    assert options == TransferOptions(strength=0.5, neutral=0.25, min_similarity=1.0, n_best=4, seed=3)
    assert [type(x) for x in (options.strength, options.min_similarity, options.n_best)] == [float, float, int]
