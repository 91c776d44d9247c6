import json
import subprocess

import datasets
import pytest

import data_recipes
from data_recipes import Overlap, conflict, overlaps
from data_recipes.prepare import prepare
from textdis.core.errors import UserError


def splits(**texts):
    return datasets.DatasetDict({name: datasets.Dataset.from_dict({"text": rows}) for name, rows in texts.items()})


def test_overlaps_are_counted_by_letters_and_digits():
    data = splits(train=["Good food .", "bad"], dev=["good food!", "good food", "new"], test=["other"])
    assert overlaps(data) == [
        Overlap("train", "dev", distinct=1, of_distinct=2, rows=2, of_rows=3),
        Overlap("train", "test", distinct=0, of_distinct=1, rows=0, of_rows=1),
        Overlap("dev", "test", distinct=0, of_distinct=1, rows=0, of_rows=1),
    ]
    assert str(overlaps(data)[0]) == "train / dev: 1 of 2 distinct sentences"


def test_overlaps_of_parallel_text_are_those_of_the_first_language():
    one = datasets.Dataset.from_dict({"en": ["Yes."], "de": ["Ja."]})
    assert overlaps(datasets.DatasetDict({"a": one, "b": one}))[0].rows == 1


@pytest.mark.parametrize("trained, scored, part", [
    ("yelp", "yelp_shen:dev", "the pool of `yelp`"),
    ("yelp:train", "yelp_shen:test", "the pool of `yelp`"),
    ("yelp_shen", "yelp:dev", "the pool of `yelp`"),
    ("yelp_shen:dev", "yelp:li.test", "Li et al. stand in the dev set"),
    ("yelp:train", "yelp:train", "what the model was trained on"),
    ("yelp", "yelp:train", "what the model was trained on"),
    ("yelp_polarity", "yelp:li.test", "reviews on one site"),
    ("yelp:train", "yelp_review_full:test", "reviews on one site"),
    ("larsson2017", "rt_polarity:train", "made of the other"),
])  # fmt: skip
def test_scores_not_to_be_believed_are_told(trained, scored, part):
    assert part in conflict(trained, scored)


@pytest.mark.parametrize("trained, scored", [
    ("yelp", "yelp:li.test"), ("yelp:train", "yelp:dev"), ("yelp_shen:train", "yelp:li.test"), ("yelp", "amazon:test"),
    ("yelp_shen", "yelp_shen:test"), ("yelp", "yelp"),
])  # fmt: skip
def test_scores_to_be_believed_are_left_alone(trained, scored):
    assert conflict(trained, scored) is None


def test_a_known_conflict_names_recipes_that_are_there():
    from data_recipes.overlaps import ALIKE, KNOWN

    names = {name.partition(":")[0] for pair in (*KNOWN, *ALIKE) for name in pair[:2]}
    assert {name.rstrip("*") for name in names} <= set(data_recipes.NAMES)


def test_prepared_folders_carry_the_licence(tmp_path):
    recipe = data_recipes.recipe("toy")
    folder = prepare(recipe, data_recipes.load("toy", sentences=200), tmp_path / "toy", {"sentences": 200})
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENCE.txt", "dev.parquet", "recipe.json", "test.parquet", "train.parquet",
    ]  # fmt: skip
    back = datasets.Dataset.from_parquet(str(folder / "train.parquet"), cache_dir=str(tmp_path / "cache"))
    assert back.features["label"].names == ["negative", "positive"]
    record = json.loads((folder / "recipe.json").read_text())
    assert record["redistribute"] is True and record["rows"]["train"] == len(back)
    assert record["options"] == {"sentences": 200}
    with pytest.raises(UserError, match="is there already"):
        prepare(recipe, data_recipes.load("toy", sentences=200), folder)


def test_what_may_not_be_handed_on_stays_out_of_repositories(tmp_path):
    recipe, data = data_recipes.recipe("rt_polarity"), splits(train=["a ."])
    subprocess.run(["git", "init", "-q", str(tmp_path / "mine")], check=True)
    with pytest.raises(UserError, match="may not be handed on"):
        prepare(recipe, data, tmp_path / "mine" / "data" / "rt")
    assert not (tmp_path / "mine" / "data").exists()
    folder = prepare(recipe, data, tmp_path / "elsewhere")
    assert (folder / "LICENCE.txt").read_text().startswith("DO NOT REDISTRIBUTE")
    prepare(data_recipes.recipe("toy"), data, tmp_path / "mine" / "toy")  # a free licence
