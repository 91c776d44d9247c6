"""Sentences in model text, judged and rewritten by a model, in batches of similar length.

Axes: B sentences of a batch, N candidates, T tokens, K styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from textdis.core.batch import BOS, EOS, TextBatch, begun
from textdis.pipelines.choice import Candidate, Choice, choose, free_words, similarity, word_weight
from textdis.pipelines.clauses import Clauses
from textdis.pipelines.idioms import Idioms
from textdis.pipelines.options import TransferOptions
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer, WordTokenizer

ALREADY = "already in the wanted style"
SURE = 0.9  # least probability of another style of which a clause of such a sentence is turned
REMEMBERED = 100_000  # words whose weight is kept: a stream never ends, a language nearly does


@runtime_checkable
class TransferModel(Protocol):
    """What a model must offer to rewrite."""

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rewritings in the styles `target` [B]: tokens [B, N, T], mean log-probabilities [B, N]."""


@dataclass(frozen=True)
class Verdict:
    """What was found out about one sentence in model text; style and probability stay None where none was asked."""

    output: str | None = None  # None: the source is kept, for this reason
    reason: str | None = None
    style: int | None = None
    probability: float | None = None
    output_style: int | None = None
    output_probability: float | None = None
    similarity: float = 1.0


class Rewriter:
    """The model's side of the transfer.

    neutral: a style less probable than this counts as none. idioms: phrases that tell the style of a source.
    """

    def __init__(
        self,
        model: TransferModel,
        tokenizer: Tokenizer,
        *,
        neutral: float = 0.0,
        idioms: Idioms | None = None,
        device: str = "cpu",
    ):
        self.model, self.tokenizer, self.neutral, self.device = model, tokenizer, neutral, device
        self.idioms = idioms or Idioms({}, [])
        self.free = free_words(tokenizer.words) if isinstance(tokenizer, WordTokenizer) else None
        self._weights: dict[str, float] = {}  # of words in the similarity, filled as they come
        self._prior: list[float] = []  # of the styles, seeing no word

    @torch.inference_mode()
    def __call__(
        self, texts: Sequence[str], target: int | None, options: TransferOptions, source: int | None = None
    ) -> dict[str, Verdict]:
        """A verdict for each text; `target` None is the other one of two styles, `source` None is judged."""
        if source is None:
            verdicts = dict(self._judged(texts, target, options))
        else:
            same = ALREADY if source == target else None
            verdicts = dict.fromkeys(texts, Verdict(reason=same, style=source))
        open_ones = {text: verdict for text, verdict in verdicts.items() if verdict.reason is None}
        with torch.random.fork_rng():
            torch.manual_seed(options.seed)
            verdicts |= dict(self._rewritten(open_ones, target, options))
            if source is None and target is not None:
                verdicts |= self._of_one_mind(verdicts, target, options)
        return verdicts

    def _judged(
        self, texts: Sequence[str], target: int | None, options: TransferOptions
    ) -> Iterator[tuple[str, Verdict]]:
        neutral = self.neutral if options.neutral is None else options.neutral
        for rows, batch in self._batches(texts, options.batch_size):
            best = self.idioms.over(self._styles(batch), [texts[i] for i in rows]).max(-1)
            for i, p, style in zip(rows, best.values.tolist(), best.indices.tolist(), strict=True):
                wanted = ALREADY if style == target else None
                yield texts[i], Verdict(None, "no sentiment" if p < neutral else wanted, style, p, style, p)

    def _styles(self, batch: TextBatch) -> Tensor:
        """Probabilities of the styles [B, K]; what they lack to 1 is that of none, where the model can tell."""
        told = getattr(self.model, "style_or_none", None)
        return self.model.classify(batch).exp() if told is None else told(batch)

    def _rewritten(
        self, verdicts: Mapping[str, Verdict], target: int | None, options: TransferOptions
    ) -> Iterator[tuple[str, Verdict]]:
        styles = {text: int(verdict.style or 0) for text, verdict in verdicts.items()}
        goals = {text: 1 - style if target is None else target for text, style in styles.items()}
        for goal in sorted(set(goals.values())):  # apart, as a model may have words of its own for each
            texts = [text for text in verdicts if goals[text] == goal]
            size = max(1, options.batch_size // options.n_best)
            for rows, batch in self._batches(texts, size, [styles[text] for text in texts]):
                sources = [texts[i] for i in rows]
                groups = self._candidates(batch, goal, sources, options.n_best)
                self._weigh(" ".join([*sources, *(c.text for group in groups for c in group)]).split())
                for text, group in zip(sources, groups, strict=True):
                    yield text, self._chosen(text, verdicts[text], goal, group, options)

    def _of_one_mind(
        self, verdicts: Mapping[str, Verdict], target: int, options: TransferOptions
    ) -> dict[str, Verdict]:
        """Sentences in the wanted style on the whole: a clause that surely has another is rewritten alone."""
        cut = {text: Clauses.of(text) for text, verdict in verdicts.items() if verdict.reason == ALREADY}
        alone = sorted({part for clauses in cut.values() if clauses.joints for part in clauses.alone})
        others = {
            part: found
            for part, found in self._judged(alone, target, options)
            if found.reason is None and (found.probability or 0.0) >= SURE
        }
        done = {part: found.output for part, found in self._rewritten(others, target, options) if found.output}
        turned = {text: new for text, clauses in cut.items() if (new := clauses.with_new(done)) != text}
        judged = dict(self._judged([*turned.values()], None, options))
        self._weigh(" ".join([*turned, *turned.values()]).split())
        return {text: self._turned(text, verdicts[text], new, judged[new]) for text, new in turned.items()}

    def _turned(self, text: str, verdict: Verdict, new: str, found: Verdict) -> Verdict:
        """What is said of a sentence whose clauses were turned. found: what the classifier says of the new one."""
        alike = similarity(text, new, self._weights.__getitem__)
        return replace(
            verdict,
            output=new,
            reason=None,
            output_style=found.style,
            output_probability=found.probability,
            similarity=alike,
        )

    def _candidates(self, batch: TextBatch, goal: int, sources: list[str], n_best: int) -> list[list[Candidate]]:
        """The candidates of each of B sentences in the style `goal`, with their styles."""
        wanted = torch.full((len(batch),), goal, device=self.device)
        tokens, scores = self.model.candidates(batch, wanted, n_best)  # [B, N, T], [B, N]
        styles = self.model.classify(begun(tokens, wanted)[0]).exp().unflatten(0, scores.shape)
        asked = styles.gather(-1, wanted[:, None, None].expand(*scores.shape, 1)).squeeze(-1)  # [B, N]
        columns = (tokens.tolist(), scores.tolist(), styles.argmax(-1).tolist(), asked.tolist())
        return [
            [Candidate(self.tokenizer.decode(ids, text), *rest) for ids, *rest in zip(*row, strict=True)]
            for text, *row in zip(sources, *columns, strict=True)
        ]

    def _chosen(
        self, text: str, verdict: Verdict, goal: int, group: list[Candidate], options: TransferOptions
    ) -> Verdict:
        if options.unfiltered:
            choice = Choice(group[0], similarity(text, group[0].text, self._weights.__getitem__))
        else:
            choice = self._choice(text, goal, group, options)
        if choice.taken is None:
            return replace(verdict, reason=choice.reason)
        output, probability = choice.taken.text, choice.taken.probability
        return replace(
            verdict, output=output, output_style=goal, output_probability=probability, similarity=choice.similarity
        )

    def _choice(self, text: str, goal: int, group: list[Candidate], options: TransferOptions) -> Choice:
        """The best candidate. One with an idiom of another style, which its rest may outweigh, is taken last."""
        weight, limits = self._weights.__getitem__, (self.free, options.strength, options.min_similarity)
        agreed = [candidate for candidate in group if self.idioms.style(candidate.text) in (None, goal)]
        choice = choose(text, agreed, goal, weight, *limits)
        if choice.taken is None and len(agreed) < len(group):
            return choose(text, group, goal, weight, *limits)
        return choice

    def _weigh(self, words: Iterable[str]) -> None:
        """Learns the weights of words not seen before, from the classifier's opinion of each alone."""
        if len(self._weights) > REMEMBERED:
            self._weights = {}
        if not self._prior:
            nothing = torch.tensor([[BOS, EOS]], device=self.device)
            self._prior = self.model.classify(TextBatch(nothing, torch.full_like(nothing[:, 0], 2))).exp()[0].tolist()
        new = [word for word in dict.fromkeys(words) if word not in self._weights]
        for rows, batch in self._batches(new, 1024):
            for i, alone in zip(rows, self.model.classify(batch).exp().tolist(), strict=True):
                self._weights[new[i]] = word_weight(new[i], alone, self._prior)

    def _batches(
        self, texts: Sequence[str], size: int, labels: Sequence[int] | None = None
    ) -> Iterator[tuple[list[int], TextBatch]]:
        """Every text once, those of one length together: (numbers [B], batch)."""
        if texts:
            encoded = self.tokenizer.encode_batch(texts)
            for rows, batch in Batches(encoded, labels, batch_size=size, shuffle=False).once():
                yield rows.tolist(), batch.to(self.device)
