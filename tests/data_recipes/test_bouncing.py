"""Moving MNIST and sprites: what moves, where, and from what it is made."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from data_recipes.clips import Clips, load_clips, moving_mnist, sprites
from data_recipes.clips.bouncing import TURNS, circles, move, paths
from data_recipes.recipe import default_roots
from textdis.core.errors import UserError

here = pytest.mark.skipif(
    not any((root / "mnist" / moving_mnist.IMAGES).is_file() for root in default_roots()), reason="no MNIST files here"
)


def test_paths_are_straight_between_walls_which_throw_them_back() -> None:
    """Rounded, steps of a straight path differ by one pixel at most; at a wall the direction turns, the pace stays."""
    places = paths(500, 18, 30, 32, np.random.default_rng(0))
    assert places.shape == (500, 30, 2) and places.min() == 0 and places.max() == 18
    steps = np.diff(places, axis=1)
    speeds = np.abs(steps)
    inside = ((places[:, 1:] > 4) & (places[:, 1:] < 14))[:, :-1] & ((places[:, 1:] > 4) & (places[:, 1:] < 14))[:, 1:]
    assert (np.abs(np.diff(steps, axis=1))[inside] <= 1).all()
    turned = (steps[:, 1:] * steps[:, :-1] < 0).any((1, 2))
    assert turned.mean() > 0.9 and speeds.max() <= 5
    pace = np.linalg.norm(steps, axis=-1)[~(steps == 0).any(-1)]
    assert pace.min() >= 1.4 and pace.max() <= 6


def test_circles_turn_round_the_middle_at_a_steady_pace() -> None:
    """In a wide room, where rounding matters little: each corner's angle grows by the same each frame."""
    places = circles(300, 1000, 6, TURNS[0], np.random.default_rng(0))
    assert places.shape == (300, 6, 2) and places.min() >= 0 and places.max() <= 1000
    row, column = np.moveaxis(places - 500.0, -1, 0)
    radius, angle = np.hypot(row, column), np.unwrap(np.arctan2(-row, column), axis=1)
    assert radius.min() >= 199 and radius.max() <= 501 and (np.ptp(radius, axis=1) < 2).all()
    turned = np.diff(angle, axis=1)
    assert (np.ptp(turned, axis=1) < 0.01).all()
    assert turned.min() > TURNS[0][0] - 0.01 and turned.max() < TURNS[0][1] + 0.01
    assert np.ptp(turned.mean(1)) > 0.08  # each has a speed of its own


def test_circling_things_keep_their_own_ranges_of_speed() -> None:
    """Red turns slowly, and clockwise as rows count downwards; green fast, the other way."""
    clips = move(np.full((50, 2, 8, 8), 255, np.uint8), 64, 5, np.random.default_rng(0), motion="circle")
    for plane, (low, high) in enumerate(TURNS[:2]):
        weight = clips[..., plane] / 255.0 / 64
        line = np.arange(64) - 31.5
        row, column = (np.einsum("ntrc,r->nt", weight, line), np.einsum("ntrc,c->nt", weight, line))
        turned = np.diff(np.unwrap(np.arctan2(-row, column), axis=1), axis=1).mean(1)
        assert low - 0.05 < turned.min() and turned.max() < high + 0.05


def test_objects_keep_to_their_planes_and_do_not_see_each_other() -> None:
    """The red object is where it would be with another green one."""
    rng = np.random.default_rng(0)
    objects = np.full((4, 2, 8, 8), 200, np.uint8)
    clips = move(objects, 32, 7, rng)
    assert clips.shape == (4, 7, 32, 32, 3) and clips.dtype == np.uint8
    assert not clips[..., 2].any()
    assert ((clips == 200).sum((2, 3)) == [64, 64, 0]).all()  # whole at all times
    objects[:, 1] = 90
    other = move(objects, 32, 7, np.random.default_rng(0))
    assert np.array_equal(other[..., 0], clips[..., 0]) and not np.array_equal(other[..., 1], clips[..., 1])
    with pytest.raises(UserError, match="4 objects in 3 colour planes"):
        move(np.zeros((1, 4, 8, 8), np.uint8), 32, 7, rng)


def stacked(part: Clips) -> np.ndarray:
    return np.stack(list(part.frames))


@pytest.mark.parametrize("pixels", [32, 64])
def test_sprites_are_made_of_nothing(pixels: int) -> None:
    made = load_clips("sprites", pixels=pixels, frames=5, counts=(30, 7), seed=3)
    clips, factors = stacked(made["train"]), made["train"].factors
    assert clips.shape == (30, 5, pixels, pixels, 3) and len(made["test"]) == 7
    assert made["train"].names["green"] == tuple(sprites.SHAPES) and factors["red"].max() < len(sprites.SHAPES)
    areas = (clips == 255).sum((2, 3))[..., :2]  # of the shape that its number names
    own = (sprites.sprites(pixels // 4) == 255).sum((1, 2))[np.stack([factors["red"], factors["green"]], 1)]
    assert (areas == own[:, None]).all()
    again, other = (load_clips("sprites", pixels=pixels, frames=5, counts=(30, 7), seed=seed) for seed in (3, 4))
    assert np.array_equal(stacked(again["train"]), clips) and not np.array_equal(stacked(other["train"]), clips)


def test_shapes_differ() -> None:
    drawn = sprites.sprites(8).reshape(len(sprites.SHAPES), -1).astype(bool)
    apart = (drawn[:, None] != drawn).sum(-1)
    assert apart[~np.eye(len(drawn), dtype=bool)].min() >= 8


@pytest.mark.parametrize("wrong", [{"pixels": 48}, {"frames": 0}])
def test_sizes_that_are_not_made(wrong: dict[str, int]) -> None:
    with pytest.raises(UserError, match="they are made of 32 or 64"):
        sprites.clips(**wrong)  # type: ignore[arg-type]


@here
def test_no_digit_stands_in_both_splits() -> None:
    """A clip shows its digit whole, so its pixels, brought to the upper left, are the digit's; the two share none."""
    made = load_clips("moving_mnist", counts=(1500, 1500), frames=1)
    seen = {name: {_cut(clip[0, ..., p]) for clip in part.frames for p in (0, 1)} for name, part in made.items()}
    assert len(seen["train"]) > 2000 and len(seen["test"]) > 1000
    assert not seen["train"] & seen["test"]
    assert set(made["train"].factors["red"].tolist()) == set(range(10))


@here
def test_digits_have_their_own_size_at_64_pixels() -> None:
    clips = stacked(load_clips("moving_mnist", pixels=64, frames=2, counts=(3, 1))["train"])
    digits = moving_mnist.read_idx(moving_mnist.FILES.folder() / moving_mnist.IMAGES)
    assert _cut(clips[0, 0, ..., 0]) in {_cut(digit) for digit in digits}


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "digits.gz"
    good = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])
    path.write_bytes(gzip.compress(good))
    assert moving_mnist.read_idx(path).tolist() == [7, 8, 9]
    for content in (b"nothing", gzip.compress(good)[:-9], gzip.compress(good[:-1]), gzip.compress(b"\0\0\7" + good)):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"digits\.gz: not a gzipped idx file"):
            moving_mnist.read_idx(path)


def _cut(plane: np.ndarray) -> bytes:
    rows, columns = (np.flatnonzero(plane.any(axis)) for axis in (1, 0))
    return plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].tobytes()
