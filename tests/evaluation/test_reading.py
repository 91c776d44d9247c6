from __future__ import annotations

import json

import pytest

from textdis.core.errors import UserError
from textdis.evaluation.reading import blinded, by_system, markdown_table, read_records, verdict, write_records

SOURCES = [f"text {i}" for i in range(10)]
WANTED = ["negative", "positive"] * 5
SYSTEMS = {"copy": SOURCES, "shout": [s + " !" for s in SOURCES], "same": [s + " !" for s in SOURCES]}


def test_a_sheet_names_no_system_and_the_key_names_all():
    items, key = blinded(SYSTEMS, SOURCES, WANTED, size=4, seed=1)
    assert len(items) == 8 and set(key) == {item["id"] for item in items}
    assert sorted(sum(key.values(), [])) == ["copy"] * 4 + ["same"] * 4 + ["shout"] * 4
    assert not any(name in json.dumps(items) for name in SYSTEMS)
    assert [item["wanted"] for item in items].count("positive") == 4
    assert (
        (items, key) == blinded(SYSTEMS, SOURCES, WANTED, size=4, seed=1) != blinded(SYSTEMS, SOURCES, WANTED, size=4)
    )
    for item in items:
        assert ("copy" in key[item["id"]]) == (item["output"] == item["source"])


def test_verdicts_find_their_systems(tmp_path):
    items, key = blinded(SYSTEMS, SOURCES, WANTED, size=10)
    for item in items:
        item |= {"style": "no" if item["output"] == item["source"] else "yes", "content": "yes", "grammar": "yes"}
    write_records(tmp_path / "sheet.jsonl", items)
    groups = by_system(read_records(tmp_path / "sheet.jsonl"), key, "sheet")
    lines = {line.split(" | ")[0]: line for line in markdown_table(groups).splitlines()}
    assert lines["| copy"] == "| copy | 10 | 0 | 100 | 100 | 0 | 0 to 28 |"
    assert lines["| shout"].startswith("| shout | 10 | 100 | 100 | 100 | 100 | 72 to 100")


def test_a_line_ends_where_a_line_ends_and_a_mark_before_the_first_is_none_of_it(tmp_path):
    records = [{"id": "a", "output": "good\u2028food\x85"}, {"id": "b", "output": "bad"}]
    path = tmp_path / "sheet.jsonl"
    write_records(path, records)
    assert read_records(path) == records
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_records(path) == records
    path.write_text("")
    assert read_records(path) == []


@pytest.mark.parametrize("answers", [{"style": "yes"}, {"style": "yes", "content": "maybe", "grammar": "no"}])
def test_half_a_verdict_is_refused(answers):
    with pytest.raises(UserError, match="each be yes or no"):
        verdict({"id": 3, **answers}, "sheet")


def test_no_verdict_yet_is_told():
    assert verdict({"id": 3, "style": None}, "sheet") is None
    with pytest.raises(UserError, match="no verdict yet"):
        by_system([{"id": 3}], {}, "sheet")


def test_bad_input_is_told(tmp_path):
    with pytest.raises(UserError, match="as many lines"):
        blinded({"a": []}, SOURCES, WANTED)
    with pytest.raises(UserError, match="ask for fewer"):
        blinded(SYSTEMS, SOURCES, WANTED, size=12)
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1}\nnope\n')
    with pytest.raises(UserError, match="line 2: not JSON"):
        read_records(path)
    path.write_text("[1]\n")
    with pytest.raises(UserError, match="no object with an id"):
        read_records(path)
    with pytest.raises(UserError, match="not readable"):
        read_records(tmp_path / "none")
