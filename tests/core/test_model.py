"""Model folders: what comes back, and every way one can be bad."""

import json
import pickle
from dataclasses import dataclass

import pytest
import torch
from safetensors.torch import load_file, save_file

from textdis.core.model import FORMAT, Model, ModelError, load, read_config
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.systems.text_classifier import TextCNN, TextCNNConfig
from textdis.text.tokenizer import load_tokenizer


@pytest.fixture
def folder(tmp_path):
    TextCNN(TextCNNConfig(11, embedding=7, filters=3)).save_pretrained(tmp_path, labels=["no", "yes"])
    return tmp_path


def edit(folder, **changes):
    card = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps(card))


def test_notes_come_back(folder):
    assert read_config(folder)["labels"] == ["no", "yes"]
    assert load(folder).config == TextCNNConfig(11, embedding=7, filters=3)
    assert not load(folder).training


def test_half_precision_halves_the_file_and_loads_as_float32(tmp_path):
    net = TextCNN(TextCNNConfig(211, embedding=67))
    net.save_pretrained(tmp_path / "full")
    net.save_pretrained(tmp_path / "half", half=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.55 * sizes[0]
    assert all(p.dtype == torch.float32 for p in load(tmp_path / "half").parameters())


def test_no_folder(tmp_path):
    with pytest.raises(ModelError, match="no such model folder"):
        load(tmp_path / "nowhere")


def test_the_folder_of_a_run(tmp_path):
    inner = tmp_path / "model"
    inner.mkdir()
    (inner / "config.json").write_text("{}")
    message = f"{tmp_path}: is the folder of a run; its model is {inner}, give that"
    for read in (read_config, load, load_tokenizer):
        with pytest.raises(ModelError, match=message):
            read(tmp_path)


def test_another_folder(tmp_path):
    with pytest.raises(ModelError, match="config.json is missing"):
        load(tmp_path)


def test_a_newer_format(folder):
    edit(folder, format=FORMAT + 1)
    with pytest.raises(ModelError, match="upgrade textdis"):
        load(folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', "\xff"])
def test_damaged_json(folder, text):
    (folder / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"config\.json"):
        load(folder)


def test_foreign_classes_are_never_imported(folder):
    for path in ("os:system", "textdisguise.evil:Model", "torch.nn:Linear"):
        edit(folder, model=path)
        with pytest.raises(ModelError, match="only classes of textdis"):
            load(folder)


@pytest.mark.parametrize("path", ["textdis.systems.nothing:X", "textdis.systems.text_classifier:TextCNNConfig"])
def test_unknown_classes(folder, path):
    edit(folder, model=path)
    with pytest.raises(ModelError, match="upgrade textdis|not a model"):
        load(folder)


def test_another_kind_of_model(folder):
    @dataclass(frozen=True)
    class Other(Model):
        pass

    with pytest.raises(ModelError, match="not a Other"):
        Other.from_pretrained(folder)


def test_unknown_settings(folder):
    edit(folder, config={"vocabulary": 11, "wings": 2})
    with pytest.raises(ModelError, match="bad configuration"):
        load(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"config": {"vocabulary": 11, "filters": "3"}}, "config.filters is '3', not int"),
        ({"config": {"vocabulary": -11}}, "bad configuration"),
        ({"config": []}, "config is \\[\\], not dict"),
        ({"labels": "no"}, "labels is 'no', not list"),
        ({"longest": "40"}, "longest is '40', not int"),
    ],
)
def test_values_of_another_type_are_told_with_the_file_and_the_field(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(ModelError, match=rf"config\.json: {message}"):
        load(folder)


def test_values_of_a_part_are_told_as_well(tmp_path):
    Collaborative(CollaborativeConfig(11, 2, 2, {"hidden": 5}, {"filters": 3})).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())["config"]
    edit(tmp_path, config=config | {"seq2seq": config["seq2seq"] | {"hidden": "5"}})
    with pytest.raises(ModelError, match=r"config\.seq2seq\.hidden is '5', not int"):
        load(tmp_path)


def test_a_pickle_in_place_of_weights_is_never_opened(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelError, match="is a pickle, which textdis never opens"):
        load(folder)
    (folder / "pytorch_model.bin").rename(folder / "model.safetensors")
    with pytest.raises(ModelError, match="not readable as safetensors"):
        load(folder)


def test_cut_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="not readable as safetensors"):
        load(folder)


def test_weights_of_another_size(folder):
    edit(folder, config={"vocabulary": 13, "embedding": 7, "filters": 3})
    with pytest.raises(ModelError, match="weights do not fit"):
        load(folder)


def test_weights_that_are_not_finite(folder):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["table"][0, 0] = float("nan")
    save_file(tensors, path)
    with pytest.raises(ModelError, match="not finite"):
        load(folder)
