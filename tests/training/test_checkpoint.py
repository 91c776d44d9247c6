import os
import pickle

import numpy as np
import pytest
import torch
from training_toys import PerExample, Toy, same, train, weights

from textdis.training.checkpoint import CheckpointError, RunFolder, plain


def test_save_and_load_round_trip(tmp_path):
    folder = RunFolder(tmp_path / "run")
    assert folder.load() is None
    folder.save({"tensor": torch.arange(3), "nested": {"a": (1, 2.5, None, "x")}})
    loaded = folder.load()
    assert loaded["tensor"].tolist() == [0, 1, 2] and loaded["nested"] == {"a": (1, 2.5, None, "x")}


@pytest.mark.parametrize("broken", ["save", "replace"])
def test_a_save_that_fails_leaves_the_former_state(tmp_path, monkeypatch, broken):
    folder = RunFolder(tmp_path)
    folder.save({"step": 3})

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch if broken == "save" else os, broken, fail)
    with pytest.raises(CheckpointError, match="No space left"):
        folder.save({"step": 5})
    monkeypatch.undo()
    assert folder.load()["step"] == 3
    assert [path.name for path in folder.state.parent.iterdir()] == ["state.pt"]


def test_a_half_written_state_beside_the_good_one_is_ignored(tmp_path):
    train(tmp_path, 5)
    (tmp_path / "training" / "state.pt.new").write_bytes(b"PK half")
    assert same(weights(train(tmp_path, 8)), weights(train(None, 8)))


def write(text):
    return lambda folder: (folder / "config.json").write_text(text)


def test_a_model_folder_is_replaced_as_a_whole(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_model(lambda beside: (beside / "old.txt").write_text("1"))
    folder.write_model(write("2"))
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["config.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"model", "training"}


def test_a_writer_that_fails_leaves_the_former_model(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_model(write("1"))

    def fail(beside):
        (beside / "config.json").write_text("2")
        raise OSError(28, "No space left on device")

    with pytest.raises(CheckpointError, match="No space left"):
        folder.write_model(fail)
    assert (tmp_path / "model" / "config.json").read_text() == "1"
    assert {path.name for path in tmp_path.iterdir()} == {"model", "training"}


def test_a_kill_between_the_renames_is_mended(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_model(write("1"))
    (tmp_path / "model").rename(tmp_path / ".model.old")
    RunFolder(tmp_path).prepare()
    assert (tmp_path / "model" / "config.json").read_text() == "1"


class Evil:
    def __reduce__(self):
        return (os.mkdir, ("pwned",))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps(Evil()), pickle.dumps({"format": 1})])
def test_a_damaged_or_foreign_state_is_refused_and_nothing_runs(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    folder = RunFolder(tmp_path / "run")
    folder.state.write_bytes(content)
    with pytest.raises(CheckpointError) as error:
        folder.load()
    assert "\n" not in str(error.value) and str(folder.state) in str(error.value)
    assert not (tmp_path / "pwned").exists()


def test_a_newer_format_is_refused(tmp_path):
    folder = RunFolder(tmp_path)
    torch.save({"format": 999}, folder.state)
    with pytest.raises(CheckpointError, match="upgrade"):
        folder.load()


def test_the_state_of_another_model_is_refused(tmp_path):
    class Wider(PerExample):
        def __init__(self, model):
            super().__init__(Toy())
            self.model.out = torch.nn.Linear(7, 13)

    train(tmp_path, 3, PerExample)
    with pytest.raises(CheckpointError, match="another model"):
        train(tmp_path, 5, Wider)


def test_an_output_that_cannot_be_a_folder_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="no run folder"):
        train(tmp_path / "file", 3)


def test_plain_turns_numpy_scalars_into_python_and_refuses_the_rest():
    assert plain({"a": [np.float64(0.5), (np.int64(3), True)]}) == {"a": [0.5, (3, True)]}
    with pytest.raises(CheckpointError, match="Toy"):
        plain({"model": Toy()})
