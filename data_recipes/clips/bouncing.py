"""Small pictures that move within a frame, one a colour plane, and do not see each other: they bounce, or they circle.

In a square room a bouncing thing's row and column are independent of each other as well, so that what moves
independently are four lines and not two things. On a circle, row and column belong together.

Axes: N clips, O objects, T frames, S pixels a side of an object, P pixels a side of a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textdis.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

COLOURS = 3
SPEEDS = (1 / 16, 1 / 8)  # of the frame's side a frame: over ten frames an object meets its walls once or twice
RADII = (0.4, 1.0)  # of a circle, in halves of the room
TURNS = ((-0.3, -0.2), (0.6, 0.8), (-1.2, -1.0))  # on a circle, radians a frame, by plane; negative: clockwise
Motion = Literal["bounce", "circle"]


def move(
    objects: np.ndarray, pixels: int, frames: int, rng: np.random.Generator, *, motion: Motion = "bounce"
) -> np.ndarray:
    """Clips uint8 [N, T, P, P, 3] of objects uint8 [N, O, S, S]: object o in colour plane o, the other planes black.

    Start and speed are drawn for each object; then all is determined. `bounce`: it moves straight in a direction of its
    own and is thrown back by the walls as a mirror would. `circle`: it goes round the frame's middle, each object in a
    direction, and at a speed from a range, of its own (TURNS). Positions are rounded to pixels.
    Raises UserError: more objects than planes.
    """
    import numpy as np

    count, planes, size, _ = objects.shape
    if planes > COLOURS:
        raise UserError(f"{planes} objects in {COLOURS} colour planes: give one a plane, {COLOURS} at most")
    if motion == "bounce":
        places = paths(count * planes, pixels - size, frames, pixels, rng).reshape(count, planes, frames, 2)
    else:
        places = np.stack([circles(count, pixels - size, frames, turns, rng) for turns in TURNS[:planes]], 1)
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


def circles(
    count: int, room: int, frames: int, turns: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:  # fmt: skip
    """Corners as `paths` gives them, on circles round the middle. turns: least and most, radians a frame."""
    import numpy as np

    radius = rng.uniform(*RADII, (count, 1)) * room / 2
    turned = rng.uniform(*turns, (count, 1)) * np.arange(frames) + rng.uniform(0, 2 * np.pi, (count, 1))
    places = room / 2 + radius[:, :, None] * np.stack([-np.sin(turned), np.cos(turned)], -1)
    return np.rint(places).astype(int)


def check_sizes(pixels: int, frames: int) -> None:
    """Raises UserError for clips that are not made."""
    if pixels not in (32, 64) or frames < 1:
        raise UserError(
            f"clips of {frames} frames, {pixels} pixels a side: they are made of 32 or 64, one frame or more"
        )
