"""Words that readers use and a trained model lacks, added to its vocabulary, and to that of its reader.

A word that only a rewriting has, or only its source, cannot be copied by its slot: the model must know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import asdict, replace

import torch
from torch import Tensor, nn

from textdis.core.errors import UserError
from textdis.experiments.pairs import unknown
from textdis.experiments.verdicts import Judged, new_words
from textdis.systems.collaborative import Collaborative
from textdis.systems.reranker import Reranker
from textdis.text.tokenizer import Tokenizer, WordTokenizer

NOISE = 0.1  # spread of the vectors of new words, as a share of the others'


def with_words_of(tokenizer: Tokenizer, judged: Iterable[Judged], least: int) -> Tokenizer:
    """The vocabulary, and behind it the words of `new_words(judged, least)` that it lacks.

    Raises UserError: a tokenizer of pieces, which lacks none.
    """
    if not isinstance(tokenizer, WordTokenizer):
        raise UserError("a vocabulary of pieces lacks no word: leave --grow out")
    words = [word for word in new_words(judged, least) if unknown(word, tokenizer)]
    return WordTokenizer([*tokenizer.words, *words], tokenizer.slots)


def grown(model: Collaborative, size: int) -> Collaborative:
    """The same model for a vocabulary of `size`: new words start near the mean of the others, and as the rarest."""
    wider = Collaborative(replace(model.config, vocabulary=size))
    own = model.state_dict()
    same = {name: own[name].shape == new.shape for name, new in wider.state_dict().items()}
    wider.load_state_dict({name: own[name] if kept else longer(own[name], size) for name, kept in same.items()})
    return wider


def around(writer: Collaborative, reranker: Reranker) -> Reranker:
    """The reranker with another writer in place of its own, which may know more words behind the same ones.

    The two share the writer's weights: what it learns from here on, the reranker's has learnt as well.
    """
    every = asdict(replace(writer.config, searched=1))  # every beam is read
    whole, size = deepcopy(reranker), writer.config.vocabulary
    whole.writer, whole.config = writer, replace(reranker.config, writer=every)
    if size > reranker.config.vocabulary:
        if whole.reader is not None:
            whole.reader.embed = nn.Embedding.from_pretrained(longer(whole.reader.embed.weight.detach(), size))
        for part in filter(None, (whole.labels, whole.opinions)):
            part.renumber(size)
    return whole


def longer(rows: Tensor, size: int) -> Tensor:
    """[V, ...] -> [size, ...]; of marks, which are bool, [..., V] -> [..., size]"""
    if rows.dtype == torch.bool:  # whether a word may be said, for all styles or for each
        return torch.cat([rows, rows.new_ones(*rows.shape[:-1], size - rows.shape[-1])], -1)
    more = (size - len(rows), *rows.shape[1:])
    if rows.ndim == 1:  # a bias
        return torch.cat([rows, rows.min().expand(more)])
    return torch.cat([rows, rows.mean(0) + NOISE * rows.std(0) * torch.randn(more)])
