import gzip
import io
import json
import sys

import pytest

from textdis.core.errors import UserError
from textdis.pipelines.files import MAX_LINE, MAX_TEXT, NAMED, Source
from textdis.pipelines.kinds import kind_of


def read(path, **options):
    return [(record.line, record.text) for record in Source(path, **options)]


def make(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_txt_keeps_blanks_and_empty_lines(tmp_path):
    path = make(tmp_path, "a.txt", "\ufeffone\r\n\n  two \u2028 \x85 still two\t\nthree")
    assert read(path) == [(1, "one"), (2, ""), (3, "  two \u2028 \x85 still two\t"), (4, "three")]
    assert read(make(tmp_path, "empty.txt", "")) == []


def test_packed_files(tmp_path):
    path = make(tmp_path, "a.txt.gz", gzip.compress(b"one\ntwo\n"))
    assert read(path) == [(1, "one"), (2, "two")]
    with pytest.raises(UserError, match=r"a\.txt\.gz: cannot be read"):
        read(make(tmp_path, "a.txt.gz", gzip.compress(b"one\ntwo\n" * 99)[:-9]))


def test_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é\nb".encode())))
    assert read(None) == [(1, "é"), (2, "b")]


def test_jsonl_knows_its_columns_before_the_first_object(tmp_path):
    records = list(Source(make(tmp_path, "a.jsonl", '\n\n{"id": 7, "text": "one"}\n\n')))
    assert [(r.line, r.text) for r in records] == [(1, ""), (2, ""), (3, "one"), (4, "")]
    assert {r.names for r in records} == {("id", "text")} and not records[0].fields
    assert [r.names for r in Source(make(tmp_path, "a.jsonl", "\n\n"))] == [(), ()]


def test_jsonl_keeps_the_other_fields(tmp_path):
    path = make(tmp_path, "a.jsonl", '{"text": "one\\ntwo", "id": 7}\n\n{"text": null}\n')
    records = list(Source(path))
    assert [r.text for r in records] == ["one\ntwo", "", ""]
    assert records[0].fields == {"text": "one\ntwo", "id": 7}
    assert records[0].column == "text"


def test_the_only_column_needs_no_name(tmp_path):
    assert read(make(tmp_path, "a.csv", 'review\n"so, so"\n')) == [(2, "so, so")]
    assert read(make(tmp_path, "a.tsv", "Customer Review (text)\nso, so\n")) == [(2, "so, so")]


@pytest.mark.parametrize("name", ["Review", "TEXT", "utterance", "ReviewBody", "review_text", "Q1"])
def test_one_word_that_names_a_column(tmp_path, name):
    assert read(make(tmp_path, "a.csv", f"{name}\nso\n")) == [(2, "so")]


def test_a_sentence_may_be_the_name_of_a_column_that_is_asked_for(tmp_path):
    path = make(tmp_path, "a.csv", "How was it?\nso\n")
    assert read(path, column="How was it?") == [(2, "so")]
    with pytest.raises(UserError, match="looks like a text") as caught:
        read(path, bare=True)
    assert "--" not in str(caught.value)


def test_a_lone_carriage_return_may_stand_in_a_cell(tmp_path):
    assert read(make(tmp_path, "a.csv", b'id,text\n1,"one\rtwo"\n')) == [(2, "one\rtwo")]
    assert read(make(tmp_path, "a.jsonl", '{"text": "one\\rtwo"}\n')) == [(1, "one\rtwo")]


def test_csv_and_tsv(tmp_path):
    path = make(tmp_path, "a.csv", 'id,text\n1,"a ""b"",\nc"\n\n2,\n')
    assert read(path) == [(3, 'a "b",\nc'), (4, ""), (5, "")]
    assert read(make(tmp_path, "a.tsv", "id\treview\n1\tso, so\n"), column="review") == [(2, "so, so")]
    assert read(make(tmp_path, "b.csv", "id, text\n1,so\n")) == [(2, "so")]
    assert read(make(tmp_path, "c.csv", '"good; or bad"\nso\n'), column="good; or bad") == [(2, "so")]


def test_parquet(tmp_path):
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"text": ["one", None], "stars": [1, 5]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    records = list(Source(tmp_path / "a.parquet"))
    assert [(r.line, r.text, r.fields["stars"]) for r in records] == [(1, "one", 1), (2, "", 5)]
    with pytest.raises(UserError, match="not readable as parquet"):
        read(make(tmp_path, "b.parquet", "no parquet"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"fine\nbr\xffken\n", "line 2: broken UTF-8 at byte 3; .*--errors replace"),
        ("a.txt", b"fine\nn\0l\n", "line 2: holds a NUL byte"),
        ("a.txt", "é".encode("utf-16") * 3, "line 1: holds a NUL byte"),
        ("a.txt", b"x" * (MAX_TEXT + 1), "line 1: 100,001 characters, more than 100,000"),
        ("a.txt", b"x" * (MAX_LINE + 1), "line 1: longer than 1,048,576 bytes"),
        ("a.jsonl", b"{", "line 1: not JSON"),
        ("a.jsonl", b"[" * 100_000, "line 1: not JSON"),
        ("a.jsonl", b'\n"text"', "line 2: not a JSON object"),
        ("a.jsonl", b'{"review": "x", "id": 3}', r"line 1: no column 'text' \(it has: review, id\); .*--column"),
        ("a.jsonl", b'{"text": 7}', "line 1: column 'text' holds 7, not a text"),
        ("a.jsonl", b'{"text": "a\\u0000"}', "line 1: holds a NUL character"),
        ("a.jsonl", b'{"text": "\\ud83d"}', "line 1: half a surrogate pair; .*--errors replace"),
        ("a.csv", b"text,id\nso, so,7\n", "line 2: 3 fields, but the header has 2"),
        ("a.csv", b"text;id\nfood;1\n", "'text;id', with semicolons in it; separate columns by csv's own sign"),
        ("a.csv", b"text|id\nfood|1\n", "line 1: one column, 'text.id', with bars in it"),
        ("a.csv", b"text\tid\nfood\t1\n", "csv's own sign, or name the format with --input-format tsv"),
        ("a.tsv", b"text,id\nfood,1\n", "tsv's own sign, or name the format with --input-format csv"),
        ("a.csv", b'text,id\n"open,7\n' + b"x,y\n" * 9, "not readable as csv"),
        (
            "a.csv",
            b"Great food.\nBad staff.\n",
            "line 1: 'Great food.' looks like a text.*--input-format txt, or name it with --column",
        ),
        ("a.csv", b"Loved it\nBad staff\n", "line 1: 'Loved it' looks like a text, not like a column's name"),
        ("a.csv", b"Terrible\nGreat\n", "line 1: 'Terrible' looks like a text.*--input-format txt, or name it"),
        ("a.csv", b"Great!\nBad\n", "'Great!' looks like a text.*write a first line `text` above it"),
        ("a.csv", b'"Great food, bad staff"\nso\n', "'Great food, bad staff' looks like a text"),
        ("a.tsv", b"We all had the review menu\nso\n", "'We all had the review menu' looks like a text"),
        ("a.txt", b"so\nGood.\rBad.\r", r"line 2: holds a lone carriage return; convert .* tr '\\r' '\\n'"),
        ("a.csv", b"text,text\na,b\n", "line 1: two columns have the same name"),
    ],
)
def test_bad_content_is_named_by_line(tmp_path, name, content, message):
    path = make(tmp_path, name, content)
    with pytest.raises(UserError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_utf8_can_be_replaced(tmp_path):
    source = Source(make(tmp_path, "a.txt", b"\xff\n" * (NAMED + 1) + b"fine\n"), errors="replace")
    assert [record.text for record in source][-2:] == ["\ufffd", "fine"]
    assert source.replacements == NAMED + 1
    assert source.replaced == list(range(1, NAMED + 1))


def test_half_a_surrogate_pair_can_be_replaced(tmp_path):
    path = make(tmp_path, "a.jsonl", json.dumps({"text": "a\ud83d\U0001f600"}))
    assert read(path, errors="replace") == [(1, "a\ufffd\U0001f600")]


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        Source(tmp_path / "none.txt")
    with pytest.raises(UserError, match="is a directory"):
        Source(tmp_path)
    with pytest.raises(UserError, match="has no column 'x'"):
        Source(make(tmp_path, "a.txt", "x"), column="x")
    with pytest.raises(UserError, match="parquet cannot be read from a pipe"):
        Source(None, "parquet")


def test_count_and_kind(tmp_path):
    assert Source(make(tmp_path, "a.txt", "1\n2\n3\n")).count() == 3
    assert Source(None).count() is None
    assert [kind_of(tmp_path / name) for name in ("a.CSV", "b.jsonl.gz", "c.ndjson", "d")] == [
        "csv",
        "jsonl",
        "jsonl",
        "txt",
    ]


def test_memory_does_not_grow_with_the_file(tmp_path):
    import tracemalloc

    path = make(tmp_path, "a.txt", "some words of a review\n" * 20_000)
    tracemalloc.start()
    assert sum(1 for _ in Source(path)) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000  # bytes; the file has 460,000


@pytest.mark.parametrize(
    ("name", "advice"), [("a.json", "jsonl.*--input-format"), ("a.XLSX", "csv"), ("a.pdf", "txt"), ("a.odt", "txt")]
)
def test_other_kinds_of_files_are_refused(tmp_path, name, advice):
    path = tmp_path / name
    path.write_text('[{"text": "The food was awful."}]')
    with pytest.raises(UserError, match=f"files are not read; save it as {advice}"):
        Source(path)
    assert [record.text for record in Source(path, "txt")] == [path.read_text()]
