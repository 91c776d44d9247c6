"""Fit the tables of the phrase-swapping system, in minutes on one core, into a folder that `pipeline` opens."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from textdis.core.batch import UNK
from textdis.experiments.data import read_sentences
from textdis.experiments.experiment import record
from textdis.experiments.pairs import NEUTRAL
from textdis.systems.phrase_search import HELD
from textdis.systems.phrase_swap import Lexicon, PhraseSwap
from textdis.text.corpus import collate
from textdis.text.kinds import OPEN, usual_tags, word_kinds
from textdis.text.nouns import NUMBER
from textdis.text.tokenizer import SPECIALS, WordTokenizer
from textdis.text.vectors import ppmi_vectors

say = logging.getLogger(__name__)
LOST = {"NN": 1.2, "NNS": 1.2, "NNP": 2.0, "NNPS": 2.0, "VB": 0.4, "CD": 1.0, "JJ": 0.2}  # what a word's loss costs


@dataclass(frozen=True)
class PhraseSwapExperiment:
    """Everything a fit needs. Sentences come from files (`data`) or from a recipe."""

    output: str  # folder of the run; the model goes to output/model
    data: tuple[str, ...] = ()  # one txt file a style, or tables (jsonl, csv, tsv, parquet)
    recipe: str | None = None  # a name in data_recipes
    text_column: str = "text"  # of tables: where the sentence stands
    label_column: str = "label"  # of tables: where the style stands
    seed: int = 0  # random seed of what is drawn: `limit` and the tagged sentences
    limit: int | None = None  # sentences of the training split; None: all
    max_length: int = 40  # words of a training sentence; longer ones are left out
    least: int = 5  # occurrences a word needs to enter the vocabulary
    slots: int = 8  # unknown words of one sentence that can be carried over
    decay: float = 1e-5  # of the classifier's weights
    order: int = 3  # words that the language model sees at a time
    frame_order: int = 5  # words that the frame's language model sees at a time
    least_phrase: int = 3  # occurrences a phrase needs
    vector: int = 64  # numbers of a word vector
    contrast: tuple[str, str] | None = ("but", "and")  # what joins halves of unlike, and of like style
    neutral: float = NEUTRAL  # a style below this probability leaves a sentence alone at inference


def train(experiment: PhraseSwapExperiment) -> PhraseSwap:
    """Fits and writes `output/model/`. Raises UserError: no data, fewer than two styles, an output of another run."""
    e = experiment
    sentences = read_sentences(e.data, e.recipe, e.max_length, e.limit, e.seed, (e.text_column, e.label_column))
    record(Path(e.output), e, sentences.texts)
    least = min(e.least, max(1, len(sentences.texts) // 10_000))  # a small corpus would lose most of its words
    tokenizer = WordTokenizer.fit(sentences.texts, min_count=least, slots=e.slots)
    encoded = tokenizer.encode_batch(sentences.texts)
    known = [[UNK if UNK < i <= UNK + e.slots else i for i in ids] for ids in encoded]
    batch = collate(known, sentences.labels)
    options: dict[str, Any] = {
        "order": e.order,
        "frame_order": e.frame_order,
        "decay": e.decay,
        "least": e.least_phrase,
    }
    lexicon = make_lexicon(e, sentences.texts, known, tokenizer)
    say.info("%d sentences, %d words of %d kinds", len(known), tokenizer.size, int(lexicon.kind.max()) + 1)
    contrast = _ids(tokenizer, e.contrast)
    model = PhraseSwap.fit(batch.tokens, batch.style, lexicon, slots=e.slots, contrast=contrast, **options)
    say.info("%d phrases", len(model.phrases.words))
    folder = Path(e.output) / "model"
    model.save_pretrained(folder, labels=sentences.names, neutral=e.neutral, longest=e.max_length)
    tokenizer.save(folder)
    return model


def make_lexicon(
    experiment: PhraseSwapExperiment, texts: Sequence[str], known: list[list[int]], tokenizer: WordTokenizer
) -> Lexicon:
    """What the tagger and the corpus say of each word."""
    tags = usual_tags(texts, seed=experiment.seed)
    specials = [*SPECIALS, *(SPECIALS[UNK] for _ in range(experiment.slots))]
    kinds = [*specials, *word_kinds(tokenizer.words, tags)]
    number = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
    own = [tags.get(word, "NN") for word in tokenizer.words]
    classes = ["" for _ in specials] + own
    hold = [_hold(word, tag) for word, tag in zip(tokenizer.words, own, strict=True)]
    size = min(experiment.vector, tokenizer.size // 2)  # so few words have no more directions
    ids, vectors = ppmi_vectors(known, tokenizer.size, size, seed=experiment.seed)
    table = torch.zeros(tokenizer.size, size)
    table[ids] = F.normalize(vectors, dim=-1)
    return Lexicon(
        torch.tensor([number[kind] for kind in kinds]),
        torch.tensor([HELD for _ in specials] + hold),
        torch.tensor([tag.startswith("RB") for tag in classes]),
        torch.tensor([tag.startswith("NN") for tag in classes]),
        torch.tensor([tag in OPEN for tag in classes]),
        torch.tensor([LOST.get(tag, LOST.get(tag[:2], 0.0)) for tag in classes]),
        table,
    )


def _hold(word: str, tag: str) -> float:
    """How many times the usual a word must lean to be touched: topics and function words lean for other reasons."""
    if word == NUMBER or not any(map(str.isalpha, word)):
        return HELD
    return 2.0 if tag.startswith("NN") or tag not in OPEN else 1.0


def _ids(tokenizer: WordTokenizer, words: tuple[str, str] | None) -> tuple[int, int] | None:
    """Their ids, where the vocabulary has both."""
    ids = [tokenizer.encode(word)[1] for word in words or ()]
    return (ids[0], ids[1]) if ids and min(ids) > UNK + tokenizer.slots else None
