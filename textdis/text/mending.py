"""What a model may write and no author would: mended in model text, before it is dressed.

The rules are those of English. What the author himself wrote side by side is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from textdis.text.sentences import CLOSERS, ENDS, Sentence

OPENERS = {"``", "'", "(", "[", "{", "*", "**", "_"}  # what may stand before the first letter of a word

_OPENING_TAG = re.compile(r"<([a-z][a-z\d]*)(?:_.*)?>")  # <em>, and <a_href=...> of `pipelines/words.py`
_WHOLE, _STEMS = {"ca": "can", "wo": "will"}, {"can": "ca", "will": "wo"}  # before n't there are only stems
_VERBS = {*_WHOLE, *_STEMS}
_VOWEL_SOUND = re.compile(
    r"hour|hono(?!l)|honest|heir|hors\b|(?:fbi|fda|hbo|hoa|hvac|led|mba|mri|nba|ngo|nypd|suv|xbox)\b"
    r"|(?!eu|on(?:ce|e)\b|u(?:fo|k|s|v)?\b|ubi|uku|unanim|uni(?![dmnr])|ur[aeio]|us[abdeipu]|ut[eio])[aeiou]"
)  # but a unit, a one-off, a UK brand
_CONSONANT_SOUND = re.compile(  # of what is left; LCD, x-ray and NY (New York?) are neither
    r"(?:[bcdgjkpqstvwyz][b-df-hj-np-tv-z]*|f[lr]?|n(?!yc?\b)|rh?|[hlmx])[aeiouy]|mc|[eou]"
)
_AUXILIARY = r"(?:am|are|ca|can|could|did|do|does|had|has|have|is|might|should|was|were|will|wo|would)(?: n't)?"
_QUESTION = re.compile(
    r"(?:^|[^\w\s'] |\b(?:and|but|or|so|then) )"  # where a clause begins
    rf"(?:(?:how|when|where|which|who|whose|why|what(?! an?\b)|any(?:body|one) else)\b|{_AUXILIARY} "
    r"(?:(?:any|every|some)(?:body|one|thing)|my|no one|nobody|that|the|these|this|those|your)\b)"
    rf"|\b{_AUXILIARY} (?:he|i|it|she|there|they|u|we|you)\b"
    r"|\bi (?:guess|suppose)\b"  # which doubts, where it has the mark of a question
    r"|, (?:eh|huh|ok|okay|right)(?: [^\w\s]+)*$"  # a tag
)


def mended(output: str, sentence: Sentence) -> list[str]:
    """The words of `output`, model text that was written for `sentence`, as they are to be dressed."""
    source, raws = [token.model for token in sentence.tokens], [token.raw for token in sentence.tokens]
    words = without_empty_tags(output.split(), source)
    return with_same_end(with_articles(with_whole_verbs(words, source), source), source, raws)


def without_empty_tags(words: list[str], source: list[str]) -> list[str]:
    """Without pairs of HTML tags around nothing: the words in them have gone. A pair that was empty before stays."""
    known, kept = {*pairwise(source)}, list[str]()
    for word in words:
        opening = _OPENING_TAG.fullmatch(kept[-1]) if kept and word[:2] == "</" else None
        if opening and word == f"</{opening[1]}>" and (kept[-1], word) not in known:
            kept.pop()
        else:
            kept.append(word)
    return kept


def with_whole_verbs(words: list[str], source: list[str]) -> list[str]:
    """New `ca` and `wo` only before n't, new `can` and `will` never: a model may write the one without the other."""
    if _VERBS.isdisjoint(words):
        return words
    known = {(word, after == "n't") for word, after in pairwise([*source, ""])}
    whole = []
    for word, after in pairwise([*words, ""]):
        negated = after == "n't"
        whole.append(word if (word, negated) in known else (_STEMS if negated else _WHOLE).get(word, word))
    return whole


def with_articles(words: list[str], source: list[str]) -> list[str]:
    """`a` or `an` as the word after it asks for: a model puts "ugly" for "beautiful" and leaves the article."""
    if "a" not in words and "an" not in words:
        return words
    known = {*_with_following(source)}
    return [
        word if word not in ("a", "an") or (word, after) in known else _article(word, after)
        for word, after in _with_following(words)
    ]


def _with_following(words: list[str]) -> Iterable[tuple[str, str]]:
    """Each word beside the one that is said after it: an (*awful*) place."""
    if OPENERS.isdisjoint(words):
        return pairwise([*words, ""])
    pairs, after = [], ""
    for word in reversed(words):
        pairs.append((word, after))
        after = after if word in OPENERS else word
    return reversed(pairs)


def _article(word: str, after: str) -> str:
    if _VOWEL_SOUND.match(after):
        return "an"
    return "a" if _CONSONANT_SOUND.match(after) else word


def with_same_end(words: list[str], source: list[str], raws: Sequence[str]) -> list[str]:
    """The output's words, closed by the source's marks: ! is no sentiment to turn. Without marks if it has none.

    Where one of the two is a question the output's own words tell whose marks are right. What asks and exclaims at
    once, which only the source's `raws` tell (`?!` is one `?` in model text), is right for either.
    """
    if not words or words == source:
        return words
    start, end = _marks(words)
    left, right = _marks(source)
    own, given = words[start:end], source[left:right]
    both = {"?", "!"} <= {*"".join(raws[left:right])}
    if own and given and not both and ("?" in own) != ("?" in given) and ("?" in given) != _asks(words):
        return words
    return [*words[:start], *given, *words[end:]]


def _marks(words: list[str]) -> tuple[int, int]:
    """The half-open span of the marks that close `words`, inside or outside a closing quote; without, their end."""
    end = len(words)
    while end and words[end - 1] in CLOSERS:
        end -= 1
    start = end
    while start and words[start - 1] in ENDS:
        start -= 1
    return (start, end) if start < end else (len(words), len(words))


def _asks(words: list[str]) -> bool:
    return bool(_QUESTION.search(" ".join(words)))
