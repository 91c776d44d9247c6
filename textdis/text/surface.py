"""Model text back to raw text: what the source's author wrote is kept, what is new is dressed alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import add
from typing import NamedTuple

from textdis.text.alignment import align, replaced
from textdis.text.mending import OPENERS, mended
from textdis.text.sentences import Sentence, Token

_CLITICS = {"n't", "'s", "'ve", "'m", "'ll", "'re", "'d"}
_NO_SPACE_BEFORE = _CLITICS | {".", ",", "!", "?", ";", ":", "...", ")", "]", "}", "%", "''", "'"}
_NO_SPACE_AFTER = {"(", "[", "{", "$", "#", "@", "``", "~", "£", "€"}
_JOINED = {("can", "not"), ("gon", "na"), ("wan", "na"), ("got", "ta"), ("gim", "me"), ("lem", "me")}
DIGITS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}  # stars of a rating
_PLAIN = re.compile(r"[^\W\d_]+(?:[-'’/][^\W\d_]+)*")
# First words that are common words although a name follows: "Love Chipotle", "The Venetian", "Highly recommend Joe".
_COMMON = re.compile(
    r"a|about|after|again|all|also|always|amazing|an|and|another|any|are|as|at|avoid|awesome|awful|bad|because|before|"
    r"best|beware|both|but|by|ca|can|come|could|did|do|does|don|even|every|excellent|fantastic|favorite|first|for|"
    r"friendly|from|get|go|good|great|had|happy|has|hate|have|he|her|here|his|horrible|how|i|if|in|is|it|its|just|"
    r"last|let|like|love|many|may|maybe|more|most|my|never|new|nice|no|not|now|of|oh|on|one|only|our|over|perfect|"
    r"please|really|same|save|see|several|she|should|since|so|some|stay|still|such|super|terrible|thank|thanks|"
    r"that|the|their|them|then|there|these|they|this|those|though|to|too|try|two|under|unfortunately|until|very|"
    r"visit|was|way|we|were|what|when|where|which|while|who|why|will|wish|with|wo|wonderful|worst|would|wow|yes|yet|"
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
    too many is dropped; a new word in the place of one other has that one's case, else it is lower-case but at the
    sentence's start, and upper-case where the source shouts. The end keeps the source's marks, unless a question
    begins or ceases to be one. An output equal to the source's text returns `sentence.raw`.
    """
    source, raws = [token.model for token in sentence.tokens], [token.raw for token in sentence.tokens]
    words = mended(output, sentence)
    if words == source:
        return sentence.raw
    words, places = _with_numbers(words, align(source, words), source)
    style = _style(sentence, source, raws)
    if style.first >= 0:
        raws[style.first] = raws[style.first].lower()
    models = _models(words, places, source, raws)
    places = _with_moved(words, places, source)
    forms = _forms(words, places, raws, style, models)
    if style.capital and forms:
        k = _opener(words)
        if forms[k].islower() and _PLAIN.fullmatch(forms[k]):  # not written in a way of its own
            forms[k] = _titled(forms[k])
    return "".join(map(add, _spaces(sentence.tokens, words, places), forms))


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


def _with_moved(words: list[str], places: list[int], source: list[str]) -> list[int]:
    """Gives a new word the place of the first such word of the source that has gone: it moved, with its raw form."""
    if {*source}.isdisjoint([word for word, place in zip(words, places, strict=True) if place < 0]):
        return places
    gone = {*range(len(source))}.difference(places)
    homes = {source[j]: j for j in sorted(gone, reverse=True)}
    return [homes.get(word, -1) if place < 0 else place for word, place in zip(words, places, strict=True)]


def _opener(words: list[str]) -> int:
    """Which word opens a sentence: the first but for quotes and brackets."""
    k = 0
    while k + 1 < len(words) and words[k] in OPENERS:
        k += 1
    return k


def _style(sentence: Sentence, source: list[str], raws: list[str]) -> _Style:
    raw, k = sentence.raw, _opener(source)
    named = raws[k][:1].isalpha()
    long = [word for word in raws if len(word) > 1 and word.isalpha()]
    content = [word for word in long if len(word) > 3]
    shouting = len(long) > 1 and all(map(str.isupper, long))
    titled = len(content) > 2 and all(word[0].isupper() for word in content)
    plain = sentence.opens and named and not (shouting or titled or _is_name(sentence.tokens, k))
    return _Style(
        first=k if plain else -1,
        capital=sentence.opens and (raws[k][0].isupper() if named else sentence.cased),
        cased=sentence.cased,
        shouting=shouting,
        titled=titled,
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


def _models(words: list[str], places: list[int], source: list[str], raws: list[str]) -> dict[int, str]:
    """For new words of the output (their indices) the old word whose case they take.

    That is the one in whose place they stand: AMAZING -> AWFUL. All of them shout where all the old ones did.
    """
    models: dict[int, str] = {}
    for new, old in replaced(places, len(source)):
        lost = "".join(raws[old.start : old.stop])
        if lost.islower() and not lost[0].isdigit():
            continue  # nothing to lend, as most often
        fresh = [i for i in new if _is_word(words[i])]
        gone = [raws[j] for j in old if _is_word(source[j])]
        if all(map(str.isupper, gone)) and (loud := next(filter(_shouts, gone), None)):
            gone = [loud] * len(fresh)
        if len(fresh) == len(gone):
            models |= zip(fresh, gone, strict=True)
    return models


def _shouts(raw: str) -> bool:
    """Whether a word is in capitals for its weight: AMAZING, NOT; no I, TV or BBQ."""
    return raw.isupper() and (len(raw) > 3 or (len(raw) > 1 and bool(_COMMON.fullmatch(raw.lower()))))


def _forms(words: list[str], places: list[int], raws: list[str], style: _Style, models: dict[int, str]) -> list[str]:
    """The raw form of each word of the output."""
    first = style.first  # lower-cased, it may now stand in the place of a word with a capital
    forms = [
        raws[place] if 0 <= place != first else _dressed(word if place < 0 else raws[place], style, models.get(i, ""))
        for i, (word, place) in enumerate(zip(words, places, strict=True))
    ]
    for i in [i for i, word in enumerate(words) if word == "n't" and i]:
        if not 0 < places[i] == places[i - 1] + 1:  # WON'T for WILL, but DOn't if the author's own
            forms[i] = forms[i].upper() if forms[i - 1].isupper() else forms[i].lower()
    return forms


def _dressed(word: str, style: _Style, model: str) -> str:
    """The raw form of a new word: the case of `model` where that has one of its own, a digit where that is one."""
    if model.isdigit() and word in DIGITS:
        return DIGITS[word]
    word = style.quotes.get(word, word.replace("'", style.apostrophe))
    if style.shouting or _shouts(model):
        return word.upper()
    titled = (style.titled and len(word) > 3) or (model[:1].isupper() and model[1:].islower())
    if titled or (word == "an" and model == "A") or (word == "i" and style.cased):
        return _titled(word)
    return word


def _titled(word: str) -> str:
    return word[0].upper() + word[1:]


def _spaces(tokens: tuple[Token, ...], words: list[str], places: list[int]) -> Iterator[str]:
    """The space before each output word: the author's own where he wrote that pair of words, else by the rules."""
    for i, place in enumerate(places):
        if not i:
            yield ""
        elif place > 0 and places[i - 1] == place - 1:
            yield tokens[place].space_before
        else:
            yield _space(tokens, words, places, i)


def _space(tokens: tuple[Token, ...], words: list[str], places: list[int], i: int) -> str:
    """The space between output words i - 1 and i, which no author wrote side by side."""
    place, before, previous, word = places[i], places[i - 1], words[i - 1], words[i]
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
