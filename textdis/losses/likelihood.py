"""Likelihoods of words. B sentences, S source words, T words, V vocabulary; nats throughout."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.batch import PAD, UNK, PairBatch, TextBatch

EPS = 1e-8  # the least probability of a word: keeps logarithms finite


def masked_sum(nats: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum over one example's unmasked units, mean over the batch.

    nats, mask, weights [B, T] -> scalar. Example: nats [[1, 2], [3, 9]], mask [[1, 1], [1, 0]]
    gives ((1 + 2) + 3) / 2 = 3. With nothing unmasked the result is 0 with a graph.
    """
    kept = nats.float().masked_fill(~mask, 0.0)
    return (kept if weights is None else kept * weights).sum() / len(nats)


def sequence_nll(logits: Tensor, targets: Tensor) -> Tensor:
    """-log p(targets) under softmax(logits), pads left out.

    logits [B, T, V], targets [B, T] int64 -> scalar.
    """
    nats = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")
    return masked_sum(nats.view_as(targets), targets != PAD)


def label_nll(logits: Tensor, label: Tensor) -> Tensor:
    """-log p(label) under softmax(logits), mean over the batch. logits [B, S], label [B] int64 -> scalar."""
    return F.cross_entropy(logits.float(), label)


def emphasis(pair: PairBatch, edited: float) -> Tensor | None:
    """`edited` for target words that the source does not hold, 1 for the others. [B, T-1]

    Beside a source without a word, where everything is new, all weigh 1.
    """
    if edited == 1.0:
        return None
    held = (pair.target.targets[:, :, None] == pair.source.tokens[:, None]).any(-1)
    held |= (pair.source.lengths == 2)[:, None]
    return torch.where(held, 1.0, edited)


def noun_nll(x: TextBatch, attention: Tensor, probs: Tensor, said: Tensor) -> Tensor:
    """Eq. 2 of Melnyk et al. (2017): -log p(noun) at the step of a rewriting that attends to that noun most.

    attention [B, T, S], which gets no gradient; probs [B, T, V]; said [B, T] bool: words before its end. Summed over
    nouns, mean over B. Nouns that are `<unk>` are skipped; a batch without nouns gives 0 with a graph.
    Raises ValueError for a batch that was never tagged: a silent 0 would switch the loss off.
    """
    if x.nouns is None:
        raise ValueError("the content loss needs noun tags: tag the corpus, or give it weight 0")
    step = attention.detach().masked_fill(~said[..., None], -1.0).argmax(1)  # [B, S]: the step paired with each word
    examples = torch.arange(len(x), device=step.device)[:, None]
    nats = -(probs[examples, step, x.tokens] + EPS).log()  # [B, S]
    return masked_sum(nats, x.nouns & (x.tokens != UNK))


def listwise(scores: Tensor, owner: Tensor, right: Tensor) -> Tensor:
    """-log of the share that a softmax among the candidates of one sentence gives to its right ones, in nats.

    scores [M]; owner [M] int64, numbers of the sentences from 0; right [M] bool. Mean over the sentences that have a
    right one; 0 with a graph where none has.
    """
    scores, own = scores.float(), F.one_hot(owner).T.bool()  # [sentences, M]
    own = own[(own & right).any(1)]
    if not len(own):
        return scores.sum() * 0.0
    spread = scores.expand_as(own)
    every, good = (spread.masked_fill(~kept, -torch.inf).logsumexp(1) for kept in (own, own & right))
    return (every - good).mean()
