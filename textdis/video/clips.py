"""A user's own clips: folders of frames, gif, mp4 and their like, or npz, to arrays of pixels.

    read_clips("walks/")                          # walks/anna/frame1.png ..., walks/ben.gif, walks/more.npz
    read_clips("walk.mp4", pixels=64, stride=2)

A folder is one clip where frames lie in it, and else holds clips, one of more in an npz (`frames` uint8
[N, T, H, W, 3]). Both are read in the order of their names, numbers as numbers: frame2 stands before frame10. Greyscale
and palettes become RGB, alpha is dropped, 16 bits become 8. A gif has the frames that its file holds, however long each
is shown; writers often save a frame that repeats its forerunner as time.

Axes: N clips, T frames, H and W pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from textdis.core.errors import UserError

FRAMES = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".webp")
VIDEOS = {".gif": "pillow"} | dict.fromkeys((".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm"), "pyav")
KINDS = (
    f"a folder of frames ({', '.join(kind[1:] for kind in FRAMES)}), {', '.join(kind[1:] for kind in VIDEOS)} or npz"
)
TRAILER = b";"  # the last byte of a whole gif
INSTALL = 'needs imageio and av; install them with: pip install "textdis[video]"'


def read_clips(
    path: str | Path, *, pixels: int | None = None, frames: int = 1, stride: int = 1, multiple: int = 1
) -> list[np.ndarray]:
    """The clips of a file or folder, uint8 [T, H, W, 3] each.

    pixels: frames are cut to the square in their middle and brought to pixels x pixels by the mean over areas; None:
    they stay, all of one size, which is a multiple of `multiple`. frames: least length of a clip, after every
    `stride`-th frame was taken. Raises UserError, which names the file: no clip there, one that is too short, too odd
    or of another size than the first, a broken file, an unknown kind of file.
    """
    if min(frames, stride, multiple, pixels or 1) < 1:
        raise UserError(f"pixels {pixels}, frames {frames}, stride {stride}, multiple {multiple}: give 1 or more")
    clips: list[np.ndarray] = []
    for name, own in _clips(Path(path), stride):
        read = [_checked(frame, where, clips, pixels, multiple) for where, frame in own]
        if len({frame.shape for frame in read}) > 1:
            raise UserError(f"{name}: frames of several sizes; give pixels, to which all are brought")
        if len(read) < frames:
            every = f" (of every {stride} one)" if stride > 1 else ""
            raise UserError(f"{name}: {len(read)} frames{every}, {frames} are asked for; leave it out or ask for less")
        clips.append(np.stack(read))
    if not clips:
        raise UserError(f"{path}: no clip there; give {KINDS}, or a folder of these")
    return clips


def resize(frame: np.ndarray, pixels: int) -> np.ndarray:
    """The square in the middle of a frame [H, W, 3] at pixels x pixels: each the mean over its area. uint8"""
    side = min(frame.shape[:2])
    top, left = (frame.shape[0] - side) // 2, (frame.shape[1] - side) // 2
    square = frame[top : top + side, left : left + side]
    if side == pixels:
        return square
    edges, cells = np.linspace(0, side, pixels + 1), np.arange(side)
    shares = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)  # [pixels, side]
    shares = np.maximum(shares, 0) * (pixels / side)
    means = np.einsum("yh,hwc,xw->yxc", shares, square, shares, optimize=True)
    return means.round().astype(np.uint8)


def natural(path: Path) -> list[Any]:
    """A key that sorts frame2 before frame10."""
    parts = re.split("([0-9]+)", path.name.lower())
    return [[int(part) if i % 2 else part for i, part in enumerate(parts)], path.name]


# --- finding ----------------------------------------------------------------------------------------------------------

Named = Iterable[tuple[str, np.ndarray]]  # where a frame stands, and the frame


def _clips(path: Path, stride: int) -> Iterator[tuple[str, Named]]:
    """Each clip's name and its frames, read as they are asked for."""
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; give {KINDS}")
    if not path.is_dir():
        yield from _file(path, stride)
        return
    entries = _entries(path)
    if any(_is_frame(entry) for entry in entries):
        yield _folder(path, entries, stride)
        return
    for entry in entries:
        if entry.is_dir():
            yield _folder(entry, _entries(entry), stride)
        else:
            yield from _file(entry, stride)


def _entries(folder: Path) -> list[Path]:
    return sorted((entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=natural)


def _is_frame(path: Path) -> bool:
    return path.suffix.lower() in FRAMES and path.is_file()


def _folder(folder: Path, entries: list[Path], stride: int) -> tuple[str, Named]:
    """The frames of a folder that holds nothing else."""
    for other in entries:
        if not _is_frame(other):
            raise UserError(f"{other}: lies among the frames of one clip, or too deep; move it elsewhere")
    if not entries:
        raise UserError(f"{folder}: no frame there; fill the folder or remove it")
    return str(folder), ((str(entry), frame) for entry in entries[::stride] for frame in _decoded(entry, "pillow", 1))


def _file(path: Path, stride: int) -> Iterator[tuple[str, Named]]:
    """The clips of a file, which are several in an npz."""
    kind = path.suffix.lower()
    if kind == ".npz":
        for i, clip in enumerate(_unpacked(path)):
            name = f"{path}, clip {i}"
            yield name, ((name, frame) for frame in clip[::stride])
    elif kind in VIDEOS:
        yield str(path), ((str(path), frame) for frame in _decoded(path, VIDEOS[kind], stride))
    else:
        raise UserError(f"{path}: {kind or 'a file without an extension'} is not read as a clip; give {KINDS}")


# --- reading ----------------------------------------------------------------------------------------------------------


def _decoded(path: Path, plugin: str, stride: int) -> Iterator[np.ndarray]:
    """Every `stride`-th frame of a file, as the decoder gives it."""
    try:
        import imageio.v3 as iio

        if path.suffix.lower() == ".gif" and path.read_bytes().rstrip(b"\0\r\n ")[-1:] != TRAILER:
            raise EOFError("its end is missing")
        printed = path.suffix.lower() in (".jpg", ".jpeg") and iio.immeta(path, plugin=plugin).get("mode") == "CMYK"
        own = {"mode": "RGB"} if printed else {}
        yield from islice(iio.imiter(path, plugin=plugin, **own), 0, None, stride)
    except ImportError:
        raise UserError(f"{path}: reading it {INSTALL}") from None
    except Exception as error:  # decoders raise whatever they like
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{path}: broken, or not what its name says ({reason}); replace it or leave it out") from None


def _unpacked(path: Path) -> np.ndarray:
    """`frames` of an npz. [N, T, H, W, 3]"""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            frames: np.ndarray = arrays["frames"]
    except Exception as error:  # of zip files, headers and sizes, each its own kind
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{path}: no array `frames` could be read ({reason}); write it with numpy.savez") from None
    if frames.ndim != 5 or frames.dtype != np.uint8 or 0 in frames.shape[1:]:
        raise UserError(f"{path}: `frames` is {frames.dtype} {list(frames.shape)}; it must be uint8 [N, T, H, W, 3]")
    return frames


def _checked(
    frame: np.ndarray, where: str, clips: list[np.ndarray], pixels: int | None, multiple: int
) -> np.ndarray:  # fmt: skip
    """The frame in its final size. Raises UserError: unless `pixels` are given, a size that is not that of `clips`."""
    coloured = _rgb(frame, where)
    if pixels is not None:
        return resize(coloured, pixels)
    high, wide = coloured.shape[:2]
    if clips and coloured.shape != clips[0].shape[1:]:
        first = "{1} x {0}".format(*clips[0].shape[1:3])
        raise UserError(f"{where}: {wide} x {high} pixels, the first clip has {first}; give pixels, to which all go")
    if high % multiple or wide % multiple:
        raise UserError(f"{where}: {wide} x {high} pixels, which must be multiples of {multiple}; give pixels")
    return coloured


def _rgb(frame: np.ndarray, where: str) -> np.ndarray:
    """Any frame as [H, W, 3] uint8."""
    if frame.dtype == np.int32 and frame.min() >= 0 and frame.max() < 1 << 16:  # how pillow gives 16 bits of grey
        frame = frame.astype(np.uint16)
    if frame.dtype == np.uint16:
        frame = (frame >> 8).astype(np.uint8)
    elif frame.dtype == np.bool_:
        frame = frame.astype(np.uint8) * 255
    if frame.dtype != np.uint8 or frame.ndim not in (2, 3) or (frame.ndim == 3 and frame.shape[2] not in (1, 2, 3, 4)):
        raise UserError(f"{where}: {frame.dtype} pixels {list(frame.shape)}; save it with 8 bits, in grey or RGB")
    if frame.ndim == 2:
        frame = frame[:, :, None]
    return np.repeat(frame[:, :, :1], 3, 2) if frame.shape[2] < 3 else frame[:, :, :3]
