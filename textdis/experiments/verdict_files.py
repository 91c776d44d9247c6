"""Readers' verdicts on rewritings, a JSON line a sentence, gzipped where the name says so:

    {"source": "the food was great .", "from": "positive", "to": "negative",
     "rewritings": ["the food was awful .", "the food was ."], "right": [0]}

Texts may stand in ordinary writing, and become model text. `right` counts from 0; `"neutral": true`: the source has no
opinion to turn, or opinions of both kinds. A file that goes with a recipe whose sentences may not be passed on names
the sentence by its `row` in the training split and a `hash`, and each rewriting by its edits, [start, end, words] over
the words of the source.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from textdis.core.errors import UserError, require_file
from textdis.experiments.data import labelled
from textdis.experiments.verdicts import Edit, Judged
from textdis.text.normalise import normalise
from textdis.text.units import write


def read_all(paths: Iterable[str], names: Sequence[str], recipe: str | None) -> list[Judged]:
    """All lines of several files, in order; `row` counts the sentences of the recipe's training split.

    Raises UserError as `read_verdicts`, and where the recipe's data are missing.
    """
    texts = labelled(recipe)["train"]["text"][:] if recipe else None
    return [one for path in paths for one in read_verdicts(Path(path), names, texts)]


def read_verdicts(path: Path, names: Sequence[str], texts: Sequence[str] | None = None) -> list[Judged]:
    """All lines of a file. names: of the styles, by label; texts: the sentences that `row` counts.

    Raises UserError: no such file, a line that is no verdict, unknown styles, rows of other sentences.
    """
    require_file(path, "--verdicts")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = raw.decode("utf-8-sig").split("\n")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read as verdicts ({error})") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_judged(json.loads(line), names, texts))
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: not a verdict: {error}") from None
    return found


def _judged(line: Any, names: Sequence[str], texts: Sequence[str] | None) -> Judged:
    """One line's. Raises ValueError, which says what is wrong with it."""
    if not isinstance(line, dict):
        raise ValueError('it is no JSON object; write {"source": ..., "from": ..., "to": ..., "rewritings": [...]}')
    source = _source(line, texts)
    if "edits" in line:
        rewritings = _edited(source, line["edits"])
    else:
        rewritings = [_text(text, f"rewriting {i}") for i, text in enumerate(_list(line, "rewritings"))]
    style, wanted = (_label(line, key, names) for key in ("from", "to"))
    neutral = line.get("neutral", False)
    if not isinstance(neutral, bool):
        raise ValueError(f"neutral is {neutral!r:.40}; write true or false")
    one = Judged.marked(source, style, wanted, rewritings, _marks(line), neutral)
    if style == wanted:
        raise ValueError(f"from and to are both {names[style]!r}; say what style was wanted")
    if source in one.right_ones and not neutral:
        raise ValueError('the source itself is marked right; where nothing is to be changed, write "neutral": true')
    return one


def _source(line: dict[str, Any], texts: Sequence[str] | None) -> str:
    if "row" not in line:
        return _text(_field(line, "source"), "source")
    row = line["row"]
    if texts is None:
        raise ValueError("it names a row of a recipe, and none was given; add --recipe")
    if not _is_count(row) or row >= len(texts):
        raise ValueError(f"row is {row!r:.40}; the recipe's rows go from 0 to {len(texts) - 1}")
    if "hash" in line and line["hash"] != digest(texts[row]):
        raise ValueError(f"row {row} is another sentence here; is the recipe that which the file was made for?")
    return texts[row]


def _field(line: dict[str, Any], name: str) -> Any:
    if name not in line:
        raise ValueError(f"{name!r} is missing")
    return line[name]


def _list(line: dict[str, Any], name: str) -> list[Any]:
    if not isinstance(value := _field(line, name), list):
        raise ValueError(f"{name} is {value!r:.40}; write a list, in [ ]")
    return value


def _text(value: Any, what: str) -> str:
    """As model text."""
    if not isinstance(value, str) or not (text := normalise(value)):
        raise ValueError(f"{what} is {value!r:.40}; write a text")
    return text


def _label(line: dict[str, Any], key: str, names: Sequence[str]) -> int:
    if (style := _field(line, key)) not in names:
        raise ValueError(f"{key} is {style!r:.40}; the styles are {', '.join(names)}")
    return names.index(style)


def _marks(line: dict[str, Any]) -> list[int]:
    if not all(map(_is_count, marks := _list(line, "right"))):
        raise ValueError(f"right is {marks!r:.40}; write the numbers of the right rewritings, from 0, as [0, 2]")
    return marks


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _edited(source: str, every: Any) -> list[str]:
    try:
        return [applied(source, changes) for changes in every]
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"edits are {every!r:.40}; write a list of [start, end, words] for each rewriting") from None


def write_verdicts(path: Path, lines: Iterable[tuple[int, Judged]], names: Sequence[str]) -> None:
    """(row, verdict) by row, hash and edits: what a recipe's sentences need to be left out."""
    written = []
    for row, one in lines:
        right = [i for i, yes in enumerate(one.right) if yes]
        facts = {"row": row, "hash": digest(one.source), "from": names[one.style], "to": names[one.wanted]}
        facts |= {"edits": [edits(one.source, y) for y in one.rewritings], "right": right}
        written.append(json.dumps(facts | ({"neutral": True} if one.neutral else {}), separators=(",", ":")))
    text = "".join(f"{line}\n" for line in written).encode()
    write(path, gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def digest(source: str) -> str:
    return hashlib.blake2s(source.encode(), digest_size=4).hexdigest()


def edits(source: str, rewriting: str) -> list[Edit]:
    """What `applied` undoes: spans of words of the source, and what stands there in the rewriting."""
    a, b = source.split(), rewriting.split()
    codes = SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()
    return [(i, j, " ".join(b[k:m])) for kind, i, j, k, m in codes if kind != "equal"]


def applied(source: str, changes: Iterable[Sequence[Any]]) -> str:
    """The rewriting that `edits` took apart."""
    words, said, at = source.split(), list[str](), 0
    for start, end, new in changes:
        said += [*words[at:start], *new.split()]
        at = end
    return " ".join([*said, *words[at:]])
