from __future__ import annotations

import json
import logging
from collections import Counter

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

import data_recipes
from data_recipes.recipe import key
from textdis.core.errors import UserError
from textdis.evaluation.fitted import Baselines
from textdis.evaluation.judges import Judges
from textdis.experiments.judges import JudgesExperiment, read, train

SMALL = {"min_count": 1, "cnn_epochs": 3.0, "language_epochs": 3.0, "language_hidden": 16, "device": "cpu"}


@pytest.fixture
def files(tmp_path):
    """Two styles, 600 lines each, every second equal to the one before but for capitals."""
    paths = []
    for name, words in {"bad": ("awful", "rude", "cold"), "good": ("great", "kind", "warm")}.items():
        kinds = [(f"x{i}", word, thing) for i in range(100) for word in words for thing in ("soup", "SOUP")]
        lines = [f"The {thing} {kind} was {word}{'!' * (len(kind) % 2)}" for kind, word, thing in kinds]
        paths.append(tmp_path / f"reviews.{name}.txt")
        paths[-1].write_text("".join(line + "\n" for line in lines))
    return tuple(map(str, paths))


def test_files_of_ones_own(files, tmp_path):
    experiment = JudgesExperiment(output=str(tmp_path / "judges"), data=files, held_out=0.2, **SMALL)
    judges = train(experiment)
    assert judges.labels == ["bad", "good"] and judges.held_out["cnn"] > 0.95
    assert judges.style(["the soup x3 was warm !"])["cnn"].argmax() == 1
    opened = Judges.load(tmp_path / "judges")
    assert opened.fingerprint == judges.fingerprint and opened.manifest["fitted_on"]["held_out"] == "held out"
    assert "20%" in opened.manifest["notes"]
    swap = Baselines.load(tmp_path / "judges", judges.labels).swap
    assert swap(["the soup x3 was warm !"], [1])[0].split()[-2] in ("awful", "rude", "cold")
    card = (tmp_path / "judges" / "judges.json").read_text()
    assert str(tmp_path) not in card  # where it lies is not what it is
    assert json.loads((tmp_path / "judges" / "experiment.json").read_text())["settings"]["held_out"] == 0.2


def test_equal_sentences_stand_on_one_side(tmp_path):
    paths = []
    for name in ("a", "b"):
        paths.append(tmp_path / f"{name}.txt")
        paths[-1].write_text("".join(f"{name} word{i} of\n{name.upper()} word{i} of !\n" for i in range(300)))
    data = read(JudgesExperiment(output="x", data=tuple(map(str, paths)), held_out=0.3))
    sides = {name: [key(text) for text in split.texts] for name, split in data.splits.items()}
    assert not set(sides["train"]) & set(sides["held out"])
    assert set(Counter(sides["held out"]).values()) == {2}
    assert 0.2 < len(sides["held out"]) / 1200 < 0.4
    assert data.splits["train"].texts[0] == data.splits["train"].texts[0].lower()


def recipe(monkeypatch, *splits, labels=("bad", "good")):
    features = Features({"text": Value("string"), "label": ClassLabel(names=list(labels))})
    rows = {"text": ["It's awful.", "", "so good"], "label": [0, 0, 1]}
    made = DatasetDict({split: Dataset.from_dict(rows, features=features) for split in splits})
    monkeypatch.setattr(data_recipes, "load", lambda name: made)
    return JudgesExperiment(output="x", recipe="made up")


def test_a_recipe_gives_its_own_splits_in_model_text(monkeypatch):
    data = read(recipe(monkeypatch, "train", "judges", "dev", "test"))
    assert list(data.splits) == ["train", "judges", "dev"] and data.held_out == "dev" and not data.notes
    assert data.splits["train"] == (["it 's awful .", "so good"], [0, 1])


def test_a_recipe_without_a_labelled_training_split_is_refused(monkeypatch):
    with pytest.raises(UserError, match="no labelled training split; it has dev, test"):
        read(recipe(monkeypatch, "dev", "test"))


def test_a_style_without_sentences_is_refused(monkeypatch):
    with pytest.raises(UserError, match="no sentence of the style 'odd' in the split 'train'; give more of it"):
        read(recipe(monkeypatch, "train", "dev", labels=("bad", "good", "odd")))


def test_one_source_is_needed():
    for fields in ({}, {"data": ("a", "b"), "recipe": "yelp"}):
        with pytest.raises(UserError, match="either --data FILE FILE"):
            read(JudgesExperiment(output="x", **fields))
    with pytest.raises(UserError, match="held_out 1"):
        read(JudgesExperiment(output="x", recipe="toy", held_out=1.0))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"language_hidden": 0}, "--language-hidden 0: give 1 or more"),
        ({"cnn_epochs": -1.0}, "--cnn-epochs -1.0: give 0 or more"),
        ({"language_epochs": -1.0}, "--language-epochs -1.0: give 0 or more"),
        ({"cnn_word_dropout": 1.0}, "--cnn-word-dropout 1.0: give a share"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting, message):
    with pytest.raises(UserError, match=message):
        read(JudgesExperiment(output="x", recipe="toy", **setting))


def test_styles_that_nobody_can_tell_apart_are_warned_of(tmp_path, caplog):
    paths = []
    for name in ("a", "b"):
        paths.append(tmp_path / f"{name}.txt")
        paths[-1].write_text("".join(f"sentence number {i:03d} x{i % 7} y{i % 11}\n" for i in range(300)))
    output = tmp_path / "judges"
    with caplog.at_level(logging.WARNING):
        train(JudgesExperiment(output=str(output), data=tuple(map(str, paths)), **SMALL))
    assert "the cnn judge is right on only" in caplog.text and "75.0% needed" in caplog.text
    with pytest.raises(UserError, match="or force it"):
        Judges.load(output)
    assert Judges.load(output, force=True).labels == ["a", "b"]


def test_other_settings_do_not_go_on_with_a_stopped_fit(files, tmp_path, monkeypatch):
    from textdis.evaluation import fitting

    def killed(*arguments):
        raise KeyboardInterrupt

    output = str(tmp_path / "judges")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fitting, "fit_language", killed)
        train(JudgesExperiment(output=output, data=files, **SMALL))
    with pytest.raises(UserError, match="other settings .*min_count"):
        train(JudgesExperiment(output=output, data=files, **SMALL | {"min_count": 2}))
    assert train(JudgesExperiment(output=output, data=files, **SMALL)).held_out["cnn"] > 0.9
