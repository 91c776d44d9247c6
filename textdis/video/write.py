"""Clips to files: gif, mp4, strips of frames as PNG, npz; several as one grid, or as a sheet of a traversal.

A gif stores a frame that repeats its forerunner as time, so that a still clip is read back with one frame.

Axes: N clips, R rows, C columns, T frames, H and W pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError
from textdis.core.pictures import check_picture, whole_picture
from textdis.video.clips import INSTALL

GAP, GREY = 1, 96  # pixels between frames, and their shade
RATES = ((0.01, 1_000.0), (0.02, 100.0))  # frames a second: of mp4, and of gif, which counts hundredths of a second
LARGEST = 16_384  # pixels a side that codecs take
WIDE = 4  # pixels between the strips of a sheet


def write_clip(path: str | Path, clip: np.ndarray, *, rate: float = 8, scale: int = 1) -> None:
    """Writes a clip uint8 [T, H, W, 3] as its extension says: gif, mp4, png (a strip of its frames) or npz.

    rate: frames a second. scale: pixels a side that each pixel becomes; npz keeps them as they are, in the form that
    `read_clips` reads. Raises UserError: another extension, a place that cannot be written.
    """
    _write(path, clip[None], lambda: clip, lambda: strip(clip), rate, scale)


def write_clips(
    path: str | Path, clips: np.ndarray, *, columns: int | None = None, rate: float = 8, scale: int = 1
) -> None:  # fmt: skip
    """Clips uint8 [N, T, H, W, 3]: a grid that moves as gif or mp4, strips one below the other as png, all in an npz.

    The rest is `write_clip`'s.
    """
    _write(path, clips, lambda: grid_clip(clips, columns), lambda: sheet(clips[:, None]), rate, scale)


def write_sheet(path: str | Path, clips: np.ndarray, *, rate: float = 8, scale: int = 1) -> None:
    """The clips of a traversal, uint8 [R, C, T, H, W, 3]: as `write_clips`, rows and columns kept but in npz."""
    flat = clips.reshape(-1, *clips.shape[2:])
    _write(path, flat, lambda: grid_clip(flat, clips.shape[1]), lambda: sheet(clips), rate, scale)


# --- putting together -------------------------------------------------------------------------------------------------


def strip(clip: np.ndarray) -> np.ndarray:
    """The frames of a clip side by side. [T, H, W, 3] -> a picture [., ., 3]"""
    return grid_clip(clip[:, None], len(clip))[0]


def sheet(clips: np.ndarray) -> np.ndarray:
    """A picture of a traversal: each clip a strip; content down, motion across. [R, C, T, H, W, 3] -> [., ., 3]"""
    strips = np.stack([strip(clip) for row in clips for clip in row])
    return grid_clip(strips[:, None], clips.shape[1], WIDE)[0]


def grid_clip(clips: np.ndarray, columns: int | None = None, gap: int = GAP) -> np.ndarray:
    """Clips [N, T, H, W, 3] as one, row by row, grey where there is none. -> [T, ., ., 3]

    columns: None: as many as make a square, or nearly one.
    """
    count, frames, high, wide, colours = clips.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    size = (rows * (high + gap) + gap, columns * (wide + gap) + gap)
    grid = np.full((frames, *size, colours), GREY, np.uint8)
    for i, clip in enumerate(clips):
        top, left = gap + (i // columns) * (high + gap), gap + (i % columns) * (wide + gap)
        grid[:, top : top + high, left : left + wide] = clip
    return grid


def enlarge(pictures: np.ndarray, scale: int) -> np.ndarray:
    """[..., H, W, 3] -> [..., scale H, scale W, 3], each pixel a square."""
    return pictures.repeat(scale, -3).repeat(scale, -2)


def fitting_scale(pixels: int, wanted: int = 96) -> int:
    """The least whole number that brings `pixels` to `wanted` at least."""
    return math.ceil(wanted / pixels)


# --- files ------------------------------------------------------------------------------------------------------------


def _write(
    path: str | Path, clips: np.ndarray, moving: Callable[[], np.ndarray], still: Callable[[], np.ndarray],
    rate: float, scale: int,
) -> None:  # fmt: skip
    """`clips` as npz, the clip that `moving` makes as gif or mp4, the picture that `still` makes as png."""
    path = Path(path)
    kind = check_target(path, rate)
    if scale < 1:
        raise UserError(f"scale {scale}: give 1 or more")
    pixels = clips if kind == "npz" else enlarge((still if kind == "png" else moving)(), scale)
    if kind in ("gif", "mp4") and (side := max(pixels.shape[1:3])) > LARGEST:
        raise UserError(
            f"{path}: pictures of {side} pixels, {LARGEST} is the most; ask for fewer clips or a lower scale"
        )
    try:
        with whole_picture(path) as part:
            _save(part, pixels, kind, rate)
    except ImportError:
        raise UserError(f"{path}: writing it {INSTALL}") from None


def check_target(path: Path, rate: float) -> str:
    """The kind of file that `path` shall be. Raises UserError: one that cannot be written, a rate beyond its kind."""
    kind = check_picture(path, "gif", "mp4", "png", "npz")
    least, most = RATES[kind == "gif"]
    if not least <= rate <= most:
        raise UserError(f"rate {rate:g}: give {least:g} to {most:g} frames a second")
    return kind


def _save(path: Path, pixels: np.ndarray, kind: str, rate: float) -> None:
    if kind == "npz":
        np.savez_compressed(path, frames=pixels)
        return
    import imageio.v3 as iio

    ways: dict[str, dict[str, Any]] = {
        "png": {"plugin": "pillow"},
        "gif": {"plugin": "pillow", "duration": 1000 / rate, "loop": 0},
        "mp4": {"plugin": "pyav", "codec": "libx264", "fps": rate},
    }
    iio.imwrite(path, _even(pixels) if kind == "mp4" else pixels, **ways[kind])


def _even(clip: np.ndarray) -> np.ndarray:
    """With even sides, as players of mp4 want them: the last row or column once more where they are odd."""
    return np.pad(clip, [(0, 0), (0, clip.shape[1] % 2), (0, clip.shape[2] % 2), (0, 0)], mode="edge")
