"""Clips by name: splits, factors, and pixels that agree with them."""

from __future__ import annotations

import numpy as np
import pytest

from data_recipes.clips import NAMES, load_clips
from data_recipes.recipe import default_roots
from textdis.core.errors import UserError
from textdis.metrics.video import centroids, shape_colours

here = any((root / "video").is_dir() for root in default_roots())
needs_files = pytest.mark.skipif(not here, reason="needs the folder video of the data")


def test_bezier_shapes_are_what_their_factors_say() -> None:
    made = load_clips("bezier_shapes", pixels=32, frames=8, counts=(40, 5, 5))
    train = made["train"]
    assert len(train) == 40 and train.frames[0].shape == (8, 32, 32, 3) and train.names["shape"] == ("disc", "square")
    for clip, motion, size, colour in zip(
        train.frames, train.factors["motion"], train.factors["size"], train.factors["color"], strict=True
    ):
        way = centroids(clip)[-1] - centroids(clip)[0]
        assert way[1 - motion] == pytest.approx(1 - size / 64, abs=0.05)
        seen = shape_colours(clip)
        assert np.abs(seen[~np.isnan(seen[:, 0])] - colour).max(initial=0) <= 1
    squares = train.factors["shape"] == 1
    area = [(clip.max(-1) > 0).sum() / size**2 for clip, size in zip(train.frames, train.factors["size"], strict=True)]
    assert np.mean(np.array(area)[squares]) > 1.1 * np.mean(np.array(area)[~squares])


def test_bezier_shapes_repeat_and_differ_by_seed_and_split() -> None:
    own = {"pixels": 16, "frames": 3, "counts": (4, 4, 4)}
    one, same, other = (load_clips("bezier_shapes", **own, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one["train"].frames, same["train"].frames)
    assert not np.array_equal(one["train"].frames, other["train"].frames)
    assert not np.array_equal(one["train"].frames, one["test"].frames)


@needs_files
def test_shape_motion_splits_share_no_clip_with_the_small_set_either() -> None:
    full, small = load_clips("shape_motion", pixels=32), load_clips("shape_motion_small")
    ids = {split: set(part.factors["source_id"].tolist()) for split, part in full.items()}
    assert sum(map(len, ids.values())) == len(set.union(*ids.values())) == 8000
    assert all(set(small[split].factors["source_id"].tolist()) <= ids[split] for split in ids)
    place = {int(number): i for i, number in enumerate(full["test"].factors["source_id"])}
    for clip, number in zip(small["test"].frames[:20], small["test"].factors["source_id"], strict=False):
        assert np.array_equal(clip, full["test"].frames[place[int(number)]])


@needs_files
def test_shape_motion_is_what_its_factors_say() -> None:
    part = load_clips("shape_motion", pixels=64, frames=16)["dev"]
    for i in range(0, 100, 5):
        way = np.diff(centroids(part.frames[i])[[0, -1]], axis=0)[0]
        assert way[part.factors["motion"][i]] < -0.4  # up, or to the left
        assert np.array_equal(shape_colours(part.frames[i]), np.broadcast_to(part.factors["color"][i], (16, 3)))
    assert len(part.frames[3:5]) == 2


@needs_files
def test_weizmann_splits_by_person() -> None:
    made = load_clips("weizmann")
    people = [set(part.factors["person"].tolist()) for part in made.values()]
    assert sum(map(len, people)) == len(set.union(*people)) == 9
    assert made["train"].frames.shape[1:] == (16, 64, 64, 3) and set(made["train"].factors["action"]) == {0, 1, 2, 3}


@needs_files
@pytest.mark.parametrize("options", [{"pixels": 33}, {"frames": 33}, {"frames": 0}, {"frames": 16, "stride": 3}])
def test_refuses_what_cannot_be_cut(options: dict[str, int]) -> None:
    with pytest.raises(UserError, match="32 of 64"):
        load_clips("shape_motion", **options)


def test_refuses_unknown_names_and_options(tmp_path) -> None:
    with pytest.raises(UserError, match="there are bezier_shapes"):
        load_clips("faces")
    with pytest.raises(UserError, match="no option 'sides'; they have pixels"):
        load_clips("bezier_shapes", sides=3)
    with pytest.raises(UserError, match="not found"):
        load_clips("shape_motion", tmp_path)
    with pytest.raises(UserError, match="16 pixels"):
        load_clips("bezier_shapes", pixels=8)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_splits_of_one_kind(name: str) -> None:
    own = {"counts": (3, 2)} if name in ("sprites", "moving_mnist") else {}
    own |= {"counts": (3, 2, 2)} if name == "bezier_shapes" else {}
    try:
        made = load_clips(name, **own)
    except UserError as error:
        pytest.skip(str(error))
    for part in made.values():
        assert part.frames[0].dtype == np.uint8 and part.frames[0].ndim == 4
        assert all(len(column) == len(part) for column in part.factors.values())
