"""The traversal of codes, against the formula written out with V and delta, and scipy's optimiser."""

import numpy as np
import pytest
import torch

from textdis.nn.traversal import _Space, median_bandwidth, traverse

SIZE, SOURCES, TARGETS = 17, 13, 11  # D, m, n


def normal(*shape, seed=0, shift=0.0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


@pytest.fixture
def sets():
    """Codes, sources around 0, targets around 0.7: relu features, as a CNN gives."""
    return [torch.relu(x) for x in (normal(5, SIZE, seed=1), normal(SOURCES, SIZE), normal(TARGETS, SIZE, shift=0.7))]


def written_out(z, sources, targets, sigma, budget):
    """The paper's objective of delta for one code, in numpy, with its gradient V^T (...)."""
    z, x, y = (np.asarray(part) for part in (z, sources, targets))
    v = np.concatenate([y, x, z[None]]).T  # [D, n + m + 1]

    def objective(delta):
        moved = z + v @ delta
        near, far = (np.exp(-((part - moved) ** 2).sum(1) / (2 * sigma)) / len(part) for part in (x, y))
        value = near.sum() - far.sum() + budget * ((v @ delta) ** 2).sum()
        gradient = (near @ (x - moved) - far @ (y - moved)) / sigma + 2 * budget * (v @ delta)
        return value, v.T @ gradient

    return objective, v


def test_witness_by_hand():
    """Source (0, 2), target (2, 0), sigma 2: at (1, 1) both kernels are k = exp(-2 / 4), so f = 0 and its gradient is
    -k (1, -1) / 2 + k (-1, 1) / 2 = k (-1, 1), towards the source; in units of sqrt(2) it is sqrt(2) as long."""
    space = _Space.of(torch.tensor([[0.0, 2.0]]).double(), torch.tensor([[2.0, 0.0]]).double(), 2.0)
    place = torch.ones(1, 2).double() / space.unit @ space.basis
    value, gradient = space.witness(torch.cat([place, torch.zeros(1, 1)], 1))
    assert value.item() == pytest.approx(0.0, abs=1e-12)
    expected = 2**0.5 * np.exp(-0.5) * torch.tensor([[-1.0, 1.0]]).double()
    assert torch.allclose(gradient[:, :-1] @ space.basis.T, expected)


def test_gradient_by_finite_differences(sets):
    codes, sources, targets = sets
    space = _Space.of(sources, targets, 20.0)
    x = normal(4, space.places.shape[1] + 1, seed=2)
    gradient, step = space.witness(x)[1], 1e-6
    for k in range(x.shape[1]):
        nudge = torch.zeros_like(x)
        nudge[:, k] = step
        slope = (space.witness(x + nudge)[0] - space.witness(x - nudge)[0]) / (2 * step)
        assert torch.allclose(slope, gradient[:, k], atol=1e-9)


@pytest.mark.parametrize("budget", [0.0, 7e-5, 1e-2])
def test_no_worse_than_scipy_on_delta(sets, budget):
    from scipy.optimize import check_grad, minimize

    codes, sources, targets = sets
    found = traverse(codes, sources, targets, budget=budget)
    assert found.status == ["converged"] * 5
    for z, moved, length, witness in zip(codes, found.codes, found.lengths, found.witness, strict=True):
        objective, v = written_out(z, sources, targets, found.bandwidth[0].item(), budget)
        start = np.zeros(v.shape[1])
        value, slope = (lambda d, f=objective, i=i: f(d)[i] for i in (0, 1))
        assert check_grad(value, slope, start + 0.01) < 1e-5
        best = minimize(objective, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-15, "maxiter": 5000})
        delta = np.linalg.lstsq(v, (moved - z).numpy(), rcond=None)[0]
        assert np.allclose(v @ delta, moved - z, atol=1e-8)  # the move lies in the span of V
        mine = objective(delta)[0]
        assert mine == pytest.approx(witness.item() + budget * length.item() ** 2, abs=1e-10)
        assert mine - best.fun < 1e-6  # 1e-4 is asked for


def test_the_budget_bounds_the_move(sets):
    lengths = [traverse(*sets, budget=budget).lengths.mean().item() for budget in (0.0, 1e-3, 1e-2, 1.0, 1e6)]
    assert lengths == sorted(lengths, reverse=True) and lengths[-1] < 1e-5


def test_the_printed_budget_depends_on_the_scale_and_the_relative_one_does_not(sets):
    once, ten = sets, [10 * part for part in sets]
    printed = [traverse(*part, budget=1e-2) for part in (once, ten)]
    assert printed[1].lengths.mean() / 10 < 0.1 * printed[0].lengths.mean()
    relative = [traverse(*part, budget=1e-2, relative=True) for part in (once, ten)]
    assert torch.allclose(relative[1].codes, 10 * relative[0].codes, rtol=1e-6)
    assert torch.allclose(relative[1].budget, relative[0].budget / 100)
    assert ten[1].norm(dim=-1).mean() < relative[1].scale < ten[2].norm(dim=-1).mean()


def test_a_small_bandwidth_is_told_not_hidden(sets):
    found = traverse(*sets, bandwidth=0.005 * median_bandwidth(*sets[1:]))
    assert found.status == ["flat"] * 5 and torch.equal(found.codes, sets[0])
    assert found.converged == 0.0
    assert traverse(sets[0], sets[1], sets[1]).status == ["flat"] * 5  # two sets that are one


def test_an_early_end_gives_the_best_code_so_far(sets):
    codes, sources, targets = sets
    early, late = (traverse(codes, sources, targets, iterations=count) for count in (1, 500))
    assert early.status == ["limit"] * 5
    assert (early.witness < early.start).all() and (late.witness < early.witness).all()


def test_duplicates_a_code_among_the_sources_and_sets_of_one(sets):
    codes, sources, targets = sets
    plain = traverse(codes, sources, targets)
    doubled = traverse(codes, torch.cat([sources, sources]), torch.cat([targets, targets]))
    assert torch.allclose(doubled.codes, plain.codes, atol=1e-5)  # the means are the same
    assert traverse(sources, sources, targets).status == ["converged"] * SOURCES
    alone = traverse(codes, sources[:1], targets[:1], budget=0.0)
    assert alone.status == ["converged"] * 5 and (alone.sources, alone.targets) == (1, 1)


def test_more_examples_than_numbers_and_fewer(sets):
    codes, sources, targets = sets
    for count in (2, 4 * SIZE):
        many = torch.relu(normal(count, SIZE, seed=5))
        assert traverse(codes, many, targets).status == ["converged"] * 5


def test_what_cannot_be_moved_is_refused(sets):
    codes, sources, targets = sets
    broken = codes.clone()
    broken[2, 3] = float("nan")
    for wrong, message in (
        ((broken, sources, targets), "not finite"),
        ((codes, sources / 0, targets), "not finite"),
        ((codes, sources[:0], targets), "one example at least"),
        ((codes[:, 1:], sources, targets), "do not fit"),
    ):
        with pytest.raises(ValueError, match=message):
            traverse(*wrong)
    for options in ({"budget": -1.0}, {"bandwidth": 0.0}, {"bandwidth": float("nan")}, {"budget": float("inf")}):
        with pytest.raises(ValueError, match="must be above 0"):
            traverse(*sets, **options)
    with pytest.raises(ValueError, match="no bandwidth"):
        traverse(codes, targets[:1], targets[:1])


def test_batches_change_nothing(sets):
    whole, parts = traverse(*sets), traverse(*sets, batch_size=2)
    assert torch.allclose(whole.codes, parts.codes, atol=1e-9) and len(parts.status) == 5
    assert traverse(sets[0][:0], *sets[1:]).codes.shape == (0, SIZE)


def test_the_nearest_examples_of_each_code(sets):
    """Codes between two pairs of far-off clouds use the pair that is near."""
    codes, sources, targets = sets
    far = 100.0
    found = traverse(codes, torch.cat([sources + far, sources]), torch.cat([targets, targets + far]), nearest=11)
    alone = [traverse(code[None], _nearest(code, sources, 11), targets) for code in codes]
    for k, one in enumerate(alone):
        assert torch.allclose(found.codes[k], one.codes[0]) and found.bandwidth[k] == one.bandwidth[0]
    assert len(found.status) == 5 and (found.sources, found.targets) == (11, 11)


def _nearest(code, examples, count):
    return examples[torch.cdist(code[None], examples)[0].argsort()[:count]]
