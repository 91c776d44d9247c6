"""Shape motion of our own, which needs no data: discs and squares in one colour on black that follow Bezier curves.

Axes: N clips, T frames, P pixels a side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data_recipes.clips import Clips
from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

SIZES = (8, 10, 12, 14)  # sides or diameters, in pixels of a frame of 64
FINE = 4  # places a pixel's side is looked at: edges are as soft as an area mean makes them
DARKEST = 50  # least brightness of the brightest colour plane
VALUES: dict[str, tuple[str, ...]] = {"motion": ("left to right", "top to bottom"), "shape": ("disc", "square")}


def clips(
    *, pixels: int = 64, frames: int = 16, counts: tuple[int, int, int] = (3_200, 400, 400), seed: int = 0
) -> dict[str, Clips]:
    """`train`, `dev`, `test`, of `counts` clips. Raises UserError: fewer than 16 pixels, no frames."""
    import numpy as np

    if pixels < 16 or frames < 1:
        raise UserError(f"clips of {frames} frames, {pixels} pixels a side: give 16 pixels and one frame at least")
    made = {}
    for number, (split, count) in enumerate(zip(("train", "dev", "test"), counts, strict=True)):
        rng = np.random.default_rng((seed, number))
        motion, shape, size = rng.integers(2, size=count), rng.integers(2, size=count), rng.choice(SIZES, count)
        colour = rng.integers(0, 256, (count, 3))
        colour[np.arange(count), rng.integers(3, size=count)] = rng.integers(DARKEST, 256, count)
        centres = curves(motion, size / 64, frames, rng) * pixels
        drawn = [
            draw(c, k, s * pixels / 64, pixels)[..., None] * rgb
            for c, k, s, rgb in zip(centres, shape, size, colour, strict=True)
        ]
        stacked = np.stack(drawn).round().astype(np.uint8) if count else np.zeros((0, frames, pixels, pixels, 3), "u1")
        factors = {"motion": motion, "shape": shape, "size": size, "color": colour}
        made[split] = Clips(list(stacked), factors, VALUES)
    return made


def curves(motion: np.ndarray, size: np.ndarray, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Centres, row and column in [0, 1], on cubic Bezier curves across the frame. [N, T, 2]

    motion [N]: 0 runs from the left edge to the right, 1 from the top down; aside the curve's four points are drawn
    evenly from what keeps the shape, whose size [N] is a share of the frame, inside.
    """
    import numpy as np

    count, t = len(motion), np.linspace(0, 1, frames)
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], -1)  # [T, 4]
    half = size[:, None] / 2
    along = half + (1 - 2 * half) * t  # [N, T]
    aside = (half + (1 - 2 * half) * rng.random((count, 4))) @ weights.T
    right = np.stack([aside, along], -1)
    return np.where(motion[:, None, None] == 0, right, right[..., ::-1])


def draw(centres: np.ndarray, shape: int, size: float, pixels: int) -> np.ndarray:
    """The share of each pixel that a shape of `size` pixels covers. centres [T, 2], in pixels -> [T, P, P]"""
    import numpy as np

    line = (np.arange(pixels * FINE) + 0.5) / FINE
    rows, columns = (np.abs(line - centres[:, i, None]) for i in (0, 1))  # [T, P FINE]
    if shape == 0:
        inside = rows[:, :, None] ** 2 + columns[:, None] ** 2 <= (size / 2) ** 2
    else:
        inside = (rows[:, :, None] <= size / 2) & (columns[:, None] <= size / 2)
    return inside.reshape(len(centres), pixels, FINE, pixels, FINE).mean((2, 4))
