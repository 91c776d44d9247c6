"""Whether a clip keeps its content and moves: shapes of one colour on black, MoCoGAN's shape motion.

The shape is where a frame differs from black: its brightest colour plane is above half of the frame's brightest pixel.
Edges mix shape and background, so colours are taken of the core alone: pixels whose eight neighbours are shape too, and
that are nearly as bright as the brightest. A frame whose brightest pixel is under FAINT shows no shape.

Axes: N clips, T frames, H and W pixels. Colours, and distances of them, are on the scale of 0 to 255.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Clips = Sequence[np.ndarray] | np.ndarray  # N times uint8 [T, H, W, 3]

FAINT = 24  # of 255: least brightness of a frame that shows something
STILL = 1e-9  # sides of a frame: what a centroid may stray by rounding
SOLID = 0.75  # of the frame's brightest pixel: least brightness of a pixel that counts as the shape's own colour


def content_distance(clips: Clips) -> dict[str, float]:
    """Average content distance: a frame's colour is its shape's mean; the mean L2 distance of a clip's pairs of frames.

    clips uint8 [N][T, H, W, 3] -> `acd`, a mean over clips with two frames or more that show a shape; `empty_share`,
    the share of frames that show none, or too little for a core, which are left out. A still clip has 0: look at
    `path_length` beside it. Raises ValueError: no clip has two frames with a shape.
    """
    distances, empty, frames = [], 0, 0
    for clip in clips:
        colours = shape_colours(clip)
        seen = colours[~np.isnan(colours[:, 0])]
        empty, frames = empty + len(colours) - len(seen), frames + len(colours)
        if len(seen) > 1:
            apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
            distances.append(apart.sum() / (len(seen) * (len(seen) - 1)))
    if not distances:
        raise ValueError("no clip has two frames that show a shape: there is no content distance")
    return {"acd": float(np.mean(distances)), "empty_share": empty / frames}


def path_length(clips: Clips) -> dict[str, float]:
    """How far shapes go, as their centroids tell, in sides of a frame.

    clips uint8 [N][T, H, W, 3] -> `path`, length of a clip's way; `direct`, from its first frame to its last. Means
    over clips; frames without a shape are passed over. Raises ValueError: no clip has two frames with a shape.
    """
    paths = [path[~np.isnan(path[:, 0])] for path in map(centroids, clips)]
    steps = [np.diff(path, axis=0) for path in paths if len(path) > 1]
    if not steps:
        raise ValueError("no clip has two frames that show a shape: there is no path")
    lengths = [np.linalg.norm(step, axis=1).sum() for step in steps]
    return {"path": float(np.mean(lengths)), "direct": float(np.mean([np.linalg.norm(s.sum(0)) for s in steps]))}


def path_correlation(first: Clips, second: Clips) -> float:
    """How alike the ways of two lists of N clips are: Pearson's r of all centroids' places, rows and columns apart, the
    mean of both. Frames where either shows no shape are left out. Raises ValueError: nothing is left, or nothing moves.
    """
    a, b = (np.concatenate([centroids(clip) for clip in clips]) for clips in (first, second))
    both = ~np.isnan(a[:, 0]) & ~np.isnan(b[:, 0])
    if both.sum() < 2 or min(np.ptp(way[both], 0).min() for way in (a, b)) < STILL:
        raise ValueError("too few frames show a shape, or none moves: paths cannot be compared")
    return float(np.mean([np.corrcoef(a[both, axis], b[both, axis])[0, 1] for axis in (0, 1)]))


def colour_distance(first: Clips, second: Clips) -> float:
    """The mean L2 distance of the shapes' colours in two lists of N clips, clip by clip, each clip's colour a mean.

    Raises ValueError: no pair of clips shows two shapes.
    """
    a, b = (np.stack([_clip_colour(clip) for clip in clips]) for clips in (first, second))
    apart = np.linalg.norm(a - b, axis=1)
    if np.isnan(apart).all():
        raise ValueError("no pair of clips shows two shapes: there is no distance of colours")
    return float(np.nanmean(apart))


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Squared distance of two normal distributions fitted to features [N, D] and [M, D]: Heusel et al. (2017).

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); for one number of mean 0 and 3 and standard deviation 1 and 2 it is
    9 + 1 = 10. Compare at equal N only, as it falls with N. Raises ValueError: fewer than two rows.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a distribution needs two rows at least")
    one, other = (np.atleast_2d(np.cov(rows.astype(float), rowvar=False)) for rows in (first, second))
    values, vectors = np.linalg.eigh(one)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    between = np.sqrt(np.linalg.eigvalsh(root @ other @ root).clip(0)).sum()
    mean = np.square(first.mean(0, dtype=float) - second.mean(0, dtype=float)).sum()
    return float(mean + np.trace(one) + np.trace(other) - 2 * between)


def shape_colours(clip: np.ndarray) -> np.ndarray:
    """The shape's mean colour in each frame, NaN in frames that show none. uint8 [T, H, W, 3] -> [T, 3]"""
    shape, bright = _shape(clip)
    core = shape & (bright >= SOLID * bright.max((1, 2), keepdims=True))
    for axis in (1, 2):
        core &= _shifted(shape, axis, 1) & _shifted(shape, axis, -1)
    for down in (1, -1):
        for right in (1, -1):
            core &= _shifted(_shifted(shape, 1, down), 2, right)
    size = core.sum((1, 2))
    total = np.einsum("thw,thwc->tc", core, clip.astype(float))
    return np.where(size[:, None] > 0, total / np.maximum(size, 1)[:, None], np.nan)


def centroids(clip: np.ndarray) -> np.ndarray:
    """Where the shape is: row and column, in sides of the frame, NaN in frames that show none. -> [T, 2]"""
    shape, bright = _shape(clip)
    weight = shape * bright
    total = weight.sum((1, 2))
    lines = [(np.arange(n) + 0.5) / n for n in clip.shape[1:3]]
    places = np.stack([np.einsum("thw,h->t", weight, lines[0]), np.einsum("thw,w->t", weight, lines[1])], -1)
    return np.where(total[:, None] > 0, places / np.maximum(total, 1e-9)[:, None], np.nan)


def _shape(clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels are shape, and how bright they are. [T, H, W] each"""
    if clip.ndim != 4 or clip.shape[-1] != 3:
        raise ValueError(f"a clip {clip.shape}: the axes are frames, rows, columns, three colours")
    bright = clip.max(-1).astype(float)
    top = bright.max((1, 2), keepdims=True)
    return (bright > top / 2) & (top >= FAINT), bright


def _shifted(mask: np.ndarray, axis: int, by: int) -> np.ndarray:
    """What stands `by` pixels before each; outside the frame there is no shape."""
    moved = np.roll(mask, by, axis)
    edge = [slice(None)] * mask.ndim
    edge[axis] = slice(0, by) if by > 0 else slice(by, None)
    moved[tuple(edge)] = False
    return moved


def _clip_colour(clip: np.ndarray) -> np.ndarray:
    colours = shape_colours(clip)
    seen = colours[~np.isnan(colours[:, 0])]
    return seen.mean(0) if len(seen) else np.full(3, np.nan)
