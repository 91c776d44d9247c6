"""Which of a sentence's candidates to take: integrity, style, similarity, fluency. Words and numbers, no tensors.

Similarity is the share of words that two sentences have in common, as a weighted F1 over bags of words:

    2 (kept + e) / (source + output + 2 e)

where each sum runs over the weights of the words, kept over the words of both, and e = 0.25 is the end that all
sentences share. A content word weighs 1, a function word or punctuation 0.25. A word that tells the style by itself
is free to change: its weight falls to 0.05 as the classifier, shown that word alone, grows sure (`word_weight`).
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

NUMBER = "_num_"  # what stands for numbers in the model's text
PAIRED = ("(", ")", "[", "]", "``", "''")  # what is opened must be closed
JOINTS = ("and", "or", "but", ",")
DEGREES = ("very", "really", "so", "too", "just")  # "nice and very nice" says "nice" twice
END, FUNCTION, LEAST = 0.25, 0.25, 0.05  # weights, see above
FLUENCY = 0.5  # weight of a candidate's log-probability, and of style and similarity at a strength of 0.5
TILT = 40.0  # by which the full strength multiplies the weight of the style, and divides that of the similarity
_FUNCTION = """
    a an the this that these those i me my we us our you your he him his she her it its they them their who which what
    and or but so if then than as of at by for from in into on to with about out up down over off is are am was were be
    been being do does did have has had will would can could should ca 's 've 'll 're 'd 'm n't not there here just
    very really too also
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())


@dataclass(frozen=True)
class Candidate:
    """A rewriting of one sentence, in model text."""

    text: str
    fluency: float  # mean log-probability a token, in nats
    style: int  # the likeliest style
    probability: float  # of the style that was asked for


@dataclass(frozen=True)
class Choice:
    """The candidate taken, or None and the reason why all were dropped."""

    taken: Candidate | None
    similarity: float = 1.0
    reason: str | None = None


def word_weight(word: str, probabilities: Sequence[float], prior: Sequence[float]) -> float:
    """How much of a sentence's content `word` is, in [0.05, 1].

    probabilities: of the styles, seeing the word alone; prior: seeing nothing. Their total variation distance, over
    the largest there could be, is how much the word tells the style.
    """
    distance = 0.5 * sum(abs(p - q) for p, q in zip(probabilities, prior, strict=True))
    told = distance / max(1e-6, 1.0 - min(prior))
    return max(LEAST, (1.0 if is_content(word) else FUNCTION) * (1.0 - told))


def is_content(word: str) -> bool:
    return word not in FUNCTION_WORDS and any(c.isalnum() for c in word)


def similarity(source: str, output: str, weight: Callable[[str], float]) -> float:
    """In [0, 1], 1 for the same words; see the module's first lines."""
    a, b = Counter(source.split()), Counter(output.split())
    kept, left, right = (sum(n * weight(word) for word, n in bag.items()) for bag in (a & b, a, b))
    return (2 * (kept + END)) / (left + right + 2 * END)


def is_sound(source: str, output: str, free: frozenset[str] | None) -> bool:
    """Whether `output` says something, stutters no more than `source`, and carries over what no model may touch.

    That is every word that is not `free` (see `free_words`), as often as the source has it.
    """
    words, given = output.split(), source.split()
    if not any(map(is_word, words)) or untouchable(words, free) != untouchable(given, free):
        return False
    return len(set(words)) == len(words) or repeats(words) <= repeats(given)


def is_word(word: str) -> bool:
    return any(map(str.isalpha, word))


def untouchable(words: Sequence[str], free: frozenset[str] | None) -> Counter[str]:
    """Without a vocabulary: what is never free, and words with a digit or a symbol (dates, addresses, emoji)."""
    if free is None:
        return Counter(word for word in words if _is_fixed(word) or _is_symbolic(word))
    return Counter([word for word in words if word not in free])


def free_words(vocabulary: Iterable[str]) -> frozenset[str]:
    """The words a model may put in or leave out: all it knows, less numbers, currencies, %, brackets and quotes."""
    return frozenset(word for word in vocabulary if not _is_fixed(word))


def _is_fixed(word: str) -> bool:
    return word in (NUMBER, "%", *PAIRED) or any(c.isdigit() or unicodedata.category(c) == "Sc" for c in word)


def _is_symbolic(word: str) -> bool:
    return any(c.isdigit() or c in "@#/_<>" or unicodedata.category(c) == "So" for c in word)


def repeats(words: Sequence[str]) -> int:
    """How often a run of one to three words stands twice in a row, or a content word on both sides of a joint."""
    runs = sum(words[i : i + n] == words[i + n : i + 2 * n] for n in (1, 2, 3) for i in range(len(words) - 2 * n + 1))
    plain = [word for word in words if word not in DEGREES]
    threes = zip(plain, plain[1:], plain[2:], strict=False)
    return runs + sum(a == b and joint in JOINTS and is_content(a) for a, joint, b in threes)


def choose(
    source: str,
    candidates: Sequence[Candidate],
    target: int,
    weight: Callable[[str], float],
    free: frozenset[str] | None,
    strength: float,
    min_similarity: float,
) -> Choice:
    """The best candidate that is sound, has the style `target`, and is similar enough.

    Best by 0.5 (w log p(target) + log(similarity) / w + fluency), w = 40 ** (2 strength - 1): some models score whole
    sentences, and nats of fluency would outweigh shares that only add up to 1.
    """
    sound = [c for c in candidates if is_sound(source, c.text, free)]
    if not sound:
        return Choice(None, reason="broke the sentence")
    styled = [c for c in sound if c.style == target and c.probability > 0.5]
    if not styled:
        return Choice(None, reason="missed the style")
    near = {c: s for c in styled if (s := similarity(source, c.text, weight)) >= min_similarity}
    if not near:
        return Choice(None, reason="too different")

    tilt = TILT ** (2.0 * strength - 1.0)

    def score(candidate: Candidate) -> float:
        style, content = math.log(candidate.probability), math.log(near[candidate])
        return FLUENCY * (tilt * style + content / tilt + candidate.fluency)

    best = max(near, key=score)
    return Choice(best, near[best])
