"""Small pictures that bounce within a frame, one a colour plane, and do not see each other.

Axes: N clips, O objects, T frames, S pixels a side of an object, P pixels a side of a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

COLOURS = 3
SPEEDS = (1 / 16, 1 / 8)  # of the frame's side a frame: over ten frames an object meets its walls once or twice


def bounce(objects: np.ndarray, pixels: int, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Clips uint8 [N, T, P, P, 3] of objects uint8 [N, O, S, S]: object o in colour plane o, the other planes black.

    Start, direction and speed are drawn for each object; then all is determined: it moves straight and is thrown back
    by the walls as a mirror would. Positions are rounded to pixels. Raises UserError: more objects than planes.
    """
    import numpy as np

    count, planes, size, _ = objects.shape
    if planes > COLOURS:
        raise UserError(f"{planes} objects in {COLOURS} colour planes: give one a plane, {COLOURS} at most")
    places = paths(count * planes, pixels - size, frames, pixels, rng).reshape(count, planes, frames, 2)
    span = np.arange(size)
    rows, columns = (places[..., i, None] + span for i in (0, 1))  # [N, O, T, S] each
    clips = np.zeros((count, planes, frames, pixels, pixels), np.uint8)
    n, o, t = np.ix_(range(count), range(planes), range(frames))
    own = (n[..., None, None], o[..., None, None], t[..., None, None], rows[..., :, None], columns[..., None, :])
    clips[own] = objects[:, :, None]
    black = np.zeros((count, COLOURS - planes, frames, pixels, pixels), np.uint8)
    return np.ascontiguousarray(np.concatenate([clips, black], 1).transpose(0, 2, 3, 4, 1))


def paths(count: int, room: int, frames: int, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Upper left corners, row and column, of things with `room` pixels to move in. int [count, T, 2], 0 to room"""
    import numpy as np

    angle = rng.uniform(0, 2 * np.pi, count)
    speed = rng.uniform(*SPEEDS, count) * pixels
    velocity = np.stack([np.sin(angle), np.cos(angle)], -1) * speed[:, None]
    straight = rng.uniform(0, room, (count, 1, 2)) + velocity[:, None] * np.arange(frames)[:, None]
    return np.rint(room - np.abs(room - straight % (2 * room))).astype(int)


def check_sizes(pixels: int, frames: int) -> None:
    """Raises UserError for clips that are not made."""
    if pixels not in (32, 64) or frames < 1:
        raise UserError(
            f"clips of {frames} frames, {pixels} pixels a side: they are made of 32 or 64, one frame or more"
        )
