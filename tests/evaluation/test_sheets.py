from __future__ import annotations

import csv
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from textdis.core.errors import UserError
from textdis.evaluation.ratings import read
from textdis.evaluation.sheets import COLUMNS, Design, export

SOURCES = [f"the {dish} was {word} ." for dish in ("soup", "fish", "rice") for word in ("bad", "good")]
TARGETS = ["positive", "negative"] * 3
SYSTEMS = {
    "ours": [text.replace("bad", "great").replace("good", "awful") for text in SOURCES],
    "theirs": ["=1+1", *SOURCES[1:5], "<script>alert('rated')</script>"],
    "a copy": SOURCES,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export(SYSTEMS, SOURCES, tmp_path / "sheets", targets=TARGETS, design=Design(size=6, raters=2))
    return tmp_path / "sheets"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(folder: Path, rater: int, answers: dict[str, dict[str, str]], *, delimiter: str = ",", bom: str = "") -> Path:
    """Answers by output, as a person would write them into the exported sheet."""
    rows = rows_of(folder / f"rater-{rater}.csv")
    for row in rows:
        row.update(answers.get(row["output"].strip(), {}))
    path = folder / f"filled-{rater}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(bom)
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


# ---- export ----------------------------------------------------------------------------------------------------------


def test_equal_outputs_are_one_item(folder):
    """18 outputs; `theirs` copies 4 of its sources, which `a copy` says as well: 14 items."""
    items = json.loads((folder / "key.json").read_text(encoding="utf-8"))["items"]
    assert len(items) == 14 and len({item["id"] for item in items}) == 14
    assert Counter(len(item["systems"]) for item in items) == {1: 10, 2: 4}
    assert all(SYSTEMS[name][item["line"] - 1] == item["output"] for item in items for name in item["systems"])
    assert all(SOURCES[item["line"] - 1] == item["source"] for item in items)


def test_sheets_are_blind_and_each_in_an_own_order(folder):
    first, second = (rows_of(folder / f"rater-{number}.csv") for number in (1, 2))
    assert [*first[0]] == list(COLUMNS) and {row["rater"] for row in first} == {"rater-1"}
    assert {row["item"] for row in first} == {row["item"] for row in second}
    assert [row["item"] for row in first] != [row["item"] for row in second]
    for path in [*folder.glob("rater-*")]:
        assert not any(name in path.read_text(encoding="utf-8") for name in SYSTEMS), path


def test_a_formula_is_no_formula_in_a_spreadsheet(folder):
    assert " =1+1" in {row["output"] for row in rows_of(folder / "rater-1.csv")}


class Page(HTMLParser):
    """Counts the choices of a page, and what it would load."""

    def __init__(self, text: str):
        super().__init__()
        self.names: Counter[str] = Counter()
        self.scripts, self.loaded = 0, []  # type: ignore[var-annotated]
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.scripts += tag == "script"
        self.loaded += [values[name] for name in ("src", "href", "action") if name in values]
        if tag == "input":
            self.names[values["name"]] += 1


def test_the_page_asks_for_all_and_loads_nothing(folder):
    text = (folder / "rater-1.html").read_text(encoding="utf-8")
    page = Page(text)
    by_field = Counter(name.split()[0] for name in page.names)
    assert by_field == {"style": 14, "naturalness": 14, "similarity": 14}
    assert {count for name, count in page.names.items() if name.startswith("style")} == {3}
    assert {count for name, count in page.names.items() if not name.startswith("style")} == {5}
    assert page.loaded == [] and page.scripts == 1  # its own; the one of an output is text
    assert "&lt;script&gt;" in text and not re.search(r"https?://", text)


def test_sentences_are_drawn_evenly_by_target(tmp_path):
    items = export({"x": SOURCES}, SOURCES, tmp_path / "a", targets=TARGETS, design=Design(size=4, raters=1))
    assert Counter(item.target for item in items) == {"positive": 2, "negative": 2}
    one = export({"x": SOURCES}, SOURCES, tmp_path / "one", targets=["positive"] * 6, design=Design(size=4, raters=1))
    assert Counter(item.target for item in one) == {"positive": 4}
    others = [export({"x": SOURCES}, SOURCES, tmp_path / f"{s}", design=Design(size=3, seed=s)) for s in range(5)]
    assert len({tuple(item.line for item in drawn) for drawn in others}) > 1
    assert others[0] == export({"x": SOURCES}, SOURCES, tmp_path / "again", design=Design(size=3, seed=0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"systems": {}}, "no system"),
        ({"systems": {"x": SOURCES[1:]}}, "x: 5 lines for 6 sources"),
        ({"targets": TARGETS[1:]}, "targets: 5 lines"),
        ({"targets": ["happy"] * 6}, "targets happy; the styles are negative, positive"),
        ({"design": Design(size=7)}, "7 sentences are to be drawn evenly, of 6"),
        ({"targets": ["positive"] * 5 + ["negative"], "design": Design(size=4)}, "of 1, 5"),
    ],
)
def test_what_cannot_be_exported(tmp_path, change, message):
    given = {"systems": SYSTEMS, "targets": None, "design": Design(size=2)} | change
    with pytest.raises(UserError, match=message):
        export(given.pop("systems"), SOURCES, tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_sheets_are_not_written_over(folder):
    with pytest.raises(UserError, match="holds sheets already"):
        export(SYSTEMS, SOURCES, folder, design=Design(size=2))


@pytest.mark.parametrize("styles", [["good"], ["good", "good"], ["good", "neutral"]])
def test_styles_must_differ(styles):
    with pytest.raises(UserError, match="two or more different"):
        Design(styles)


# ---- reading ---------------------------------------------------------------------------------------------------------

GREAT = {"style": "positive", "naturalness": "5", "similarity": "4"}
AWFUL = {"style": "negative", "naturalness": "3", "similarity": "4"}


def test_a_table_by_hand(folder):
    """Of `ours`, rater 1 calls soup positive (wanted), fish neutral; rater 2 soup negative: 1 of 3 transferred.

    Naturalness 5, 3, 3; similarity 4, and 2 of rater 2, who left the fish out. `a copy` and `theirs` share an item.
    """
    one = fill(folder, 1, {
        "the soup was great .": GREAT, "the fish was great .": {"style": "Neutral", "naturalness": "3"},
        "the fish was bad .": AWFUL,
    })  # fmt: skip
    two = fill(folder, 2, {"the soup was great .": AWFUL | {"similarity": "2"}}, delimiter=";", bom="\ufeff")
    found = read([one, two], folder / "key.json")
    assert found.systems["ours"] == {
        "transferred": pytest.approx(1 / 3), "neutral": pytest.approx(1 / 3), "similarity": 3.0,
        "naturalness": pytest.approx(11 / 3), "ratings": 3.0,
    }  # fmt: skip
    assert found.systems["theirs"] == found.systems["a copy"]
    assert found.systems["a copy"] == {
        "transferred": 0.0, "neutral": 0.0, "similarity": 4.0, "naturalness": 3.0, "ratings": 1.0,
    }  # fmt: skip
    assert found.raters == {
        "rater-1": {"full": 2, "half": 1, "blank": 11},
        "rater-2": {"full": 1, "half": 0, "blank": 13},
    }
    assert found.agreement["style"] == 0.0  # one item with two answers, which differ: 1 - 1 * 1 / (1 * 1)


def test_where_all_answers_are_the_same_there_is_no_alpha(folder):
    answers = {"the soup was great .": GREAT}
    found = read([fill(folder, 1, answers), fill(folder, 2, answers)], folder / "key.json")
    assert found.agreement == {"style": None, "naturalness": None, "similarity": None}


def test_a_long_cell_is_read_and_what_is_no_csv_is_told(folder, monkeypatch):
    path = fill(folder, 1, {"the soup was great .": GREAT})
    path.write_text(path.read_text().replace("the soup was great .", "a" * 200_000))
    assert read([path], folder / "key.json").systems["ours"]["naturalness"] == 5.0
    csv.field_size_limit(1000)
    monkeypatch.setattr(csv, "field_size_limit", lambda _: None)
    with pytest.raises(UserError, match="filled-1.csv, line .*: field larger than field limit"):
        read([path], folder / "key.json")


def test_raters_who_agree_have_an_alpha_of_1(folder):
    answers = {"the soup was great .": GREAT, "the fish was great .": AWFUL | {"similarity": "1"}}
    found = read([fill(folder, 1, answers), fill(folder, 2, answers)], folder / "key.json")
    assert found.agreement == {"style": 1.0, "naturalness": 1.0, "similarity": 1.0}


def test_blank_sheets_are_counted_and_one_rater_alone_agrees_with_nobody(folder):
    filled = fill(folder, 1, {"the soup was great .": GREAT})
    found = read([*folder.glob("rater-*.csv"), filled], folder / "key.json")
    assert found.agreement == {} and found.raters["rater-2"] == {"full": 0, "half": 0, "blank": 14}
    assert found.raters["rater-1"] == {"full": 1, "half": 0, "blank": 13}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"style": "happy"},
            r"filled-1.csv, line \d+, field style: 'happy'; it must be one of negative, positive, neu",
        ),
        ({"naturalness": "6"}, r"line \d+, field naturalness: '6'; it must be one of 1, 2, 3, 4, 5"),
        ({"similarity": "4.5"}, r"line \d+, field similarity: '4.5'"),
        ({"item": "0123456789"}, r"line \d+, field item: '0123456789' is not in the key"),
    ],
)
def test_bad_cells_are_told_by_file_line_and_field(folder, answer, message):
    path = fill(folder, 1, {"the soup was great .": GREAT | answer})
    line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if "the soup was great ." in text)
    with pytest.raises(UserError, match=message) as caught:
        read([path], folder / "key.json")
    assert f"line {line}," in str(caught.value)


def test_the_same_answers_twice_are_refused(folder):
    filled = fill(folder, 1, {"the soup was great .": GREAT})
    with pytest.raises(UserError, match="answers of rater-1 come a second time"):
        read([filled, filled], folder / "key.json")
    twice = folder / "twice.csv"
    twice.write_text(filled.read_text() + filled.read_text().splitlines()[1] + "\n")
    with pytest.raises(UserError, match="line 16, field item: .* second time for rater-1"):
        read([twice], folder / "key.json")


def test_what_is_no_sheet_and_no_key(folder, tmp_path):
    with pytest.raises(UserError, match="no sheet has an answer"):
        read(list(folder.glob("rater-*.csv")), folder / "key.json")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"other.csv, line 1: no column rater, item, style"):
        read([tmp_path / "other.csv"], folder / "key.json")
    (tmp_path / "latin.csv").write_bytes(b"rater,item\n\xe9,1\n")
    with pytest.raises(UserError, match="latin.csv: cannot be read"):
        read([tmp_path / "latin.csv"], folder / "key.json")
    with pytest.raises(UserError, match="none.csv: no such file; check the path$"):
        read([tmp_path / "none.csv"], folder / "key.json")
    with pytest.raises(UserError, match="none.json: no such file; check the path given as --key"):
        read([tmp_path / "other.csv"], tmp_path / "none.json")
    with pytest.raises(UserError, match="not the key"):
        read([folder / "rater-1.csv"], folder / "rater-1.csv")


@pytest.mark.parametrize(("part", "field"), [("design", "styles"), ("items", "systems"), ("items", "target")])
def test_a_key_that_lacks_something_is_told(folder, part, field):
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    del (key[part] if part == "design" else key[part][0])[field]
    (folder / "key.json").write_text(json.dumps(key))
    with pytest.raises(UserError, match=f"key.json: not the key .*'{field}'"):
        read([fill(folder, 1, {"the soup was great .": GREAT})], folder / "key.json")


def test_sheets_need_a_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UserError, match="out: cannot be written .*give another folder"):
        export(SYSTEMS, SOURCES, tmp_path / "out", design=Design(size=2))
