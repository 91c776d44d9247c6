"""Made-up codes of known topic and sentiment, on which a traversal must show what it can do before it touches text.

Two topics times two sentiments, each a cloud of codes relu(base + topic + sentiment + noise). Both topics have one
direction of sentiment (`shared`), or each its `own`, drawn apart, or `opposed` ones, so that what praises a phone
damns a movie. A moved code is judged by the nearest of the four clouds' means, taken from other codes than the
examples.
Axes: B codes, D numbers of a code, N examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from textdis.systems.mmd_traversal import Traversal, traverse

Design = Literal["shared", "own", "opposed"]  # direction of sentiment, topic by topic
DESIGNS: tuple[Design, ...] = ("shared", "own", "opposed")
SIZE = 300  # D
TOPIC, SENTIMENT, NOISE = 1.25, 0.6, 0.7  # standard deviations of what is added up; base has 1
BUDGETS = (0.0, 1e-5, 7e-5, 3e-4, 1e-3, 1e-2, 0.1)


@dataclass(frozen=True)
class MadeCodes:
    """One draw."""

    codes: Tensor  # [B, D] negative, to be moved; half of each topic
    topics: Tensor  # [B] 0 or 1
    sources: Tensor  # [N, D] negative, half of each topic
    targets: Tensor  # [N, D] positive, half of each topic
    means: Tensor  # [4, D] of topic 0 negative, topic 0 positive, topic 1 negative, topic 1 positive

    @classmethod
    def draw(cls, design: Design, seed: int, *, codes: int = 60, examples: int = 90) -> MadeCodes:
        """codes: B; examples: N."""
        rng = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=rng, dtype=torch.float64)

        base, topics, sentiments = normal(SIZE), TOPIC * normal(2, SIZE), SENTIMENT * normal(2, SIZE)
        if design != "own":
            sentiments[1] = sentiments[0] if design == "shared" else -sentiments[0]

        def cloud(count: int, topic: int, sign: int) -> Tensor:
            return torch.relu(base + topics[topic] + sign * sentiments[topic] + NOISE * normal(count, SIZE))

        def both(count: int, sign: int) -> Tensor:
            return torch.cat([cloud(count // 2, 0, sign), cloud(count - count // 2, 1, sign)])

        means = torch.stack([cloud(1000, topic, sign).mean(0) for topic in (0, 1) for sign in (-1, 1)])
        labels = (torch.arange(codes) >= codes // 2).long()
        return cls(both(codes, -1), labels, both(examples, -1), both(examples, 1), means)

    def judge(self, moved: Tensor) -> dict[str, float]:
        """Shares of moved codes [B, D] that are positive now (`flipped`), and that kept their topic."""
        nearest = torch.cdist(moved, self.means).argmin(-1)
        return {
            "flipped": (nearest % 2 == 1).double().mean().item(),
            "topic": (nearest // 2 == self.topics).double().mean().item(),
        }


def mean_difference(codes: Tensor, sources: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Codes [B, D] moved by lengths [B] from the mean of the sources [m, D] to that of the targets [n, D]."""
    step = targets.mean(0) - sources.mean(0)
    return codes + lengths[:, None] * step / step.norm()


def random_direction(codes: Tensor, lengths: Tensor, seed: int) -> Tensor:
    """Codes [B, D] moved by lengths [B], each along a direction of its own that has nothing to do with anything."""
    rng = torch.Generator().manual_seed(seed)
    steps = torch.randn(codes.shape, generator=rng, dtype=torch.float64).to(codes)
    return codes + lengths[:, None] * steps / steps.norm(dim=-1, keepdim=True)


def rivals(found: Traversal, codes: Tensor, sources: Tensor, targets: Tensor, seed: int) -> dict[str, Tensor]:
    """The traversal's codes [B, D], and those of two simpler ways of exactly the same length, by name."""
    return {
        "mmd": found.codes,
        "mean difference": mean_difference(codes, sources, targets, found.lengths),
        "random": random_direction(codes, found.lengths, seed),
    }


def vector_scores(
    design: Design, seeds: Sequence[int], budgets: Sequence[float] = BUDGETS
) -> Iterator[dict[str, float | str | int]]:
    """One row a draw, budget and way of moving: what was flipped, what kept its topic, and the mean length."""
    for seed in seeds:
        made = MadeCodes.draw(design, seed)
        for budget in budgets:
            found = traverse(made.codes, made.sources, made.targets, budget=budget)
            ways = rivals(found, made.codes, made.sources, made.targets, seed)
            for way, moved in ways.items():
                row = {"design": design, "seed": seed, "budget": budget, "way": way, **made.judge(moved)}
                length, sigma = found.lengths.mean().item(), found.bandwidth[0].item()
                yield row | {"length": length, "bandwidth": sigma, "converged": found.converged}
