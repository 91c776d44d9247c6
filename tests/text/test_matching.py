"""What two texts have in common, on short ones as difflib says it."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

from textdis.text.matching import steps


def test_both_texts_are_rebuilt_and_equal_runs_are_equal() -> None:
    rng = random.Random(0)
    for _ in range(300):
        a, b = ([rng.choice("abcd") for _ in range(rng.randrange(9))] for _ in range(2))
        found = steps(a, b)
        assert [word for _, i, j, _, _ in found for word in a[i:j]] == a
        assert [word for _, _, _, k, m in found for word in b[k:m]] == b
        assert all((tag == "equal") == (a[i:j] == b[k:m]) for tag, i, j, k, m in found)


def test_one_changed_word_is_told_as_difflib_tells_it() -> None:
    a, b = "the food was great here .".split(), "the food was really awful here .".split()
    assert steps(a, b) == SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()


def test_long_lines_of_few_words_are_compared_in_bearable_time() -> None:
    """Either took the better part of a minute, growing with the square."""
    same = ["!"] * 20_000
    assert steps(same, same) == [("equal", 0, 20_000, 0, 20_000)]
    often = "the food was awful and".split() * 2_000
    other = [{"awful": "great"}.get(word, word) for word in often]
    assert any(tag != "equal" for tag, *_ in steps(often, other))
