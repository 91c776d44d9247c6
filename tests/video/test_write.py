"""Clips written are the clips read again; grids and sheets have everything in its place."""

from __future__ import annotations

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.video.clips import read_clips
from textdis.video.write import (
    GAP,
    GREY,
    WIDE,
    fitting_scale,
    grid_clip,
    sheet,
    strip,
    write_clip,
    write_clips,
    write_sheet,
)

# R = 2, C = 3, T = 5, H = 7, W = 4; every frame has a shade of its own
SHADES = np.arange(30, dtype=np.uint8).reshape(2, 3, 5) * 8 + 3
CLIPS = np.broadcast_to(SHADES[..., None, None, None], (2, 3, 5, 7, 4, 3)).copy()


def test_an_npz_keeps_every_clip_to_the_bit(tmp_path: Path) -> None:
    write_clips(tmp_path / "a.npz", CLIPS[0], scale=3)
    assert (np.stack(read_clips(tmp_path / "a.npz")) == CLIPS[0]).all()
    write_clip(tmp_path / "b.npz", CLIPS[1, 2])
    assert (read_clips(tmp_path / "b.npz")[0] == CLIPS[1, 2]).all()
    write_sheet(tmp_path / "c.npz", CLIPS)
    assert (np.stack(read_clips(tmp_path / "c.npz")) == CLIPS.reshape(6, 5, 7, 4, 3)).all()


@pytest.mark.parametrize(("kind", "error"), [("gif", 0), ("mp4", 4)])
def test_a_clip_is_read_again_enlarged(tmp_path: Path, kind: str, error: int) -> None:
    write_clip(tmp_path / f"a.{kind}", CLIPS[0, 1], rate=5, scale=3)
    (found,) = read_clips(tmp_path)  # nothing else is left there
    wanted = CLIPS[0, 1].repeat(3, 1).repeat(3, 2)
    assert found.shape == (5, 21 + (kind == "mp4"), 12, 3)  # mp4 has even sides
    assert np.abs(found[:, :21].astype(int) - wanted).max() <= error
    seconds = {"gif": 1000, "mp4": 1}[kind] / iio.immeta(tmp_path / f"a.{kind}")[
        {"gif": "duration", "mp4": "fps"}[kind]
    ]
    assert seconds == pytest.approx({"gif": 5, "mp4": 0.2}[kind])


def test_a_png_is_a_strip(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.png", CLIPS[1, 0], scale=2)
    picture = iio.imread(tmp_path / "a.png")
    assert picture.shape == (2 * (7 + 2 * GAP), 2 * (5 * (4 + GAP) + GAP), 3)
    assert picture[8, 2 * (GAP + 2) :: 2 * (4 + GAP), 0].tolist() == SHADES[1, 0].tolist()
    assert (picture[0] == GREY).all()


def test_a_grid_moves_row_by_row_and_ends_in_grey() -> None:
    grid = grid_clip(CLIPS.reshape(6, 5, 7, 4, 3)[:5])  # 3 columns of 2 rows, one of six places free
    assert grid.shape == (5, 2 * (7 + GAP) + GAP, 3 * (4 + GAP) + GAP, 3)
    middles = grid[:, 4 :: 7 + GAP, 2 :: 4 + GAP, 0].transpose(1, 2, 0)
    assert (middles.reshape(6, 5)[:5] == SHADES.reshape(6, 5)[:5]).all() and (middles[1, 2] == GREY).all()
    assert grid_clip(CLIPS[0], columns=1).shape[1:3] == (3 * (7 + GAP) + GAP, 4 + 2 * GAP)


def test_a_sheet_has_content_down_motion_across() -> None:
    picture, own = sheet(CLIPS), strip(CLIPS[0, 0])
    high, wide = own.shape[0] + WIDE, own.shape[1] + WIDE
    assert picture.shape == (2 * high + WIDE, 3 * wide + WIDE, 3)
    for row in range(2):
        for column in range(3):
            place = picture[WIDE + row * high :, WIDE + column * wide :][: own.shape[0], : own.shape[1]]
            assert (place == strip(CLIPS[row, column])).all()


def test_sheets_are_written(tmp_path: Path) -> None:
    write_sheet(tmp_path / "a.gif", CLIPS)
    assert (read_clips(tmp_path / "a.gif")[0] == grid_clip(CLIPS.reshape(6, 5, 7, 4, 3), 3)).all()
    write_sheet(tmp_path / "a.png", CLIPS)
    assert (iio.imread(tmp_path / "a.png") == sheet(CLIPS)).all()


def test_what_cannot_be_written_leaves_nothing_new(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"as it was")
    for name, options, says in (
        ("a.avi", {}, "choose gif"), ("a", {}, "without an extension"), ("none/a.gif", {}, "no folder"),
        ("none/a.npz", {}, "no folder"), ("a.gif", {"rate": 0}, "rate 0"), ("a.gif", {"scale": 0}, "scale 0"),
        ("a.gif", {"rate": 200}, "rate 200"), ("a.gif", {"rate": float("nan")}, "rate nan"),
        ("a.mp4", {"rate": 1e-12}, "rate 1e-12"), ("a.mp4", {"rate": float("inf")}, "rate inf"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=says):
            write_clip(tmp_path / name, CLIPS[0, 0], **options)
    with pytest.raises(ValueError):
        write_clip(tmp_path / "a.gif", CLIPS[0, 0, 0, 0, 0])  # no clip at all
    with pytest.raises(UserError, match="40000 pixels"):
        write_clip(tmp_path / "a.gif", np.zeros((2, 1, 40_000, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"] and (tmp_path / "a.gif").read_bytes() == b"as it was"


def test_small_frames_are_enlarged_by_whole_numbers() -> None:
    assert [fitting_scale(pixels) for pixels in (8, 32, 64, 96, 128)] == [12, 3, 2, 1, 1]
