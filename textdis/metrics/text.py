"""Scores of rewritten sentences: pure functions of model text (words with one blank between) and numbers.

Each takes what was predicted first, then what it is held against, and returns named floats. Shares lie in
[0, 1], BLEU in [0, 100]. None draws random numbers. All raise ValueError for empty lists, lists of unequal
length, what is not text, and numbers that are not finite.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

FAILED = -1  # the label of an output that no judge can call a success: empty, or undecided


def self_bleu(predicted: Sequence[str], sources: Sequence[str]) -> dict[str, float]:
    """Corpus BLEU-4 against the source: how much is still there. The same text, of four words or more, gives 100."""
    return {"self_bleu": _bleu(predicted, sources)}


def ref_bleu(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> dict[str, float]:
    """Corpus BLEU-4 against one or several human rewrites of each sentence (their number may differ)."""
    return {"ref_bleu": _bleu(predicted, references)}


def bleu_signature() -> str:
    """How both BLEU scores are computed, in sacrebleu's own words, without the number of references."""
    import sacrebleu

    return f"case:lc|eff:no|tok:none|smooth:none|version:{sacrebleu.__version__}"


def bleu_counts(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> np.ndarray:
    """What each sentence adds to BLEU-4 [N, 10]: words, reference words, matched n-grams (4), n-grams (4)."""
    scorer = _scorer(effective_order=True)  # for single sentences; the counts are the same
    scores = [
        scorer.sentence_score(text, row)
        for text, row in zip(predicted, _references(predicted, references), strict=True)
    ]
    return np.array([[s.sys_len, s.ref_len, *s.counts, *s.totals] for s in scores], dtype=float)


def bleu_of(counts: np.ndarray) -> np.ndarray:
    """BLEU-4 [...] of `bleu_counts` or sums of them [..., 10], without smoothing: no match of any order gives 0."""
    words, reference_words, matched, grams = counts[..., 0], counts[..., 1], counts[..., 2:6], counts[..., 6:]
    scored = matched.min(-1, keepdims=True) > 0
    precisions = np.where(scored, matched, 1) / np.where(scored, grams, 1)
    brevity = np.minimum(0, 1 - reference_words / np.maximum(words, 1))
    return np.where(scored[..., 0], 100 * np.exp(np.log(precisions).mean(-1) + brevity), 0)


def sentence_bleu(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> np.ndarray:
    """BLEU-4 of each sentence [N], for histograms and examples; its mean is not the corpus' BLEU.

    Pairs and longer n-grams are smoothed by adding 1 to both counts (Lin and Och, 2004; `add-k` in sacrebleu), so that
    a short sentence without four common words in a row has a score, and the same text still gives 100.
    """
    return smoothed_bleu_of(bleu_counts(predicted, references))


def smoothed_bleu_of(counts: np.ndarray) -> np.ndarray:
    """`sentence_bleu` [N] of `bleu_counts` [N, 10]."""
    return bleu_of(counts + [0, 0, 0, 1, 1, 1, 0, 1, 1, 1])


def noun_counts(predicted: Sequence[str], nouns: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Nouns of each source that stand in its output [N], and nouns it has [N]; see `noun_preservation`."""
    check_texts(predicted, nouns, lists=True)
    for row in nouns:
        if len(row):
            check_texts(row)
    wanted = [Counter(noun.lower() for noun in row) for row in nouns]
    kept = [want & Counter(text.lower().split()) for want, text in zip(wanted, predicted, strict=True)]
    return np.array([row.total() for row in kept]), np.array([row.total() for row in wanted])


def noun_preservation(predicted: Sequence[str], nouns: Sequence[Sequence[str]]) -> dict[str, float]:
    """How many nouns of the source (row i of `nouns`, words) stand in the output, lower-cased, not stemmed.

    noun_sentences: share of sentences that keep one at least (the score of Melnyk et al., 2017);
    nouns_kept: share of all nouns, a noun said twice counting twice; without_nouns: number of sentences
    that hold none and are left out. A list of nouns would win: read it beside perplexity.
    Raises ValueError where no sentence holds a noun.
    """
    kept, wanted = noun_counts(predicted, nouns)
    if not wanted.any():
        raise ValueError("no sentence holds a noun, so none can be kept; tag the sources first")
    return {
        "noun_sentences": float((kept > 0).sum() / (wanted > 0).sum()),
        "nouns_kept": float(kept.sum() / wanted.sum()),
        "without_nouns": float((wanted == 0).sum()),
    }


def length_ratio(predicted: Sequence[str], reference: Sequence[str]) -> dict[str, float]:
    """Words of all outputs together, over words of all references together."""
    check_texts(predicted, reference)
    words = sum(len(text.split()) for text in reference)
    if not words:
        raise ValueError("the references hold no word; a length ratio needs one at least")
    return {"length_ratio": sum(len(text.split()) for text in predicted) / words}


def copies(predicted: Sequence[str], sources: Sequence[str]) -> np.ndarray:
    """Which outputs are their source, word for word (case ignored) [N] bool."""
    check_texts(predicted, sources)
    return np.array([a.lower().split() == b.lower().split() for a, b in zip(predicted, sources, strict=True)])


def copy_rate(predicted: Sequence[str], sources: Sequence[str]) -> dict[str, float]:
    """Share of outputs that are their source, word for word (case ignored)."""
    return {"copy_rate": float(copies(predicted, sources).mean())}


def diversity(predicted: Sequence[str], orders: Sequence[int] = (1, 2)) -> dict[str, float]:
    """Shares of distinct outputs, of distinct n-grams for each n of `orders`, and of empty outputs.

    One sentence said N times has 1 / N distinct outputs. No n-gram at all gives 0.
    """
    check_texts(predicted)
    sentences = [tuple(text.split()) for text in predicted]
    grams = {n: [s[i : i + n] for s in sentences for i in range(len(s) - n + 1)] for n in orders}
    return {
        "distinct_outputs": len(set(sentences)) / len(sentences),
        **{f"distinct_{n}": len(set(found)) / max(1, len(found)) for n, found in grams.items()},
        "empty": sum(not s for s in sentences) / len(sentences),
    }


def transfer_accuracy(labels: Sequence[int] | np.ndarray, gold: Sequence[int] | np.ndarray) -> dict[str, float]:
    """Share of outputs whose judged style `labels` [N] is the wanted one `gold` [N]; FAILED never is."""
    found, wanted = check_numbers(labels, gold)
    return {"accuracy": float(((found == wanted) & (found != FAILED)).mean())}


def perplexity(nats: Sequence[float] | np.ndarray, tokens: Sequence[int] | np.ndarray) -> dict[str, float]:
    """exp(all nats / all tokens): weighed by token, not by sentence. nats [N], tokens [N]."""
    lost, counts = check_numbers(nats, tokens)
    if (counts < 0).any() or not counts.sum():
        raise ValueError("token counts must be 0 or more, and one at least above 0")
    return {"perplexity": math.exp(lost.sum() / counts.sum())}


def geometric_mean(*values: float) -> dict[str, float]:
    """The n-th root of the product of n scores on one scale, none below 0: any 0 makes it 0."""
    (scores,) = check_numbers(values)
    if (scores < 0).any():
        raise ValueError(f"a geometric mean needs scores of 0 or more, not {scores.min():g}")
    return {"geometric_mean": float(np.prod(scores) ** (1 / len(scores)))}


@cache
def _scorer(effective_order: bool = False) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize="none", lowercase=True, smooth_method="none", force=True, effective_order=effective_order)


def _bleu(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> float:
    rows = _references(predicted, references)
    # sacrebleu wants one list a reference number, with None where a sentence has fewer
    columns = [[row[j] if j < len(row) else None for row in rows] for j in range(max(map(len, rows)))]
    return _scorer().corpus_score(list(predicted), columns).score


def _references(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> list[list[str]]:
    """The references of each sentence, one at least."""
    check_texts(predicted, references, lists=True)
    rows = [[row] if isinstance(row, str) else list(row) for row in references]
    if not all(rows):
        raise ValueError(f"sentence {rows.index([]) + 1} has no reference")
    for row in rows:
        check_texts(row)
    return rows


def check_texts(predicted: Sequence[str], other: Sequence[Any] | None = None, *, lists: bool = False) -> None:
    """Raises ValueError: no text, one text in place of a list, lists of unequal length, or what is not text.

    lists: an item of `other` may be a list of texts.
    """
    columns = (predicted,) if other is None else (predicted, other)
    if any(isinstance(texts, str) for texts in columns):
        raise ValueError("one text would be read letter by letter; give a list of texts")
    if not len(predicted):
        raise ValueError("an empty list has no score; give one sentence at least")
    if len(columns[-1]) != len(predicted):
        raise ValueError(f"{len(predicted)} outputs against {len(columns[-1])}: line i of both must belong together")
    kinds = (str, (str, Sequence, np.ndarray) if lists else str)
    for texts, kind in zip(columns, kinds, strict=False):
        for number, text in enumerate(texts, 1):
            if not isinstance(text, kind):  # such as the NaN of an empty table cell
                raise ValueError(f"item {number} is {text!r}, not text")


def check_numbers(*columns: Any) -> list[np.ndarray]:
    """The columns as arrays of floats. Raises ValueError: unequal or no length, or a number that is not finite."""
    arrays = [np.asarray(column, dtype=float) for column in columns]
    if len({len(array) for array in arrays}) > 1:
        raise ValueError(f"lists of unequal length: {', '.join(str(len(array)) for array in arrays)}")
    if not len(arrays[0]):
        raise ValueError("an empty list has no score; give one number at least")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("a number is not finite")
    return arrays
