"""Pictures drawn point by point."""

from __future__ import annotations

import math

import torch

from textdis.nn.points import COVER_LEAK, EVEN, LEAK, REACH, PointGenerator


def made() -> PointGenerator:
    torch.manual_seed(0)
    return PointGenerator(told=3, others=2, pixels=16, colours=3, width=5, hidden=7)


def test_pictures_of_a_size_in_range_and_each_of_its_own_code() -> None:
    model, codes = made(), torch.randn(11, 5)
    shown = model(codes)
    assert shown.shape == (11, 3, 16, 16)
    assert shown.abs().max() < 1 + 20 * LEAK and shown.std() > 0.01
    assert torch.allclose(model(codes[4:5])[0], shown[4], atol=1e-5)


def test_the_others_move_a_picture_and_do_not_repaint_it() -> None:
    """Where all but `place` is still, a picture that is moved by two pixels is the same picture, two pixels on."""
    model, code = made(), torch.zeros(1, 5)
    with torch.no_grad():
        model.place.weight.zero_(), model.place.bias.zero_()
        shown = model(code)
        model.place.bias[0] = math.atanh(2 * 2 / 16 / REACH)  # two of sixteen pixels to the right
        moved = model(code)
    assert not torch.allclose(moved, shown, atol=1e-2)
    assert torch.allclose(moved[:, :, :, 2:], shown[:, :, :, :-2], atol=1e-4)


def test_before_training_a_picture_is_a_spot_within_the_frame() -> None:
    model, codes = made(), torch.randn(50, 5) * 3
    with torch.no_grad():
        shown = (model(codes) - model.ground[..., None]).abs().amax(1)
    assert shown.flatten(1).amax(1).median() > 0.3
    seen = (shown > shown.flatten(1).amax(1)[:, None, None] / 2).float().mean((1, 2))
    assert float(seen.min()) > 0 and float(seen.median()) < 0.1


def test_quiet_others_do_little_but_place_things_whatever_was_learnt() -> None:
    codes = torch.cat([torch.randn(1, 3).expand(50, 3), torch.randn(50, 2)], 1)
    spread = {}
    for quiet in (0.0, 0.1, 1.0):
        torch.manual_seed(0)
        model = PointGenerator(3, 2, 16, 3, width=5, hidden=7, quiet=quiet)
        for weight in model.all.parameters():
            torch.nn.init.normal_(weight)
        seen: list[torch.Tensor] = []
        model.all.register_forward_hook(lambda *given, seen=seen: seen.append(given[2].detach()))
        model(codes)
        spread[quiet] = float(seen[0].std(0).mean())
    assert spread[0.0] < 1e-6 < spread[0.1] < spread[1.0] / 5


def test_what_places_say_of_colours_weighs_a_tenth() -> None:
    """Of weights that are as large as one another: what differs within a picture and what is the same all over."""
    model, h, spot = made(), torch.randn(4, 5, 256), torch.full((4, 1, 256), 50.0)
    paint, mask = torch.zeros(4, 3 * 6), torch.zeros(4, 6)
    within, all_over = paint.clone(), paint.clone()
    within.view(4, 3, 6)[:, :, :5], all_over.view(4, 3, 6)[:, :, 5] = 1e-3, 1e-3
    flat, first, second = (model._painted(h, spot, one, mask).flatten(2) for one in (paint, within, all_over))
    expected = EVEN * 1e-3 * h.sum(1, keepdim=True).expand(-1, 3, -1) / 5**0.5
    cover = (second - flat) / 1e-3  # what a weight of 1 all over does
    assert torch.allclose(first - flat, cover * expected, atol=1e-6)


def test_what_is_flat_has_one_colour_that_the_told_numbers_say() -> None:
    torch.manual_seed(0)
    model, codes = PointGenerator(3, 2, 16, 3, width=5, hidden=7, flat=True), torch.randn(2, 5)
    codes[1, :3] = codes[0, :3]  # the same content, elsewhere
    with torch.no_grad():
        model.mask.bias[-1] = 2000.0  # nothing of the ground is seen
        shown = model(codes).clamp(-1, 1).flatten(2)
    assert float(shown.std(2).max()) < 1e-5 and torch.allclose(shown[0], shown[1], atol=1e-5)
    with torch.no_grad():
        other = model(torch.randn(1, 5)).clamp(-1, 1).flatten(2)
    assert not torch.allclose(other[0], shown[0], atol=0.05)


def test_colours_are_of_the_told_numbers_alone() -> None:
    model, codes = made(), torch.randn(2, 5)
    codes[1, :3] = codes[0, :3]
    seen: list[torch.Tensor] = []
    model.paint.register_forward_hook(lambda *given: seen.append(given[2]))
    model.place.register_forward_hook(lambda *given: seen.append(given[2]))
    model(codes)
    place, paint = seen
    assert torch.allclose(paint[0], paint[1], atol=1e-6) and not torch.allclose(place[0], place[1])


def test_the_ground_shows_where_the_mask_does_not_cover() -> None:
    model = made()
    with torch.no_grad():
        model.mask.weight.zero_(), model.mask.bias.zero_()
        model.mask.bias[-1] = -40.0  # its logit; COVER_LEAK of 8 is left of that
        model.ground.copy_(torch.tensor([[-1.0], [0.0], [0.5]]))
    shown = model(torch.zeros(1, 5))
    assert (shown - model.ground[None, :, :, None]).abs().max() < 8 * COVER_LEAK * 3


def test_every_weight_learns_also_where_colours_are_saturated() -> None:
    model = made()
    with torch.no_grad():
        model.paint.bias.fill_(-6.0)  # as dark as the ground
    model(torch.randn(50, 5)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 1e-3 for p in model.parameters())
