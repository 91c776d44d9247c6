"""Batched L-BFGS against minima that are known."""

import pytest
import torch

from textdis.nn.lbfgs import CONVERGED, LIMIT, STUCK, minimise


def bowls(count=7, size=5, seed=0):
    """Quadratic bowls of condition numbers up to 10^4 with known bottoms."""
    rng = torch.Generator().manual_seed(seed)
    bottoms = torch.randn(count, size, generator=rng, dtype=torch.float64)
    widths = 10 ** (4 * torch.rand(count, size, generator=rng, dtype=torch.float64))

    def function(x, rows):
        away = x - bottoms[rows]
        return (widths[rows] * away.square()).sum(-1) / 2, widths[rows] * away

    return function, bottoms


def test_each_row_finds_its_own_bottom():
    function, bottoms = bowls()
    found = minimise(function, torch.zeros_like(bottoms), tolerance=1e-9)
    assert torch.allclose(found.point, bottoms, atol=1e-8)
    assert (found.status == CONVERGED).all() and (found.slope < 1e-9).all()
    assert len(set(found.iterations.tolist())) > 1  # rows that are done leave the others to go on


def test_a_row_does_not_depend_on_its_neighbours():
    function, bottoms = bowls()
    together = minimise(function, torch.zeros_like(bottoms))
    alone = minimise(lambda x, rows: function(x, rows + 3), torch.zeros_like(bottoms[3:4]))
    assert torch.equal(together.point[3:4], alone.point)


def test_rosenbrock():
    def valley(x, rows):
        x = x.detach().requires_grad_()
        value = (1 - x[:, 0]) ** 2 + 100 * (x[:, 1] - x[:, 0] ** 2) ** 2
        return value.detach(), torch.autograd.grad(value.sum(), x)[0]

    start = torch.tensor([[-1.2, 1.0], [3.0, -3.0], [1.0, 1.0]], dtype=torch.float64)
    found = minimise(valley, start, tolerance=1e-8)
    assert torch.allclose(found.point, torch.ones(3, 2, dtype=torch.float64), atol=1e-6)
    assert found.iterations[2] == 0


def test_the_best_point_comes_back_with_its_status():
    function, bottoms = bowls()
    start = torch.zeros_like(bottoms)
    found = minimise(function, start, iterations=2)
    assert (found.status == LIMIT).any() and (found.value < function(start, torch.arange(7))[0]).all()
    assert torch.equal(found.value, function(found.point, torch.arange(7))[0])

    def lying(x, rows):  # says that it falls where it rises
        return x.sum(-1), -torch.ones_like(x)

    stuck = minimise(lying, torch.zeros(2, 3, dtype=torch.float64))
    assert (stuck.status == STUCK).all() and torch.equal(stuck.point, torch.zeros(2, 3, dtype=torch.float64))


def test_a_start_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite at the start"):
        minimise(lambda x, rows: (x.sum(-1).log(), x), -torch.ones(2, 3, dtype=torch.float64))
