"""Whether values that were read from JSON, which people edit by hand, have the types that a class tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints


def misfits(kind: type, values: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """`hidden is 'x', not int` for each value of a field of `kind`, a dataclass or TypedDict, that is of another type.

    Where a field holds those of another class, its type is `Annotated[dict[str, Any], OtherConfig]`.
    """
    hints = get_type_hints(kind, include_extras=True)
    for name in (name for name in values if name in hints):
        value, hint = values[name], hints[name]
        base, *others = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        if not _fits(value, base):
            yield f"{within}{name} is {value!r:.60}, not {_named(base)}"
            continue
        for other in others:
            yield from misfits(other, value, f"{within}{name}.")


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin is Literal:
        return value in parts
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(item, parts[1]) for item in value.values())
    if origin in (tuple, list):  # JSON knows lists alone
        long = len(parts) if origin is tuple and parts[-1] is not ... else None
        return isinstance(value, list | tuple) and long in (None, len(value)) and all(_fits(i, parts[0]) for i in value)
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, int | float if hint is float else hint)


def _named(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
