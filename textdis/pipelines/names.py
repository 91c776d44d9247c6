"""Names of several words (Best Buy, House of Blues) as one word that no vocabulary holds: a model can only copy it.

A name is a run of two or more capitalised words, joined by nothing, `&`, `of` or `'s`, amid lower case. Not by "and",
which also joins two names. A sentence's first word is part of one only where a verb or `'s` follows at once: it is no
part in "Love Taco Bell". Where no word of content is in lower case, nor a word such as Thanks opens the sentence, or
Function Words In Capitals, capitals tell nothing.

Emphasis looks like a name: "the Best Pizza Ever", "a Very Bad Experience". What it ends in is nearly always one of the
commonest words of the vocabulary, and what a name ends in seldom is: of 960 runs in 7,300 raw review sentences half a
dozen were no names. The price: a name of two or three words that ends in a common word (Happy Meal) stays words, and
emphasis that does not (the Best Ramen) tells the model nothing. Of a longer run, three words or more can be a name
before the common ones: Worst Case Scenario Bar.

The model that ships broke a name in 28 of 467 of those sentences when it saw words, and in none when it saw names. It
turned as many: 386, before 384.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from textdis.pipelines.choice import is_content
from textdis.pipelines.words import joined
from textdis.text.sentences import Sentence, Token

COMMON = 250  # so many of the most frequent words end no name
_LINKS = {"&", "of"}
_AUXILIARIES = {"is", "was", "are", "were", "has", "have", "had", "does", "do", "did", "can", "could", "will", "would"}
_AUXILIARIES |= {"always", "never"}
_VERBS = {"rocks", "sucks", "makes", "serves", "offers", "needs", "gets", "sells"}  # words of content, too
_GREETINGS = {"love", "loved", "hate", "hated", "thank", "thanks", "try", "avoid"}  # a name follows, and is none of it
# A sentence as one letter a token: N capitalised, l link, s 's, v auxiliary, V verb, w another word of content, t title
# case, g a greeting that opens it, - the rest.
_NAME = re.compile(r"(?!^)N(?:[ls]?N)+|^[Ng](?:[ls]?N)+(?![ls]?N)(?=[vV])|^NN(?=s(?!N))")
_TELLING = {"w", "V", "g"}  # of a sentence in which capitals tell something


def with_names(sentence: Sentence, common: Collection[str]) -> Sentence:
    """`sentence` with one token for each name. common: words that end no name."""
    kinds = "".join(map(_kind, sentence.tokens))
    if sentence.tokens[0].model in _GREETINGS:
        kinds = "g" + kinds[1:]
    if _TELLING.isdisjoint(kinds) or "t" in kinds[1:]:
        return sentence
    tokens: list[Token] = []
    done = 0
    for match in _NAME.finditer(kinds):
        start, end = _without_common(sentence, *match.span(), common)
        if start < end:
            tokens += [*sentence.tokens[done:start], joined(sentence.tokens[start:end], "_")]
            done = end
    return replace(sentence, tokens=(*tokens, *sentence.tokens[done:]))


def _without_common(sentence: Sentence, start: int, end: int, common: Collection[str]) -> tuple[int, int]:
    """The span of a name less the common words it ends in, empty where that leaves fewer than three words."""
    last = end
    while last > start and sentence.tokens[last - 1].model in common:
        last -= 1
    return (start, last) if last == end or last - start >= 3 else (start, start)


def _kind(token: Token) -> str:
    word, raw = token.model, token.raw
    if raw[0].isupper() and not raw.isupper():
        return "N" if is_content(word) else "-" if word == "the" else "t"
    if word in _LINKS:
        return "l"
    if word == "'s":
        return "s"
    if word in _AUXILIARIES:
        return "v"
    if not raw.islower() or not is_content(word):
        return "-"
    return "V" if word in _VERBS else "w"
