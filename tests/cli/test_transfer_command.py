"""`textdis transfer` from its arguments to its files, over the lexicon model."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from textdis.cli import main
from textdis.cli import transfer as command
from textdis.systems.collaborative import Collaborative, CollaborativeConfig
from textdis.text.tokenizer import WordTokenizer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(lexicon, tmp_path, monkeypatch, capfdbinary):
    """Runs a command line with the lexicon model; returns exit code, stdout and stderr."""
    (tmp_path / "fake").mkdir()
    monkeypatch.setattr(command, "find_model", lambda name: tmp_path / "fake")
    monkeypatch.setattr(command, "pipeline", lambda *_, **__: lexicon)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["transfer", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return stop.value.code, out.decode(), err.decode()

    return call


def put(name, content):
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def pipe(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


TEXT = "The food was great.\n\nI hate this place!\nWe waited for 45 minutes.\n"
REWRITTEN = "The food was awful.\n\nI love this place!\nWe waited for 45 minutes.\n"


def test_file_to_stdout(run):
    assert run("--input", put("a.txt", TEXT)) == (0, REWRITTEN, "")


def test_pipe_to_pipe(run, monkeypatch):
    pipe(monkeypatch, TEXT.encode())
    assert run() == (0, REWRITTEN, "")
    pipe(monkeypatch, TEXT.encode())
    assert run("--input", "-", "--output", "-") == (0, REWRITTEN, "")


def test_file_to_file(run):
    assert run("--input", put("a.txt", TEXT), "--output", "b.txt") == (0, "", "")
    assert Path("b.txt").read_text() == REWRITTEN
    assert sorted(os.listdir()) == ["a.txt", "b.txt", "fake"]


def test_an_empty_file(run):
    assert run("--input", put("a.txt", ""), "--output", "b.txt")[0] == 0
    assert Path("b.txt").read_bytes() == b""


def test_line_for_line(run):
    lines = ["The food was great."] * 50 + ["", "  ", "no newline at the end"]
    _, out, _ = run("--input", put("a.txt", "\n".join(lines)))
    assert out.count("\n") == len(lines)
    assert out.endswith("great.\n" if lines[-1] == "great." else "no newline at the end\n")


def test_options_reach_the_model(run):
    path = put("a.txt", TEXT)
    assert run("--input", path, "--to", "positive")[1].startswith("The food was great.")
    assert run("--input", path, "--min-similarity", 1)[1] == TEXT


def test_csv(run):
    path = put("a.csv", 'id,review\n1,"The food was great, but I waited."\n2,\n')
    _, out, err = run("--input", path, "--column", "review")
    assert err == ""
    assert out.splitlines()[0] == "id,review,review_rewritten,review_reason"
    assert out.splitlines()[1:] == [
        '1,"The food was great, but I waited.","The food was awful, but I waited.",',
        "2,,,blank",
    ]


def test_jsonl_with_many_empty_lines_first_becomes_csv(run):
    put("a.jsonl", "\n" * 40 + '{"id": 7, "review": "It was great."}\n')
    assert run("--input", "a.jsonl", "--column", "review", "--output", "b.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO(Path("b.csv").read_text())))
    assert (len(rows), rows[0]["id"], rows[40]["id"]) == (41, "", "7")
    assert rows[40]["review_rewritten"] == "It was awful."


def test_jsonl(run):
    _, out, _ = run("--input", put("a.txt", TEXT), "--format", "jsonl")
    first, blank, _, left = map(json.loads, out.splitlines())
    (sentence,) = first["sentences"]
    assert sentence["source_style"] == "positive" and sentence["output_style"] == "negative"
    assert sentence["changed"] == [["great", "awful"]] and not sentence["kept"]
    assert blank["reason"] == "blank"
    assert left["sentences"][0]["reason"] == "no sentiment" and left["sentences"][0]["kept"]


def test_tables_without_rows_and_with_bare_carriage_returns(run):
    put("none.csv", "id,text\n")
    assert run("--input", "none.csv")[:2] == (0, "id,text,text_rewritten,text_reason\n")
    put("bare.csv", b'id,text\n1,"It was great.\rFine."\n')
    assert run("--input", "bare.csv", "--output", "out.csv")[0] == 0
    with open("out.csv", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["id"], row["text"]) == ("1", "It was great.\rFine.")
    assert run("--input", "out.csv", "--format", "txt")[0] == 0  # what was written is read again


def test_broken_utf8_met_late_is_replaced_and_nothing_done_is_lost(run):
    put("late.txt", b"The food was great.\n" * 40 + b"\xff\n")
    code, _, err = run("--input", "late.txt", "--output", "out.txt")
    assert code == 2 and "line 41: broken UTF-8" in err and "--resume" in err
    assert Path("out.txt.part").read_text().count("\n") == 32
    assert run("--input", "late.txt", "--output", "out.txt", "--errors", "replace", "--resume")[0] == 0
    assert Path("out.txt").read_text().count("\n") == 41


def test_diff_and_side_by_side(run):
    path = put("a.txt", TEXT)
    assert run("--input", path, "--diff")[1].startswith("The food was [-great-]{+awful+}.\n\n")
    assert run("--input", path, "--side-by-side")[1].startswith(
        "   1 - The food was great.\n     + The food was awful.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "none.txt"], "none.txt: no such file"),
        (["--input", "."], ".: is a directory"),
        (["--input", "a.csv", "--column", "none"], "a.csv, line 2: no column 'none' (it has: id, text)"),
        (["--input", "a.txt", "--column", "text"], "a.txt: a txt file has no column 'text'"),
        (["--input", "broken.txt"], "broken.txt, line 2: broken UTF-8 at byte 1"),
        (["--input", "long.txt"], "long.txt, line 1: 100,001 characters, more than 100,000"),
        (["--input", "nul.txt"], "nul.txt, line 1: holds a NUL byte"),
        (["--input", "a.txt", "--to", "happy"], "no style 'happy'; this model has negative, positive, opposite"),
        (["--input", "a.txt", "--output", "a.txt"], "a.txt: is the input, and would be written over"),
        (["--input", "b.txt.part", "--output", "b.txt"], "b.txt.part: is the input"),
        (["--input", "two.jsonl"], "two.jsonl, line 2: has a column 'text', and the rows before only 'title'"),
        (["--input", "a.txt", "--output", "b.parquet"], "b.parquet: parquet is not written"),
        (["--input", "a.txt", "--output", "b.json"], "b.json: json is not written; choose txt, jsonl, csv or tsv"),
        (["--input", "a.txt", "--resume"], "--resume needs --output"),
        (["--input", "a.txt", "--diff", "--format", "txt"], "choose one"),
    ],
)
@pytest.mark.parametrize("output", [[], ["--output", "out.txt"]], ids=["stdout", "file"])
def test_bad_input_is_one_line_and_exit_2(run, arguments, message, output):
    put("a.txt", TEXT)
    put("a.csv", "id,text\n1,great\n")
    put("broken.txt", b"fine\n\xff\n")
    put("long.txt", "x" * 100_001)
    put("nul.txt", b"a\0b\n")
    put("b.txt.part", TEXT)
    put("two.jsonl", '{"title": "a"}\n{"title": "b", "text": "c"}\n')
    if "--output" in arguments or "--resume" in arguments:
        output = []
    code, _, err = run(*arguments, *output)
    assert code == 2
    assert err.startswith("textdis: ") and err.count("\n") == 1
    assert message in err
    assert not Path("out.txt").exists()


@pytest.mark.parametrize(("option", "length"), [("--input", 300), ("--output", 300), ("--output", 255 - len(".part"))])
def test_a_name_that_is_too_long_is_one_line_and_exit_2(run, option, length):
    code, _, err = run("--input", put("a.txt", TEXT), option, "x" * length + ".txt")
    assert (code, err.count("\n")) == (2, 1) and "xxx...: too long for a file's name" in err


@pytest.mark.parametrize("output", ["none/out.txt", "a.txt/out.txt", "fake", "/dev/full"])
def test_an_output_that_cannot_be_written_is_exit_1(run, output):
    code, _, err = run("--input", put("a.txt", TEXT), "--output", output)
    assert code == 1
    assert err.startswith(f"textdis: {output}: ") and err.count("\n") == 1


def test_broken_utf8_is_replaced_and_named(run):
    code, out, err = run("--input", put("a.txt", b"fine\n\xff great\n"), "--errors", "replace")
    assert (code, err) == (0, "textdis: replaced broken UTF-8 in 1 lines of a.txt (2)\n")
    assert out == "fine\n\ufffd awful\n"


def test_no_input_on_a_terminal(run, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert run()[::2] == (2, "textdis: nothing to read; give --input FILE, or pipe text in\n")


LINES = [f"The food was great, {i} times." for i in range(300)]


@pytest.fixture
def interrupt(lexicon, monkeypatch):
    """Lets the third chunk end in Ctrl-C."""
    judged = lexicon.rewriter._judged
    calls = []

    def pressed(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return judged(*arguments)

    monkeypatch.setattr(lexicon.rewriter, "_judged", pressed)


def test_ctrl_c_and_resume(run, interrupt):
    path = put("a.txt", "\n".join(LINES) + "\n")
    code, _, err = run("--input", path, "--output", "b.txt")
    assert code == 130
    assert "64 lines are done in b.txt.part; run the same command with --resume" in err
    assert Path("b.txt.part").read_text().count("\n") == 64
    assert not Path("b.txt").exists()
    assert run("--input", path, "--output", "b.txt", "--strength", 0.9, "--resume")[0] == 2
    assert run("--input", path, "--output", "b.txt", "--resume", "--batch-size", 7)[0] == 0
    run("--input", path, "--output", "whole.txt")
    assert Path("b.txt").read_text() == Path("whole.txt").read_text()


def test_csv_is_resumed_with_one_header(run, interrupt):
    path = put("a.csv", "text\n" + "".join(f'"The food was great, {i}"\n' for i in range(100)))
    assert run("--input", path, "--output", "b.csv")[0] == 130
    assert run("--input", path, "--output", "b.csv", "--resume")[0] == 0
    lines = Path("b.csv").read_text().splitlines()
    assert (len(lines), lines.count("text,text_rewritten,text_reason")) == (101, 1)


def test_ctrl_c_on_a_pipe(run, interrupt):
    code, out, err = run("--input", put("a.txt", "\n".join(LINES)))
    assert (code, out.count("\n")) == (130, 64)
    assert "with --output FILE a stopped run can be resumed" in err


# --- whole processes ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A model with random weights, which a process of its own can load."""
    torch.manual_seed(0)
    tokenizer = WordTokenizer("the food was great .".split(), slots=2)
    sizes = {"embedding": 7, "hidden": 11, "units": 5}
    config = CollaborativeConfig(tokenizer.size, 2, 2, sizes, {"embedding": 7, "filters": 3})
    tokenizer.save(tmp_path / "model")
    Collaborative(config).save_pretrained(tmp_path / "model", labels=["negative", "positive"])
    return tmp_path / "model"


def start(*arguments, **streams):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], env=environment, text=True, preexec_fn=heed_interrupts, **streams
    )


def heed_interrupts():
    """A shell makes what it runs in the background deaf to SIGINT, and a child inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_script_is_the_command(folder, tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    script = ROOT / "scripts" / "transfer.py"
    process = start(script, "--input", tmp_path / "a.txt", "--model", folder, stdout=-1, stderr=-1)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out.count("\n"), err) == (0, 4, "")


def test_a_reader_that_has_had_enough(folder, tmp_path):
    (tmp_path / "a.txt").write_text(TEXT * 500)
    process = start(
        "-m", "textdis.cli", "transfer", "--input", tmp_path / "a.txt", "--model", folder, stdout=-1, stderr=-1
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=120) == 1


def test_sigint_leaves_a_part(folder, tmp_path):
    out = tmp_path / "b.txt"
    (tmp_path / "a.txt").write_text("".join(f"The food was great, {i}.\n" for i in range(100_000)))
    arguments = ["--input", tmp_path / "a.txt", "--model", folder, "--output", out]
    process = start("-m", "textdis.cli", "transfer", *arguments, stderr=-1)
    notes = tmp_path / "b.txt.part.json"
    deadline = time.monotonic() + 120
    while not notes.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "--resume" in err and "Traceback" not in err
    assert (tmp_path / "b.txt.part").read_text().count("\n") == json.loads(notes.read_text())["done"]
    assert not out.exists()


def test_a_damaged_model(folder, tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    (folder / "model.safetensors").write_bytes(b"\x80\x04K\x01.")
    process = start(
        "-m", "textdis.cli", "transfer", "--input", tmp_path / "a.txt", "--model", folder,
        "--output", tmp_path / "b.txt", stderr=-1
    )  # fmt: skip
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.startswith("textdis: ") and err.count("\n") == 1 and "not readable as safetensors" in err
    assert not list(tmp_path.glob("b.txt*"))
