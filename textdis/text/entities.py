"""What a raw line shows: HTML entities (`didn&#39;t`, `&amp;`) are read as what they stand for, and characters that
nobody sees within a word (soft hyphens, zero-width spaces) not at all. All are kept as they were written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from textdis.text.sentences import Line, Sentence, Token, join_raw

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]{2,31}\d{0,2});")
_HIDDEN = r"[\u00ad\u200b-\u200d\u2060\ufeff]+"
_UNSEEN = re.compile(  # but elsewhere they join emoji, or part two words, the second with a capital
    rf"(?<=[\w'’-])(?!(?<![A-Z]){_HIDDEN}[A-Z]){_HIDDEN}(?=[\w'’-])"
)


def unescaped(raw: str) -> str:
    """`raw` with a character for each entity, and without what nobody sees within its words."""
    plain = _characters(raw)
    return plain if plain.isascii() else _UNSEEN.sub("", plain)


def escaped(line: Line, raw: str) -> Line:
    """`line`, parsed from `unescaped(raw)`, with the raw forms of `raw` again; its model text stays."""
    units = iter(_units(raw))

    def back(plain: str) -> str:
        return "".join([next(units) for _ in plain])

    def written(token: Token) -> Token:
        space = back(token.space_before)  # it stands before the raw form
        return Token(token.model, back(token.raw), space)

    segments: list[Sentence | str] = []
    for segment in line.segments:
        if isinstance(segment, str):
            segments.append(back(segment))
        else:
            tokens = tuple(map(written, segment.tokens))
            segments.append(replace(segment, raw=join_raw(tokens), tokens=tokens))
    return Line(tuple(segments))


def _units(raw: str) -> Iterator[str]:
    """What stands for one character of `unescaped(raw)` each, with what follows it unseen."""
    units, start = list(_written(raw)), 0
    for match in _UNSEEN.finditer(_characters(raw)):
        yield from units[start : match.start() - 1]
        yield "".join(units[match.start() - 1 : match.end()])
        start = match.end()
    yield from units[start:]


def _characters(raw: str) -> str:
    return "".join(map(_character, _written(raw))) if _ENTITY.search(raw) else raw


def _written(raw: str) -> Iterator[str]:
    """What stands for one character each: an entity, or the character itself.

    An entity of no or of two characters (`&#1;`, `&acE;`) is none here: lengths would no longer tell what is whose.
    """
    start = 0
    for match in _ENTITY.finditer(raw):
        yield from raw[start : match.start()]
        yield from [match[0]] if len(html.unescape(match[0])) == 1 else match[0]
        start = match.end()
    yield from raw[start:]


def _character(unit: str) -> str:
    return unit if len(unit) == 1 else html.unescape(unit)
