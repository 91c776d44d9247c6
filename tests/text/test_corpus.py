import gzip
import json

import pytest

from textdis.core.errors import UserError
from textdis.text.corpus import check, label_names, load_corpus

TEXTS, LABELS = ["it was bad .", "so good 😀", "the worst , ever"], ["negative", "positive", "negative"]


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def table(path, texts=TEXTS, labels=LABELS, text="text", label="label"):
    """Writes a table in the format that the name of the file asks for."""
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table({text: texts, label: labels}), path)
        return str(path)
    if kind == "jsonl":
        lines = [json.dumps({text: t, label: y}) for t, y in zip(texts, labels, strict=True)]
    else:
        rows = [(text, label), *zip(texts, labels, strict=True)]
        lines = ["\t".join(row) for row in rows] if kind == "tsv" else [f'"{t}",{y}' for t, y in rows]
    return write(path, "\n".join(lines) + "\n")


@pytest.fixture
def two(tmp_path):
    return [
        write(tmp_path / "my.0.txt", "bad food .\n\nrude staff\n"),
        write(tmp_path / "my.1.txt.gz", "good food .\r\n"),
    ]


def test_one_txt_file_a_style(two):
    data = load_corpus(two)
    assert data["text"][:] == ["bad food .", "rude staff", "good food ."]
    assert data["label"][:] == [0, 0, 1]
    assert label_names(data) == ["0", "1"]
    assert label_names(load_corpus(two, labels=["no", "yes"])) == ["no", "yes"]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (("bad.txt", "good.txt"), ["bad", "good"]),
        (("yelp_neg.txt.gz", "yelp_pos.txt"), ["neg", "pos"]),
        (("train.en.formal", "train.en.casual"), ["formal", "casual"]),
        (("train.1.txt", "train.0.txt"), ["1", "0"]),  # the order of the files decides, not their numbers
    ],
)
def test_styles_are_named_by_what_tells_the_files_apart(tmp_path, files, names):
    data = load_corpus([write(tmp_path / file, file) for file in files])
    assert label_names(data) == names and data["label"][:] == [0, 1] and data["text"][:] == list(files)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json", "a.csv", "a.tsv", "a.csv.gz", "a.parquet"])
def test_tables(tmp_path, name):
    source = table(tmp_path / ("b" + name) if name != "a.json" else tmp_path / "b.jsonl")
    if name == "a.json":
        source = write(tmp_path / name, (tmp_path / "b.jsonl").read_bytes())
    data = load_corpus([source])
    assert data["text"][:] == TEXTS and data["label"][:] == [0, 1, 0]
    assert label_names(data) == ["negative", "positive"]


def test_columns_by_name_and_labels_in_a_wanted_order(tmp_path):
    source = table(tmp_path / "a.jsonl", text="review", label="stars", labels=[10, 9, 10])
    data = load_corpus([source], text_column="review", label_column="stars")
    assert label_names(data) == ["9", "10"] and data["label"][:] == [1, 0, 1]  # by number, not by alphabet
    source = table(tmp_path / "b.csv")
    assert load_corpus([source], labels=["positive", "negative"])["label"][:] == [1, 0, 1]
    source = table(tmp_path / "c.jsonl", labels=[0, 1, 0])
    named = load_corpus([source], labels=["negative", "positive"])
    assert named["label"][:] == [0, 1, 0] and label_names(named) == ["negative", "positive"]


def test_parquet_written_by_datasets_keeps_the_names_of_its_styles(tmp_path):
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["negative", "positive"])})
    path = str(tmp_path / "a.parquet")
    Dataset.from_dict({"text": TEXTS, "label": [0, 1, 0]}, features=features).to_parquet(path)
    data = load_corpus([path])
    assert label_names(data) == ["negative", "positive"] and data["label"][:] == [0, 1, 0]
    assert load_corpus([path, table(tmp_path / "b.csv")])["label"][:] == [0, 1, 0] * 2
    Dataset.from_dict({"text": TEXTS, "label": [0, 1, -1]}, features=features).to_parquet(path)
    refused("line 3: nothing in column 'label'", [path])  # -1 is no style, least of all the last one


def test_several_tables_are_joined_and_a_byte_order_mark_is_no_text(tmp_path):
    first, second = table(tmp_path / "a.jsonl"), table(tmp_path / "b.csv")
    assert load_corpus([first, second])["text"][:] == TEXTS * 2
    marked = [write(tmp_path / f"m{i}.txt", b"\xef\xbb\xbfhello\n") for i in (0, 1)]
    assert load_corpus(marked)["text"][:] == ["hello", "hello"]


def refused(message, sources, **options):
    with pytest.raises(UserError, match=message) as caught:
        load_corpus(sources, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_folders_and_empty_files(tmp_path, two):
    refused("no such file", [two[0], str(tmp_path / "gone.txt")])
    refused("is a folder", [str(tmp_path), two[0]])
    empty = write(tmp_path / "e.txt", "\n \n")
    refused("no sentence of the style e", [two[0], empty])
    refused("no sentence there", [empty, write(tmp_path / "f.txt", "")])
    refused("only one style", [two[0]])
    refused("two.csv: given twice", [table(tmp_path / "two.csv")] * 2)
    refused("x.xlsx: xlsx files are not read; save it as csv", [str(tmp_path / "x.xlsx")])
    for name in ("x.xlsx", "x.rtf", "x.html"):  # which could be names on the hub
        refused(f"{name}: {name[2:]} files are not read; save it as csv, or as txt with one sentence a line", [name])
    refused("one txt file a style", [])
    refused("one txt file a style", [two[0], table(tmp_path / "a.csv")])
    refused("only one style", [table(tmp_path / "b.csv", labels=["same"] * 3)])


def test_broken_bytes_are_named_by_file_and_line(tmp_path, two):
    broken = write(tmp_path / "b.txt", b"fine\nna\xefve\n")
    refused(r"b.txt, line 2: not UTF-8 \(byte 0xef at 3\)", [two[0], broken])
    refused("b.csv, line 2: not UTF-8", [write(tmp_path / "b.csv", b"text,label\n\xff,1\n")])
    cut = gzip.compress(b"a sentence\n" * 99)[:-9]
    (tmp_path / "cut.txt.gz").write_bytes(cut)
    refused("cut.txt.gz: cannot be read", [two[0], str(tmp_path / "cut.txt.gz")])
    refused("not readable as parquet", [write(tmp_path / "x.parquet", "no")])


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet"])
def test_a_missing_column_names_those_present(tmp_path, name):
    source = table(tmp_path / name, text="review")
    message = refused(r"no column 'text'; it has review, label", [source])
    assert name in message


def test_bad_rows_are_named_by_line(tmp_path):
    good = '{"text": "a", "label": 0}\n'
    a_list = [write(tmp_path / "a.json", '[\n{"text": "a"}]'), write(tmp_path / "b.json", "[]")]
    refused("a.json, line 1: not JSON .*; write one object a line", a_list[:1])
    refused("b.json, line 1: not a JSON object; write one object a line", a_list[1:])
    refused("a.jsonl, line 2: not JSON", [write(tmp_path / "a.jsonl", good + "{oops\n")])
    refused("b.jsonl, line 2: not a JSON object", [write(tmp_path / "b.jsonl", good + "[1]\n")])
    refused(
        "c.jsonl, line 2: nothing in column 'text'", [write(tmp_path / "c.jsonl", good + '{"text": null, "label": 1}')]
    )
    refused("d.csv, line 3: nothing in column 'label'", [write(tmp_path / "d.csv", "text,label\na,0\nb\n")])
    known = table(tmp_path / "e.jsonl", labels=["negative", "positive", "mixed"])
    refused("e.jsonl, line 3: label 'mixed' is none of negative, positive", [known], labels=["negative", "positive"])


def test_labels_must_name_each_style_once(tmp_path, two):
    refused("give one file for each style", two, labels=["a", "a"])
    refused("give one file for each style", two, labels=["a", "b", "c"])
    refused("give one file for each style", [write(tmp_path / "one" / "x.txt", "one")] * 2)
    refused("no sentence of the style neutral", [table(tmp_path / "t.csv")], labels=["negative", "positive", "neutral"])


def test_the_hub_is_asked_for_a_name_and_its_failure_is_explained(monkeypatch):
    import datasets

    asked = []

    def offline(name, split):
        asked.append((name, split))
        raise ConnectionError("Couldn't reach the Hub\n(long story)")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    message = refused("some/reviews: neither a file here nor a data set that the hub gave", ["some/reviews"])
    assert asked == [("some/reviews", "train")] and "Couldn't reach the Hub)" in message


def test_a_hub_data_set_gives_the_names_of_its_labels(monkeypatch):
    import datasets

    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["neg", "pos"]),
            "id": datasets.Value("int64"),
        }
    )
    hub = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0], "id": [5, 7]}, features=features)
    monkeypatch.setattr(datasets, "load_dataset", lambda name, split: hub)
    data = load_corpus(["reviews"])
    assert label_names(data) == ["neg", "pos"] and data["label"][:] == [1, 0]
    refused("no column 'sentence'; it has text, label, id", ["reviews"], text_column="sentence")


def numbered(path, start, stop, extra=()):
    return write(path, "\n".join([f"sentence number {i} ." for i in range(start, stop)] + list(extra)) + "\n")


def test_check_counts(tmp_path):
    long = " ".join(["word"] * 7)
    sources = [
        numbered(tmp_path / "x.0.txt", 0, 600, ["", "Sentence  number 0 .", long]),
        numbered(tmp_path / "x.1.txt", 595, 1200),
    ]
    report = check(sources, max_words=6)
    one, two = report.styles
    assert (one.name, one.sentences, one.empty, one.duplicates, one.over_long) == ("0", 602, 1, 1, 1)
    assert (two.name, two.sentences, two.empty, two.duplicates, two.over_long) == ("1", 605, 0, 0, 0)
    assert one.words == (4, 4, 4, 7)
    assert report.shared == 5  # 595 to 599
    # words: 1,200 numbers, `sentence`, `Sentence`, `number`, `.`, `word`; once: the numbers but 0 and 595 to 599
    assert (report.vocabulary, report.once) == (1205, 1195)  # and `Sentence`
    assert report.ok and str(report).endswith("verdict: ok")
    assert any("5 sentences stand in more than one style" in remark for remark in report.remarks)


def test_check_objects_to_few_and_shared_sentences(tmp_path):
    sources = [numbered(tmp_path / "x.0.txt", 0, 2500), numbered(tmp_path / "x.1.txt", 0, 499)]
    report = check(sources)
    assert not report.ok and len(report.problems) == 2
    assert "'1' has 499 sentences" in report.problems[0] and "499 sentences stand in more" in report.problems[1]
    assert "5.0 times the smallest" in report.remarks[0]
    assert "problem: '1' has 499" in str(report) and str(report).endswith("2 problem(s) to mend first")


def test_check_remarks_on_repetitions_long_and_empty_lines(tmp_path):
    long = " ".join(["word"] * 31)
    sources = [
        numbered(tmp_path / "x.0.txt", 0, 500, [f"{long} {i}" for i in range(100)]),
        numbered(tmp_path / "x.1.txt", 500, 1000, ["again"] * 400 + [""]),
    ]
    report = check(sources)
    assert report.ok
    assert [remark.split(":")[0] for remark in report.remarks] == ["'0'", "'1'", "'1'"]
    assert "100 have more than 30 words" in report.remarks[0] and "399 of 900" in report.remarks[1]


def test_check_reads_tables_and_refuses_what_load_refuses(tmp_path, two):
    report = check([table(tmp_path / "a.csv")])
    assert [style.sentences for style in report.styles] == [2, 1]
    with pytest.raises(UserError, match="only one style"):
        check([two[0]])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    paths = [tmp_path / style / "train.txt" for style in ("negative", "positive")]
    for path in paths:
        path.parent.mkdir()
        write(path, "one\ntwo\n")
    assert label_names(load_corpus(paths)) == ["negative", "positive"]


@pytest.mark.parametrize("value", ["NaN", "5", '["a"]'])
def test_what_is_no_text_is_refused(tmp_path, value):
    path = tmp_path / "a.jsonl"
    write(path, '{"text": "one", "label": 0}\n{"text": VALUE, "label": 1}\n'.replace("VALUE", value))
    refused("line 2: column 'text' holds", [path])


def test_a_parquet_file_of_broken_text_is_refused(tmp_path):
    import pyarrow
    import pyarrow.parquet

    broken = pyarrow.array([b"\xff bad"], pyarrow.binary()).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"text": broken, "label": [0]}), tmp_path / "a.parquet")
    refused("not readable as parquet", [tmp_path / "a.parquet"])


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("a.csv", "text,label\ngood,1\nbad, really,0\n", "line 3: 3 cells, but the header has 2; quote texts"),
        ("a.tsv", "text\tlabel\ngood\t1\t\n", "line 2: 3 cells, but the header has 2"),
        ("b.csv", "text,label\ngood,1\nbad, \n", "line 3: column 'label' holds ' ', which names no style; fill it in"),
        ("b.jsonl", '{"text": "good", "label": ""}\n', "line 1: column 'label' holds '', which names no style"),
        ("c.jsonl", '{"text": "good", "label": NaN}\n', "line 1: column 'label' holds nan"),
        ("d.jsonl", '{"text": "good", "label": [1]}\n', r"line 1: column 'label' holds \[1\]"),
        ("e.csv", "text,label,text\ngood,1,x\n", "line 1: two columns are called 'text'; rename one"),
        ("f.csv", 'text,label\n"bad,0\nworse,0\n', "line 3: not readable as a table .*is a quote left open"),
        ("g.csv", "text;label\ngood;1\n", "line 1: one column, 'text;label'; save it with commas"),
        ("g.tsv", "text,label\ngood,1\n", "line 1: one column, 'text,label'; save it with commas as csv, or with tabs"),
    ],
)
def test_rows_that_are_not_what_they_seem_are_refused(tmp_path, name, rows, message):
    refused(f"{name}, {message}", [write(tmp_path / name, rows)])


def test_a_column_of_numbers_or_texts_is_no_style(tmp_path):
    rows = "text,label\n" + "".join(f"sentence {i},{i}\n" for i in range(30))
    message = "a.csv: 30 styles in 30 sentences; name the column that holds the style with --label-column"
    refused(message, [write(tmp_path / "a.csv", rows)])
    refused("column 'text' cannot hold both", [str(tmp_path / "a.csv")], label_column="text")


def test_cells_may_hold_line_ends_and_columns_may_lack_a_name(tmp_path):
    rows = 'text, label,,\n"good\nfood",1,,\nbad,0,,\n'
    assert load_corpus([write(tmp_path / "a.csv", rows)])["text"][:] == ["good\nfood", "bad"]
