import dataclasses
import gzip
import inspect
from functools import cache
from hashlib import sha256

import pytest

import data_recipes
from data_recipes.recipe import Recipe, draw, key, records, styles, take
from textdis.core.errors import UserError

YELP = {
    "train": "a5f4b435f2aa", "dev": "204cb37187c5", "judges": "196dd1110e92", "li.dev": "2afd4d59115a",
    "li.test": "0a42961843da",
}  # fmt: skip
FIXED = [name for name in data_recipes.NAMES if data_recipes.recipe(name).rows]


@cache
def real(name):
    """The recipe's data where this machine has them."""
    files_of = {"larsson2017": "rt_polarity"}.get(name, name)  # it has no files of its own
    if not data_recipes.recipe(files_of).place_in():
        pytest.skip(f"the data of {name} are not here")
    return data_recipes.load(name)


def write(folder, name, lines):
    folder.mkdir(parents=True, exist_ok=True)
    data = gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0)
    (folder / name).write_bytes(data)
    return sha256(data).hexdigest()


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
    assert name == "europarl" or all(len(digest) == 64 for digest in recipe.files.values())
    assert not recipe.rows or len(recipe.rows) == len(recipe.splits)
    assert recipe.free == (recipe.licence.startswith(("MIT", "CC BY-SA 4.0 (stated by the release)")))
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
    with pytest.raises(UserError, match="nothing/small or a folder to which you set TEXTDIS_DATA$"):
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


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("toy", {"sentences": "many"}, "recipe 'toy': option sentences is 'many'; it must be int"),
        ("toy", {"sentences": True}, "option sentences is True; it must be int"),
        ("toy", {"seed": -1}, "option seed is -1; it must be 0 or more"),
        ("yelp_polarity", {"reviews": 1.5}, r"option reviews is 1.5; it must be int \| None"),
        ("yelp_polarity", {"reviews": -1}, "option reviews is -1; it must be 0 or more"),
        ("europarl", {"languages": 5}, "option languages is 5; it must be str"),
    ],
)
def test_options_of_another_type_or_below_their_range_are_refused(name, options, message):
    with pytest.raises(UserError, match=message):
        data_recipes.load(name, **options)


def test_jsonl_files_are_read(tmp_path):
    write(tmp_path, "a.jsonl.gz", ['{"text": "é\\u2028x"}'])
    assert records(tmp_path / "a.jsonl.gz") == [{"text": "é\u2028x"}]


def test_equal_sentences_are_drawn_alike():
    assert key("It 's GREAT_ , 5 é !") == "itsgreat5é"
    assert draw("so good !", 1) == draw("So good", 1) != draw("so good !", 2)
    drawn = [draw(f"sentence {i}", 7) for i in range(2000)]
    assert min(drawn) >= 0 and max(drawn) < 1
    assert sum(drawn) / 2000 == pytest.approx(0.5, abs=0.03)  # standard error 0.0065


@pytest.mark.parametrize("name", [name for name in FIXED if name != "yelp"])
def test_real_data_have_the_expected_rows(name):
    data = real(name)
    assert tuple(map(len, data.values())) == data_recipes.recipe(name).rows
    assert tuple(data) == data_recipes.recipe(name).splits
    for rows in data.values():
        assert all(rows[rows.column_names[0]][:])
        if "label" in rows.column_names:
            assert rows.features["label"].names == list(data_recipes.recipe(name).labels)


@pytest.mark.parametrize("name", ["amazon", "captions", "rt_polarity", "styled_captions"])
def test_blanks_are_single(name):
    assert all(text == " ".join(text.split()) for rows in real(name).values() for text in rows["text"][:])


@pytest.mark.parametrize("name", ["amazon", "styled_captions", "yahoo", "yahoo_sentences"])
def test_judges_share_no_sentence_with_any_other_split(name):
    keys = {split: {key(text) for text in rows["text"][:]} for split, rows in real(name).items()}
    assert not keys["judges"] & (keys["train"] | keys["dev"] | keys["test"])
    assert not keys["train"] & (keys["dev"] | keys["test"])


def test_amazon_references_stand_beside_their_source():
    test = real("amazon")["test"]
    assert test.column_names == ["text", "label", "reference"] and all(test["reference"])
    shared = [set(a.split()) & set(b.split()) for a, b in zip(test["text"][:], test["reference"][:], strict=True)]
    assert sum(map(bool, shared)) / len(test) > 0.95


def test_yelp_keeps_the_judges_sentences_apart():
    data = real("yelp")
    assert tuple(map(len, data.values())) == data_recipes.recipe("yelp").rows
    keys = {split: {key(text) for text in rows["text"][:]} for split, rows in data.items()}
    for others in ("judges", "dev", "li.dev", "li.test"):
        assert not keys["train"] & keys[others]
    assert not keys["judges"] & (keys["dev"] | keys["li.test"])
    assert sum(data["judges"]["label"]) == 10_000
    assert data["li.test"].column_names == ["text", "label", "reference"]
    assert data["li.test"][999]["text"] and data["li.test"][0]["reference"].startswith("Ever since joes")
    # what the shipped model and its judges were trained on and scored with
    digests = {split: sha256("\n".join(rows["text"][:]).encode()).hexdigest()[:12] for split, rows in data.items()}
    assert digests == YELP
    # drawing groups keeps repetitions as common there as in the training set
    shares = [len(set(data[split]["text"][:])) / len(data[split]) for split in ("judges", "train")]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_yahoo_titles_stand_in_one_split():
    data = real("yahoo")
    keys = [{key(text) for text in rows["text"][:]} for rows in data.values()]
    assert sum(map(len, data.values())) == 18_000
    assert sum(map(len, keys)) == len(set().union(*keys))
    assert 0.65 < len(data["train"]) / 18_000 < 0.75 and 0.15 < len(data["judges"]) / 18_000 < 0.25


def test_tackstrom_reviews_keep_domain_and_label():
    rows = real("tackstrom2011")["test"]
    assert rows[0]["domain"] == "books" and rows.features["label"].int2str(rows[0]["label"]) == "neg"
    assert len(set(rows["document"])) == 294 and set(rows["label"]) == set(range(5))


def test_load_documents_itself():
    assert list(inspect.signature(data_recipes.load).parameters) == ["name", "root", "options"]


def test_larsson_joins_three_sets_and_holds_out_sentences():
    data = real("larsson2017")
    keys = {split: {key(text) for text in rows["text"][:]} for split, rows in data.items()}
    assert not keys["train"] & keys["dev"]
    assert sum(map(len, data.values())) == 10_662 + 3000 + 923 + 1320
    assert sum(data["train"]["label"]) + sum(data["dev"]["label"]) == 5331 + 1500 + 923
    praise = [
        text for rows in data.values() for text, label in zip(rows["text"][:], rows["label"][:], strict=True) if label
    ]
    assert "Good case, Excellent value." in praise
    assert set(data["dev"]["domain"]) == set(data["train"]["domain"]) >= {"movies", "phones", "restaurants"}
