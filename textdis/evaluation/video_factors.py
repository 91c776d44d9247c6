"""Whether the factors of a sequential VAE are things of a scene: what `metrics/information.py` finds in its codes, and
which pixels move when one factor does.

Axes: N clips, T frames, Z = K F numbers of a code in K factors, P colour planes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import torch

from textdis.metrics.information import best_partition, correlation_blocks, correlations, factor_information
from textdis.systems.sequential_vae import SequentialVAE
from textdis.video.batches import once

BATCH = 128  # clips
FIRST = 1  # the earliest frame whose code may know a speed
CHANGED = 0.5  # least change of a pixel that counts, a quarter of its range


@dataclass(frozen=True)
class Codes:
    """What a model draws from its posteriors, and the numbers that belong together: factors, or parts of a twin."""

    drawn: np.ndarray  # [N, T, Z]
    lengths: np.ndarray  # [N]
    groups: list[np.ndarray]  # K times [F]
    information: dict[str, float]
    matrix: np.ndarray  # [Z, Z], correlations of codes (rows) with the next (columns), in the order of the groups


def factor_scores(
    model: SequentialVAE, clips: Sequence[np.ndarray], *, parts: int = 2, seed: int = 0
) -> dict[str, Any]:
    """All scores of a model on held-out clips uint8 [T, H, W, 3].

    parts: into how many a twin, which has one factor, is cut; of 20 random partitions the best counts.
    """
    codes = read_codes(model, clips, parts=parts, seed=seed)
    scores: dict[str, Any] = bounds(model, clips, seed=seed)
    scores |= {f"information_{name}": value for name, value in codes.information.items()}
    scores |= {f"correlation_{k}": v for k, v in correlation_blocks(codes.matrix, len(codes.groups)).items()}
    scores |= plane_scores(moved_planes(model, codes))
    control = read_codes(model, without_time(clips, seed), groups=codes.groups, seed=seed).information
    scores |= {f"shuffled_{name}": control[name] for name in ("same", "cross")}
    return scores | forecast_errors(model, clips)


@torch.no_grad()
def bounds(model: SequentialVAE, clips: Sequence[np.ndarray], *, seed: int = 0) -> dict[str, float]:
    """The ELBO with weight 1 of every divergence, and its parts, in nats: means over clips, and over frames."""
    torch.manual_seed(seed)
    parts = [model.bound(batch) for batch in _batches(model, clips)]
    nll, kl = (float(torch.cat([part[name] for part in parts]).mean()) for name in ("nll", "kl"))
    frames = float(np.mean([len(clip) for clip in clips]))
    return {"elbo": -nll - kl, "nll": nll, "kl": kl, "elbo_per_frame": (-nll - kl) / frames}


@torch.no_grad()
def read_codes(
    model: SequentialVAE, clips: Sequence[np.ndarray], *, parts: int = 2, groups: list[np.ndarray] | None = None,
    seed: int = 0,
) -> Codes:  # fmt: skip
    """Draws the codes of all clips; of each clip one pair of neighbouring frames is looked at, as pairs of one clip
    are alike. groups: what belongs together, where it is known. Raises ValueError: a clip of fewer than three frames.
    """
    torch.manual_seed(seed)
    drawn = np.concatenate([model.infer(batch).codes.cpu().numpy() for batch in _batches(model, clips)])
    lengths = np.array([len(clip) for clip in clips])
    times = np.random.default_rng(seed).integers(FIRST, lengths - 1)
    past, future = (drawn[np.arange(len(drawn)), times + step].astype(float) for step in (0, 1))
    size = drawn.shape[2]
    if groups is not None or model.config.factors > 1:
        groups = groups or np.split(np.arange(size), model.config.factors)
        order = np.concatenate(groups)
        scores = factor_information(past[:, order], future[:, order], len(groups), seed=seed)
    else:
        scores, order = best_partition(past, future, parts, seed=seed)
        groups = np.split(order, parts)
    return Codes(drawn, lengths, groups, scores, correlations(past[:, order], future[:, order]))


@torch.no_grad()
def moved_planes(model: SequentialVAE, codes: Codes, *, clips: int = 200) -> np.ndarray:
    """How many pixels of each colour plane change while one group moves and the rest is held. [K, P]"""
    found = []
    drawn = torch.from_numpy(codes.drawn[:clips]).to(model.device)[:, FIRST : codes.lengths[:clips].min()]
    for own in codes.groups:
        held = drawn[:, :1].repeat(1, drawn.shape[1], 1)
        held[:, :, own] = drawn[:, :, own]
        frames = torch.cat([model.decode(part) for part in held.split(BATCH)])  # [N, P, T, H, W]
        found.append(((frames - frames[:, :, :1]).abs() > CHANGED).sum((0, 2, 3, 4)))
    return torch.stack(found).cpu().numpy()


def plane_scores(moved: np.ndarray) -> dict[str, float]:
    """Share of the changed pixels that lie in a group's own colour plane: the mean over groups, and the least of them.

    moved [K, P], of `moved_planes`. Each group has another plane, chosen so that the mean is greatest; with more
    groups than planes each has its best. A group that moves nothing has share 0.
    """
    shares = moved / np.maximum(moved.sum(1, keepdims=True), 1)
    groups, planes = shares.shape
    if groups > planes:
        own = shares.max(1)
    else:
        ways = (shares[range(groups), list(way)] for way in permutations(range(planes), groups))
        own = max(ways, key=lambda way: float(way.mean()))
    return {"plane_share": float(own.mean()), "plane_least": float(own.min())}


def told_places(codes: Codes, clips: Sequence[np.ndarray], *, planes: int = 2) -> np.ndarray:
    """What each group tells of where things are: R2 of row and column of each plane's centroid, [K, 2 planes].

    Read from the code of the last but one frame by the mean of the eight nearest of half of the clips, for the other
    half: 1 where a group tells a place, 0 or a little below where it tells nothing. Raises ValueError: under 16 clips.
    """
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.preprocessing import StandardScaler

    at, half = codes.lengths - 2, len(clips) // 2
    frames = [clip[t] for clip, t in zip(clips, at, strict=True)]
    places = np.concatenate([_centroids(frames, plane) for plane in range(planes)], 1)
    seen = codes.drawn[np.arange(len(clips)), at]
    found = []
    for own in codes.groups:
        scaled = StandardScaler().fit_transform(seen[:, own])
        guess = KNeighborsRegressor(8).fit(scaled[:half], places[:half]).predict(scaled[half:])
        found.append(1 - np.square(guess - places[half:]).mean(0) / places[half:].var(0))
    return np.stack(found)


def _centroids(frames: Sequence[np.ndarray], plane: int) -> np.ndarray:
    """Row and column of a plane's centre of brightness, in pixels. N times uint8 [H, W, P] -> [N, 2]"""
    bright = np.stack([frame[..., plane] for frame in frames]).astype(float)
    total = np.maximum(bright.sum((1, 2)), 1e-9)
    rows, columns = (np.arange(size) for size in bright.shape[1:])
    places = [np.einsum("nhw,h->n", bright, rows), np.einsum("nhw,w->n", bright, columns)]
    return np.stack(places, 1) / total[:, None]


@torch.no_grad()
def forecast_errors(model: SequentialVAE, clips: Sequence[np.ndarray], *, ahead: int = 3) -> dict[str, float]:
    """Mean squared error of the last `ahead` frames, predicted from those before, and of the last seen one repeated.

    Clips of fewer than three frames more than that do not count; nothing where all are so short.
    """
    long = [clip for clip in clips if len(clip) >= ahead + 3]
    errors: list[tuple[float, float]] = []
    if not long:
        return {}
    for seen, whole in zip(_batches(model, [c[:-ahead] for c in long]), _batches(model, long), strict=True):
        rows = torch.arange(len(seen), device=model.device)[:, None]
        steps = seen.lengths[:, None] + torch.arange(-1, ahead, device=model.device)
        real = whole.frames.transpose(1, 2)[rows, steps]  # [N, 1 + ahead, C, H, W]
        guess = model.forecast(seen, ahead).transpose(1, 2)
        errors += [
            (float((one - own[1:]).square().mean()), float((own[:1] - own[1:]).square().mean()))
            for one, own in zip(guess, real, strict=True)
        ]
    predicted, repeated = np.mean(errors, 0)
    return {"forecast_error": float(predicted), "repeat_error": float(repeated)}


def without_time(clips: Sequence[np.ndarray], seed: int = 0) -> list[np.ndarray]:
    """Clips as long as these whose every frame is drawn from all frames: the control that must show no information."""
    frames = np.concatenate(list(clips))
    order = np.random.default_rng(seed).permutation(len(frames))
    return np.split(frames[order], np.cumsum([len(clip) for clip in clips])[:-1])


def _batches(model: SequentialVAE, clips: Sequence[np.ndarray]) -> Iterator[Any]:
    model.eval()
    return (batch.to(model.device) for batch in once(clips, batch_size=BATCH))
