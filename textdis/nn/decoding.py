"""Decoding over one step function: greedy, sampling and beam; `nn/soft.py` adds text that carries gradients.

`step(token, state) -> (log_probs [B, V], state)`; `token` is [B] int64, or [B, V] rows of probabilities.
Axes: B sentences, K beams, T steps (without `<s>`), V vocabulary. `max_length` is in words, one for all sentences or
one for each [B] int64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from textdis.core.batch import BOS, EOS, PAD


@dataclass(frozen=True)
class DecoderState:
    """What a step reads: `hidden` [R, ...] changes at every step, `source` [B, ...] belongs to the rows for good.

    R is B, or some rows in a row share a source, as the K beams of a sentence do: R = B K.
    """

    hidden: dict[str, Tensor]
    source: dict[str, Tensor]

    def __len__(self) -> int:
        return len(next(iter(self.hidden.values())))

    def told(self, name: str) -> Tensor:
        """What each row reads of its source. [R, ...]"""
        value = self.source[name]
        return value if len(value) == len(self) else value.repeat_interleave(len(self) // len(value), 0)

    def select(self, sentences: Tensor, beams: int = 1) -> DecoderState:
        """Keeps `sentences` (indices or a bool mask), of that many rows each: finished ones leave the batch."""
        source = {k: v[sentences] for k, v in self.source.items()}
        if beams == 1:
            return DecoderState({k: v[sentences] for k, v in self.hidden.items()}, source)
        rows = {k: v.unflatten(0, (-1, beams))[sentences].flatten(0, 1) for k, v in self.hidden.items()}
        return DecoderState(rows, source)

    def reorder(self, rows: Tensor) -> DecoderState:
        """These rows of `hidden`, as many of each source: cheap, as what they read stays where it is."""
        return DecoderState({k: v[rows] for k, v in self.hidden.items()}, self.source)

    @property
    def device(self) -> torch.device:
        return next(iter(self.hidden.values())).device


Step = Callable[[Tensor, DecoderState], tuple[Tensor, DecoderState]]


class Decoded(NamedTuple):
    tokens: Tensor  # [B, T] int64: w1 ... wn </s> <pad> ...
    scores: Tensor  # [B] sum of log-probabilities in nats, `</s>` counted


def room(lengths: Tensor) -> Tensor:
    """Words that a rewriting of each sentence may have, whatever batch it is in; `lengths` [B] count `<s>` and `</s>`.

    Half as many again and six: so few sentences reach it that what is cut off there is no loss.
    """
    return (lengths - 2) * 3 // 2 + 6


def greedy(step: Step, state: DecoderState, max_length: int | Tensor, *, compact: bool = True) -> Decoded:
    """The likeliest word at every step, at most `max_length` words and `</s>`."""
    return _walk(step, state, max_length, likeliest, compact)


def sample(
    step: Step,
    state: DecoderState,
    max_length: int | Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    compact: bool = True,
) -> Decoded:
    """Draws each word from the distribution, sharpened by `temperature` and cut to its top."""

    def draw(log_probs: Tensor) -> Tensor:
        kept = truncate(log_probs / temperature, top_k, top_p)
        return torch.multinomial(kept.softmax(-1), 1, generator=generator).squeeze(-1)

    return _walk(step, state, max_length, draw, compact)


def likeliest(scores: Tensor) -> Tensor:
    """`scores.argmax(-1)` [B, V] -> [B], found block by block on a CPU, where argmax itself is ten times as slow."""
    block, whole = 64, scores.shape[-1] // 64 * 64
    if scores.device.type != "cpu" or not whole:
        return scores.argmax(-1)
    blocks = scores[:, :whole].unflatten(-1, (-1, block))
    number = blocks.amax(-1).argmax(-1)
    rows = torch.arange(len(scores))
    inside = number * block + blocks[rows, number].argmax(-1)
    if whole == scores.shape[-1]:
        return inside
    rest = whole + scores[:, whole:].argmax(-1)
    return torch.where(scores[rows, rest] > scores[rows, inside], rest, inside)


def truncate(logits: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Minus infinity outside the `top_k` likeliest, and outside the smallest set of mass `top_p`. [B, V]"""
    if top_k is not None:
        floor = logits.topk(min(top_k, logits.shape[-1])).values[..., -1:]
        logits = logits.masked_fill(logits < floor, float("-inf"))
    if top_p is not None:
        ranked, order = logits.sort(-1, descending=True)
        mass = ranked.softmax(-1).cumsum(-1)
        beyond = mass - ranked.softmax(-1) >= top_p  # the word that crosses `top_p` stays
        logits = logits.masked_fill(beyond.scatter(-1, order, beyond), float("-inf"))
    return logits


def _walk(
    step: Step, state: DecoderState, max_length: int | Tensor, choose: Callable[[Tensor], Tensor], compact: bool
) -> Decoded:
    """The one loop of greedy and sampling: stops when all are done, and drops the rows that are."""
    size, device = len(state), state.device
    limits = torch.as_tensor(max_length, device=device).expand(size)
    longest = int(limits.max())
    tokens = torch.full((size, longest + 1), PAD, device=device)
    scores = torch.zeros(size, device=device)
    rows, token = torch.arange(size, device=device), torch.full((size,), BOS, device=device)
    done = torch.zeros(size, dtype=torch.bool, device=device)
    for t in range(longest + 1):
        log_probs, state = step(token, state)
        token = choose(log_probs).masked_fill(limits[rows] == t, EOS)
        tokens[rows, t] = token.masked_fill(done, PAD)
        scores[rows] += log_probs.gather(-1, token[:, None]).squeeze(-1).masked_fill(done, 0.0)
        done = done | (token == EOS)
        if done.all():
            break
        if compact and done.float().mean() > 0.2:  # copying the state costs more than a few idle rows
            rows, token, state, done = rows[~done], token[~done], state.select(~done), done[~done]
    return Decoded(tokens[:, : t + 1], scores)


class Beams(NamedTuple):
    tokens: Tensor  # [B, K, T] int64, best first: w1 ... wn </s> <pad> ...
    scores: Tensor  # [B, K] mean log-probability a token in nats, `</s>` counted


def beam(step: Step, state: DecoderState, max_length: int | Tensor, width: int, *, compact: bool = True) -> Beams:
    """The `width` best sentences found by keeping the `width` likeliest prefixes.

    Prefixes compete by their sum of log-probabilities, whole sentences by its mean over tokens.
    A finished sentence keeps its place until `width` others beat it. Where there are fewer than `width`
    sentences to be had, the last rows are pads with score minus infinity. Width 1 is `greedy`.
    """
    size, device = len(state), state.device
    limits = torch.as_tensor(max_length, device=device).expand(size)
    longest = int(limits.max())
    tokens = torch.full((size, width, longest + 1), PAD, device=device)
    scores = torch.full((size, width), float("-inf"), device=device)
    rows, paths = torch.arange(size, device=device), tokens.clone()
    last, totals = torch.full((size, 1), BOS, device=device), torch.zeros(size, 1, device=device)
    for t in range(longest + 1):
        log_probs, state = step(last.flatten(), state)
        first = last.shape[1] * torch.arange(len(rows), device=device)[:, None]
        origin, last, totals = _extend(log_probs, last, totals, limits[rows] == t, width)
        state = state.reorder((first + origin).flatten())  # one beam alone becomes `width` at the start
        paths = paths.gather(1, origin[..., None].expand_as(paths))
        paths[:, :, t] = last
        done = ((last == EOS) | (last == PAD)).all(1)
        if done.any() and (compact or done.all()):
            tokens[rows[done]], scores[rows[done]] = paths[done], totals[done]
            keep = ~done
            rows, last, totals, paths = rows[keep], last[keep], totals[keep], paths[keep]
            state = state.select(keep, width)
        if not len(rows):
            break
    return _rank(tokens[:, :, : t + 1], scores)


def apart(groups: Tensor, search: Callable[[Tensor, int], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """What `search(rows [M], group)` finds for each group of rows, as one: tokens [B, N, T] and scores [B, N].

    groups: the group of each row [B].
    """
    rows = {group: (groups == group).nonzero().flatten() for group in groups.unique().tolist()}
    found = [search(some, group) for group, some in rows.items()]
    longest = max(tokens.shape[-1] for tokens, _ in found)
    tokens = torch.cat([F.pad(part, (0, longest - part.shape[-1]), value=PAD) for part, _ in found])
    order = torch.cat([*rows.values()]).argsort()
    return tokens[order], torch.cat([scores for _, scores in found])[order]


def preferred(tokens: Tensor, scores: Tensor, first: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` sentences [B, N, T] of highest score [B, N] in each row, those `first` [B, N] before all others."""
    best = (scores + 1e6 * first).topk(count, dim=1).indices  # no sentence has as many nats
    return tokens.gather(1, best[..., None].expand(-1, -1, tokens.shape[-1])), scores.gather(1, best)


def _extend(
    log_probs: Tensor, last: Tensor, totals: Tensor, final: Tensor, width: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The `width` best continuations of all beams; `final` [B] sentences must close. -> origin, word, total [B, K]"""
    size, beams = totals.shape
    best, words = log_probs.topk(min(width, log_probs.shape[-1]), -1)
    first = torch.arange(best.shape[1], device=last.device) == 0  # of what may be said next, where that is one word
    none = torch.where(first, 0.0, float("-inf"))
    final = final.repeat_interleave(beams)[:, None]
    best = torch.where(final, none + log_probs[:, EOS : EOS + 1], best)
    closed = ((last == EOS) | (last == PAD)).view(-1, 1)
    best = torch.where(closed, none, best)  # a closed beam goes on as itself
    words = words.masked_fill(final, EOS).masked_fill(closed, PAD)
    sums, words = (totals.view(-1, 1) + best).view(size, -1), words.view(size, -1)
    short = max(0, width - sums.shape[1])  # where fewer words than beams may be said
    top, index = F.pad(sums, (0, short), value=float("-inf")).topk(width, -1)
    return (index // best.shape[1]).clamp(max=beams - 1), F.pad(words, (0, short)).gather(1, index), top


def _rank(tokens: Tensor, totals: Tensor) -> Beams:
    means = totals / (tokens != PAD).sum(-1).clamp(min=1)
    means, order = means.sort(-1, descending=True)
    tokens = tokens.gather(1, order[..., None].expand_as(tokens))
    return Beams(tokens.masked_fill(means.isinf()[..., None], PAD), means)
