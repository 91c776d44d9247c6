"""A user's clips: what is read, in which order, and what is refused by name."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.video.clips import read_clips, resize


def clip(length: int = 5, high: int = 12, wide: int = 16, tag: int = 0) -> np.ndarray:
    """uint8 [length, high, wide, 3]; frame t is filled with 20 * t + tag."""
    shades = (20 * np.arange(length) + tag).astype(np.uint8)
    return np.broadcast_to(shades[:, None, None, None], (length, high, wide, 3)).copy()


def save_frames(folder: Path, frames: np.ndarray, first: int = 1) -> None:
    folder.mkdir(parents=True)
    for i, frame in enumerate(frames, first):
        iio.imwrite(folder / f"frame{i}.png", frame)


def shades(found: np.ndarray) -> list[int]:
    return found[:, 0, 0, 0].tolist()


def test_folders_of_frames_in_natural_order(tmp_path: Path) -> None:
    save_frames(tmp_path / "clip10", clip(2, tag=5))
    save_frames(tmp_path / "clip9", clip(11))
    (tmp_path / ".hidden").write_text("no clip")
    found = read_clips(tmp_path)
    assert [shades(one) for one in found] == [list(range(0, 220, 20)), [5, 25]]
    assert shades(read_clips(tmp_path / "clip9", stride=4)[0]) == [0, 80, 160]
    assert found[0].dtype == np.uint8 and found[0].shape == (11, 12, 16, 3)


def test_gif_mp4_and_npz(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.gif", clip(), plugin="pillow", duration=100)
    iio.imwrite(tmp_path / "b.mp4", clip(), plugin="pyav", codec="libx264", fps=8)
    np.savez(tmp_path / "c.npz", frames=np.stack([clip(), clip(tag=3)]))
    gif, mp4, *packed = read_clips(tmp_path, frames=5, multiple=4)
    assert shades(gif) == shades(clip())
    assert np.abs(mp4.astype(int) - clip()).max() <= 3
    assert [shades(one) for one in packed] == [shades(clip()), shades(clip(tag=3))]
    assert [len(read_clips(tmp_path / f"{name}", stride=2)[0]) for name in ("a.gif", "b.mp4", "c.npz")] == [3, 3, 3]


def test_grey_palettes_alpha_and_sixteen_bits_become_rgb(tmp_path: Path) -> None:
    from PIL import Image

    grey = Image.fromarray(np.full((4, 4), 40, np.uint8))
    kinds = [grey, grey.convert("P"), grey.convert("LA"), Image.new("RGBA", (4, 4), (40, 40, 40, 0))]
    kinds += [Image.fromarray(np.full((4, 4), 40 * 256 + 7, np.uint16))]
    for i, image in enumerate(kinds):
        image.save(tmp_path / f"{i}.png")
    assert (read_clips(tmp_path)[0] == np.full((5, 4, 4, 3), 40)).all()
    Image.fromarray(np.eye(4, dtype=bool)).save(tmp_path / "5.png")
    assert (read_clips(tmp_path)[0][5] == 255 * np.eye(4)[:, :, None]).all()
    (tmp_path / "6.pgm").write_bytes(b"P5 4 4 65535\n" + (40 * 256 + 7).to_bytes(2, "big") * 16)
    assert (read_clips(tmp_path)[0][6] == 40).all()


def test_printers_colours_become_those_of_a_screen(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "1.jpg")  # magenta and yellow: red
    red, green, blue = read_clips(tmp_path)[0][0].mean((0, 1))
    assert red > 200 and max(green, blue) < 60


def test_resizing_takes_the_middle_and_means_over_areas(tmp_path: Path) -> None:
    frame = np.zeros((4, 8, 3), np.uint8)
    frame[:, :2] = frame[:, 6:] = 255  # cut away
    frame[0, 2:4], frame[3, 5] = 80, 200
    assert resize(frame, 2)[:, :, 0].tolist() == [[40, 0], [0, 50]]
    ramp = np.broadcast_to(np.array([0, 60, 120])[None, :, None], (3, 3, 3)).astype(np.uint8)
    assert resize(ramp, 2)[0, :, 0].tolist() == [20, 100]  # of areas one and a half wide
    assert (resize(ramp, 3) == ramp).all() and resize(ramp, 6)[0, :, 0].tolist() == [0, 0, 60, 60, 120, 120]
    save_frames(tmp_path / "a", clip(3))
    save_frames(tmp_path / "b", clip(3, 20, 8))
    assert [one.shape for one in read_clips(tmp_path, pixels=8)] == [(3, 8, 8, 3)] * 2


def broken_npz(path: Path) -> None:
    path.write_bytes(b"PK no zip")


def pickled(path: Path) -> None:
    np.savez(path, frames=np.array([{"a": 1}], dtype=object))


def of_floats(path: Path) -> None:
    np.savez(path, frames=clip()[None] / 255)


def flat(path: Path) -> None:
    np.savez(path, clips=clip()[None])


def half_mp4(path: Path) -> None:
    iio.imwrite(path, np.random.default_rng(0).integers(0, 255, (9, 64, 64, 3), np.uint8), plugin="pyav", codec="h264")
    path.write_bytes(path.read_bytes()[:900])


def half_gif(path: Path) -> None:
    iio.imwrite(path, np.random.default_rng(0).integers(0, 255, (9, 16, 16, 3), np.uint8), plugin="pillow")
    path.write_bytes(path.read_bytes()[:2_000])


def no_gif(path: Path) -> None:
    path.write_bytes(b"GIF89a and no more")


BROKEN = [
    ("x.npz", broken_npz, "no array"), ("x.npz", pickled, "no array"), ("x.npz", of_floats, "must be uint8"),
    ("x.npz", flat, "no array"), ("x.mp4", half_mp4, "broken"), ("x.gif", no_gif, "broken"),
    ("x.gif", half_gif, "its end is missing"),
    ("x.txt", no_gif, "not read as a clip"), ("x", no_gif, "without an extension"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "says"), BROKEN, ids=[f"{make.__name__}" for _, make, _ in BROKEN])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, make: Any, says: str) -> None:
    make(tmp_path / name)
    for path in (tmp_path / name, tmp_path):
        with pytest.raises(UserError, match=says) as caught:
            read_clips(path)
        assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)


def test_wrong_sizes_are_named(tmp_path: Path) -> None:
    save_frames(tmp_path / "a", clip(3))
    with pytest.raises(UserError, match=r"a: 3 frames, 4 are"):
        read_clips(tmp_path, frames=4)
    with pytest.raises(UserError, match=r"a: 2 frames \(of every 2 one\), 3 are"):
        read_clips(tmp_path, frames=3, stride=2)
    with pytest.raises(UserError, match=r"frame1.png: 16 x 12 pixels, which must be multiples of 8"):
        read_clips(tmp_path, multiple=8)
    save_frames(tmp_path / "b", clip(3, 12, 12))
    with pytest.raises(UserError, match=r"b/frame1.png: 12 x 12 pixels, the first clip has 16 x 12"):
        read_clips(tmp_path)
    iio.imwrite(tmp_path / "a" / "frame4.png", clip(1, 8, 8)[0])
    with pytest.raises(UserError, match=r"a: frames of several sizes"):
        read_clips(tmp_path / "a")


def test_nothing_there_and_too_much_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(UserError, match="no clip there|no such file"):
            read_clips(path)
    save_frames(tmp_path / "a" / "deep", clip(3))
    with pytest.raises(UserError, match=r"a/deep: lies among"):
        read_clips(tmp_path)
    with pytest.raises(UserError, match=r"b: no frame there"):
        read_clips(_only(tmp_path, "b"))
    with pytest.raises(UserError, match="give 1 or more"):
        read_clips(tmp_path, stride=0)


def _only(folder: Path, name: str) -> Path:
    """A folder whose only entry is an empty folder `name`."""
    own = folder / "own"
    (own / name).mkdir(parents=True)
    return own


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    iio.imwrite(tmp_path / "a.gif", clip(), plugin="pillow")
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("imageio"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match=r"textdis\[video\]"):
        read_clips(tmp_path)
