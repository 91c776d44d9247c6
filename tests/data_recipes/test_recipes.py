import dataclasses
import gzip
import hashlib
import inspect

import pytest

import data_recipes
from data_recipes.recipe import Recipe, default_roots, draw, key, records, styles, take
from textdis.core.errors import UserError

ROWS = {
    "amazon": {"train": 81_231, "dev": 2000, "test": 1000},
    "captions": {"train": 12_000, "dev": 400, "test": 300},
    "imdb": {"dev": 4000, "test": 2000},
    "kotzias2015": {"amazon_cells": 1000, "imdb": 1000, "yelp": 1000},
    "larsson2017": {"train": 14_306, "dev": 1599},
    "multi30k": {
        "train": 29_000, "val": 1014, "test_2016_flickr": 1000, "test_2017_flickr": 1000, "test_2017_mscoco": 461,
        "test_2018_flickr": 1071,
    },
    "rt_polarity": {"train": 10_662},
    "tackstrom2011": {"test": 3836},
    "yelp": {"train": 194_587, "dev": 4000, "judges": 20_000, "li.dev": 4000, "li.test": 1000},
}  # fmt: skip


def real(name):
    """The recipe's data where this machine has them."""
    folder = {"larsson2017": "rt_polarity"}.get(name, name)  # it has no files of its own
    if not any((root / folder).is_dir() for root in default_roots()):
        pytest.skip(f"the data of {name} are not here")
    return data_recipes.load(name)


def write(folder, name, lines):
    folder.mkdir(parents=True, exist_ok=True)
    data = gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0)
    (folder / name).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def small(tmp_path):
    """A recipe over two made files under tmp_path / "data" / "small"."""
    folder = tmp_path / "data" / "small"
    files = {f"s.{i}.txt.gz": write(folder, f"s.{i}.txt.gz", lines) for i, lines in enumerate((["a", "b"], ["c"]))}

    def parse(folder, most=3):
        return {"train": take(styles(folder, "s.{}.txt.gz"), range(most))}

    return Recipe("small", files, parse, ("no", "yes"), ("train",), "none", "example.org")


@pytest.mark.parametrize("name", data_recipes.NAMES)
def test_every_recipe_is_complete_and_frozen(name):
    recipe = data_recipes.recipe(name)
    assert recipe.name == name and recipe.licence and recipe.homepage and recipe.notes and recipe.splits
    assert all(len(digest) == 64 for digest in recipe.files.values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.name = "other"


def test_unknown_recipes_are_refused_with_those_there_are():
    with pytest.raises(UserError, match="no recipe 'yelb'; there are amazon"):
        data_recipes.load("yelb")


@pytest.mark.parametrize("below", ["data", "data/small"])
def test_the_root_may_hold_the_folder_or_be_it(tmp_path, small, below):
    data = small.load(tmp_path / below)
    assert data["train"]["text"][:] == ["a", "b", "c"] and data["train"]["label"][:] == [0, 0, 1]
    assert data["train"].features["label"].names == ["no", "yes"]


def test_the_environment_names_the_root(tmp_path, small, monkeypatch):
    monkeypatch.setenv("TEXTDIS_DATA", str(tmp_path / "data"))
    assert len(small.load()["train"]) == 3


def test_missing_files_are_named_with_their_place(tmp_path, small, monkeypatch):
    with pytest.raises(UserError, match=r"put s.0.txt.gz, s.1.txt.gz \(see example.org\) into .*elsewhere/small"):
        small.load(tmp_path / "elsewhere")
    monkeypatch.setenv("TEXTDIS_DATA", str(tmp_path / "nothing"))
    with pytest.raises(UserError, match="nothing/small"):
        small.load()
    (tmp_path / "data" / "small" / "s.1.txt.gz").unlink()
    with pytest.raises(UserError, match=r"small: s.1.txt.gz missing"):
        small.load(tmp_path / "data")


def test_other_content_is_refused(tmp_path, small):
    write(tmp_path / "data" / "small", "s.1.txt.gz", ["changed"])
    with pytest.raises(UserError, match="s.1.txt.gz: sha256 is"):
        small.load(tmp_path / "data")


def test_options_reach_the_parser_and_unknown_ones_are_refused(tmp_path, small):
    assert len(small.load(tmp_path / "data", most=2)["train"]) == 2
    with pytest.raises(UserError, match="no option 'mots'; it has most"):
        small.load(tmp_path / "data", mots=2)


def test_jsonl_files_are_read(tmp_path):
    write(tmp_path, "a.jsonl.gz", ['{"text": "é\\u2028x"}'])
    assert records(tmp_path / "a.jsonl.gz") == [{"text": "é\u2028x"}]


def test_equal_sentences_are_drawn_alike():
    assert key("It 's GREAT_ , 5 é !") == "itsgreat5é"
    assert draw("so good !", 1) == draw("So good", 1) != draw("so good !", 2)
    drawn = [draw(f"sentence {i}", 7) for i in range(2000)]
    assert min(drawn) >= 0 and max(drawn) < 1
    assert sum(drawn) / 2000 == pytest.approx(0.5, abs=0.03)  # standard error 0.0065


@pytest.mark.parametrize("name", [name for name in ROWS if name != "yelp"])
def test_real_data_have_the_expected_rows(name):
    data = real(name)
    assert {split: len(rows) for split, rows in data.items()} == ROWS[name]
    assert tuple(data) == data_recipes.recipe(name).splits
    assert all(text for rows in data.values() for column in rows.column_names[:1] for text in rows[column])


def test_yelp_keeps_the_judges_sentences_apart():
    data = real("yelp")
    assert {split: len(rows) for split, rows in data.items()} == ROWS["yelp"]
    keys = {split: {key(text) for text in rows["text"]} for split, rows in data.items()}
    for others in ("judges", "dev", "li.dev", "li.test"):
        assert not keys["train"] & keys[others]
    assert not keys["judges"] & (keys["dev"] | keys["li.test"])
    assert sum(data["judges"]["label"]) == 10_000
    assert data["li.test"].column_names == ["text", "label", "reference"]
    assert data["li.test"][999]["text"] and data["li.test"][0]["reference"].startswith("Ever since joes")
    # drawing groups keeps repetitions as common there as in the training set
    shares = [len(set(data[split]["text"])) / len(data[split]) for split in ("judges", "train")]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_yahoo_titles_stand_in_one_split():
    data = real("yahoo")
    keys = [{key(text) for text in rows["text"]} for rows in data.values()]
    assert sum(map(len, data.values())) == 18_000
    assert not (keys[0] & keys[1] or keys[0] & keys[2] or keys[1] & keys[2])
    assert 0.85 < len(data["train"]) / 18_000 < 0.95


def test_tackstrom_reviews_keep_domain_and_label():
    rows = real("tackstrom2011")["test"]
    assert rows[0]["domain"] == "books" and rows.features["label"].int2str(rows[0]["label"]) == "neg"
    assert len(set(rows["document"])) == 294 and set(rows["label"]) == set(range(5))


def test_load_documents_itself():
    assert list(inspect.signature(data_recipes.load).parameters) == ["name", "root", "options"]


def test_larsson_joins_three_sets_and_holds_out_sentences():
    data = real("larsson2017")
    keys = {split: {key(text) for text in rows["text"]} for split, rows in data.items()}
    assert not keys["train"] & keys["dev"]
    assert sum(map(len, data.values())) == 10_662 + 3000 + 923 + 1320
    assert sum(data["train"]["label"]) + sum(data["dev"]["label"]) == 5331 + 1500 + 923
    praise = [text for rows in data.values() for text, label in zip(rows["text"], rows["label"], strict=True) if label]
    assert "Good case, Excellent value." in praise
    assert set(data["dev"]["domain"]) == set(data["train"]["domain"]) >= {"movies", "phones", "restaurants"}
