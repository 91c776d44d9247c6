"""Raw human text <-> model text: lower-cased, space-separated words as in the Yelp corpus, numbers as `_num_`.

line = parse("Dr. Kim's $45 facial was AMAZING!!! 😍  I'll be back.")
first = line.sentences[0]                                        # .text: dr. kim 's $ _num_ facial was amazing !
restore(first, "dr. kim 's $ _num_ facial was awful !")          # Dr. Kim's $45 facial was AWFUL!!!
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, pairwise

from textdis.text.entities import escaped, unescaped
from textdis.text.masked import HIDING_THE_END
from textdis.text.sentences import Line, Sentence, Token, join_raw, sentence_spans, split_clauses
from textdis.text.surface import DIGITS, restore

__all__ = ["Line", "Sentence", "Token", "is_wordy", "normalise", "parse", "restore", "split_clauses"]

# Never in model text: whitespace, control and format characters, halves of surrogate pairs (they cannot be encoded).
_GLUE = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e001f"
)
_EMOJI = r"\u20e3\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IN_EMOJI = rf"{_EMOJI}\u200d\ufe0e\ufe0f\U000e0020-\U000e007f"
_PUNCTUATION = r"!-/:-@\[-^`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2010-\u205e"
_PUNCTUATION += r"\u20a0-\u20c0\u2122\u3000-\u303f\uff01-\uff0f\uff1a-\uff20"
# A word character is whatever is none of these, so that the combining marks of any script stay with their letters.
_W = rf"[^{_GLUE}{_EMOJI}{_PUNCTUATION}]"
_APOSTROPHE = r"['’‘`´ʼ＇]"
_WORD = rf"{_W}+(?:(?:[-‐‑–/.*@]|{_APOSTROPHE}|(?<=\d)[,:](?=\d)){_W}+)*(?:\++(?!{_W}))?"
_URL = r"(?:https?://|www\.)[^\s<>\"]*[^\s<>.,!?;:)\"'\]”’]"
_SMILEY = r"(?:[:;=]['^-]?[)(\]\[/\\|]+|^[:;=]-?[DPpOo3]+|^<3+|^\^_*\^)(?=[.,!?]*$)"
_TAG = rf"[#@](?=[^\W\d_]){_WORD}"
_HTML = r"</?[a-z][a-z\d]{0,9}/?>"  # <b>, </strong>: one word, that a model can only copy
_ABBREVIATION = (
    r"(?:dr|mrs?|ms|st|vs|[js]r|prof|mt|ave|blvd|rd|co|inc|ltd|etc|approx|dept|est|esp|incl|no|fig|apt|ext|hwy|ft|gen|jan"
    r"|feb|mar|apr|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri|(?!i\.)(?:[^\W\d_]\.)*[^\W\d_])"
    rf"\.(?!\.|{_W})"
)


def _piece(word: str) -> re.Pattern[str]:
    """The pattern of one token of a chunk of text without spaces; the group's name says what it is."""
    return re.compile(
        rf"(?P<verbatim>{_URL}|{_SMILEY}|{_TAG}|{_HTML})|(?P<word>w/(?!{_W})|{word})|(?P<number>(?<![\d.])\.\d+(?!{_W}))"
        rf"|(?P<clitic>{_APOSTROPHE}(?:s|m|d|ll|re|ve|em|n|til|cause|\d0s)(?!{_W}))"
        r"|(?P<open>``|[“„«]|(?:^|(?<=[(\[{/—–-]))\")|(?P<close>''|[\"”»])"
        rf"|(?P<dots>(?:\.\.|…)[.…]*)|(?P<mark>[!?！？][.!?！？]*)|(?P<dash>--+|—+|––+)"
        rf"|(?P<emoji>[{_EMOJI}][{_IN_EMOJI}]*)|(?P<run>(?P<sign>[*=_~^|<>\\])(?P=sign)+)|(?P<other>.)",
        re.IGNORECASE | re.DOTALL,
    )


_INNER, _LAST = _piece(f"{_ABBREVIATION}|{_WORD}"), _piece(_WORD)  # the stop of an abbreviation may end the sentence
_CHUNK = re.compile(rf"[^{_GLUE}]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CLITICS = re.compile(rf"(.*?{_W})((?:n{_APOSTROPHE}t|{_APOSTROPHE}(?:s|m|d|ll|re|ve))+)", re.IGNORECASE)
_CLITIC = re.compile(rf"n{_APOSTROPHE}t|{_APOSTROPHE}[a-z]+", re.IGNORECASE)
_JOINED = dict.fromkeys(("cannot", "gonna", "wanna", "gotta", "gimme", "lemme"), 3)
_APOSTROPHES, _DASHES = re.compile(_APOSTROPHE), re.compile("[‐‑–]")
_FIXED = {"open": "``", "close": "''", "dots": "...", "dash": "--", "number": "_num_"}
_SIGNS = {"–": "-", "。": ".", "，": ",", "’": "'", "‘": "'", "`": "'", "´": "'"}
_TAGGED = re.compile(rf"{_URL}|{_TAG}", re.IGNORECASE)
_STRAY = {
    "ornament": re.compile(rf"[{_IN_EMOJI}]|{_SMILEY}"),
    "tag": _TAGGED,
    "bullet": re.compile(r"(?:[-*•·~>=|_–—]+)$"),
}
_WORDY = re.compile(r"[^\W\d_]{2,}")
_RATINGS = {digit: word for word, digit in DIGITS.items()}
_LONGEST = 40  # characters of a chunk worth remembering


def parse(line: str) -> Line:
    """The sentences of one raw line and the gaps between them; the joined raws of the segments are `line`."""
    plain = unescaped(line)
    return _parse(line) if plain == line else escaped(_parse(plain), line)


def _parse(line: str) -> Line:
    segments: list[Sentence | str] = []
    cased = line != line.lower()
    for start, end, following in sentence_spans(line):
        tokens, rest = _tokenise(line[start:end])
        for segment in (*_segments(tokens, cased), rest + line[end:following]):
            if isinstance(segment, str) and segments and isinstance(segments[-1], str):
                segments[-1] += segment
            elif segment:
                segments.append(segment)
    return Line(tuple(segments))


def normalise(raw: str) -> str:
    """All of `raw` as one sentence of model text; model text comes back as it is."""
    return " ".join([token.model for token in _tokenise(unescaped(raw))[0]])


def is_wordy(sentence: Sentence) -> bool:
    """Whether there is anything to rewrite: a word of two letters or more that is no link, hashtag or number."""
    return any(_WORDY.match(token.model) and not _TAGGED.match(token.raw) for token in sentence.tokens)


def _segments(tokens: list[Token], cased: bool) -> Iterator[Sentence | str]:
    """One sentence, less the emoji, links, tags and bullets at its ends; an emoji before a capital cuts it in two."""
    kinds = [_kind(token.raw[:_LONGEST]) for token in tokens]
    for i, (token, following) in enumerate(pairwise(tokens), start=1):
        if following.raw[:2] == "**" and not following.space_before and HIDING_THE_END.fullmatch(token.model):
            kinds[i] = "word"  # s***, which no bullet closes
    if "word" not in kinds:
        yield join_raw(tokens)
        return
    start = 0
    for begin, end in _strays(tokens, kinds):
        yield from _sentence(tokens[start:begin], cased)
        yield join_raw(tokens[begin:end])
        start = end
    yield from _sentence(tokens[start:], cased)


def _sentence(tokens: list[Token], cased: bool) -> Iterator[Sentence | str]:
    if tokens:
        first = tokens[0]
        tokens[0] = first._replace(space_before="") if first.space_before else first
        yield first.space_before
        yield Sentence(join_raw(tokens), tuple(tokens), cased)


def _strays(tokens: list[Token], kinds: list[str]) -> Iterator[tuple[int, int]]:
    """The half-open spans of tokens that belong to no sentence."""
    if _STRAY.keys().isdisjoint(kinds):
        return
    start = end = 0
    for stray, group in groupby(kinds, _STRAY.__contains__):
        begin, run = end, list(group)
        end = begin + len(run)
        edge = begin == 0 or end == len(kinds)
        if edge and begin == 0 and run[-1] == "tag":  # "@joe was great" is about joe
            continue
        if not stray or run == ["tag"] or (not edge and "ornament" not in run):
            continue
        if edge or (kinds[max(start, begin - 9) : begin].count("word") > 1 and tokens[end].raw[0].isupper()):
            yield begin, end
            start = end


@lru_cache(maxsize=2**16)
def _kind(raw: str) -> str:
    for kind, pattern in _STRAY.items():
        if pattern.match(raw):
            return kind
    return "word" if any(map(str.isalnum, raw)) else "sign"


def _tokenise(raw: str) -> tuple[list[Token], str]:
    """The tokens of `raw`, and the space left after the last."""
    tokens: list[Token] = []
    matches, end = list(_CHUNK.finditer(raw)), 0
    for match in matches:
        chunk, space = match[0], raw[end : match.start()]
        cut = _pieces if len(chunk) + len(space) <= _LONGEST else _pieces.__wrapped__
        tokens += cut(chunk, space, match is matches[-1])
        end = match.end()
    if '"' in raw:
        tokens = _pair_quotes(tokens)
    return _stars_in_words(tokens) if "star" in raw.lower() else tokens, raw[end:]


def _stars_in_words(tokens: list[Token]) -> list[Token]:
    """A digit before a star is read as the word: of "1 star" the number carries the style, and `_num_` hides it.

    Not so in "4 out of 5 stars", where it is the scale's.
    """
    for i, (token, following) in enumerate(pairwise(tokens)):
        scale = [before.model for before in tokens[max(0, i - 2) : i]] == ["out", "of"]
        if token.raw in _RATINGS and following.model in ("star", "stars") and not scale:
            tokens[i] = token._replace(model=_RATINGS[token.raw])
    return tokens


def _pair_quotes(tokens: list[Token]) -> list[Token]:
    """A straight quote between two spaces opens or closes: it takes turns."""
    is_open = False
    for i, token in enumerate(tokens):
        alone = i + 1 == len(tokens) or tokens[i + 1].space_before
        if token.raw == '"' and token.space_before and alone:
            tokens[i] = token._replace(model="''" if is_open else "``")
        if tokens[i].model in ("``", "''"):
            is_open = tokens[i].model == "``"
    return tokens


@lru_cache(maxsize=2**16)
def _pieces(chunk: str, space: str, last: bool) -> tuple[Token, ...]:
    """The tokens of a stretch without spaces, after `space`; `last` of a sentence or not. Cached: words repeat."""
    pieces: list[Token] = []
    for match in (_LAST if last else _INNER).finditer(chunk):
        kind, raw = match.lastgroup or "other", match[0]
        if kind in ("word", "clitic"):
            pieces += [Token(_plain(part), part, "") for part in _parts(raw)]
        elif kind == "mark":
            pieces.append(Token("?" if "?" in raw or "？" in raw else "!", raw, ""))
        else:
            pieces.append(Token(_FIXED.get(kind) or _SIGNS.get(raw) or raw.lower(), raw, ""))
    return pieces[0]._replace(space_before=space), *pieces[1:]


def _parts(word: str) -> list[str]:
    """A word and its clitics: was|n't, it|'s, should|n't|'ve, can|not, gon|na."""
    cut = _JOINED.get(word.lower())
    if cut:
        return [word[:cut], word[cut:]]
    match = _CLITICS.fullmatch(word)
    return [match[1], *_CLITIC.findall(match[2])] if match else [word]


def _plain(word: str) -> str:
    """The model's form of a word: lower case, plain apostrophes and hyphens, no accents, numbers as `_num_`."""
    if _NUMBER.fullmatch(word):
        return "_num_"
    lower = word.lower()
    if lower[1:] == "-star":
        return _RATINGS.get(lower[0], lower[0]) + "-star"
    if lower.isascii():
        return lower.replace("`", "'")
    lower = _DASHES.sub("-", _APOSTROPHES.sub("'", lower))
    bare = "".join([c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c)])
    return bare if bare.isascii() and not re.search(r"\s", bare) and bare else lower
