"""Where the sentences of a raw line lie, and where a long sentence can be cut into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textdis.text.line_ends import BREAK, is_line_end, is_list
from textdis.text.masked import NO_END


class Token(NamedTuple):
    """One word of model text beside the raw characters it stands for."""

    model: str  # what the model reads: "_num_"
    raw: str  # what the author wrote: "1,000"
    space_before: str  # the raw characters between the token before and this one


@dataclass(frozen=True)
class Sentence:
    """A sentence (or clause) of a raw line; `raw` is the exact slice, so the first token has no space before it."""

    raw: str
    tokens: tuple[Token, ...]
    cased: bool  # the line it came from uses capitals
    opens: bool = True  # False for a clause cut from the middle of a sentence: its first word needs no capital

    @property
    def text(self) -> str:
        """The model text of `raw`."""
        return " ".join([token.model for token in self.tokens])

    @property
    def closed_text(self) -> str:
        """`text`, with a full stop where the author left the end open: the corpus hardly holds an open sentence."""
        return self.text if ends([token.model for token in self.tokens]) else f"{self.text} ."


@dataclass(frozen=True)
class Line:
    """A raw line: its sentences and, as plain strings, all that lies between them. Joined raws give the line back."""

    segments: tuple[Sentence | str, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(segment for segment in self.segments if isinstance(segment, Sentence))


ENDS = {".", "!", "?", "..."}
CLOSERS = {"''", "'", ")", "]"}

_CANDIDATE = re.compile(r"([.!?…。！？]+(?:\s[.!?…]+(?!\d))*)([\"'”’)\]»]*(?:\s(?:''|[)\]])(?=\s|$))*)")
_NEXT = re.compile(r"[\s\"'“‘«(\[`*]*(.?.?)", re.DOTALL)
_BEFORE = re.compile(r"[^\s(\[\"“‘]*$")
_NEVER = re.compile(r"dr|mrs?|ms|prof|st|mt|vs|e\.?g|i\.?e|esp|incl|approx")
_UNLESS_CAPITAL = re.compile(r"etc|inc|co|ltd|jr|sr|ave|blvd|rd|dept|est|mins?|hrs?|oz|lbs?|hwy|ext|ft")
_NUMBERED = re.compile(r"no|fig|apt|ste|rm")  # that closes a sentence unless a number follows
# capitals tell them from words: they sat. The sun.
_DATES = re.compile(r"Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun")
_TITLES = re.compile(r"Ft|Gen|Capt|Sgt|Lt")
_STACCATO = re.compile(r"\s{0,3}(?:[a-z']{1,20}\.\s){1,9}?(?:ever|again|period)[.!]", re.IGNORECASE)  # Best. Day. Ever.
_INITIALS = re.compile(r"[^\W\d_]|[A-Z](?:\.[A-Z])+")  # J. Smith, w. sahara, U.S. Bank
_LETTERS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")  # p.m., o.k.
_DOMAINS = re.compile(r"(?:com|net|org|edu|gov|io|co|uk|ca|us|de|fr|biz|info|tv|me)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*(?:https?://|www\.|@)", re.IGNORECASE)
_REACH = 64  # how far a decision looks: bounded, so that no line costs quadratic time


def ends(words: Sequence[str]) -> bool:
    """Whether model words close with a full stop, an ellipsis, ! or ?, inside or outside a closing quote."""
    tail = [word for word in words[-4:] if word not in CLOSERS]
    return bool(tail) and tail[-1] in ENDS


def sentence_spans(line: str) -> Iterator[tuple[int, int, int]]:
    """The sentences of `line` as (start, end, next), left to right and all of it; line[end:next] is a break."""
    start, listed = 0, is_list(line)
    for match in BREAK.finditer(line):
        if match[0][0] == "<" or is_line_end(line, start, match, listed):
            yield from _spans(line, start, *match.span())
            start = match.end()
    yield from _spans(line, start, len(line), len(line))


def _spans(line: str, start: int, stop: int, after: int) -> Iterator[tuple[int, int, int]]:
    """The sentences of line[start:stop], with line[stop:after] behind the last."""
    for match in _CANDIDATE.finditer(line, start, stop):
        if match.end() < stop and _is_end(line, start, match):
            yield start, match.end(), match.end()
            start = match.end()
    if start < after:
        yield start, stop, after


def _is_end(line: str, start: int, match: re.Match[str]) -> bool:
    mark, closers = match.groups()
    following = _NEXT.match(line, match.end())[1]  # type: ignore[index]  # it matches everything
    before = line[max(start, match.start() - _REACH) : match.start()]
    if mark[-1] in "。！？":
        return True
    if not line[match.end()].isspace():
        return _is_glued_end(line, match, before, following)
    if closers and following[:1].islower():  # "Wow!" she said
        return False
    if mark[-1] in "!?":
        return True
    if len(mark) > 1 or mark == "…":
        return following[:1].isupper() and len(before.split()) > 2
    staccato = _STACCATO.match(line, start)
    if staccato and match.end() < staccato.end():
        return False
    return _is_full_stop(_BEFORE.search(before)[0].lstrip("'"), following)  # type: ignore[index]


def _is_full_stop(word: str, following: str) -> bool:
    """Whether the stop after `word`, before a space and `following`, closes a sentence."""
    lower = word.lower()
    if _NEVER.fullmatch(lower) or _TITLES.fullmatch(word) or (lower != "i" and _INITIALS.fullmatch(word)):
        return False
    if _UNLESS_CAPITAL.fullmatch(lower) or _DATES.fullmatch(word) or _LETTERS.fullmatch(word):
        return following[:1].isupper()
    return not (_NUMBERED.fullmatch(lower) and following[:1].isdigit())


def _is_glued_end(line: str, match: re.Match[str], before: str, following: str) -> bool:
    """Whether a mark with no space after it closes a sentence: great.Loved does; yelp.com, 3.50, U.S.A do not."""
    mark, after = match[1], line[match.end()]
    if not (after.isalnum() or after in "\"“'(`"):
        return ord(after) > 0x2100 and not after.isspace()  # an emoji
    word = before.split()[-1] if before.strip() else ""
    if _ADDRESS.match(word + line[match.start() : match.end() + _REACH]):
        return False
    if len(mark) > 1 and mark[-1] in ".…" and len(before.split()) < 3:
        return False
    if mark[-1] in "!?":
        return following[:1].isupper() and not NO_END.search(line, match.start() - len(word), match.end() + 3)
    new_word = following[:1].isupper() and (following[1:].islower() or following in ("I", "I ", "I'", "I’"))
    return new_word and bool(re.search(r"[^\W_A-Z]{2}$", before)) and not _DOMAINS.match(line, match.end())


_WEIGHTS = {",": 2, ";": 3, ":": 1, "-": 2, "--": 3, "...": 3}  # how well a sentence may be cut there
_WEIGHTS |= {"but": 3, "because": 3, "although": 3, "though": 3, "however": 3, "while": 3, "whereas": 3, "unless": 3}
_WEIGHTS |= {"since": 2, "which": 1, "and": 1, "or": 1, "when": 1, "if": 1, "where": 1}
_FOLLOWERS = {"so", "who", "that", "then", "yet", "also", "plus", "''", ")"}  # only after another connective: `, so`
_BINDERS = {"a", "for", "in", "of", "on", "to", "with"}  # before a connective: "in which", "after a while"
_LEAST = 3  # words of a piece


def split_clauses(sentence: Sentence, max_tokens: int) -> list[Sentence | str]:
    """Cuts a sentence of more than `max_tokens` tokens into clauses, and the connectives between them as gaps.

    Each clause keeps to `max_tokens` (the full stop of `closed_text` counted) where the sentence offers a place to cut,
    and has at least three words. Joined raws give `sentence.raw` back. [sentence] if it is short or cannot be cut.
    """
    pieces: list[Sentence | str] = []
    start = 0
    for left, right in _cuts([token.model for token in sentence.tokens], max_tokens):
        gap = join_raw(sentence.tokens[left:right]) + sentence.tokens[right].space_before
        pieces += [_clause(sentence, start, left), gap]
        start = right
    return [*pieces, _clause(sentence, start, len(sentence.tokens))] if pieces else [sentence]


def _clause(sentence: Sentence, start: int, end: int) -> Sentence:
    tokens = (sentence.tokens[start]._replace(space_before=""), *sentence.tokens[start + 1 : end])
    return Sentence(join_raw(tokens), tokens, sentence.cased, opens=sentence.opens and start == 0)


def join_raw(tokens: Sequence[Token]) -> str:
    return "".join([token.space_before + token.raw for token in tokens])


def _cuts(words: list[str], max_tokens: int) -> Iterator[tuple[int, int]]:
    """The half-open spans of connectives to cut at, left to right."""
    if len(words) <= max_tokens:
        return
    spans = list(_connectives(words))
    real = [0]  # real[i]: how many of words[:i] are words, not punctuation
    for word in words:
        real.append(real[-1] + word[0].isalpha())
    spans = [(left, right) for left, right in spans if real[-1] - real[right] >= _LEAST]
    start = first = 0
    while len(words) + (not ends(words)) - start > max_tokens:
        best = None
        for k in range(first, len(spans)):
            left, right = spans[k]
            if best is not None and left - start >= max_tokens:
                break  # the clause would be too long, and a shorter one is known
            if real[left] - real[start] >= _LEAST and (best is None or _weight(words, spans[k]) >= best[0]):
                best = _weight(words, spans[k]), k
        if best is None:
            return
        yield spans[best[1]]
        start, first = spans[best[1]][1], best[1] + 1


def _weight(words: list[str], span: tuple[int, int]) -> int:
    return sum(_WEIGHTS.get(word, 1) for word in words[span[0] : span[1]])


def _connectives(words: list[str]) -> Iterator[tuple[int, int]]:
    """The runs of connective words, each as a half-open span: `, but` is one."""
    left = None
    for i, word in enumerate(words):
        if left is None and word in _WEIGHTS and (not word.isalpha() or i == 0 or words[i - 1] not in _BINDERS):
            left = i
        elif left is not None and word not in _WEIGHTS and word not in _FOLLOWERS:
            yield left, i
            left = None
