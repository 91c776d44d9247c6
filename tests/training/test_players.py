from functools import partial

import pytest
import torch
from torch import nn
from training_toys import At, PerExample, Stream, Toy, same, train, weights

from textdis.core.objective import Objective, Player, Turn
from textdis.training.players import NonFiniteLoss
from textdis.training.trainer import Trainer, TrainerConfig

SGD = partial(torch.optim.SGD, lr=1.0)


class Descending(PerExample):
    def players(self):
        return {"model": Player(self.model, optimizer=SGD)}


class Joined(Stream):
    """Three batches of B as one."""

    def __next__(self):
        parts = [Stream.__next__(self) for _ in range(3)]
        tokens = torch.cat([part.tokens for part in parts])
        return type(parts[0])(tokens, torch.full((len(tokens),), tokens.shape[1]))


def test_accumulation_equals_the_large_batch():
    small = train(None, 6, Descending, accumulate=3, dropout=0.0)
    large = train(None, 2, Descending, stream=Joined(), dropout=0.0)
    for name, value in weights(large).items():
        torch.testing.assert_close(weights(small)[name], value, rtol=1e-5, atol=1e-6)
    assert small.players.players["model"].steps == 2


def test_players_that_share_a_weight_accumulate_apart():
    """SGD with rates 1 and 1000 on gradients 3 and 5 of one weight: -3 - 5000 after two turns each."""

    class Shared(Objective):
        def players(self):
            rates = {"slow": 1.0, "fast": 1000.0}
            return {n: Player(self.model, optimizer=partial(torch.optim.SGD, lr=rate)) for n, rate in rates.items()}

        def turns(self, batches, step):
            yield Turn("slow", {"a": 3 * self.model.weight.sum()})
            yield Turn("fast", {"b": 5 * self.model.weight.sum()})

    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    Trainer(Shared(model), TrainerConfig(2, accumulate=2, device="cpu")).fit(Stream())
    assert model.weight.item() == -5003.0


def test_a_resume_within_a_group_of_turns_is_exact(tmp_path):
    train(tmp_path, 4, accumulate=3)
    assert same(weights(train(tmp_path, 11, accumulate=3)), weights(train(None, 11, accumulate=3)))


def failing(at, value):
    class Failing(PerExample):
        def turns(self, batches, step):
            for turn in super().turns(batches, step):
                bad = 0 * turn.losses["nll"] + (value if step + 1 == at else 1.0)
                yield Turn(turn.player, turn.losses | {"kl": bad})

    return Failing


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_not_finite_stops_the_run_and_leaves_the_last_state(tmp_path, value):
    with pytest.raises(NonFiniteLoss, match=r"step 8: loss kl of turn 'model'"):
        train(tmp_path, 20, failing(8, value))
    state = torch.load(tmp_path / "training" / "state.pt", weights_only=True)
    assert state["state"]["step"] == 5
    good = failing(None, 0)
    assert same(weights(train(tmp_path, 9, good)), weights(train(None, 9, good)))


def test_nothing_is_descended_on_a_loss_that_is_not_finite():
    objective = failing(3, float("nan"))(Toy(0.0))
    before = {}
    keep = At(2, lambda trainer: before.update(weights(trainer)))
    trainer = Trainer(objective, TrainerConfig(9, device="cpu"), callbacks=[keep])
    with pytest.raises(NonFiniteLoss):
        trainer.fit(Stream())
    assert same(weights(trainer), before)


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    class Rooted(PerExample):
        """At step 10 the gradient of a finite loss is not a number: that of sqrt at 0."""

        def turns(self, batches, step):
            for turn in super().turns(batches, step):
                zero = (self.model.unused * 0).square().sum().sqrt() if step + 1 == 10 else 0 * turn.total
                yield Turn(turn.player, turn.losses | {"root": zero})

    with pytest.raises(NonFiniteLoss, match="step 10: a weight"):
        train(tmp_path, 20, Rooted)
    assert torch.load(tmp_path / "training" / "state.pt", weights_only=True)["state"]["step"] == 5
