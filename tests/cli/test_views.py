import csv
import io
import json
from pathlib import Path

import pytest

from textdis.cli.views import choose_view
from textdis.core.errors import UserError
from textdis.pipelines.files import Record
from textdis.pipelines.results import LineResult, SentenceResult

CHANGED = LineResult("It was great.", "It was awful.", [SentenceResult("It was great.", "It was awful.")])
LEFT = LineResult("We\nwent.", "We\nwent.", [SentenceResult("We\nwent.", "We\nwent.", reason="no sentiment")])
PAIRS = [(Record(1, CHANGED.source), CHANGED), (Record(2, LEFT.source), LEFT)]


def show(name, pairs=PAIRS, done=0, target=None, **flags):
    return choose_view("txt", target, name, **{"diff": False, "side_by_side": False, **flags}).block(pairs, done)


def test_a_txt_line_stays_one_line():
    assert show("txt") == "It was awful.\nWe went.\n"
    mixed = LineResult("", "a\r\nb\rc\x85d")
    assert show("txt", [(Record(1, ""), mixed)]) == "a b c\x85d\n"


def test_jsonl_holds_everything():
    records = [(Record(3, "x", {"text": "x", "stars": 5}), CHANGED), PAIRS[1]]
    first, second = map(json.loads, show("jsonl", records).splitlines())
    assert (first["line"], first["output"], first["fields"]) == (3, "It was awful.", {"stars": 5})
    assert "fields" not in second
    assert second["reason"] == second["sentences"][0]["reason"] == "no sentiment"


def test_csv_keeps_the_other_columns():
    records = [(Record(2, "x", {"id": "7", "review": "x"}, "review", ("id", "review")), CHANGED)]
    rows = list(csv.reader(io.StringIO(show("csv", records))))
    assert rows == [["id", "review", "review_rewritten", "review_reason"], ["7", "x", "It was awful.", ""]]
    assert show("tsv", records, done=1) == "7\tx\tIt was awful.\t\n"  # the header stands once


def test_csv_of_ragged_rows_goes_by_name():
    names = ("review", "id")
    first, ragged = {"review": "x", "id": 1}, {"id": 2, "review": "y"}
    fields = [first, ragged, {"review": "z"}]
    records = [(Record(i, str(f["review"]), f, "review", names), CHANGED) for i, f in enumerate(fields, 1)]
    records.insert(0, (Record(0, ""), LEFT))  # a blank line of a jsonl file
    rows = list(csv.DictReader(io.StringIO(show("csv", records))))
    assert [(row["review"], row["id"]) for row in rows] == [("", ""), ("x", "1"), ("y", "2"), ("z", "")]
    more = (Record(5, "x", {"review": "x", "extra": 1}, "review", names), CHANGED)
    with pytest.raises(UserError, match="line 5: 'extra' is no column of the first row.*--format jsonl"):
        show("csv", [*records, more])


def test_csv_overwrites_no_column():
    fields = {"review": "x", "review_reason": "mine"}
    with pytest.raises(UserError, match="column 'review_reason' already"):
        show("csv", [(Record(1, "x", fields, "review", tuple(fields)), CHANGED)])


def test_csv_of_plain_lines():
    rows = list(csv.DictReader(io.StringIO(show("csv"))))
    assert rows[1] == {"text": "We\nwent.", "text_rewritten": "We\nwent.", "text_reason": "no sentiment"}


def test_diff_without_a_terminal():
    assert show(None, diff=True) == "It was [-great-]{+awful+}.\nWe went.\n"


def test_diff_on_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = show(None, diff=True)
    assert "\x1b[" in shown and "[-" not in shown
    assert shown.count("\n") == 2


def test_side_by_side():
    expected = "   1 - It was great.\n     + It was awful.\n\n   2   We went.\n       (left: no sentiment)\n\n"
    assert show(None, side_by_side=True) == expected
    assert show(None, side_by_side=True, done=41).startswith("  42 - ")


def test_side_by_side_fits_80_columns():
    long = LineResult("word " * 60, "term " * 60, [SentenceResult("", "")])
    lines = show(None, [(Record(1, ""), long)], side_by_side=True).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.count("word") for line in lines) == 60
    assert all(line[:7] == " " * 7 for line in lines[1:4])


def test_side_by_side_folds_a_long_link():
    link = "https://example.com/" + "0123456789" * 12
    result = LineResult(f"at {link} .", f"in {link} .", [SentenceResult("", "")])
    shown = show(None, [(Record(1, ""), result)], side_by_side=True)
    assert max(map(len, shown.splitlines())) <= 80
    assert "".join(line[7:] for line in shown.splitlines()).count(link) == 2


@pytest.mark.parametrize(
    ("kind", "target", "format", "name"),
    [
        ("txt", None, None, "txt"),
        ("csv", None, None, "csv"),
        ("parquet", None, None, "jsonl"),
        ("txt", "a.jsonl", None, "jsonl"),
        ("csv", "a.txt", None, "txt"),
        ("csv", "a.txt", "csv", "csv"),
        ("csv", "a.out", None, "txt"),
        ("csv", "a", None, "txt"),
        ("txt", "a.md", None, "txt"),
        ("txt", "a.json", "jsonl", "jsonl"),
    ],
)
def test_the_format_follows_the_file(kind, target, format, name):
    assert choose_view(kind, target and Path(target), format, diff=False, side_by_side=False).name == name


@pytest.mark.parametrize("target", ["a.parquet", "a.txt.gz", "a.json", "a.XLSX", "a.html", "a.csv.zip"])
def test_formats_that_are_not_written(target):
    kind = target.lower().rpartition(".")[2]
    with pytest.raises(UserError, match=f"{target}: {kind} is not written; choose txt, jsonl, csv or tsv"):
        show(None, target=Path(target))


@pytest.mark.parametrize("target", ["a.html", "a.csv"])
@pytest.mark.parametrize("look", ["diff", "side_by_side"])
def test_what_is_for_the_eye_is_plain_text(target, look):
    with pytest.raises(UserError, match=f"{target}: .* is not written; choose txt$"):
        show(None, target=Path(target), **{look: True})
    show(None, target=Path("a.out"), **{look: True})


def test_one_wish_at_a_time():
    with pytest.raises(UserError, match="choose one"):
        show("txt", diff=True)
