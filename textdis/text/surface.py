"""Model text back to raw text: what the source's author wrote is kept, what is new is dressed alike."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from textdis.text.alignment import align
from textdis.text.sentences import ENDS, Sentence, Token, ends

_CLITICS = {"n't", "'s", "'ve", "'m", "'ll", "'re", "'d"}
_NO_SPACE_BEFORE = _CLITICS | {".", ",", "!", "?", ";", ":", "...", ")", "]", "}", "%", "''", "'"}
_NO_SPACE_AFTER = {"(", "[", "{", "$", "#", "@", "``", "~", "£", "€"}
_JOINED = {("can", "not"), ("gon", "na"), ("wan", "na"), ("got", "ta"), ("gim", "me"), ("lem", "me")}
_OPENING = {"``", "'", "(", "[", "{"}
_WHOLE, _STEMS = {"ca": "can", "wo": "will"}, {"can": "ca", "will": "wo"}  # before n't there are only stems
# First words that are common words although a name follows: "Love Chipotle", "The Venetian", "Highly recommend Joe".
_COMMON = re.compile(
    r"a|about|after|again|all|also|always|amazing|an|and|another|any|as|at|avoid|awesome|awful|bad|because|before|"
    r"best|beware|both|but|by|can|come|could|did|do|does|don|even|every|excellent|fantastic|favorite|first|for|"
    r"friendly|from|get|go|good|great|had|happy|has|hate|have|he|her|here|his|horrible|how|i|if|in|is|it|its|just|"
    r"last|let|like|love|many|may|maybe|more|most|my|never|new|nice|no|not|now|of|oh|on|one|only|our|over|perfect|"
    r"please|really|same|save|see|several|she|should|since|so|some|stay|still|such|super|terrible|thank|thanks|"
    r"that|the|their|them|then|there|these|they|this|those|though|to|too|try|two|under|unfortunately|until|very|"
    r"visit|was|way|we|were|what|when|where|which|while|who|why|will|wish|with|wonderful|worst|would|wow|yes|yet|"
    r"you|your|.*(?:ed|ing|ly)"
)


class _Style(NamedTuple):
    """How the author writes."""

    first: int  # which token has a capital only for opening the sentence; -1: none
    capital: bool  # the sentence opens with a capital
    cased: bool
    shouting: bool  # ALL CAPS
    titled: bool  # Every Word With A Capital
    apostrophe: str
    quotes: dict[str, str]


def restore(sentence: Sentence, output: str) -> str:
    """Raw text for `output`, model text that a model wrote for `sentence`.

    Words of the source keep their raw form and spacing; each `_num_` takes a number of the source, in order, and one
    too many is dropped; new words are lower-case but at the sentence's start, and upper-case where the source shouts.
    An output equal to the source's text returns `sentence.raw`.
    """
    source = [token.model for token in sentence.tokens]
    words = _with_same_end(_mended(output.split(), source), source)
    if words == source:
        return sentence.raw
    places = align(source, words)
    words, places = _with_numbers(words, places, source)
    homes = {word: j for j, word in reversed([*enumerate(source)])}
    places = [homes.get(word, -1) if place < 0 else place for word, place in zip(words, places, strict=True)]  # moved
    style = _style(sentence)
    parts: list[str] = []
    for i, word in enumerate(words):
        if i:
            parts.append(_space(sentence.tokens, words, places, i))
        parts.append(_surface(sentence, style, word, places[i]))
    if style.capital:
        _capitalise(words, parts)
    return "".join(parts)


def _mended(words: list[str], source: list[str]) -> list[str]:
    """New `ca` and `wo` only before n't, new `can` and `will` never: a model may write the one without the other."""
    if _WHOLE.keys().isdisjoint(words) and _STEMS.keys().isdisjoint(words):
        return words
    known = {(word, after == "n't") for word, after in pairwise([*source, ""])}
    mended = []
    for word, after in pairwise([*words, ""]):
        negated = after == "n't"
        mended.append(word if (word, negated) in known else (_STEMS if negated else _WHOLE).get(word, word))
    return mended


def _with_same_end(words: list[str], source: list[str]) -> list[str]:
    """The output's words, closed as the source is: with its mark where they have none, with none where it has none."""
    if not words or words == source:
        return words
    if ends(source):
        return words if ends(words) else [*words, next(word for word in reversed(source) if word in ENDS)]
    while len(words) > 1 and words[-1] in ENDS:
        words = words[:-1]
    return words


def _with_numbers(words: list[str], places: list[int], source: list[str]) -> tuple[list[str], list[int]]:
    """Gives each `_num_` without a place the next unused number of the source; without one it goes, its $ or % too."""
    if "_num_" not in words:
        return words, places
    used = set(places)
    spare = iter([j for j, word in enumerate(source) if word == "_num_" and j not in used])
    kept: list[tuple[str, int]] = []
    dropped = False
    for word, place in zip(words, places, strict=True):
        if word == "_num_" and place < 0:
            place = next(spare, -1)
            dropped = place < 0
            if dropped:
                if kept and kept[-1][0] in ("$", "#"):
                    kept.pop()
                continue
        elif dropped and word == "%":
            continue
        dropped = False
        kept.append((word, place))
    return [word for word, _ in kept], [place for _, place in kept]


def _style(sentence: Sentence) -> _Style:
    tokens, raw = sentence.tokens, sentence.raw
    k = next((k for k, token in enumerate(tokens) if token.model not in _OPENING), 0)
    named = tokens[k].raw[:1].isalpha()
    long = [token.raw for token in tokens if len(token.raw) > 1 and token.raw.isalpha()]
    content = [word for word in long if len(word) > 3]
    return _Style(
        first=k if sentence.opens and named and not _is_name(tokens, k) else -1,
        capital=sentence.opens and (tokens[k].raw[0].isupper() if named else sentence.cased),
        cased=sentence.cased,
        shouting=len(long) > 1 and all(map(str.isupper, long)),
        titled=len(content) > 2 and all(word[0].isupper() for word in content),
        apostrophe="’" if "’" in raw else "'",
        quotes={"``": "“", "''": "”"} if "“" in raw or "”" in raw else {"``": '"', "''": '"'},
    )


def _is_name(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether the capital of the sentence's first word belongs to the word: I, BBQ, McCoy, Joe's, Taco Bell."""
    raw, model = tokens[k].raw, tokens[k].model
    if model == "i" or (len(raw) > 1 and raw[1:] != raw[1:].lower()) or not raw.replace("-", "").isalpha():
        return True
    if _COMMON.fullmatch(model) or k + 1 == len(tokens):
        return False
    following = tokens[k + 1]
    return following.model == "'s" or (following.raw[0].isupper() and following.raw[1:2].islower())


def _surface(sentence: Sentence, style: _Style, word: str, place: int) -> str:
    """The raw form of one word, at the place of the source it came from or (-1) new."""
    if place >= 0:
        raw = sentence.tokens[place].raw
        return raw.lower() if place == style.first and not style.shouting and not style.titled else raw
    word = style.quotes.get(word, word.replace("'", style.apostrophe))
    if style.shouting:
        return word.upper()
    if (word == "i" and style.cased) or (style.titled and len(word) > 3):
        return word[0].upper() + word[1:]
    return word


def _capitalise(words: list[str], parts: list[str]) -> None:
    """Gives the first word (parts: word, space, word, ...) its capital, unless it is written in a way of its own."""
    k = next((k for k, word in enumerate(words) if word not in _OPENING), 0)
    word = parts[2 * k] if words else ""
    if word.islower() and re.fullmatch(r"[^\W\d_]+(?:[-'’/][^\W\d_]+)*", word):
        parts[2 * k] = word[0].upper() + word[1:]


def _space(tokens: tuple[Token, ...], words: list[str], places: list[int], i: int) -> str:
    """The space between output words i - 1 and i: the author's own where he wrote that pair, else by the rules."""
    place, before = places[i], places[i - 1]
    if place > 0 and before == place - 1:
        return tokens[place].space_before
    previous, word = words[i - 1], words[i]
    swapped = _swapped_space(tokens, previous, word, before, place)
    if swapped is not None:
        return swapped
    if (word == ")" and previous in (":", ";", "=")) or (previous, word) in _JOINED:
        return ""
    if word in (":", ";") and words[i + 1 : i + 2] == [")"]:
        return " "
    return "" if word in _NO_SPACE_BEFORE or previous in _NO_SPACE_AFTER else " "


def _swapped_space(tokens: tuple[Token, ...], previous: str, word: str, before: int, place: int) -> str | None:
    """The author's space beside a word that was swapped for another; None where nothing was merely swapped."""
    if before < 0 < place:
        new, other, old, space = previous, word, tokens[place - 1].model, tokens[place].space_before
    elif place < 0 <= before < len(tokens) - 1:
        new, other, old, space = word, previous, tokens[before + 1].model, tokens[before + 1].space_before
    else:
        return None
    if not (_is_word(new) and _is_word(old)) or (not space and _is_word(other)):
        return None
    return space


def _is_word(word: str) -> bool:
    return word[-1].isalnum() and word not in _CLITICS
