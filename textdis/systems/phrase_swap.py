"""Transfer without a network: swap the phrases that carry the style for phrases of another that fit the place.

After Li et al. (2018), "Delete, Retrieve, Generate", with choices of our own. A linear classifier says how much each
word leans to the style that a sentence has. `systems/phrase_search.py` puts other phrases
in place of those that lean, and chooses. Axes: B sentences, N candidates, T tokens, V words, K styles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import torch
from torch import Tensor, nn

from textdis.core.batch import UNK, TextBatch
from textdis.core.model import Model
from textdis.nn.ngram_classifier import NgramClassifier
from textdis.nn.ngrams import NgramLM
from textdis.nn.phrases import WIDEST, Facts, Phrases, Place
from textdis.systems.phrase_search import Search, padded

PHRASE = 0.7  # logits by which a word of a phrase leans to its style
TOLD = 3.0  # difference of weights at which a word is all style and no content


@dataclass(frozen=True)
class PhraseSwapConfig:
    """Sizes of the tables, as the parts of the model name them."""

    vocabulary: int
    styles: int = 2
    slots: int = 0
    kinds: int = 1  # of words: parts of speech, and function words
    vector: int = 64  # numbers of a word vector
    phrases: int = 0
    neighbours: tuple[int, ...] = (0, 0, 0, 0)
    classifier: tuple[int, ...] = (0, 0, 0)  # n-grams of each order
    words: tuple[int, ...] = (0, 0, 0)
    frame: tuple[int, ...] = (0, 0, 0, 0)
    contrast: tuple[int, int] | None = None  # ids of "but" and "and"
    beam: int = 4  # drafts of a sentence that go on
    weights: dict[str, float] = field(default_factory=dict)  # of the search, beside those that are set there


@dataclass(frozen=True)
class Lexicon:
    """What is known of V words, apart from style."""

    kind: Tensor  # [V] int64: parts of speech, and function words by themselves; the four special ids keep theirs
    hold: Tensor  # [V]: how many times the usual a word must lean to be touched; HELD: never
    light: Tensor  # [V] bool: adverbs, which go with the word behind them
    noun: Tensor  # [V] bool
    open: Tensor  # [V] bool: no function word
    content: Tensor  # [V]: what the loss of the word costs, of a word that carries no style
    vectors: Tensor  # [V, E]


class PhraseSwap(Model):
    """Tables, and the search over them. Nothing in it is trained by gradients; see `experiments/phrase_swap.py`."""

    Config = PhraseSwapConfig
    config: PhraseSwapConfig
    kind: Tensor
    light: Tensor
    noun: Tensor
    open: Tensor

    def __init__(self, config: PhraseSwapConfig):
        super().__init__(config)
        c = config
        self.classifier = NgramClassifier(c.vocabulary, c.styles, c.classifier)
        self.language = NgramLM(c.vocabulary, c.words)
        self.frame = NgramLM(c.kinds, c.frame)
        self.phrases = Phrases(c.phrases, c.styles, c.neighbours)
        self.vectors = nn.Parameter(torch.zeros(c.vocabulary, c.vector), requires_grad=False)  # of length 1, or 0
        self.hold = nn.Parameter(torch.ones(c.vocabulary), requires_grad=False)  # see Lexicon
        self.content = nn.Parameter(torch.zeros(c.vocabulary), requires_grad=False)  # what a word's loss costs
        self.register_buffer("kind", torch.zeros(c.vocabulary, dtype=torch.int64))
        self.register_buffer("light", torch.zeros(c.vocabulary, dtype=torch.bool))  # adverbs, which go with the next
        self.register_buffer("noun", torch.zeros(c.vocabulary, dtype=torch.bool))
        self.register_buffer("open", torch.zeros(c.vocabulary, dtype=torch.bool))

    @cached_property
    def facts(self) -> Facts:
        """The tables as lists, which the search reads word by word; made after the weights are in place."""
        return Facts(self.kind, self.hold, self.light, self.noun, self.open, self.content, self.vectors, self.phrases)

    def classify(self, batch: TextBatch) -> Tensor:
        """Log-probabilities of the styles. [B, K]"""
        return self.classifier.classify(self.folded(batch.tokens))

    def candidates(
        self, batch: TextBatch, target: Tensor, n_best: int = 4, max_length: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rewritings in the styles `target` [B], best first: tokens [B, N, T] (`<s>` is left out), scores [B, N].

        `batch.label` is the style a sentence has, else the likeliest. A score is the search's, in nats, for the whole
        sentence. Where nothing could be changed the source comes back; missing candidates repeat the last.
        """
        label = self.classify(batch).argmax(-1) if batch.label is None else batch.label
        found = Search(self, batch, label, target, max_length).run()
        rows = [(drafts + drafts[-1:] * n_best)[:n_best] for drafts in found]
        longest = max(len(draft.words) for drafts in rows for draft in drafts) - 1
        tokens = [[padded(draft.words[1:], longest) for draft in drafts] for drafts in rows]
        scores = [[draft.score for draft in drafts] for drafts in rows]
        return torch.tensor(tokens, device=self.device), torch.tensor(scores, device=self.device)

    def folded(self, tokens: Tensor) -> Tensor:
        """Slots as `<unk>`: the tables know them as one."""
        slot = (tokens > UNK) & (tokens <= UNK + self.config.slots)
        return tokens.masked_fill(slot, UNK)

    @classmethod
    def fit(
        cls,
        tokens: Tensor,
        labels: Tensor,
        lexicon: Lexicon,
        *,
        slots: int = 0,
        contrast: tuple[int, int] | None = None,
        order: int = 3,
        frame_order: int = 5,
        decay: float = 1e-5,
        least: int = 3,
    ) -> Self:
        """The tables of sentences `tokens` [N, T] of the styles `labels` [N]; slots are `<unk>` there.

        order, frame_order: words that the language models see at a time; decay: of the classifier's weights; least:
        occurrences that a phrase needs.
        """
        vocabulary, styles = len(lexicon.kind), int(labels.max()) + 1
        classifier = NgramClassifier.fit(tokens, labels, vocabulary, 3, decay=decay)
        language = NgramLM.fit(tokens, vocabulary, order)
        kinds = int(lexicon.kind.max()) + 1
        frame = NgramLM.fit(lexicon.kind[tokens], kinds, frame_order, least=2)
        places = list(_places(tokens, labels, classifier, lexicon))
        phrases = Phrases.fit(places, lexicon.kind.tolist(), styles, least=least)
        config = PhraseSwapConfig(
            vocabulary, styles, slots, kinds, lexicon.vectors.shape[1], len(phrases.words), tuple(phrases.sizes),
            tuple(classifier.sizes), tuple(language.sizes), tuple(frame.sizes), contrast,
        )  # fmt: skip
        model = cls(config)
        model.classifier, model.language, model.frame, model.phrases = classifier, language, frame, phrases
        unigrams = classifier.weights[0][classifier.tables[0].find(torch.arange(vocabulary))]  # [V, K]
        told = (unigrams.max(-1).values - unigrams.min(-1).values) / TOLD
        model.content.data = lexicon.content * (1.0 - told).clamp(min=0.0)
        model.vectors.data, model.hold.data = lexicon.vectors, lexicon.hold
        for name in ("kind", "light", "noun", "open"):
            setattr(model, name, getattr(lexicon, name))
        return model.eval()


def _places(tokens: Tensor, labels: Tensor, classifier: NgramClassifier, lexicon: Lexicon) -> Iterator[Place]:
    """Where phrases that carry the style of their sentence stand: runs of leaning words, also with an adverb before."""
    light = lexicon.light.tolist()
    for rows, style in zip(tokens.split(4096), labels.split(4096), strict=True):
        each = classifier(rows)  # [N, T, K]
        own = each.gather(-1, style[:, None, None].expand(*rows.shape, 1))
        others = each.scatter(-1, style[:, None, None].expand(*rows.shape, 1), -torch.inf).max(-1).values
        leaning = own.squeeze(-1) - others > PHRASE * lexicon.hold[rows]
        for words, marks, label in zip(rows.tolist(), leaning.tolist(), style.tolist(), strict=True):
            for start, end in _runs(marks):
                yield Place(tuple(words[start:end]), label, words[start - 1], words[end])
                if start > 1 and light[words[start - 1]] and end - start < WIDEST:
                    yield Place(tuple(words[start - 1 : end]), label, words[start - 2], words[end])


def _runs(marks: list[bool]) -> Iterator[tuple[int, int]]:
    """Runs of True of at most WIDEST, as (start, end)."""
    at = 0
    while at < len(marks):
        end = at
        while end < len(marks) and marks[end]:
            end += 1
        if 0 < end - at <= WIDEST:
            yield at, end
        at = end + 1
