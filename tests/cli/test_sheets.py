from __future__ import annotations

import json

import pytest

from textdis.cli import main

SOURCES = ["The soup was bad.", "The fish was good.", "The rice was 5 dollars."]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("\n".join(SOURCES) + "\n")
    (tmp_path / "ours.txt").write_text("the soup was good .\nthe fish was bad .\nthe rice was _num_ dollars .\n")
    return tmp_path


def run(line: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(line.split())
    return int(end.value.code or 0)


def test_from_files_to_a_table(files, capsys):
    assert run("sheets export ours=ours.txt copy=a.txt --sources a.txt --output out --size 3 --raters 2") == 0
    assert "2 sheets of 5 texts from 3 sentences and 2 systems" in capsys.readouterr().out
    assert "the soup was bad ." in (files / "out" / "rater-1.csv").read_text()  # spelled as ours is
    for rater, answer in ((1, ",neutral,4,"), (2, ",neutral,5,")):
        sheet = files / "out" / f"rater-{rater}.csv"
        sheet.write_text(sheet.read_text().replace(",,,", answer))
    assert run("sheets read out/rater-1.csv out/rater-2.csv --key out/key.json --output table.json") == 0
    shown = capsys.readouterr().out
    assert "100%" in shown and "4.50" in shown and "rater-2: 0 full, 5 half, 0 blank" in shown
    assert json.loads((files / "table.json").read_text())["systems"]["ours"]["naturalness"] == 4.5


def test_a_transfer_rate_needs_targets(files, capsys):
    (files / "t.txt").write_text("positive\nnegative\nnegative\n")
    for folder, options, lacking in (("bare", "", True), ("full", "--targets t.txt", False)):
        assert run(f"sheets export ours=ours.txt --sources a.txt --output {folder} --size 3 --raters 1 {options}") == 0
        assert ("tell no transfer rate; export with --targets FILE" in capsys.readouterr().err) == lacking
        sheet = files / folder / "rater-1.csv"
        sheet.write_text(sheet.read_text().replace(",,,", ",positive,4,"))
        assert run(f"sheets read {sheet} --key {folder}/key.json --output {folder}.json") == 0
        assert ("transferred" in json.loads((files / f"{folder}.json").read_text())["systems"]["ours"]) != lacking


def test_perfect_agreement_is_said_in_words_and_written_as_null(files, capsys):
    run("sheets export copy=a.txt --sources a.txt --output out --size 2 --raters 2")
    for rater in (1, 2):
        sheet = files / "out" / f"rater-{rater}.csv"
        sheet.write_text(sheet.read_text().replace(",,,", ",neutral,4,"))
    assert run("sheets read out/rater-1.csv out/rater-2.csv --key out/key.json --output table.json") == 0
    assert "style (all answers are the same, so alpha is not defined)" in capsys.readouterr().out
    assert json.loads((files / "table.json").read_text())["agreement"]["style"] is None


def test_a_table_needs_a_place_of_its_own(files, capsys):
    run("sheets export copy=a.txt --sources a.txt --output out --size 2 --raters 1")
    sheet = files / "out" / "rater-1.csv"
    sheet.write_text(sheet.read_text().replace(",,,", ",neutral,4,"))
    for output, code, message in (
        ("none/x.json", 1, "none/x.json: cannot be written"),
        ("out", 1, "out: is a directory"),
        ("out/rater-1.csv", 2, "would be written over"),
        ("out/key.json", 2, "would be written over"),
    ):
        capsys.readouterr()
        assert run(f"sheets read out/rater-1.csv --key out/key.json --output {output}") == code
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1


def test_a_seed_below_0_is_refused(files, capsys):
    assert run("sheets export copy=a.txt --sources a.txt --output out --size 2 --seed -1") == 2
    assert "--seed" in capsys.readouterr().err and not (files / "out").exists()


def test_texts_as_they_are(files):
    assert run("sheets export copy=a.txt --sources a.txt --output out --size 2 --as-is") == 0
    assert "The " in (files / "out" / "rater-1.csv").read_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ours.txt --sources a.txt", "ours.txt: not NAME=FILE"),
        ("x=ours.txt x=a.txt --sources a.txt", "two systems have one name"),
        ("x=none.txt --sources a.txt", "none.txt: no such file; check the path given as NAME=FILE"),
        ("x=ours.txt --sources none.txt", "none.txt: no such file; check the path given as --sources"),
        ("x=ours.txt --sources a.txt --targets none.txt", "none.txt: no such file; check the path given as --targets"),
        ("x=. --sources a.txt", ".: is a directory; give a file"),
        ("x=ours.txt --sources a.txt --size 9", "that are there; ask for fewer (--size)"),
        ("x=ours.txt --sources a.txt --styles good", "two or more different"),
    ],
)
def test_mistakes_are_told_in_one_line(files, capsys, line, message):
    assert run(f"sheets export {line} --output out") == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
