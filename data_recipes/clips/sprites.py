"""Our own bouncing sprites: a small shape in red and one in green. No data are needed, and none is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from data_recipes.clips import Clips
from data_recipes.clips.bouncing import Motion, check_sizes, move

if TYPE_CHECKING:
    import numpy as np

# of u and v, the pixel's place within the sprite, from -1 to 1
SHAPES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "disc": lambda u, v: u**2 + v**2 <= 1,
    "square": lambda u, v: abs(u) + 0 * v <= 1,
    "diamond": lambda u, v: abs(u) + abs(v) <= 1,
    "cross": lambda u, v: (abs(u) <= 0.35) | (abs(v) <= 0.35),
    "ring": lambda u, v: (u**2 + v**2 <= 1) & (u**2 + v**2 >= 0.3),
    "triangle": lambda u, v: abs(v) <= (1 + u) / 2,
}


def clips(
    *,
    pixels: int = 32,
    frames: int = 10,
    counts: tuple[int, int] = (10_000, 1_000),
    seed: int = 0,
    motion: Motion = "bounce",
) -> dict[str, Clips]:
    """`train` and `test`: clips uint8 [N, T, P, P, 3], and the number in SHAPES of the sprite in each plane.

    counts: clips of each. A sprite is a quarter of the frame's side. Raises UserError: other sizes than 32 and 64.
    """
    import numpy as np

    check_sizes(pixels, frames)
    drawn, made, known = sprites(pixels // 4), {}, tuple(SHAPES)
    for number, (split, count) in enumerate(zip(("train", "test"), counts, strict=True)):
        rng = np.random.default_rng((seed, number))
        chosen = rng.integers(len(drawn), size=(count, 2))
        labels = {"red": chosen[:, 0], "green": chosen[:, 1]}
        made[split] = Clips(
            list(move(drawn[chosen], pixels, frames, rng, motion=motion)), labels, dict.fromkeys(labels, known)
        )
    return made


def sprites(size: int) -> np.ndarray:
    """Every shape once, in white. uint8 [shapes, size, size]"""
    import numpy as np

    line = (np.arange(size) + 0.5) / size * 2 - 1
    u, v = np.meshgrid(line, line, indexing="ij")
    return np.stack([255 * shape(u, v) for shape in SHAPES.values()]).astype(np.uint8)
