"""What a pipeline takes for texts: one, or any list of them, the column of a table too, but no whole table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from textdis.core.errors import UserError

COLUMNS_OF_TABLES = ("columns", "column_names")  # of pandas and polars; of datasets and pyarrow


def read_texts(given: Any, name: str = "") -> Iterator[str]:
    """The one text, or each of a list. name: of the argument, where there are several.

    Raises UserError at once for what is no list of texts, and when it comes, with its number, for an item that is none.
    """
    where, kind = name and f"{name}: ", type(given)
    if isinstance(given, Mapping) or any(hasattr(kind, column) for column in COLUMNS_OF_TABLES):
        raise UserError(f"{where}{kind.__name__} is a table, not a list of texts; give one column: table['text']")
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise UserError(f"{where}{kind.__name__} is no list of texts; give a text or several")
    return _checked([given] if isinstance(given, str) else given, where)


def _checked(items: Iterable[Any], where: str) -> Iterator[str]:
    for number, item in enumerate(items, start=1):
        if not isinstance(item, str):
            raise UserError(f"{where}item {number} is {type(item).__name__}, not a text; leave it out, or give ''")
        yield item
