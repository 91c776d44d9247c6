import pytest

import data_recipes
from textdis.cli import main
from textdis.text.corpus import label_names, load_corpus


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return stopped.value.code, out, err


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def test_every_recipe_has_one_line(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TEXTDIS_DATA", str(tmp_path))
    (tmp_path / "rt_polarity").mkdir()
    (tmp_path / "rt_polarity" / "rt-polarity.0.txt.gz").touch()
    code, out, _ = call(capsys, "data", "list")
    rows = {line.split()[0]: line for line in out.splitlines()[2:] if line.strip()}
    assert not code and set(data_recipes.NAMES) < set(rows)
    assert rows["rt_polarity"].split()[1:4] == ["here", "train", "10,662"]
    assert [rows[name].split()[1] for name in ("yelp", "toy", "yelp_polarity")] == ["missing", "made", "hub"]
    assert "free" in rows["toy"] and "do not redistribute" in rows["imdb"]


def test_prepare_shows_and_writes(capsys, tmp_path):
    arguments = ["data", "prepare", "toy", "--option", "sentences=300", "--output", tmp_path / "toy"]
    code, out, err = call(capsys, *arguments)
    assert not code and not err
    assert "no sentence stands in two splits" in out and "licence: MIT" in out and "negative" in out
    assert label_names(load_corpus([tmp_path / "toy" / "train.parquet"])) == ["negative", "positive"]
    code, _, err = call(capsys, *arguments)
    assert code == 2 and "is there already" in err


def test_prepare_shows_overlaps(capsys, monkeypatch, tmp_path):
    import datasets

    one = datasets.Dataset.from_dict({"text": ["a b", "c"]})
    monkeypatch.setattr(data_recipes.Recipe, "load", lambda *_, **__: datasets.DatasetDict(train=one, dev=one))
    _, out, _ = call(capsys, "data", "prepare", "imdb")
    assert "2 of 2" in out and "no sentence" not in out


def test_prepare_of_nothing(capsys, tmp_path):
    code, _, err = call(capsys, "data", "prepare", "imdb", "--root", tmp_path)
    assert code == 2 and "data of 'imdb' not found" in err
    assert call(capsys, "data", "prepare", "yelb")[0] == 2
    code, _, err = call(capsys, "data", "prepare", "toy", "--option", "size=3")
    assert code == 2 and "no option 'size'; it has sentences, seed" in err


def test_check_names_the_lines(capsys, tmp_path):
    (tmp_path / "a.0.txt").write_text("good food .\n\nGood  food .\nbad .\n" + "long " * 31 + "\n", encoding="utf-8")
    (tmp_path / "a.1.txt").write_text("bad .\n" * 9, encoding="utf-8")
    code, out, _ = call(capsys, "data", "check", tmp_path / "a.0.txt", tmp_path / "a.1.txt", "--lines", 3)
    assert code == 1
    found = [line.replace(f"{tmp_path}/", "") for line in out.splitlines() if line.startswith("found:")]
    assert found == [
        "found: a.0.txt, line 2: empty",
        "found: a.0.txt, line 3: repeats an earlier line",
        "found: a.0.txt, line 4: stands in another style too",
        "found: a.0.txt, line 5: over-long",
        "found: a.1.txt, lines 2, 3, 4 and 5 more: repeats an earlier line",
        "found: a.1.txt, lines 1, 2, 3 and 6 more: stands in another style too",
    ]


def test_check_names_every_line_that_is_not_utf8(capsys, tmp_path):
    (tmp_path / "a.0.txt").write_bytes(b"good .\nbad \xff .\nfine .\n\xfe\n")
    (tmp_path / "a.1.txt").write_text("bad .\n", encoding="utf-8")
    code, _, err = call(capsys, "data", "check", tmp_path / "a.0.txt", tmp_path / "a.1.txt")
    assert code == 2 and "a.0.txt, lines 2, 4: not UTF-8; save the file as UTF-8" in err
