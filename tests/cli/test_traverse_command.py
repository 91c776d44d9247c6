"""`textdis traverse`, from files to files."""

import json
import os
import subprocess
import sys

import pytest
import torch

from textdis.cli import main
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig
from textdis.systems.sequential_vae import SequentialVAE, SequentialVAEConfig
from textdis.text.tokenizer import WordTokenizer

WORDS = "the food staff place was is good great nice bad awful poor .".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model with random weights, two sets of examples, and three lines of input."""
    folder = tmp_path_factory.mktemp("traverse")
    torch.manual_seed(0)
    tokenizer = WordTokenizer(WORDS)
    tokenizer.save(folder / "model")
    MMDTraversal(MMDTraversalConfig(tokenizer.size, embedding=20, filters=5)).save_pretrained(
        folder / "model", longest=7
    )
    (folder / "negative.txt").write_text("The food was bad.\nthe staff was awful .\n\nthe place is poor\n")
    (folder / "positive.txt").write_text("the food was good\nthe staff was nice\n")
    (folder / "x.txt").write_text("The food was awful.\n\nthe place was poor\n")
    return folder


def call(capsys, folder, *arguments, **files):
    names = {"from": "negative.txt", "to": "positive.txt", "input": "x.txt"} | files
    options = [part for name, file in names.items() for part in (f"--{name}", str(folder / file))]
    with pytest.raises(SystemExit) as stop:
        main(["traverse", str(folder / "model"), *options, *map(str, arguments)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_line_n_answers_line_n(capsys, folder):
    code, out, err = call(capsys, folder)
    assert code == 0 and len(out.splitlines()) == 3 and out.splitlines()[1] == ""
    assert "2 converged; bandwidth" in err and "lambda 7e-05" in err


def test_a_way_of_five_sentences_and_json(capsys, folder, tmp_path):
    lines = call(capsys, folder, "--steps", 5)[1].splitlines()
    assert [line.count("\t") for line in lines] == [4, 0, 4]
    code, out, _ = call(capsys, folder, "--steps", 5, "--output", tmp_path / "y.jsonl", "--budget", 0.5, "--nearest", 2)
    records = [json.loads(line) for line in (tmp_path / "y.jsonl").read_text().splitlines()]
    assert code == 0 and out == "" and len(records) == 3
    assert "\t".join(records[0]["path"]) != "" and records[0]["budget"] == pytest.approx(0.5)
    assert records[1]["status"] == "blank" and records[2]["source"] == "the place was poor"
    assert call(capsys, folder, "--format", "jsonl")[1].startswith('{"source": "The food was awful."')


def test_a_picture(capsys, folder, tmp_path):
    path = tmp_path / "codes.png"
    assert call(capsys, folder, "--picture", path, "--topic", "food", "--topic", "staff")[0] == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_drawn_is_told_before_anything_is_moved(capsys, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("textdis.pipelines.traverse.Traverse.from_folder", lambda *_, **__: pytest.fail("loaded"))
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK or path != tmp_path)  # we may be root
    for path, code, message in (
        (tmp_path / "none" / "codes.png", 2, f"no folder {tmp_path / 'none'} there; make it first"),
        (folder / "x.txt", 2, "would be written over; give --picture another name"),
        (tmp_path, 1, "is a directory; give --picture a file"),
        (tmp_path / "codes.png", 2, "codes.png: may not be written; give --picture another place"),
        (folder / "codes.bmp", 2, "codes.bmp: .bmp is not written; choose png, jpg, pdf or svg"),
    ):
        found, out, err = call(capsys, folder, "--picture", path)
        assert (found, out) == (code, "") and message in err and err.count("\n") == 1


def test_bad_input_is_told_in_one_line(capsys, folder, tmp_path):
    (folder / "empty.txt").write_text("\n\n")
    (folder / "broken.txt").write_bytes(b"\xff\n")
    (folder / "other.jsonl").write_text('{"title": "a", "id": "b"}\n')
    (folder / "number.jsonl").write_text('{"text": 5}\n')
    (folder / "two.jsonl").write_text('{"title": "a"}\n{"title": "b", "text": "c"}\n')
    (folder / "a.json").write_text("{}")
    for arguments, files, message in (
        ((), {"from": "empty.txt"}, "no example"),
        ((), {"to": "none.txt"}, "none.txt: no such file; check the path given as --to"),
        (("--bandwidth", 0), {}, "must be above 0"),
        ((), {"input": "none.txt"}, "no such file"),
        ((), {"from": "x.txt", "to": "x.txt"}, "no bandwidth"),
        ((), {"input": "broken.txt"}, "broken UTF-8 at byte 1; mend it"),
        ((), {"from": "other.jsonl"}, "no column 'text' (it has: title, id); add it"),
        ((), {"to": "number.jsonl"}, "holds 5, not a text"),
        ((), {"input": "two.jsonl"}, "has a column 'text'"),
        ((), {"input": "a.json"}, ".json files are not read"),
        (("--output", folder / "a.csv"), {}, "a.csv: csv is not written; choose txt or jsonl"),
        (("--output", folder / "x.txt"), {}, "would be written over"),
        (("--output", folder / "positive.txt"), {}, "would be written over"),
    ):
        code, _, err = call(capsys, folder, *arguments, **files)
        assert message in err and "Traceback" not in err and err.count("\n") == 1
        assert not any(f"--{option}" in err for option in ("column", "errors", "input-format"))  # it has none
        assert code == 2


def test_a_model_of_clips_is_told_in_one_line(capsys, tmp_path):
    SequentialVAE(SequentialVAEConfig(pixels=8, width=2)).save_pretrained(tmp_path / "model", frames=4)
    for name in ("negative.txt", "positive.txt", "x.txt"):
        (tmp_path / name).write_text("the food was good\n")
    code, _, err = call(capsys, tmp_path)
    assert code == 2 and "SequentialVAE" in err and "Traceback" not in err


def test_train_passes_its_options_on(capsys, monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr("textdis.experiments.traversal.train", taken.append)
    (tmp_path / "run" / "model").mkdir(parents=True)
    (tmp_path / "run" / "model" / "config.json").write_text("{}")
    options = ["--recipe", "larsson2017", "--unlabelled", "yelp", "imdb", "--output", tmp_path / "run", "--warmup", "7"]
    with pytest.raises(SystemExit) as stop:
        main(["train", "traversal", *map(str, options)])
    assert stop.value.code == 0
    assert (taken[0].recipe, taken[0].unlabelled, taken[0].warmup) == ("larsson2017", ("yelp", "imdb"), 7)
    assert f"textdis traverse {tmp_path}/run/model" in capsys.readouterr().err


def test_help_does_not_import_torch():
    script = "import sys; from textdis.cli import main\ntry: main(['traverse', '--help'])\nfinally: "
    script += "assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "--nearest" in done.stdout
