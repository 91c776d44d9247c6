"""Commands other than `transfer`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import textdis
from textdis.cli import main
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.systems.mocogan import MoCoGAN, MoCoGANConfig
from textdis.text.tokenizer import WordTokenizer
from textdis.training import processes


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    return stop.value.code, out, err


@pytest.mark.parametrize(
    "arguments", [["--help"], ["transfer", "--help"], ["data", "--help"], ["train", "--help"], ["--version"]]
)
def test_help_does_not_import_torch(arguments):
    script = (
        f"import sys; from textdis.cli import main\ntry: main({arguments})\nfinally: assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "textdis" in done.stdout


def test_version(capsys):
    assert call(capsys, "--version")[:2] == (0, f"textdis {textdis.__version__}\n")


def test_python_m_textdis_is_the_command():
    done = subprocess.run([sys.executable, "-m", "textdis", "--version"], capture_output=True, text=True, timeout=120)
    assert done.stdout == f"textdis {textdis.__version__}\n", done.stderr


def test_ctrl_c_before_any_command_is_130(capsys, monkeypatch):
    def pressed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("textdis.cli.commands.app", pressed)
    assert call(capsys, "info", "x") == (130, "", "textdis: stopped\n")


@pytest.mark.parametrize("module", ["typer", "textdis.cli.evaluate", "numpy", "torch"])
def test_ctrl_c_while_something_is_imported_is_130(tmp_path, module):
    """The commands themselves too, which take half a second."""
    script = (
        "import sys; from importlib.abc import MetaPathFinder\n"
        "class Pressed(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed()); from textdis.cli import main; main(['info', 'x'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "textdis: stopped\n")


@pytest.mark.parametrize("arguments", [["train", "transfer"], ["transfer", "--input", "FILE"], ["info", "x"]])
def test_numpy_is_there_before_torch_looks_for_it(tmp_path, arguments):
    """torch takes a Ctrl-C while it imports numpy for numpy's absence, and the run dies much later, of half a numpy."""
    (tmp_path / "FILE").write_text("The food was great.\n")
    script = (
        "import sys; from importlib.abc import MetaPathFinder; from textdis.cli import main\n"
        "class Torch(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'torch': sys.exit('after' if 'numpy' in sys.modules else 'before')\n"
        f"sys.meta_path.insert(0, Torch()); main({arguments})"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stderr == "after\n"


def test_unknown_commands_and_options(capsys):
    for arguments in (["fly"], ["transfer", "--fly"], ["transfer", "--strength", "7"]):
        code, _, err = call(capsys, *arguments)
        assert code == 2
        assert "Traceback" not in err


def test_info(capsys, tmp_path):
    torch.manual_seed(0)
    tokenizer = WordTokenizer("the food was great .".split(), slots=2)
    model = Collaborative(CollaborativeConfig(tokenizer.size, 2, 2, {"hidden": 11}))
    tokenizer.save(tmp_path)
    model.save_pretrained(tmp_path, labels=["negative", "positive"], neutral=0.6)
    code, out, _ = call(capsys, "info", tmp_path)
    shown = dict(line.split(maxsplit=1) for line in out.splitlines() if line and not line.startswith("("))
    assert code == 0
    assert shown["labels"] == "negative, positive"
    assert shown["config.seq2seq.hidden"] == "11"
    assert shown["parameters"] == f"{sum(p.numel() for p in model.parameters()):,}"
    assert shown["tokenizer"] == "WordTokenizer, 11 units"
    assert "no model card" in out
    (tmp_path / "README.md").write_text("# A card\n" + "line\n" * 30)
    out = call(capsys, "info", tmp_path)[1]
    assert "# A card" in out and "(11 more lines in" in out


def test_info_of_a_model_of_clips(capsys, tmp_path):
    MoCoGAN(MoCoGANConfig(width=4)).save_pretrained(tmp_path)
    code, out, _ = call(capsys, "info", tmp_path)
    assert code == 0 and "config.pixels" in out and "tokenizer" not in out


def test_info_of_no_model(capsys, tmp_path):
    code, _, err = call(capsys, "info", tmp_path)
    assert code == 2
    assert err == f"textdis: {tmp_path}: not a textdis model folder (config.json is missing)\n"


def test_info_of_judges(capsys, tmp_path):
    from textdis.evaluation import judge_folders

    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "weights").write_text("here")
    judge_folders.write(tmp_path, {"labels": ["negative", "positive"], "held_out": {"cnn": 0.96}, "data": "yelp"})
    code, out, _ = call(capsys, "info", tmp_path)
    shown = dict(line.split(maxsplit=1) for line in out.splitlines() if line and not line.startswith("("))
    assert code == 0 and len(shown["fingerprint"]) == 16
    assert (shown["labels"], shown["held_out.cnn"], shown["data"]) == ("negative, positive", "0.96", "yelp")
    (tmp_path / "cnn" / "weights").write_text("changed")
    code, _, err = call(capsys, "info", tmp_path)
    assert code == 2 and "changed since the judges were fitted" in err
    (tmp_path / "judges.json").write_text('{"format": 2, "files": 7}')
    code, _, err = call(capsys, "info", tmp_path)
    again = "fit the judges again: textdis train judges"
    assert code == 2 and err == f"textdis: {tmp_path}/judges.json: files is 7, not dict[str, str]; {again}\n"


def write(tmp_path, name, words, count):
    path = tmp_path / name
    path.write_text("".join(f"the {word} number {i} was {name[3]}\n" for i in range(count // 2) for word in words))
    return path


def test_data_check(capsys, tmp_path):
    files = [write(tmp_path, f"my.{i}.txt", ("food", "staff"), 600) for i in (0, 1)]
    code, out, _ = call(capsys, "data", "check", *files)
    assert (code, out.splitlines()[-1]) == (0, "verdict: ok")
    code, out, _ = call(capsys, "data", "check", files[0], write(tmp_path, "my.2.txt", ("food", "staff"), 8))
    assert code == 1
    assert "problem: '2' has 8 sentences" in out


def test_data_check_of_bad_files(capsys, tmp_path):
    assert call(capsys, "data", "check", tmp_path / "none.0.txt")[0] == 2


def test_train_passes_its_options_on(capsys, monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr("textdis.experiments.transfer.train", taken.append)
    write_config(tmp_path / "run" / "model")
    arguments = ["--data", "a.0.txt", "a.1.txt", "--output", tmp_path / "run", "--steps", "7", "--minutes", "2.5"]
    code, _, err = call(capsys, "train", "transfer", *arguments)
    assert code == 0
    assert (taken[0].data, taken[0].steps, taken[0].minutes) == (("a.0.txt", "a.1.txt"), 7, 2.5)
    assert f"textdis transfer --model {tmp_path}/run/model" in err


@pytest.mark.parametrize(
    ("system", "option", "given", "taken"),
    [
        ("transfer", "classifier", "filters 3 heights 1 2", {"filters": 3, "heights": (1, 2)}),
        ("traversal", "model", "tied False heights 1 2", {"tied": False, "heights": (1, 2)}),
    ],
)
def test_fields_of_a_model_are_given_by_name(capsys, monkeypatch, tmp_path, system, option, given, taken):
    found = []
    monkeypatch.setattr(f"textdis.experiments.{system}.train", found.append)
    call(capsys, "train", system, "--output", tmp_path / "run", f"--{option}", *given.split())
    assert getattr(found[0], option) == taken


def test_a_run_may_start_from_a_model_that_ships(capsys, monkeypatch, tmp_path, shipped):
    found = []
    monkeypatch.setattr("textdis.experiments.transfer.train", found.append)
    own = ("train", "transfer", "--output", tmp_path / "run")
    call(capsys, *own, "--init", shipped.name, "--pairs", shipped.name)
    assert [Path(found[0].init), Path(found[0].pairs)] == [shipped, shipped]
    code, _, err = call(capsys, *own, "--init", "yelp-sentimant")
    assert (
        code == 2
        and f"no such model folder, nor a model that ships (these do: amazon-sentiment, {shipped.name})" in err
    )


def write_config(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")


def test_a_run_without_a_model_is_not_ready(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("textdis.experiments.transfer.train", lambda _: None)
    code, _, err = call(capsys, "train", "transfer", "--data", "a.0.txt", "a.1.txt", "--output", tmp_path / "run")
    assert code == 2 and "before it had a model" in err and "is ready" not in err


@pytest.mark.parametrize(("model", "message"), [(True, "is ready"), (False, "before it had a model")])
def test_a_run_that_heard_ctrl_c_is_130(capsys, monkeypatch, tmp_path, model, message):
    def pressed(_):
        with processes.stop_signals():
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("textdis.experiments.transfer.train", pressed)
    if model:
        write_config(tmp_path / "run" / "model")
    code, _, err = call(capsys, "train", "transfer", "--output", tmp_path / "run")
    assert code == 130 and message in err


@pytest.mark.parametrize(
    ("system", "option", "value"),
    [
        ("mocogan", "batch-size", "0"), ("mocogan", "seed", "-1"), ("mocogan", "every", "0"),
        ("mocogan", "beta2", "1.5"),
        ("vgan", "lr", "-1"), ("sequential-vae", "clips", "-5"), ("sequential-vae", "held-out", "0"),
        ("arae", "validations", "0"), ("arae", "held-out", "-5"), ("arae", "lr", "nan"), ("traversal", "share", "0"),
        ("multitask", "representation", "0"), ("arae", "minutes", "0"), ("transfer", "limit", "-3"),
        ("judges", "held-out", "1.5"), ("phrase-swap", "slots", "-1"), ("phrase-swap", "least", "-1"),
        ("phrase-swap", "order", "0"), ("phrase-swap", "frame-order", "0"), ("phrase-swap", "least-phrase", "-1"),
        ("phrase-swap", "vector", "-3"), ("phrase-swap", "max-length", "-1"),
    ],
)  # fmt: skip
def test_train_with_numbers_that_cannot_be(capsys, tmp_path, system, option, value):
    """Told by the option's name, before anything is read or written."""
    needed = ["--source", "copy", "--decoders", "copy"] if system == "multitask" else []
    code, _, err = call(capsys, "train", system, *needed, "--output", tmp_path / "run", f"--{option}", value)
    assert code == 2 and f"--{option} " in err and "Traceback" not in err
    assert not (tmp_path / "run").exists()


def test_train_lists_every_setting(capsys):
    code, out, _ = call(capsys, "train", "transfer", "--help")
    assert code == 0
    assert "--recipe" in out and "--batch-size" in out


def test_train_with_unknown_settings(capsys):
    code, _, err = call(capsys, "train", "transfer", "--fly")
    assert code == 2
    assert "--fly" in err


def test_train_judges_passes_its_options_on_and_shows_their_scores(capsys, monkeypatch, tmp_path):
    from types import SimpleNamespace

    taken = []
    fitted = SimpleNamespace(held_out={"cnn": 0.95, "perplexity": 40.0}, fingerprint="abc")
    monkeypatch.setattr("textdis.experiments.judges.train", lambda experiment: taken.append(experiment) or fitted)
    arguments = ["--recipe", "yahoo", "--output", tmp_path / "judges", "--cnn-epochs", "7"]
    code, out, err = call(capsys, "train", "judges", *arguments)
    assert (code, taken[0].recipe, taken[0].cnn_epochs, taken[0].seed) == (0, "yahoo", 7.0, 0)
    assert out.splitlines() == ["cnn          0.9500", "perplexity   40.0000", "fingerprint  abc"]
    assert f"--judges {tmp_path}/judges" in err
