"""From sentences to a folder that rewrites: small runs on a made language, and the whole of it behind `slow`."""

import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

import data_recipes
from data_recipes import toy
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.evaluation.predictions import transferred
from textdis.experiments.ablations import LOSSES, ROWS, finished, summary
from textdis.experiments.experiment import check
from textdis.experiments.transfer import TransferExperiment, _tell, train
from textdis.text.noise import Markers
from textdis.text.tokenizer import SentencePieceTokenizer, load_tokenizer
from textdis.training import trainer

SMALL = {
    "seq2seq": {"embedding": 16, "hidden": 16, "units": 8},
    "classifier": {"embedding": 8, "filters": 4, "heights": [1, 2]},
    "steps": 6,
    "warmup": 4,
    "batch_size": 16,
    "products": "highest",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """200 sentences in two raw text files, one a style."""
    folder = tmp_path_factory.mktemp("toy")
    sentences = toy.generate(200, 0)
    names = [folder / f"my.{label}.txt" for label in (0, 1)]
    for label, name in enumerate(names):
        name.write_text("".join(s.text.capitalize() + "\n" for s in sentences if s.label == label))
    return tuple(map(str, names))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """One for all tests of this file, so that the sentences are tagged once."""
    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path_factory.getbasetemp() / "tags"))


def weights(folder):
    return load(folder).state_dict()


def test_a_run_leaves_a_folder_that_rewrites(files, tmp_path):
    train(TransferExperiment(str(tmp_path / "run"), data=files, **SMALL))
    folder = tmp_path / "run" / "model"
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    assert read_config(folder)["labels"] == ["0", "1"]
    card = (folder / "README.md").read_text()
    assert "200 sentences" in card and "`textdis evaluate --model`" in card and "scripts/" not in card
    outputs = transferred(load(folder), load_tokenizer(folder), ["the food was great .", "."], [1, 0])
    assert len(outputs) == 2
    settings = json.loads((tmp_path / "run" / "experiment.json").read_text())["settings"]
    assert settings["steps"] == 6 and settings["data"] == list(files)


def test_a_stopped_run_resumes_to_the_same_weights(files, tmp_path, monkeypatch):
    experiment = TransferExperiment(str(tmp_path / "through"), data=files, **SMALL)
    train(experiment)
    stopped = replace(experiment, output=str(tmp_path / "stopped"), minutes=1.0)
    with monkeypatch.context() as patch:
        clock = itertools.count(step=20)  # each look at it is 20 seconds later
        patch.setattr(trainer.time, "monotonic", lambda: float(next(clock)))
        train(stopped)
    step = torch.load(tmp_path / "stopped" / "training" / "state.pt", weights_only=True)["state"]["step"]
    assert 0 < step < 6
    train(replace(stopped, minutes=None))
    first, second = (weights(tmp_path / name / "model") for name in ("through", "stopped"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_run_is_not_resumed(files, tmp_path):
    experiment = TransferExperiment(str(tmp_path), data=files, **SMALL)
    train(experiment)
    with pytest.raises(UserError, match=r"other settings \(lr\)"):
        train(replace(experiment, lr=0.5))
    with pytest.raises(UserError, match="data"):
        train(replace(experiment, data=tuple(reversed(files))))


def test_a_run_may_start_from_a_model(files, tmp_path):
    train(TransferExperiment(str(tmp_path / "first"), data=files, **SMALL))
    first = str(tmp_path / "first" / "model")
    train(TransferExperiment(str(tmp_path / "second"), data=files, init=first, **SMALL | {"steps": 1, "lr": 0.0}))
    assert all(
        torch.equal(a, b)
        for a, b in zip(weights(first).values(), weights(tmp_path / "second" / "model").values(), strict=True)
    )


def test_sentencepiece_units(files, tmp_path):
    train(TransferExperiment(str(tmp_path), data=files, tokenizer="sentencepiece", pieces=320, **SMALL))
    assert isinstance(load_tokenizer(tmp_path / "model"), SentencePieceTokenizer)


def test_where_sentences_come_from_must_be_said_once(files, tmp_path):
    for wrong in ({}, {"data": files, "recipe": "yelp"}):
        with pytest.raises(UserError, match="either --data FILE FILE"):
            train(TransferExperiment(str(tmp_path), **wrong))


def test_a_run_of_nothing_but_warm_up_is_told(files, tmp_path, caplog):
    for warmup in (1, 2):
        caplog.clear()
        train(TransferExperiment(str(tmp_path / str(warmup)), data=files, **SMALL | {"steps": 2, "warmup": warmup}))
        assert ("all 2 steps are warm-up (--warmup 2)" in caplog.text) == (warmup == 2)


def test_styles_without_markers_are_told(files, tmp_path, caplog):
    caplog.set_level("INFO")
    train(TransferExperiment(str(tmp_path), files, **SMALL | {"steps": 1}))
    assert "markers of style: 0 of '0', 0 of '1'" in caplog.text and "hard to learn: give more text" in caplog.text
    caplog.clear()
    _tell(Markers([{(5,): 9.0}, {(6,): 9.0}], [], [], []), ["bad", "good"], needed=True)
    assert caplog.messages == ["markers of style: 1 of 'bad', 1 of 'good'"]


def test_a_style_without_sentences_is_refused(files, tmp_path):
    with pytest.raises(UserError, match="has no sentence of 1 to 2 words"):
        train(TransferExperiment(str(tmp_path), data=files, max_length=2, **SMALL))


def test_ablations_change_one_thing_each_and_are_summed_up(tmp_path):
    assert ROWS["all six losses"] == {} and all(len(change) >= 1 for name, change in LOSSES.items() if change)
    for changes in ROWS.values():
        replace(TransferExperiment("x"), **changes)
    path = tmp_path / "results.jsonl"
    lines = [{"row": "all six losses", "seed": k, "scores": {"a": v}} for k, v in enumerate((0.1, 0.2, 0.3))]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    table = summary(finished(path), ROWS, {"a": ("share %", 100.0)})
    assert table.splitlines()[2:] == ["| all six losses | 3 | 20.00 ± 10.00 |"]
    assert finished(tmp_path / "none") == {}


@pytest.mark.slow
def test_ones_own_data_in_four_commands(tmp_path):
    """2,000 made sentences, the default network: under five minutes on two cores, and most come out rewritten."""
    splits = data_recipes.load("toy", sentences=2400)
    names = [tmp_path / f"my.{label}.txt" for label in (0, 1)]
    for label, name in enumerate(names):
        rows = [t for t, k in zip(splits["train"]["text"], splits["train"]["label"], strict=True) if k == label]
        name.write_text("".join(text + "\n" for text in rows[:1000]))
    held_out = [t for t, k in zip(splits["test"]["text"], splits["test"]["label"], strict=True) if k == 0][:100]
    (tmp_path / "x.txt").write_text("".join(text + "\n" for text in held_out))

    def textdis(*words: str) -> str:
        command = [sys.executable, "-m", "textdis.cli", *words]
        env = os.environ | {"TEXTDIS_CACHE": str(tmp_path / "cache")}
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    start = time.monotonic()
    textdis("data", "check", "my.0.txt", "my.1.txt")
    options = ["--steps", "500", "--warmup", "400", "--lr", "2e-3"]
    textdis("train", "transfer", "--data", "my.0.txt", "my.1.txt", "--output", "runs/mine", *options)
    outputs = textdis("transfer", "--model", "runs/mine/model", "--input", "x.txt").splitlines()
    assert "1" in textdis("info", "runs/mine/model")
    print(f"{time.monotonic() - start:.0f} s for the four commands")
    good = {s.text: s.reference for s in toy.generate(20_000, 0)}
    changed = [a != b for a, b in zip(held_out, outputs, strict=True)]
    assert sum(changed) >= 80
    assert sum(good.get(a) == b for a, b in zip(held_out, outputs, strict=True)) >= 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seq2seq": {"foo": 3}}, "--seq2seq foo: there is none of that name; choose among embedding, hidden"),
        ({"seq2seq": {"slots": 3}}, "--seq2seq slots: there is none"),
        ({"classifier": {"embedding": 0}}, "--classifier embedding 0: give 1 or more"),
        ({"classifier": {"heights": (2, 0)}}, r"--classifier heights \(2, 0\): give 1 or more"),
    ],
)
def test_sizes_that_cannot_be_are_told_by_their_option(files, tmp_path, given, message):
    with pytest.raises(UserError, match=message):
        train(TransferExperiment(str(tmp_path / "run"), data=files, **SMALL | given))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"neutral": 9.0}, "--neutral 9.0: give a share"),
        ({"drop": 2}, "--drop 2: give a share"),
        ({"edited": -1.0}, "--edited -1.0: give 0 or more"),
        ({"temperature": 0.0}, "--temperature 0.0: give a number above 0"),
    ],
)
def test_settings_beyond_their_bounds_are_refused(given, message):
    with pytest.raises(UserError, match=message):
        check(TransferExperiment("run", **given))
