import gzip
import json

import pytest

from textdis.core.errors import UserError
from textdis.text import part_of_speech
from textdis.text.parallel import read_aligned, read_tables
from textdis.text.part_of_speech import tag_words

COLUMNS = {"en": ["A cat.", "Two", None], "de": ["Eine Katze.", None, "Drei"]}


def jsonl(path):
    rows = [{"en": "A cat.", "de": " Eine Katze.\n", "x": 1}, {"en": "Two", "de": None}, {"en": " ", "de": "Drei"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n")
    return path


def table(path, mark):
    path.write_text("".join(mark.join(row) + "\n" for row in (("en", "de"), *zip(["A cat.", "Two", ""],
                    ["Eine Katze.", "", "Drei"], strict=True))))  # fmt: skip
    return path


def test_tables_give_their_columns_and_what_is_empty_is_missing(tmp_path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(COLUMNS), tmp_path / "a.parquet")
    for path in (jsonl(tmp_path / "a.jsonl"), table(tmp_path / "a.csv", ","), table(tmp_path / "a.tsv", "\t"),
                 tmp_path / "a.parquet"):  # fmt: skip
        assert read_tables([path], ["en", "de"]) == COLUMNS
        assert read_tables([path, path], ["de"]) == {"de": COLUMNS["de"] * 2}


def test_aligned_files_line_by_line(tmp_path):
    (tmp_path / "a.en").write_text("A cat.\nTwo\n\n")
    with gzip.open(tmp_path / "a.de.gz", "wt") as file:
        file.write("Eine Katze.\n \nDrei\n")
    assert read_aligned({"en": tmp_path / "a.en", "de": tmp_path / "a.de.gz"}) == COLUMNS


def test_files_of_unequal_length_are_refused_with_their_counts(tmp_path):
    (tmp_path / "a.en").write_text("A\nB\n")
    (tmp_path / "a.de").write_text("A\n")
    with pytest.raises(UserError, match=r"a\.en has 2, .*a\.de has 1"):
        read_aligned({"en": tmp_path / "a.en", "de": tmp_path / "a.de"})


def test_bad_tables_are_told_with_their_line(tmp_path):
    with pytest.raises(UserError, match="line 1: no column 'fr'; it has en, de, x"):
        read_tables([jsonl(tmp_path / "a.jsonl")], ["fr"])
    (tmp_path / "b.jsonl").write_text('{"en": "a"}\n{"en"\n')
    with pytest.raises(UserError, match="line 2: not JSON"):
        read_tables([tmp_path / "b.jsonl"], ["en"])
    (tmp_path / "c.jsonl").write_text("[1]\n")
    with pytest.raises(UserError, match="line 1: not a JSON object"):
        read_tables([tmp_path / "c.jsonl"], ["en"])
    (tmp_path / "b.csv").write_text("en,de\na,b\na, b,c\n")
    with pytest.raises(UserError, match="line 3: 3 cells, but the header has 2"):
        read_tables([tmp_path / "b.csv"], ["en"])
    (tmp_path / "a.txt").write_text("a\n")
    with pytest.raises(UserError, match="not a table"):
        read_tables([tmp_path / "a.txt"], ["en"])
    (tmp_path / "a.parquet").write_text("no")
    with pytest.raises(UserError, match="not readable as parquet"):
        read_tables([tmp_path / "a.parquet"], ["en"])


def test_tags_of_raw_sentences_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path))
    texts = ["The black cat sat on it.", "", "Two dogs were here!"]
    tags = tag_words(texts)
    assert tags == ["DT JJ NN VBD IN PRP .", "", "CD NNS VBD RB ."]
    monkeypatch.setattr(part_of_speech, "load_tagger", lambda: pytest.fail("asked the tagger again"))
    assert tag_words(texts) == tags
