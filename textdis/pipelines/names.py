"""Names of several words (Best Buy, House of Blues) as one word that no vocabulary holds: a model can only copy it.

A name is a run of two or more capitalised words, joined by nothing, `&`, `of` or `'s`, amid lower case. Not by "and",
which also joins two names. A sentence's first word is part of one only where a verb follows at once: it is no part in
"Love Taco Bell". Where no word of content is in lower case, or Function Words In Capitals, capitals tell nothing.

Emphasis looks like a name: "the Best Pizza Ever", "a Very Bad Experience". What it ends in is nearly always one of the
commonest words of the vocabulary, and what a name ends in seldom is: of 960 runs in 7,300 raw review sentences half a
dozen were no names. The price: a name that ends in a common word (Happy Meal) stays words, and emphasis that does not
(the Best Ramen) tells the model nothing.

The model that ships broke a name in 28 of 467 of those sentences when it saw words, and in none when it saw names. It
turned as many: 386, before 384.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from textdis.pipelines.choice import is_content
from textdis.text.sentences import Sentence, Token, join_raw

COMMON = 250  # so many of the most frequent words end no name
_LINKS = {"&", "of", "'s"}
_VERBS = {"is", "was", "are", "were", "has", "have", "had", "does", "do", "did", "can", "could", "will", "would"}
_VERBS |= {"always", "never"}
# A sentence as one letter a token: N capitalised, l link, v verb, w another word of content, t title case, - the rest.
_NAME = re.compile(r"(?!^)N(?:l?N)+|^N(?:l?N)+(?!l?N)(?=v)")


def with_names(sentence: Sentence, common: Collection[str]) -> Sentence:
    """`sentence` with one token for each name. common: words that end no name."""
    kinds = "".join(map(_kind, sentence.tokens))
    if "w" not in kinds or "t" in kinds[1:]:
        return sentence
    tokens: list[Token] = []
    done = 0
    for match in _NAME.finditer(kinds):
        start, end = match.span()
        if sentence.tokens[end - 1].model not in common:
            tokens += [*sentence.tokens[done:start], _name(sentence.tokens[start:end])]
            done = end
    return replace(sentence, tokens=(*tokens, *sentence.tokens[done:]))


def _name(tokens: tuple[Token, ...]) -> Token:
    space = tokens[0].space_before
    return Token("_".join([token.model for token in tokens]), join_raw(tokens)[len(space) :], space)


def _kind(token: Token) -> str:
    word, raw = token.model, token.raw
    if raw[0].isupper() and not raw.isupper():
        return "N" if is_content(word) else "-" if word == "the" else "t"
    if word in _LINKS:
        return "l"
    return "v" if word in _VERBS else "w" if is_content(word) and raw.islower() else "-"
