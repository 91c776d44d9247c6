"""Content distance and motion, on clips drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from textdis.metrics.video import (
    centroids,
    colour_distance,
    content_distance,
    frechet_distance,
    path_correlation,
    path_length,
    shape_colours,
)


def clip(colours: list[tuple[int, int, int]], columns: list[int], size: int = 4, row: int = 5) -> np.ndarray:
    """A square of `size` in each frame's colour, its left edge at each frame's column. uint8 [T, 20, 20, 3]"""
    frames = np.zeros((len(columns), 20, 20, 3), np.uint8)
    for frame, colour, column in zip(frames, colours, columns, strict=True):
        frame[row : row + size, column : column + size] = colour
    return frames


RED, PINK, GREEN = (200, 0, 0), (200, 30, 40), (0, 200, 0)


def test_one_colour_has_distance_0_exactly_with_soft_edges_too() -> None:
    moving = clip([RED] * 4, [1, 4, 7, 11])
    soft = np.repeat(np.repeat(moving, 3, 1), 3, 2)[:, 1:-2, 2:-1].reshape(4, 19, 3, 19, 3, 3).mean((2, 4))
    for one in (moving, soft.round().astype(np.uint8)):
        assert content_distance([one]) == {"acd": 0.0, "empty_share": 0.0}


def test_distance_by_hand() -> None:
    """Pairs of three frames, two red and one pink: 0, 50, 50, as sqrt(30^2 + 40^2) = 50. Mean 100 / 3."""
    assert content_distance([clip([RED, RED, PINK], [1, 4, 7])])["acd"] == pytest.approx(100 / 3)
    both = [clip([RED, RED, PINK], [1, 4, 7]), clip([RED, RED], [1, 4])]
    assert content_distance(both)["acd"] == pytest.approx(50 / 3)


def test_empty_frames_are_skipped_and_counted() -> None:
    scores = content_distance([clip([RED, (0, 0, 0), PINK, (9, 9, 9)], [1, 4, 7, 9])])
    assert scores == {"acd": pytest.approx(50.0), "empty_share": 0.5}
    for nothing in ([clip([(0, 0, 0)] * 3, [1, 2, 3])], [clip([RED], [1])]):
        with pytest.raises(ValueError, match="no content distance"):
            content_distance(nothing)
        with pytest.raises(ValueError, match="no path"):
            path_length(nothing)


def test_a_still_clip_has_no_path_and_a_moving_one_its_length() -> None:
    assert path_length([clip([RED] * 3, [4, 4, 4])])["path"] == 0
    there_and_back = path_length([clip([RED] * 3, [2, 8, 2])])
    assert there_and_back == {"path": pytest.approx(12 / 20), "direct": pytest.approx(0)}


def test_places_and_colours_of_frames() -> None:
    one = clip([RED, GREEN, (0, 0, 0)], [1, 4, 9])
    assert centroids(one)[:2].tolist() == pytest.approx(np.array([[0.35, 0.15], [0.35, 0.30]]))
    assert np.isnan(centroids(one)[2]).all() and np.isnan(shape_colours(one)[2]).all()
    assert shape_colours(one)[:2].tolist() == [list(RED), list(GREEN)]
    with pytest.raises(ValueError, match="axes"):
        centroids(one[0])


def test_swaps() -> None:
    rows, columns = [3, 6, 9], [2, 5, 11]
    red = [clip([RED] * 3, columns, row=row) for row in rows]
    green = [clip([GREEN] * 3, columns, row=row) for row in rows]
    assert colour_distance(red, green) == pytest.approx(np.hypot(200, 200)) and colour_distance(red, red) == 0
    assert path_correlation(red, green) == pytest.approx(1)
    back = [clip([RED] * 3, [11, 5, 2], row=row) for row in rows]
    assert path_correlation(red, back) < 0.7
    with pytest.raises(ValueError, match="none moves"):
        path_correlation([red[0][:1]], [green[0][:1]])
    still = [clip([RED] * 12, [0] * 12, size=3, row=0)]  # whose places deviate by 1e-17 from their mean
    with pytest.raises(ValueError, match="none moves"):
        path_correlation(still, still)


def test_frechet_distance_by_hand() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(500, 3))
    one = (one - one.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(one.T)).T)  # mean 0, covariance I exactly
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(one, 2 * one + [3, 0, 0]) == pytest.approx(9 + 3 * 1)
    assert frechet_distance(one[:, :1], 2 * one[:, :1] + 3) == pytest.approx(10)
    with pytest.raises(ValueError, match="two rows"):
        frechet_distance(one[:1], one)
