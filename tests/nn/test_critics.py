"""Critics of pictures and clips."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from textdis.nn.critics import DriftCritic, ImageCritic, VideoCritic, realness


@pytest.mark.parametrize(("pixels", "frames"), [(16, 4), (32, 8), (64, 16), (16, 1), (32, 5)])
def test_a_window_has_one_logit(pixels: int, frames: int) -> None:
    for at_once in (False, True):
        critic = VideoCritic(pixels, frames, 3, 2, at_once=at_once)
        assert critic(torch.zeros(2, 3, frames, pixels, pixels)).shape == (2, 1, 1)
    assert ImageCritic(pixels, 3, 2)(torch.zeros(5, 3, pixels, pixels)).shape == (5,)


@pytest.mark.parametrize(
    ("made", "outputs"),
    [
        (lambda: VideoCritic(16, 4, 3, 2, outputs=3), 3),
        (lambda: VideoCritic(16, 4, 3, 2, outputs=3, at_once=True), 3),
        (lambda: VideoCritic(16, 4, 3, 2, outputs=3, at_once=True, pooled=5), 3),
        (lambda: DriftCritic(4, 3, 5, 8.0), 1),
    ],
)
def test_one_pass_judges_every_window_as_if_alone(made: Callable[[], nn.Module], outputs: int) -> None:
    torch.manual_seed(0)
    critic = made().eval()
    clips = torch.randn(2, 3, 9, 16, 16)
    whole = critic(clips)
    assert whole.shape == (2, outputs, 6)
    for start in range(6):
        assert torch.allclose(whole[:, :, start], critic(clips[:, :, start : start + 4])[:, :, 0], atol=1e-6)


def test_all_frames_at_once_are_the_first_layer_s() -> None:
    layers = [one for one in VideoCritic(16, 4, 3, 2, spectral=False, at_once=True).layers if hasattr(one, "weight")]
    assert [tuple(one.weight.shape[2:]) for one in layers] == [(4, 4, 4), (1, 4, 4), (1, 4, 4)]


def still_and_moved() -> tuple[torch.Tensor, torch.Tensor]:
    still = torch.zeros(1, 3, 4, 16, 16)
    still[:, :, :, 4:8, 4:8] = torch.tensor([0.9, 0.2, 0.5])[None, :, None, None, None]
    return still, torch.cat([still[:, :, :2], still[:, :, 2:].roll((2, 4), (3, 4))], 2)


def test_what_frames_hold_is_compared_wherever_it_is() -> None:
    """The second way sees a thing change its colour, and not that it moves by whole strides within the frame."""
    torch.manual_seed(0)
    way = VideoCritic(16, 4, 3, 2, spectral=False, pooled=5).pooled
    assert way is not None
    still, moved = still_and_moved()
    turned = torch.cat([still[:, :, :2], still[:, [1, 2, 0], 2:]], 2)
    assert torch.allclose(way(moved), way(still), atol=1e-5) and not torch.allclose(way(turned), way(still), atol=1e-3)


def test_a_slow_change_is_enlarged_and_a_move_is_none() -> None:
    """The critic of drift sees no clip that keeps its looks apart from another, and a drift the more it enlarges it."""
    torch.manual_seed(0)
    critic = DriftCritic(4, 3, 5, 8.0, spectral=False)
    still, moved = still_and_moved()
    drifting = still * torch.linspace(0.97, 1.03, 4)[:, None, None]
    kept = critic(still)
    assert torch.allclose(critic(moved), kept, atol=1e-5) and torch.allclose(critic(still / 2), kept, atol=1e-5)
    seen = (critic(drifting) - kept).abs()
    critic.enlarged *= 4
    assert 0 < 2 * seen < (critic(drifting) - kept).abs()


def test_of_several_outputs_the_first_tells_real_from_generated() -> None:
    logits = torch.arange(2.0 * 3 * 5).view(2, 3, 5)
    assert realness(logits).tolist() == [[0, 1, 2, 3, 4], [15, 16, 17, 18, 19]]
    assert realness(torch.ones(7)).shape == (7,)


def test_it_refuses_short_clips_and_other_axes() -> None:
    critic = VideoCritic(16, 4, 3, 2)
    with pytest.raises(ValueError, match="3 frames"):
        critic(torch.zeros(2, 3, 3, 16, 16))
    with pytest.raises(ValueError, match="axes"):
        critic(torch.zeros(2, 4, 3, 16, 16))
    with pytest.raises(ValueError, match="axes"):
        critic(torch.zeros(8, 3, 16, 16))


def test_it_is_bounded() -> None:
    torch.manual_seed(0)
    critic = VideoCritic(16, 4, 3, 2).train()
    for _ in range(30):  # of the power iteration
        critic(torch.randn(2, 3, 4, 16, 16))
    for layer in critic.layers:
        if isinstance(layer, torch.nn.Conv3d):
            assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.05)
