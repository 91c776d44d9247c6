"""Do sentences of one syntactic form lie together? The clustering error of "Disentangled Representations in
Natural Language Multitasking" (paper 03), section 4.1.

Axes: N sentences, D numbers of a code, K = 14 categories.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from textdis.metrics.syntax_words import ing_form, s_form, words

PROTOTYPES = (
    "The +N is +A.",
    "The +N +Vs.",
    "The +N has a +N.",
    "The +N +Vs a +N.",
    "The +N +Vs +D.",
    "No +N ever +Vs.",
    "Are +Ns +A?",
    "The +Ns of +N +D +V the +A +N, but some +Ns still +V their +N.",
    "In the +N of a +A +N, the +N will +V the +N of +Ving the +N.",
    "+Ns +V the +A +N of +Ns +Ving on the +N.",
    "In the +N of +N, +Ns would rather +V without +N than +V any +A +Ns.",
    "+N +Vs in order to +V on a +N.",
    "+A +Ns often +V like +Ns.",
    "",
)
_SLOT = re.compile(r"\+([NVAD])(s|ing|)")
_INFLECT: dict[str, Callable[[str], str]] = {"s": s_form, "ing": ing_form, "": str}


def prototype_sentences(fillings: int = 100, seed: int = 0, *, split: str = "all") -> tuple[list[str], np.ndarray]:
    """Raw English sentences of the 13 prototypes and empty ones, with their categories [14 * fillings].

    Words are drawn evenly and independently of each other, so a sentence may come twice. `split`: `all` words, or the
    `seen` or `unseen` half of each class. The paper names no words; ours are in `syntax_words.py`.
    """
    rng, lexicon = np.random.default_rng(seed), words(split)

    def fill(slot: re.Match[str]) -> str:
        return _INFLECT[slot[2]](str(rng.choice(lexicon[slot[1]])))

    texts = [_SLOT.sub(fill, prototype) for prototype in PROTOTYPES for _ in range(fillings)]
    return [text[:1].upper() + text[1:] for text in texts], np.repeat(np.arange(len(PROTOTYPES)), fillings)


def clustering_error(
    codes: np.ndarray, categories: Sequence[int] | np.ndarray, *, runs: int = 100, seed: int = 0
) -> dict[str, float]:
    """Sentences that lie in a cluster where most are of another category: paper 03, section 4.1.

    codes [N, D]; categories [N], K of them. Each of `runs` runs of K-means starts anew; a cluster counts for the
    category most frequent in it, so that two clusters may count for the same one.
    best: the smallest error of all runs, the paper's figure; median; minimum_inertia: that of the run K-means itself
    would choose, without a look at the categories; sentences: N, the scale. Starts are k-means++, of which the paper
    says nothing: random points as starts merge two categories even where codes are perfect.
    Raises ValueError: unequal lengths, nothing, a number that is not finite.
    """
    codes, found = np.asarray(codes, dtype=float), np.unique(categories, return_inverse=True)[1]
    if codes.ndim != 2 or len(codes) != len(found):
        raise ValueError(f"codes {list(codes.shape)} for {len(found)} categories; give one row of numbers a sentence")
    if not len(codes) or not np.isfinite(codes).all():
        raise ValueError("no code, or one that is not finite")
    seeds = np.random.default_rng(seed).integers(2**31, size=runs)
    errors, inertias = np.array([_run(codes, found, int(each)) for each in seeds]).T
    return {
        "best": float(errors.min()),
        "median": float(np.median(errors)),
        "minimum_inertia": float(errors[inertias.argmin()]),
        "sentences": float(len(codes)),
    }


def control_codes(texts: Sequence[str], categories: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """Codes without any model, which a trained one must beat: name -> [N, D].

    The tag counts are read off the prototypes: they are what a perfect tagger would give, and know the answer. The
    length is in words and marks. Measured, best of 100 with 100 fillings (three draws): tag counts 0, bag of words 195
    to 200 (median about 495), length 500, random 1,217 to 1,222.
    """
    rows = [Counter(re.findall(r"\w+|[^\w\s]", text.lower())) for text in texts]
    tags = [Counter(slot or "other" for slot in re.findall(r"(\+[NVAD](?:s|ing|))|\w+", form)) for form in PROTOTYPES]
    return {
        "oracle tag counts": _table(tags)[categories],
        "bag of words": _table(rows),
        "length": np.array([[row.total()] for row in rows], dtype=float),
        "random": np.random.default_rng(seed).normal(size=(len(texts), 64)),
    }


def _table(rows: Sequence[Counter[str]]) -> np.ndarray:
    """One column a word [N, D]."""
    column = {word: i for i, word in enumerate(sorted(set().union(*rows)))}
    table = np.zeros((len(rows), len(column)))
    for i, row in enumerate(rows):
        table[i, [column[word] for word in row]] = list(row.values())
    return table


def _run(codes: np.ndarray, categories: np.ndarray, seed: int) -> tuple[float, float]:
    """Error and inertia of one run of K-means."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    count = int(categories.max()) + 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct codes than clusters: some stay empty
        found = KMeans(min(count, len(codes)), init="k-means++", n_init=1, random_state=seed).fit(codes)
    table = np.bincount(found.labels_ * count + categories, minlength=count * count).reshape(count, count)
    return float(len(codes) - table.max(1).sum()), float(found.inertia_)
