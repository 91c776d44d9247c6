"""Whether the end of a line ends its sentence, as in a list, or only wraps it at some width."""

from __future__ import annotations

import re

BREAK = re.compile(  # a line end, <br />: ten times as fast as with |
    r"[\r\n<](?:(?<!<)|/?(?i:br|p|li|[ou]l|div|t[rd]|h[1-6])\b[^<>]*>)\s*"
)
_NEAR, _REACH = 64, 200  # how far a decision looks: bounded, so that no line costs quadratic time
_BULLET = re.compile(r"[-*•·–—>]\s|[•·]")
_OPENING = re.compile(r"[\s\"'“‘«(\[`*]*([^\W\d_]+|\d?)")  # the first word of a line, or a figure
_EVER = re.compile(r"I(?:['’]ve| have|['’]d| had)? ever\b")  # "the worst meal\nI have ever had"
_CLOSED = re.compile(  # what opens here has an end mark, and no line opens another sentence before it
    r"[^\r\n.!?…]*+(?:\r?\n[ \t]*[a-z][^\r\n.!?…]*+)*+[.!?…]"
)
_FULL = 40  # characters of the shortest line that may be full: narrower columns are rare

_UNFINISHED = """
    a an the my our your their his this that these those and or but if because when where while who which of to in on
    at for from by with near into than as is was are were i we they he she it's i'm we're they're i've about after
    before since so until over any some every very not dr dr. mr mr. mrs mrs. ms ms. &
"""  # no sentence ends in these, whatever the next line opens with: "we went to\nChicago"
_COUNTING = "it took takes only just around nearly almost under least most another waited waiting paid pay cost costs"
_OPENING_A_SENTENCE = """
    the we they he she it my our your their his her this that these those there here you a an and but or so if when
    while because as at in on for from with to what how who why not no also then very really too just
"""  # in capitals; not I, which is a capital in the middle, too
_PEOPLE = "server waiter waitress bartender hostess manager owner stylist dentist friend"  # "our server\nJoy"
_UNFINISHED_WORDS, _COUNTING_WORDS = frozenset(_UNFINISHED.split()), frozenset(_COUNTING.split())
_OPENERS, _PERSONS = frozenset(_OPENING_A_SENTENCE.split()), frozenset(_PEOPLE.split())


def is_line_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the sentence from `start` ends at a match of BREAK, a line end.

    It does before a blank line or a bullet, and before a capital or a figure, unless the line before asks for that
    ("we went to"), or the text is wrapped.
    """
    if max(match[0].count("\n"), match[0].count("\r")) > 1 or _BULLET.match(text, match.end()):
        return True
    opening = _OPENING.match(text, match.end())
    first = opening[1] if opening else ""
    if not first[:1].isupper() and not first.isdigit():
        return False
    words = text[max(start, match.start() - _NEAR) : match.start()].rsplit(None, 2)[-2:]
    last = words[-1].lower().replace("’", "'").lstrip("\"'“‘([*") if words else ""
    if last in _UNFINISHED_WORDS or last[-1:] == "," or (last in _COUNTING_WORDS and first.isdigit()):
        return False
    return first.lower() in _OPENERS or not _is_wrapped(text, words, first, match)


def _is_wrapped(text: str, words: list[str], first: str, match: re.Match[str]) -> bool:
    """Whether a line without an end mark stands before `first` and the rest of their sentence, which has one.

    A break in a name tells so ("Best\nBuy"), and a full line, in which what follows found no room.
    """
    if not words or not words[-1][-1].isalnum() or not _CLOSED.match(text, match.end()):
        return False
    if _EVER.match(text, match.end()):
        return True
    if first.istitle() and first != "I" and (words[-1] in _PERSONS or _is_name(words)):
        return True
    line = text[max(0, match.start() - _REACH) : match.start()].splitlines()[-1]
    following = text[match.end() : match.end() + _REACH].splitlines()[0]
    return len(line) >= _FULL and len(following) <= len(line) + len(following.split()[0])


def _is_name(words: list[str]) -> bool:
    """Whether the last word has a capital that no sentence and no headline gave it."""
    return words[-1].istitle() and words[-2:-1] != [] and words[-2].islower()
