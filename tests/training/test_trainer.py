import io
import json
import logging
import math
import os
import signal
import sys
from functools import partial

import pytest
import torch
from torch import nn
from training_toys import At, B, Noisy, PerExample, Stream, Toy, held_out, same, train, weights

from textdis.core.errors import UserError
from textdis.core.objective import Objective, Player, Turn
from textdis.training.callbacks import Callback, Score
from textdis.training.trainer import Trainer, TrainerConfig


def lines(folder, split=None):
    found = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line for line in found if split in (None, line["split"])]


def test_without_output_it_trains_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scores = train(None, 30, PerExample).state.scores
    assert scores["model/nll"] < math.log(11) + 0.5
    assert not list(tmp_path.iterdir())


def test_run_folder_holds_models_state_and_log(tmp_path):
    trainer = train(tmp_path, 7, validation=held_out())
    assert {path.name for path in tmp_path.iterdir()} == {"model", "last", "training", "metrics.jsonl"}
    model = {name[6:]: value for name, value in weights(trainer).items() if name.startswith("model.")}
    assert same(weights(tmp_path / "last"), model)
    assert [line["step"] for line in lines(tmp_path, "train")] == [3, 6, 7]
    assert [line["step"] for line in lines(tmp_path, "validation")] == [4, 7]
    assert {"model/nll", "model/size", "critic/real", "sentences_per_second"} < lines(tmp_path, "train")[0].keys()


def test_the_last_model_is_that_of_the_last_state_even_where_the_end_falls_on_a_save(tmp_path):
    trainer = train(tmp_path, 8, validation=held_out(), save_every=4)
    model = {name[6:]: value for name, value in weights(trainer).items() if name.startswith("model.")}
    assert same(weights(tmp_path / "last"), model)


def test_logged_losses_are_means_since_the_last_log(tmp_path):
    seen = []

    class Watch(Callback):
        def on_step(self, trainer, logs):
            seen.append(logs["model/nll"].item())

    train(tmp_path, 6, callbacks=[Watch()])
    assert lines(tmp_path, "train")[1]["model/nll"] == pytest.approx(sum(seen[3:]) / 3, rel=1e-6)


def test_best_model_is_of_the_best_validation_and_scores_are_returned(tmp_path):
    rising_then_falling = iter([0.2, 0.5, 0.3])
    copies = {}

    class Copy(Callback):
        def on_validate(self, trainer, scores):
            copies[trainer.state.step] = trainer.objective.model.embed.weight.detach().clone()

    score = Score("accuracy", lambda model: next(rising_then_falling))
    trainer = train(
        tmp_path, 12, callbacks=[score, Copy()], validation=held_out(), monitor="accuracy", mode="max", save_every=100
    )
    assert torch.equal(weights(tmp_path / "model")["embed.weight"], copies[8])
    assert torch.equal(weights(tmp_path / "last")["embed.weight"], copies[12])
    assert trainer.state.scores["accuracy"] == trainer.state.best == 0.5


def test_monitor_defaults_to_the_weighted_total_of_the_first_turn(tmp_path):
    class Weighted(PerExample):
        def turns(self, batches, step):
            for turn in super().turns(batches, step):
                yield Turn(turn.player, {**turn.losses, "constant": torch.tensor(5.0)}, {"constant": 2.0, "nll": 0.5})

    train(tmp_path, 4, Weighted, validation=held_out())
    (line,) = lines(tmp_path, "validation")
    assert line["total"] == pytest.approx(0.5 * line["model/nll"] + line.get("model/rare", 0.0) + 10.0)


def test_validation_weighs_batches_by_their_examples(tmp_path):
    batches = [*held_out(1), next(Stream(5))]
    trainer = train(tmp_path, 4, PerExample, validation=batches)
    trainer.objective.eval()
    with torch.no_grad():
        (small, big) = (trainer.objective.validate(batch, 4)["nll"].item() for batch in batches)
    assert trainer.state.scores["model/nll"] == pytest.approx((B * small + 5 * big) / (B + 5), rel=1e-5)


def test_validation_does_not_disturb_the_training():
    straight, validated = train(None, 9), train(None, 9, validation=held_out(), validate_every=2)
    assert same(weights(straight), weights(validated))


def test_patience_stops_and_a_resume_does_not_go_on(tmp_path):
    arguments = {"validation": held_out(), "callbacks": [Score("worse", lambda model: 1.0)], "monitor": "worse"}
    trainer = train(tmp_path, 100, patience=2, **arguments)
    assert trainer.state.step == 12 and "no better score" in trainer.stopped
    assert train(tmp_path, 100, patience=2, **arguments).state.step == 12


def test_minutes_stop_in_good_order_and_a_resume_ends_alike(tmp_path):
    trainer = train(tmp_path, 10**9, minutes=0.1 / 60)
    done = trainer.state.step
    assert "minutes" in trainer.stopped and done > 0
    assert same(weights(train(tmp_path, done + 7)), weights(train(None, done + 7)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_saves_and_says_how_to_resume(tmp_path, number, caplog):
    before = signal.getsignal(number)
    with caplog.at_level(logging.WARNING, "textdis"):
        trainer = train(tmp_path, 11, callbacks=[At(4, lambda trainer: os.kill(os.getpid(), number))])
    assert trainer.stopped == number.name and trainer.state.step == 4
    assert "step 4 of 11" in caplog.text and str(tmp_path) in caplog.text
    assert signal.getsignal(number) == before
    resumed = train(tmp_path, 11)
    assert resumed.stopped == "" and same(weights(resumed), weights(train(None, 11)))


def test_a_callback_may_stop_the_run():
    trainer = train(None, 11, callbacks=[At(3, lambda trainer: trainer.stop("enough"))])
    assert (trainer.state.step, trainer.stopped) == (3, "enough")


def test_each_turn_sees_the_weights_of_the_turn_before_under_autocast():
    seen = []

    class TwoTurns(Objective):
        def players(self):
            return {"model": Player(self.model, optimizer=partial(torch.optim.SGD, lr=1.0))}

        def turns(self, batches, step):
            x = next(batches).tokens.float()
            for _ in range(2):
                y = self.model(x)
                seen.append((y.detach(), x, self.model.weight.detach().clone()))
                yield Turn("model", {"y": y.float().square().mean()})

    objective = TwoTurns(nn.Linear(5, 3, bias=False))
    Trainer(objective, TrainerConfig(1, device="cpu", precision="bf16")).fit(Stream())
    for y, x, weight in seen:
        assert y.dtype == torch.bfloat16
        assert torch.equal(y, x.bfloat16() @ weight.bfloat16().T)
    assert not torch.equal(seen[0][2].bfloat16(), seen[1][2].bfloat16())


def test_float32_is_the_precision_on_a_cpu():
    kinds = set()

    class Kinds(PerExample):
        def turns(self, batches, step):
            kinds.add(self.model(next(batches).tokens).dtype)
            yield from super().turns(batches, step)

    train(None, 1, Kinds)
    assert kinds == {torch.float32}


def test_a_processor_keeps_the_memory_it_frees(monkeypatch):
    asked = []
    monkeypatch.setattr("textdis.training.trainer.keep_freed_memory", lambda: asked.append(True))
    train(None, 1)
    assert asked == [True]


def test_batches_that_end_are_refused():
    class Short(Stream):
        def __next__(self):
            if self.position == 3:
                raise StopIteration
            return super().__next__()

    with pytest.raises(UserError, match="endless"):
        train(None, 5, stream=Short())


def test_empty_validation_and_unknown_monitor_are_refused():
    with pytest.raises(UserError, match="again and again"):
        train(None, 4, validation=iter([]))
    with pytest.raises(UserError, match="'bleu'.*critic|'bleu'.*model/nll"):
        train(None, 4, validation=held_out(), monitor="bleu")


@pytest.mark.parametrize("wrong", [{"save_every": 0}, {"mode": "low"}, {"precision": "fp8"}, {"accumulate": -1}])
def test_impossible_configurations_are_refused(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        TrainerConfig(1, **wrong)


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a GPU that is not there")
def test_a_missing_gpu_is_refused_in_one_line():
    with pytest.raises(UserError, match="no usable GPU"):
        Trainer(Noisy(Toy()), TrainerConfig(1, device="cuda"))


@pytest.mark.parametrize("device", ["tpu", "gpu", ""])
def test_an_unknown_device_is_told_with_those_there_are(device):
    with pytest.raises(UserError, match="use auto, cpu or cuda"):
        Trainer(Noisy(Toy()), TrainerConfig(1, device=device))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_trains_in_bf16_and_resumes(tmp_path):
    train(tmp_path, 5, device="cuda")
    trainer = train(tmp_path, 9, device="cuda", validation=held_out())
    assert trainer.half and trainer.state.step == 9 and math.isfinite(trainer.state.scores["model/nll"])


def test_the_bar_shows_on_a_terminal_only(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    train(None, 7)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", Terminal())
    train(None, 7)
    shown = sys.stderr.getvalue()
    assert "7/7" in shown and "sentences/s=" in shown and "model/nll=" in shown
