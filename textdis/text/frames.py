"""The frame of a sentence, and frames that are broken on purpose.

A frame is a sentence whose rarer words are replaced by their parts of speech: "the lobster was tasty ." becomes
"^ the NN was JJ $". What is wrong with the grammar of a sentence mostly shows in its frame.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from textdis.text.kinds import OPEN

Words = list[str]
FIRST, LAST = "^", "$"  # of a frame; a sentence's own signs cannot be taken for them, as `Frames` makes "$" a CD
MARKS = frozenset([".", "!", "?", "...", ",", ";", ":"])
SUFFIXES = (3, 2)  # last letters, by which the class of an unknown word is guessed
ENDINGS = ("", "s", "es", "d", "ed", "ing", "ly", "er", "est")
IRREGULAR = (
    "is are was were be been am 's 're", "do does did done doing", "has have had having", "go goes went gone going",
    "get gets got getting", "a an the", "this these", "that those", "i me my", "he him his", "she her",
    "they them their", "we us our", "it its it's", "good well", "much many", "say says said",
    "take takes took taken taking", "come comes came coming", "make makes made making", "think thinks thought",
    "know knows knew known",
    "tell tells told telling", "see sees saw seen", "give gives gave given giving", "eat eats ate eaten eating",
    "leave leaves left leaving", "feel feels felt feeling", "find finds found", "keep keeps kept keeping", "to too",
)  # fmt: skip


class Frames:
    """`frame(words)`: tags {word: Penn tag} of known words; own: words that stand for themselves."""

    def __init__(self, tags: dict[str, str], own: Sequence[str]):
        self.tags, self.own = tags, frozenset(own)
        endings: dict[str, Counter[str]] = defaultdict(Counter)
        for word, tag in tags.items():
            for n in SUFFIXES:
                endings[word[-n:]][tag] += 1
        self._guess = {end: max(found, key=lambda tag: (found[tag], tag)) for end, found in endings.items()}

    def tag(self, word: str) -> str:
        """The usual tag of a word; of an unknown one that of the words which end like it, else NN."""
        known = self.tags.get(word)
        return known or next((self._guess[word[-n:]] for n in SUFFIXES if word[-n:] in self._guess), "NN")

    def __call__(self, words: Sequence[str]) -> Words:
        """The frame. Marks at the end are left out: whether somebody sets a full stop is no question of grammar."""
        end = len(words)
        while end and words[end - 1] in MARKS:
            end -= 1
        return [FIRST, *(word if word in self.own else self.tag(word) for word in words[:end]), LAST]

    @classmethod
    def fit(cls, texts: Sequence[str], tags: dict[str, str], *, least: int = 100) -> Frames:
        """Function words, and words that `texts` hold `least` times or more, stand for themselves."""
        times = Counter(word for text in texts for word in text.split())
        kept = {word: tags.get(word, "NN") for word, n in times.items() if n > 1}
        own = [word for word, n in times.items() if n >= least or (n > 1 and kept[word] not in OPEN)]
        return cls(kept, sorted(set(own) - {FIRST, LAST}))


class Breaker:
    """Breaks sentences in pairs: what one loses the other gains, so that no word by itself tells a broken sentence.

    Each pair exchanges forms of one word ("was" and "were"), a function word (one loses it, the other has it too
    many), words or spans of other classes, or, each for itself, two neighbours.
    """

    def __init__(self, frames: Frames):
        self.tag = frames.tag
        self.family = _families(frames.tags)

    def __call__(self, sentences: Sequence[Sequence[str]], rng: np.random.Generator) -> list[Words]:
        """As many broken sentences; with an odd number the last is broken beside itself. Some stay whole by chance."""
        broken = [list(words) for words in sentences]
        for i in range(0, len(broken), 2):
            first, second = broken[i], broken[(i + 1) % len(broken)]
            ways: list[Callable[[Words, Words, np.random.Generator], bool]] = [
                self._forms, self._moved, self._classes, self._order,
            ]  # fmt: skip
            order = rng.permutation(len(ways))
            next((True for k in order if ways[k](first, second, rng)), False)
        return broken

    def _forms(self, first: Words, second: Words, rng: np.random.Generator) -> bool:
        """Two forms of one word change places, as "was" and "were"."""
        family = self.family
        pairs = [
            (i, j) for i, a in enumerate(first) for j, b in enumerate(second)
            if a != b and a in family and family[a] == family.get(b) and _unlike(first, i, second, j)
        ]  # fmt: skip
        if pairs:
            i, j = pairs[rng.integers(len(pairs))]
            first[i], second[j] = second[j], first[i]
        return bool(pairs)

    def _moved(self, first: Words, second: Words, rng: np.random.Generator) -> bool:
        """A function word goes from the one to a random place of the other."""
        giver, taker = (first, second) if rng.random() < 0.5 else (second, first)
        places = [i for i, word in enumerate(giver) if self.tag(word) not in OPEN and word.isalpha()]
        if not places or len(giver) < 3:
            return False
        word = giver.pop(places[rng.integers(len(places))])
        taker.insert(int(rng.integers(len(taker))), word)
        return True

    def _classes(self, first: Words, second: Words, rng: np.random.Generator) -> bool:
        """One to three words change places with as many of other classes."""
        n = int(rng.integers(1, 4))
        if min(len(first), len(second)) <= n:
            return False
        i, j = int(rng.integers(len(first) - n + 1)), int(rng.integers(len(second) - n + 1))
        if any(
            self._kind(a) == self._kind(b) for a, b in ((first[i], second[j]), (first[i + n - 1], second[j + n - 1]))
        ):
            return False
        first[i : i + n], second[j : j + n] = second[j : j + n], first[i : i + n]
        return True

    def _order(self, first: Words, second: Words, rng: np.random.Generator) -> bool:
        """In each sentence two neighbours of different classes change places."""
        changed = False
        for words in (first, second):
            places = [i for i in range(len(words) - 2) if self._kind(words[i]) != self._kind(words[i + 1])]
            if places:
                i = places[rng.integers(len(places))]
                words[i], words[i + 1] = words[i + 1], words[i]
                changed = True
        return changed

    def _kind(self, word: str) -> str:
        return self.tag(word)[:2]


def _unlike(first: Words, i: int, second: Words, j: int) -> bool:
    """Not between the same two neighbours, where both forms would be right."""
    return (first[i - 1 : i], first[i + 1 : i + 2]) != (second[j - 1 : j], second[j + 1 : j + 2])


def _families(known: dict[str, str]) -> dict[str, str]:
    """Word -> a name of the words that are forms of one: by the endings of what is known, and a list."""
    found: dict[str, str] = {}
    for word in sorted(known, key=len):
        forms = [word.removesuffix("e") + ending if ending[:1] in ("e", "i") else word + ending for ending in ENDINGS]
        if len(word) > 2 and word.isalpha() and sum(form in known for form in forms) > 1:
            for form in forms:
                if form in known:
                    found.setdefault(form, word)
    for line in IRREGULAR:
        found |= dict.fromkeys(line.split(), line)
    return found
