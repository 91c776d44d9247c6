from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from textdis.core.fields import misfits


@dataclass
class Inner:
    size: int = 3


@dataclass
class Outer:
    rate: float = 0.5
    tied: bool = True
    cell: Literal["gru", "lstm"] = "gru"
    heights: tuple[int, ...] = (1, 2)
    pair: tuple[int, int] | None = None
    weights: dict[str, float] | None = None


@dataclass
class Nested:
    inner: Annotated[dict[str, Any], Inner]


@pytest.mark.parametrize(
    "values",
    [
        {"rate": 1, "tied": False, "cell": "lstm", "heights": [3], "pair": [1, 2], "weights": {"a": 1}},
        {"pair": None, "weights": None, "wings": "2"},  # what the class lacks it refuses itself
    ],
)
def test_what_json_makes_of_the_types_fits(values):
    assert list(misfits(Outer, values)) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("rate", "1", "float"),
        ("rate", True, "float"),
        ("tied", 1, "bool"),
        ("cell", "rnn", "Literal['gru', 'lstm']"),
        ("heights", [1, "2"], "tuple[int, ...]"),
        ("heights", 1, "tuple[int, ...]"),
        ("pair", [1, 2, 3], "tuple[int, int] | None"),
        ("weights", {"a": "1"}, "dict[str, float] | None"),
    ],
)
def test_a_value_of_another_type_is_named(name, value, kind):
    assert list(misfits(Outer, {name: value}, "config.")) == [f"config.{name} is {value!r}, not {kind}"]


def test_fields_within_fields_are_named():
    assert list(misfits(Nested, {"inner": {"size": 3}})) == []
    assert list(misfits(Nested, {"inner": {"size": 2.5}})) == ["inner.size is 2.5, not int"]
    assert list(misfits(Nested, {"inner": [1]})) == ["inner is [1], not dict[str, Any]"]
