"""See et al. (2017), eq. 9: a word is said with probability g p(w), or pointed at in the source with 1 - g.

Axes: B sentences, T steps, S source positions, V vocabulary. gate [B, T] is the log-odds of g, weights [B, T, S] the
attention; words [B, S] are the source's ids, or rows of probabilities [B, S, V].
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LEAST = 1e-8  # probability of a word: keeps logarithms finite


def mixed(logits: Tensor, gate: Tensor, weights: Tensor, words: Tensor) -> Tensor:
    """Probabilities of the whole vocabulary. logits [B, T, V] -> [B, T, V]"""
    share = torch.sigmoid(gate)[..., None]
    said, pointed = logits.softmax(-1) * share, weights * (1 - share)
    if words.is_floating_point():
        return said + pointed @ words
    return said.scatter_add_(-1, words[:, None].expand(pointed.shape), pointed)


def log_mixed(logits: Tensor, gate: Tensor, weights: Tensor, words: Tensor) -> Tensor:
    """Their logarithms, in nats, for one step; in place where nobody asks for gradients. logits [B, 1, V] -> [B, V]

    Memory for a second and a third table of V numbers a row takes longer than what is computed in it.
    """
    if torch.is_grad_enabled() or words.is_floating_point():
        return mixed(logits, gate, weights, words)[:, 0].add(LEAST).log()
    said = logits[:, 0].log_softmax(-1).add_(F.logsigmoid(gate))
    copied = log_copied(gate, weights, words, words)  # a word may stand there twice
    return said.scatter_(-1, words, torch.logaddexp(said.gather(-1, words), copied))


def log_copied(gate: Tensor, weights: Tensor, words: Tensor, targets: Tensor) -> Tensor:
    """log of 1 - g times the attention on the source positions that hold each of `targets`, in nats. [B, T]"""
    return F.logsigmoid(-gate) + ((weights * matches(words, targets)).sum(-1) + LEAST).log()


def word_nats(nats: Tensor, gate: Tensor, weights: Tensor, words: Tensor, targets: Tensor) -> Tensor:
    """-log of the mixture for `targets` [B, T] alone, of which nats [B, T] is -log p by the network itself. [B, T]"""
    return -torch.logaddexp(F.logsigmoid(gate) - nats, log_copied(gate, weights, words, targets))


def matches(words: Tensor, targets: Tensor) -> Tensor:
    """How much source word s is target word t: 0 or 1, or a soft source's probability. [B, T, S]"""
    if words.is_floating_point():
        return words.transpose(1, 2).gather(1, targets[:, :, None].expand(-1, -1, words.shape[1]))
    return (words[:, None] == targets[:, :, None]).to(torch.float32)
