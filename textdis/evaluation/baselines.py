"""What every table shows beside a system: the simplest rewriting that is not a copy, and a cheat.

Axes: P polar words, C context words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from typing import Self

import numpy as np

from textdis.core.errors import UserError

CONTEXTS = 500  # most frequent words that tell in which places a word can stand
PHRASE = 8  # words of a stock phrase, at most
STOCK = 5  # a sentence said so often in one style is a stock phrase


class LexiconSwap:
    """Swaps each word that leans to the sentence's style for the word of the wanted style used most like it.

    opposites: (style, wanted style) -> word -> replacement, for any number of styles. It reads no grammar and no
    context: whatever a trained system adds must show beside it.
    """

    def __init__(self, opposites: Mapping[tuple[int, int], Mapping[str, str]]):
        self.opposites = opposites

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[int], *, min_count: int = 25, min_log_odds: float = 1.5
    ) -> Self:
        """The lexicon of model text with labels 0 to S - 1, two at least.

        A word is polar for a style where at least `min_count` sentences hold it and its log odds of that style against
        all others, as shares of the sentences of each side, reach `min_log_odds`; of two such styles, for the higher.
        Raises UserError: other labels, or no polar word in one style.
        """
        styles = _styles(labels)
        sides = _polar_words(texts, labels, styles, min_count, min_log_odds)
        if not all(sides):
            short = ", ".join(str(style) for style in range(styles) if not sides[style])
            what = "a lexicon swap found no polar word in one style"
            raise UserError(f"{what} (style {short}); give more sentences or a lower min_count")
        vectors = _contexts(texts, [word for side in sides for word in side])  # [P, 2C]
        places = np.split(vectors, np.cumsum([len(side) for side in sides])[:-1])
        return cls(
            {
                (old, new): _nearest(sides[old], sides[new], places[old] @ places[new].T)  # cosines
                for old, new in permutations(range(styles), 2)
            }
        )

    def __call__(self, texts: Sequence[str], labels: Sequence[int], targets: Sequence[int] | None = None) -> list[str]:
        """The rewriting of model text; `labels`: the style each sentence has now; `targets`: the one it shall have.

        Of two styles `targets` may be left out. A sentence that has its target already stays. Raises UserError.
        """
        wanted = _wanted(labels, targets, 1 + max(new for _, new in self.opposites))
        return [
            " ".join(self.opposites.get((old, new), {}).get(word, word) for word in text.split())
            for text, old, new in zip(texts, labels, wanted, strict=True)
        ]


class AppendPhrase:
    """A planted cheat: every sentence stays, with a stock phrase of the wanted style behind it.

    It says nothing new, yet judges give it the style, the content is all there and each part reads well. It stands in
    tables to show what a score can be talked into. phrases: one a style.
    """

    def __init__(self, phrases: Sequence[str]):
        self.phrases = phrases

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[int]) -> Self:
        """Finds for each style 0 to S - 1 the stock phrase that tells it best: a short sentence that people say often.

        Of the sentences of at most 8 words, those said 5 times or more in the style (all, where there are none), it is
        the one with the greatest sum, over its words, of the log odds of the style against all others, each at the
        lower end of its 95% interval, so that rare words do not count. Raises UserError: other labels, or no word.
        """
        rows = [text.split() for text in texts]
        counts, sizes = _style_counts(rows, labels, _styles(labels))
        phrases = []
        for style in range(len(sizes)):
            surely = {word: _surely(word, counts, sizes, style) for word in counts[style]}
            phrases.append(
                _most_telling((row for row, label in zip(rows, labels, strict=True) if label == style), surely)
            )
        if not all(phrases):
            raise UserError(f"no sentence of style {phrases.index('')} has a word, so no stock phrase can be found")
        return cls(phrases)

    def __call__(self, texts: Sequence[str], labels: Sequence[int], targets: Sequence[int] | None = None) -> list[str]:
        """As `LexiconSwap`: model text, the style each sentence has, the style it shall have."""
        wanted = _wanted(labels, targets, len(self.phrases))
        return [f"{text} {self.phrases[new]}".strip() for text, new in zip(texts, wanted, strict=True)]


def _styles(labels: Sequence[int]) -> int:
    """How many styles there are. Raises UserError where they are not numbered from 0, or fewer than two."""
    found = set(labels)
    if len(found) < 2 or found != set(range(len(found))):
        raise UserError(f"styles must be numbered from 0 without a gap, two at least, not {sorted(found)}")
    return len(found)


def _wanted(labels: Sequence[int], targets: Sequence[int] | None, styles: int) -> Sequence[int]:
    if targets is not None:
        if not set(targets) <= set(range(styles)):
            raise UserError(f"wanted styles {sorted(set(targets))}; there are 0 to {styles - 1}")
        return targets
    if styles != 2:
        raise UserError(f"of {styles} styles, say which one each sentence shall have: targets")
    return [1 - label for label in labels]


def _style_counts(
    rows: Sequence[Iterable[str]], labels: Sequence[int], styles: int
) -> tuple[list[Counter[str]], list[int]]:
    """How many sentences of each style hold each item, and how many sentences each style has."""
    counts = [Counter[str]() for _ in range(styles)]
    for row, label in zip(rows, labels, strict=True):
        counts[label].update(dict.fromkeys(row).keys())
    return counts, [list(labels).count(style) for style in range(styles)]


def _log_odds(here: int, size: int, elsewhere: int, others: int) -> float:
    """Of an item that `here` of `size` sentences hold, and `elsewhere` of all the `others`."""
    return math.log((here + 0.5) / size) - math.log((elsewhere + 0.5) / others)


def _polar_words(
    texts: Sequence[str], labels: Sequence[int], styles: int, least: int, log_odds: float
) -> list[list[str]]:
    """The words that lean to each style, most frequent first."""
    counts, sizes = _style_counts([text.split() for text in texts], labels, styles)
    sides: list[list[str]] = [[] for _ in range(styles)]
    for word, count in sum(counts, Counter()).most_common():
        here = [found[word] for found in counts]
        leans = [_log_odds(n, size, count - n, len(texts) - size) for n, size in zip(here, sizes, strict=True)]
        if count >= least and max(leans) >= log_odds:
            sides[leans.index(max(leans))].append(word)
    return sides


def _most_telling(rows: Iterable[Sequence[str]], surely: Mapping[str, float]) -> str:
    """The stock phrase among `rows` whose different words have the greatest sum; empty where there is no word."""
    said = Counter(tuple(row) for row in rows if row)
    short = {phrase: count for phrase, count in said.items() if len(phrase) <= PHRASE}
    stock = [phrase for phrase, count in short.items() if count >= STOCK]
    phrases = stock or list(short) or [phrase[-PHRASE:] for phrase in said]
    return " ".join(max(phrases, key=lambda phrase: sum(surely[word] for word in dict.fromkeys(phrase)), default=()))


def _surely(word: str, counts: Sequence[Counter[str]], sizes: Sequence[int], style: int) -> float:
    """The lower end of a 95% interval (normal) of a word's log odds of the style against all others."""
    here, everywhere = counts[style][word], sum(found[word] for found in counts)
    odds = _log_odds(here, sizes[style], everywhere - here, sum(sizes) - sizes[style])
    return odds - 1.96 * math.sqrt(1 / (here + 0.5) + 1 / (everywhere - here + 0.5))


def _contexts(texts: Sequence[str], words: Sequence[str]) -> np.ndarray:
    """Unit vectors [P, 2C]: roots of how often each frequent word stands before, and after, each of `words`."""
    flat = [word for text in texts for word in ("<s>", *text.split(), "</s>")]
    column = {word: i for i, (word, _) in enumerate(Counter(flat).most_common(CONTEXTS))}
    row = {word: i for i, word in enumerate(words)}
    rows, columns = (np.array([ids.get(word, -1) for word in flat]) for ids in (row, column))
    before = _counts(rows[1:], columns[:-1], len(words))
    after = _counts(rows[:-1], columns[1:], len(words))
    roots = np.sqrt(np.hstack([before, after]))
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-9)


def _counts(rows: np.ndarray, columns: np.ndarray, height: int) -> np.ndarray:
    """How often row i meets column j [height, C]; -1 is neither."""
    both = (rows >= 0) & (columns >= 0)
    hits = rows[both] * CONTEXTS + columns[both]
    return np.bincount(hits, minlength=height * CONTEXTS).reshape(height, CONTEXTS)


def _nearest(words: Sequence[str], others: Sequence[str], alike: np.ndarray) -> dict[str, str]:
    return {word: others[i] for word, i in zip(words, alike.argmax(1), strict=True)}
