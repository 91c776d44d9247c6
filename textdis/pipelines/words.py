"""Words that fall into several in model text, as one that no vocabulary holds: a model can only copy or replace it.

These are masked words (f***ing, a$$hole, sh!t), degrees (60°F), HTML tags with attributes and, before a comma,
abbreviations with inner stops: the model that ships lost what follows "Ph.D.," in 82 of 480 made sentences, put words
into 22 of 184 tags (<a great href="...">), and the F of 60°F became a grade, "a+". They are joined here and not in
`text.normalise`, of which the corpora were made that models learned from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from textdis.text.masked import MASKED
from textdis.text.sentences import Sentence, Token, join_raw

_WHOLE = re.compile(  # over model words with a blank only where the author has one
    rf"(?<![\w*']){MASKED}|(?<![\w'.])(?:[^\W\d_]++\.)++(?=,)|(?:(?:_num_|(?<!\S)\d[\w.,/-]*) ?)?° ?[cf](?!\w)"
    r"|(?P<tag><[a-z][a-z\d]{0,9} [^<>=]*=[^<>]*>)"
)


def with_whole_words(sentence: Sentence) -> Sentence:
    """`sentence` with one token for each such word."""
    starts, ends, text = dict[int, int](), dict[int, int](), ""
    for i, token in enumerate(sentence.tokens):
        text += " " * bool(token.space_before)
        starts[len(text)] = i
        text += token.model
        ends[len(text)] = i + 1
    tokens: list[Token] = []
    done = 0
    for match in _WHOLE.finditer(text):
        start, end = starts.get(match.start()), ends.get(match.end())
        if start is not None and end is not None:
            whole = joined(sentence.tokens[start:end])
            if match["tag"]:  # its name stays a word, by which `text/mending.py` knows it
                whole = whole._replace(model=match["tag"].replace(" ", "_"))
            tokens += [*sentence.tokens[done:start], whole]
            done = end
    return replace(sentence, tokens=(*tokens, *sentence.tokens[done:]))


def joined(tokens: Sequence[Token], sign: str = "") -> Token:
    """One token for several, with `sign` between their model words."""
    space = tokens[0].space_before
    return Token(sign.join([token.model for token in tokens]), join_raw(tokens)[len(space) :], space)
