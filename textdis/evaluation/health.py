"""How a model with sentence codes fares: does it still say what it read, do its codes spread, what do they tell?

Axes: N sentences, D numbers of a code, S styles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from textdis.text.batches import Batches
from textdis.text.tokenizer import Tokenizer

DRAWN = 1000  # generated codes that are looked at


@torch.inference_mode()
def code_health(model: Any, held_out: Batches) -> dict[str, float]:
    """Of labelled held-out sentences, and of as many codes as the model generates (where it can), in eval mode.

    accuracy: share of words (and `</s>`) that come back at their place, greedily and free-running, in the own style;
    encoded_norm, generated_norm: mean norms of codes; encoded_spread, generated_spread: root of their total variance,
    0 where all are one; probe, probe_chance: see `style_probe`, without them for one style.
    """
    right = words = 0
    for _, batch in held_out.once():
        batch = batch.to(model.device)
        said = model.candidates(batch, batch.style, n_best=1)[0][:, 0]
        width = min(said.shape[1], batch.targets.shape[1])
        right += int(((said[:, :width] == batch.targets[:, :width]) & batch.mask[:, :width]).sum())
        words += int(batch.mask.sum())
    codes, labels = codes_of(model, held_out)
    found = {"accuracy": right / words} | _shape("encoded", codes)
    if hasattr(model, "prior"):
        found |= _shape("generated", model.prior(DRAWN).float().cpu().numpy())
    return found | (style_probe(codes, labels) if len(set(labels.tolist())) > 1 else {})


@torch.inference_mode()
def codes_of(model: Any, held_out: Batches) -> tuple[np.ndarray, np.ndarray]:
    """The codes [N, D] of labelled sentences and their labels [N], short sentences first."""
    codes, labels = [], []
    for _, batch in held_out.once():
        codes.append(model.encode(batch.to(model.device)).float().cpu().numpy())
        labels.append(batch.style.numpy())
    return np.concatenate(codes), np.concatenate(labels)


def _shape(name: str, codes: np.ndarray) -> dict[str, float]:
    norm, spread = np.linalg.norm(codes, axis=-1).mean(), np.sqrt(codes.var(0).sum())
    return {f"{name}_norm": float(norm), f"{name}_spread": float(spread)}


def style_probe(codes: np.ndarray, labels: np.ndarray, *, hidden: int = 0, seed: int = 0) -> dict[str, float]:
    """How well a fresh classifier of frozen codes tells the style: never the adversary's own opinion of itself.

    codes [N, D], labels [N]. Half of the sentences, drawn by the seed, fit a logistic regression (or a network of one
    layer of `hidden` units); the other half is asked. Returns probe: share that is right; probe_chance: that of the
    commonest style. Raises ValueError: fewer than two styles, or sentences too few to halve.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    order = np.random.default_rng(seed).permutation(len(codes))
    fit, asked = order[: len(order) // 2], order[len(order) // 2 :]
    if len(set(labels[fit].tolist())) < 2:
        raise ValueError(f"{len(codes)} sentences of {len(set(labels.tolist()))} style(s): a probe needs some of two")
    plain: Any = LogisticRegression(max_iter=1000, random_state=seed)
    own: dict[str, Any] = {"early_stopping": True, "n_iter_no_change": 20, "learning_rate_init": 1e-2, "max_iter": 300}
    layered: Any = MLPClassifier((hidden or 1,), **own, random_state=seed)
    probe = make_pipeline(StandardScaler(), layered if hidden else plain).fit(codes[fit], labels[fit])
    shares = np.bincount(labels[asked]) / len(asked)
    return {"probe": float(probe.score(codes[asked], labels[asked])), "probe_chance": float(shares.max())}


def reverse_of(
    held_out: Sequence[str], words: Sequence[str], say: Callable[[Any], list[str]], **options: Any
) -> Callable[[Any], dict[str, float]]:
    """A score for `callbacks.Score`: the reverse perplexity of what `say(model)` generates, on real `held_out` text."""
    from textdis.evaluation.reverse import reverse_perplexity

    return lambda model: {
        "perplexity": reverse_perplexity(say(model), held_out, words, **options)["reverse_perplexity"]
    }


@torch.inference_mode()
def rewritten(
    model: Any, tokenizer: Tokenizer, texts: Sequence[str], labels: Sequence[int], targets: Sequence[int]
) -> list[str]:
    """Each sentence (model text) of style `labels` greedily in style `targets`: no reranking, no filter."""
    outputs, wanted = [""] * len(texts), torch.as_tensor(targets)
    for rows, batch in Batches(tokenizer.encode_batch(texts), labels, batch_size=256).once():
        tokens, _ = model.candidates(batch.to(model.device), wanted[rows].to(model.device), n_best=1)
        for i, text in zip(rows.tolist(), tokenizer.decode_batch(tokens[:, 0]), strict=True):
            outputs[i] = text
    return outputs
