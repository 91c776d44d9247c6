"""The search of the phrase-swapping system: which phrases to put in place of those that lean to the old style.

From left to right, each run of leaning words is kept, deleted, preceded by an adverb of the wanted style ("not"), or
replaced by a phrase that was seen between the same two neighbours. After each run the best few sentences stay (a beam),
by the sum of `WEIGHTS` times:

    style     log p(wanted style) of the classifier
    rest      - how much words still lean to the old style, beyond TOLERANCE: a half-edited sentence
    words     how well words fit together, sum of log p(word | words before) - log p(word), less that of the source
    frame     the same of the sentence's frame, where parts of speech stand for words of open classes
    worst     log p of the worst place in the frame, less that of the source
    edit      - words removed and put in
    content   - nouns and verbs lost, nouns put in beyond those taken out
    twice     - words put in that the sentence has already
    near      cosine of the removed and the inserted words' vectors: "slow" is rather "fast" than "tasty"

`words`, `frame` and `worst` count up to CAP only: a gain in fluency is no aim, a loss is broken grammar. Axes:
M drafts, T tokens, V words, K styles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from textdis.core.batch import PAD, TextBatch
from textdis.nn.ngram_classifier import NgramClassifier
from textdis.nn.ngrams import NgramLM
from textdis.nn.phrases import WIDEST, Facts, Phrases, Span

WEIGHTS = {
    "style": 2.0, "rest": 1.0, "words": 1.2, "frame": 0.6, "worst": 1.0,
    "edit": 0.35, "content": 1.0, "near": 3.0, "twice": 1.0,
}  # fmt: skip
LEAN = 1.0  # logits by which a word leans to a style before it is touched
TOLERANCE = 0.6  # logits
SURE = -0.1  # log probability of a style beyond which there is nothing to gain
CAP = 0.3  # nats
HALF = -0.7  # log probability of a style that was reached
HELD = 99.0  # what is held so is never touched: numbers, names, marks
OFFERED = 8  # phrases that are tried in a place
JOINED = 0.5  # nats that are gained where "but" became "and"
RUNS = 5  # of leaning words that are treated in one sentence


class Tables(Protocol):
    """What the search reads (`phrase_swap.PhraseSwap`)."""

    config: Any
    classifier: NgramClassifier
    language: NgramLM
    frame: NgramLM
    phrases: Phrases
    kind: Tensor
    hold: Any

    @property
    def facts(self) -> Facts: ...
    @property
    def device(self) -> torch.device: ...
    def folded(self, tokens: Tensor) -> Tensor: ...


class Draft(NamedTuple):
    """A sentence on its way. (A tuple: there are a hundred for each sentence.)"""

    row: int  # of the batch
    words: Span  # from `<s>` to `</s>`
    at: int = 1  # what stands before is done
    cost: float = 0.0  # of edit, content and near
    score: float = 0.0
    style: float = 0.0  # log p(wanted style)
    lean: tuple[float, ...] = ()  # of each word, to the wanted style


class Search:
    """The search for one batch: sentences of styles `label` [B], wanted in the styles `target` [B]."""

    def __init__(self, model: Tables, batch: TextBatch, label: Tensor, target: Tensor, longest: int | None):
        self.model, self.label, self.target, self.longest = model, label, target, longest
        self.aims: list[int] = target.tolist()
        self.weights = WEIGHTS | model.config.weights
        rows = [tuple(ids[:n]) for ids, n in zip(batch.tokens.tolist(), batch.lengths.tolist(), strict=True)]
        self.base = torch.zeros(3, len(rows))  # fit of the sources: words, frame, worst
        self.base = self._fit(self._tokens([Draft(i, row) for i, row in enumerate(rows)]))
        self.sources = self._scored([Draft(i, row) for i, row in enumerate(rows)])
        self.bar = -LEAN

    def run(self) -> list[list[Draft]]:
        """The drafts of each sentence, best first; the source alone where there is none.

        A sentence that did not reach the style is searched again, and words that lean half as much are touched.
        """
        pool: list[dict[Span, Draft]] = [{} for _ in self.sources]
        sources = self.sources
        for self.bar in (-LEAN, -LEAN / 2):
            for draft in self._searched(sources):
                pool[draft.row].setdefault(draft.words, draft)
            reached = [any(draft.style > HALF for draft in drafts.values()) for drafts in pool]
            sources = [source for source in self.sources if not reached[source.row]]
        for source in self.sources:
            pool[source.row].pop(source.words, None)
        ranked = [sorted(drafts.values(), key=lambda d: -d.score) for drafts in pool]
        return [drafts or [source] for drafts, source in zip(ranked, self.sources, strict=True)]

    def _searched(self, beam: list[Draft]) -> list[Draft]:
        """All drafts that were among the best of their sentence after a run of leaning words."""
        found: list[Draft] = []
        for _ in range(RUNS):
            grown = {(d.row, d.words, d.at): d for draft in beam for d in self._grown(draft)}
            beam = self._best(self._scored(list(grown.values())))
            found += beam
        return found + self._joined(found)

    def _best(self, drafts: list[Draft]) -> list[Draft]:
        rows: dict[int, list[Draft]] = {}
        for draft in sorted(drafts, key=lambda d: -d.score):
            rows.setdefault(draft.row, []).append(draft)
        return [draft for group in rows.values() for draft in group[: self.model.config.beam]]

    def _grown(self, draft: Draft) -> Iterator[Draft]:
        """The drafts that treat the next run of leaning words; none where there is no more."""
        run = self._run(draft, draft.at)
        if run is None:
            return
        yield draft._replace(at=run[1])
        yield from self._preceded(draft, *run)
        for start, end in self._extents(draft, *run):
            yield from self._replaced(draft, start, end)

    def _run(self, draft: Draft, at: int) -> tuple[int, int] | None:
        """The next words, at most WIDEST, that lean to the old style: (start, end)."""
        bar, hold = self.bar, self.model.facts.hold
        open_ = [lean <= bar * hold[w] for lean, w in zip(draft.lean, draft.words, strict=True)]
        start = next((i for i in range(at, len(open_) - 1) if open_[i]), None)
        if start is None:
            return None
        end = start + 1
        while end < min(len(open_) - 1, start + WIDEST) and open_[end]:
            end += 1
        return start, end

    def _extents(self, draft: Draft, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The run; its strongest word; with a word before or behind it; with the next run, one word further on."""
        yield start, end
        if end - start > 1:
            peak = min(range(start, end), key=lambda i: draft.lean[i])
            yield peak, peak + 1
        if start > draft.at and self._free(draft.words[start - 1]):
            yield start - 1, end
        if self._free(draft.words[end]):
            yield start, end + 1
        further = self._run(draft, end)
        if further and further[0] == end + 1 and further[1] - start <= WIDEST and self._free(draft.words[end]):
            yield start, further[1]

    def _free(self, word: int) -> bool:
        return self.model.facts.hold[word] < HELD and not self.model.facts.noun[word]

    def _replaced(self, draft: Draft, start: int, end: int) -> Iterator[Draft]:
        """Other phrases, or none, in place of the words from `start` to `end`."""
        facts, words = self.model.facts, draft.words
        removed = words[start:end]
        numbers, fits = facts.between(words[start - 1], words[end], self.aims[draft.row])
        near = facts.near(removed, numbers)
        kinds = [facts.alike(removed, number) for number in numbers]
        ranked = sorted(zip(fits, near, kinds, numbers, strict=True), key=lambda o: -(o[0] + 2.0 * o[1] + 0.7 * o[2]))
        offers = [(self.model.phrases.spans[number], cosine) for _, cosine, _, number in ranked[:OFFERED]]
        for span, cosine in [*offers, ((), 0.0)]:
            kept = (*words[:start], *span, *words[end:])
            if 2 < len(kept) <= (self.longest or len(kept)) + 2:
                yield draft._replace(
                    words=kept, at=start + len(span), cost=draft.cost + self._cost(words, removed, span, cosine)
                )

    def _preceded(self, draft: Draft, start: int, end: int) -> Iterator[Draft]:
        """An adverb ("not") before the run, or up to two words before that."""
        facts, words = self.model.facts, draft.words
        for place in range(start, max(draft.at, start - 2) - 1, -1):
            numbers, _ = facts.between(words[place - 1], words[place], self.aims[draft.row])
            spans = [self.model.phrases.spans[number] for number in numbers]
            for span in [span for span in spans if all(facts.light[w] for w in span)][:3]:
                kept, cost = (*words[:place], *span, *words[place:]), self._cost(words, (), span, 0.0)
                yield draft._replace(words=kept, at=end + len(span), cost=draft.cost + cost)

    def _cost(self, words: Span, removed: Span, inserted: Span, cosine: float) -> float:
        weights, facts = self.weights, self.model.facts
        lost = sum(facts.content[w] for w in removed if w not in inserted)
        nouns = sum(facts.noun[w] for w in inserted) - sum(facts.noun[w] for w in removed)
        new = float(max(0, nouns))
        edit = len(removed) + len(inserted)
        twice = sum(facts.open[w] for w in inserted if w in words and w not in removed)
        cost = weights["twice"] * twice + weights["edit"] * edit + weights["content"] * (lost + new)
        return cost - weights["near"] * cosine

    def _joined(self, drafts: list[Draft]) -> list[Draft]:
        """The drafts with "but" between two halves of the wanted style, with "and" in its place."""
        if self.model.config.contrast is None:
            return []
        but, also = self.model.config.contrast
        found = []
        for draft in drafts:
            i = draft.words.index(but) if but in draft.words else 0
            if i > 2 and min(sum(draft.lean[1:i]), sum(draft.lean[i + 1 : -1])) > LEAN:
                words = (*draft.words[:i], also, *draft.words[i + 1 :])
                found.append(draft._replace(words=words, score=draft.score + JOINED))
        return found

    def _tokens(self, drafts: Sequence[Draft]) -> Tensor:
        longest = max(len(draft.words) for draft in drafts)
        tokens = torch.tensor([padded(draft.words, longest) for draft in drafts], device=self.model.device)
        return self.model.folded(tokens)

    def _scored(self, drafts: Sequence[Draft]) -> list[Draft]:
        if not drafts:
            return []
        model, weights, tokens = self.model, self.weights, self._tokens(drafts)
        rows = torch.tensor([draft.row for draft in drafts])
        each = model.classifier(tokens)  # [M, T, K]
        own, aim = (labels[rows][:, None, None].expand(*tokens.shape, 1) for labels in (self.label, self.target))
        lean = (each.gather(-1, aim) - each.gather(-1, own)).squeeze(-1)  # [M, T]
        style = (model.classifier.bias + each.sum(1)).log_softmax(-1).gather(-1, aim[:, 0]).squeeze(-1)
        touchable = model.hold[tokens] < HELD
        rest = ((-lean - TOLERANCE).clamp(min=0.0) * touchable).sum(-1)
        words, frame, worst = (self._fit(tokens) - self.base[:, rows]).clamp(max=CAP)
        total = weights["style"] * style.clamp(max=SURE) - weights["rest"] * rest
        total += weights["words"] * words + weights["frame"] * frame + weights["worst"] * worst
        columns = zip(drafts, total.tolist(), style.tolist(), lean.tolist(), strict=True)
        return [
            draft._replace(score=score - draft.cost, style=sure, lean=tuple(leans[: len(draft.words)]))
            for draft, score, sure, leans in columns
        ]

    def _fit(self, tokens: Tensor) -> Tensor:
        """How well the words of each sentence fit together. [M, T] -> [3, M]: words, frame, worst"""
        model, spoken = self.model, tokens != PAD
        spoken[:, 0] = False
        kinds = model.kind[tokens]
        words = (model.language(tokens) - model.language.nats[0][tokens]) * spoken
        frame = model.frame(kinds)
        gained = (frame - model.frame.nats[0][kinds]) * spoken
        return torch.stack([words.sum(-1), gained.sum(-1), frame.min(-1).values])


def padded(words: Sequence[int], length: int) -> list[int]:
    return [*words, *[PAD] * (length - len(words))]
