"""Whether near sentences have near codes, and whether codes that nobody encoded are sentences.

The claim of Zhao et al. (2018), section 3; how to measure it is ours.

Axes: N sentences, D numbers of a code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from textdis.core.batch import TextBatch
from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer


def swapped(row: Sequence[int], swaps: int, rng: np.random.Generator) -> list[int]:
    """`<s> ... </s>` with `swaps` times two neighbouring words exchanged; rows of less than two words stay."""
    row = list(row)
    for i in rng.integers(1, max(2, len(row) - 2), swaps) if len(row) > 3 else ():
        row[i], row[i + 1] = row[i + 1], row[i]
    return row


@torch.inference_mode()
def smoothness(
    model: Any, encoded: Sequence[Sequence[int]], labels: Sequence[int], swaps: Sequence[int] = (1, 2, 3), seed: int = 0
) -> dict[str, float]:
    """near_over_far_k: mean distance of a sentence's code to that of its copy with k swaps, over that to the code of
    another sentence, drawn by the seed: the lower, the smoother. restored_k: share of the copies that come back as the
    sentence, greedily in its own style. Sentences of fewer than two words are left out.
    """
    kept = [i for i, row in enumerate(encoded) if len(row) > 3]
    rows, own = [encoded[i] for i in kept], [labels[i] for i in kept]
    rng, (plain, _) = np.random.default_rng(seed), _walk(model, rows, own)
    far = np.linalg.norm(plain - plain[rng.permutation(len(plain))], axis=-1).mean()
    found = {}
    for k in swaps:
        codes, said = _walk(model, [swapped(row, k, rng) for row in rows], own)
        found[f"near_over_far_{k}"] = float(np.linalg.norm(codes - plain, axis=-1).mean() / far)
        found[f"restored_{k}"] = float(np.mean([s == list(row[1:]) for s, row in zip(said, rows, strict=True)]))
    return found


def _walk(model: Any, rows: Sequence[Sequence[int]], labels: Sequence[int]) -> tuple[np.ndarray, list[list[int]]]:
    """Codes [N, D], and what the model says of each row, without `<s>` and padding."""
    codes, said = np.zeros((len(rows), model.code_size), np.float32), [[0]] * len(rows)
    for numbers, batch in Batches(rows, labels, batch_size=256).once():
        moved: TextBatch = batch.to(model.device)
        codes[numbers] = model.encode(moved).float().cpu().numpy()
        for i, ids in zip(
            numbers.tolist(), model.candidates(moved, moved.style, n_best=1)[0][:, 0].tolist(), strict=True
        ):
            said[i] = [token for token in ids if token]
    return codes, said


def gaussian_like(codes: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """[count, D] draws of the normal distribution with the moments of `codes` [N, D]: what a generator must beat."""
    drawn = np.random.default_rng(seed).multivariate_normal(codes.mean(0), np.cov(codes.T), count, method="eigh")
    return drawn.astype(np.float32)


@torch.inference_mode()
def said_of(
    model: Any, tokenizer: Tokenizer, codes: Callable[[int], torch.Tensor], count: int, max_length: int
) -> list[str]:
    """`count` sentences of `codes(n)` [n or more, D], greedily, the styles in turn."""
    styles = torch.arange(count, device=model.device) % model.config.styles
    texts: list[str] = []
    for part in styles.split(256):
        texts += tokenizer.decode_batch(model.say(codes(len(part))[: len(part)], max_length, part))
    return texts
