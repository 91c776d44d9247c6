"""Whether the end of a line ends its sentence, as in a list, or only wraps it at some width."""

from __future__ import annotations

import re
from itertools import pairwise, starmap

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
_NARROW, _ITEMS = 20, 3  # characters that any column has, and the fewest lines that tell a list
_MARK = re.compile(r"[.!?…]\s")  # a sentence ended before the last
_GOING_ON = ",;-–—("  # a line that ends in these goes on

_LINKS = """
    and or but if because when where while who which of to in on at for from by with near into than as is was are were
    about after before since until over that &
"""  # in the middle of a sentence: what stands beside them is one
_UNFINISHED = """
    a an the my our your their his this these those i we they he she it's i'm we're they're i've so any some every
    very not dr dr. mr mr. mrs mrs. ms ms.
"""  # no sentence ends in these, nor in a link, whatever the next line opens with: "we went to\nChicago"
_COUNTING = "it took takes only just around nearly almost under least most another waited waiting paid pay cost costs"
_OPENING_A_SENTENCE = """
    the we they he she it my our your their his her this that these those there here you a an and but or so if when
    while because as at in on for from with to what how who why not no also then very really too just
"""  # in capitals; not I, which is a capital in the middle, too
_PEOPLE = "server waiter waitress bartender hostess manager owner stylist dentist friend"  # "our server\nJoy"
_LINKING_WORDS, _COUNTING_WORDS = frozenset(_LINKS.split()), frozenset(_COUNTING.split())
_UNFINISHED_WORDS = _LINKING_WORDS.union(_UNFINISHED.split())
_OPENERS, _PERSONS = frozenset(_OPENING_A_SENTENCE.split()), frozenset(_PEOPLE.split())


def is_list(text: str) -> bool:
    """Whether each line of `text` is a clause of its own, though none has an end mark: "great food\\nslow service\\n".

    All are short, and one had room for the next one's first word, as none has in text wrapped to a column. A single
    line that goes on in the next tells prose; two lines tell too little.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    if len(lines) < _ITEMS or _MARK.search(text, 0, len(text.rstrip())) or any(starmap(_goes_on, pairwise(lines))):
        return False
    needed = [len(line) + 1 + len(following.split()[0]) for line, following in pairwise(lines)]
    return max(needed) <= _FULL and min(needed) <= max(_NARROW, *map(len, lines))


def _goes_on(line: str, following: str) -> bool:
    """Whether no clause ends between two lines."""
    first, last = _bare(following.split()[0]), _bare(line.split()[-1])
    return first in _LINKING_WORDS or last in _UNFINISHED_WORDS or line[-1] in _GOING_ON


def _bare(word: str) -> str:
    return word.lower().replace("’", "'").lstrip("\"'“‘([*")


def is_line_end(text: str, start: int, match: re.Match[str], listed: bool = False) -> bool:
    """Whether the sentence from `start` ends at a match of BREAK, a line end.

    It does before a blank line or a bullet, and before a capital or a figure, unless the line before asks for that
    ("we went to"), or the text is wrapped; before what opens in lower case, where the lines are those of a list.
    """
    if max(match[0].count("\n"), match[0].count("\r")) > 1 or _BULLET.match(text, match.end()):
        return True
    opening = _OPENING.match(text, match.end())
    first = opening[1] if opening else ""
    if not first[:1].isupper() and not first.isdigit():
        return listed
    words = text[max(start, match.start() - _NEAR) : match.start()].rsplit(None, 2)[-2:]
    last = _bare(words[-1]) if words else ""
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
