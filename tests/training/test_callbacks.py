import random

import numpy as np
import pytest
from training_toys import held_out, same, train, weights

from textdis.training.callbacks import Callback, Guard, Score, Tensorboard


def test_events_come_in_order():
    events = []

    class Watch(Callback):
        def on_start(self, trainer):
            events.append("start")

        def on_step(self, trainer, logs):
            assert logs.keys() == {"model/nll", "model/size", "critic/real"} and not logs["model/nll"].requires_grad
            events.append(trainer.state.step)

        def on_log(self, trainer, split, values):
            events.append(split)

        def on_validate(self, trainer, scores):
            assert not trainer.objective.training and "total" in scores
            events.append("scores")

        def on_end(self, trainer):
            events.append("end")

    train(None, 4, callbacks=[Watch()], validation=held_out())
    assert events == ["start", 1, 2, 3, "train", 4, "scores", "validation", "train", "end"]


def test_score_adds_numbers_every_nth_validation():
    seen = []

    class Watch(Callback):
        def on_validate(self, trainer, scores):
            seen.append(set(scores) & {"bleu", "judge/accuracy", "judge/nouns"})

    single = Score("bleu", lambda model: 1)
    double = Score("judge", lambda model: {"accuracy": np.float32(0.5), "nouns": 1}, every=2)
    train(None, 8, callbacks=[single, double, Watch()], validation=held_out(), validate_every=2)
    assert seen == [{"bleu"}, {"bleu", "judge/accuracy", "judge/nouns"}] * 2


def test_a_score_that_draws_random_numbers_leaves_the_training_alone():
    drawn = []
    score = Score("random", lambda model: drawn.append(random.random() + np.random.rand()) or drawn[-1])
    assert same(weights(train(None, 9, callbacks=[score], validation=held_out())), weights(train(None, 9)))
    assert len(drawn) == 3 and len(set(drawn)) == 1  # every validation draws the same, so that scores compare


def test_tensorboard_holds_what_the_log_holds(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(tmp_path, 6, callbacks=[Tensorboard()], validation=held_out())
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train/model/nll")] == [3, 6]
    assert [event.step for event in events.Scalars("validation/total")] == [4, 6]


def test_tensorboard_without_output_writes_nothing(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    train(None, 3, callbacks=[Tensorboard()])
    assert not list(tmp_path.iterdir())


def guarded(tmp_path, values, **limits):
    """A run whose score `health` takes `values`, a validation each; steps done, why it stopped, the best health."""
    values = iter(values)
    score = Score("health", lambda model: next(values))
    run = train(
        tmp_path, 16, callbacks=[score, Guard("health", **limits)], validation=held_out(), monitor="health", mode="max"
    )
    return run.state.step, run.stopped, run.state.best


def test_a_guard_stops_a_collapse_and_the_best_stays(tmp_path):
    step, stopped, best = guarded(tmp_path / "share", [0.5, 0.9, 0.4], share=0.5)
    assert step == 12 and "fell from 0.9 to 0.4" in stopped and best == 0.9
    step, stopped, _ = guarded(tmp_path / "least", [0.5, 0.9, 0.05], least=0.1)
    assert step == 12 and "under 0.1" in stopped
    step, stopped, _ = guarded(tmp_path / "nan", [0.5, float("nan")], least=0.1)
    assert step == 8 and "collapse" in stopped
    step, stopped, _ = guarded(tmp_path / "sound", [0.5, 0.9, 0.46, 0.5], share=0.5, least=0.1)
    assert step == 16 and not stopped
    step, stopped, _ = guarded(tmp_path / "low", [0.01, 0.004, 0.009, 0.004], share=0.5, once=0.1)
    assert step == 16 and not stopped
    step, stopped, _ = guarded(tmp_path / "risen", [0.01, 0.1, 0.04], share=0.5, once=0.1)
    assert step == 12 and "fell from 0.1 to 0.04" in stopped
