"""Clips to windows, and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from textdis.core.errors import UserError
from textdis.video.batches import clip_batches, collate, once, to_pixels


def counted(length: int, tag: int) -> np.ndarray:
    """A clip uint8 [T, 2, 3, 3] whose frame t is filled with 10 * tag + t."""
    return np.broadcast_to(np.arange(length, dtype=np.uint8)[:, None, None, None] + 10 * tag, (length, 2, 3, 3)).copy()


CLIPS = [counted(5 + tag % 3, tag) for tag in range(9)]


def test_windows_are_consecutive_and_keep_their_label() -> None:
    batches = clip_batches(CLIPS, range(9), batch_size=4, frames=3, seed=1)
    starts = set()
    for _ in range(30):
        batch = next(batches)
        assert batch.frames.shape[1:] == (3, 3, 2, 3)
        pixels = to_pixels(batch.frames)[..., 0, 0, 0].astype(int)
        assert batch.label is not None
        assert (pixels // 10 == batch.label.numpy()[:, None]).all()
        assert (np.diff(pixels, axis=1) == 1).all()
        starts |= set((pixels[:, 0] % 10).tolist())
    assert starts == {0, 1, 2, 3, 4}


def test_it_resumes_exactly() -> None:
    first, second = (clip_batches(CLIPS, batch_size=4, frames=3, seed=2) for _ in range(2))
    for _ in range(5):
        next(first)
    second.load_state_dict(first.state_dict())
    assert torch.equal(next(first).frames, next(second).frames)


def test_whole_clips_are_padded_by_their_last_frame() -> None:
    batch = collate([CLIPS[0], CLIPS[2]])
    assert batch.lengths.tolist() == [5, 7] and batch.valid.sum(1).tolist() == [5, 7]
    assert torch.equal(batch.frames[0, :, 5], batch.frames[0, :, 4])


def test_pixels_come_back_to_the_letter() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)
    frames = collate([clip]).frames
    assert frames.min() >= -1 and frames.max() <= 1
    assert np.array_equal(to_pixels(frames)[0], clip)


def test_each_clip_once_in_order() -> None:
    seen = [b.label for b in once(CLIPS, range(9), batch_size=4, frames=2)]
    assert torch.cat([label for label in seen if label is not None]).tolist() == list(range(9))


def test_a_short_clip_is_named() -> None:
    with pytest.raises(UserError, match="clip 0 has 5 frames, windows take 6"):
        clip_batches(CLIPS, batch_size=4, frames=6)
