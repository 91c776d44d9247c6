import datasets
import pyarrow
import pyarrow.parquet
import pytest

import data_recipes
from data_recipes.cut import cut
from data_recipes.recipe import key
from textdis.core.errors import UserError

LONG = " ".join(["word"] * 15) + "."  # 15 words and a full stop


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def texts(data, label=None):
    rows = [row for split in data.values() for row in split]
    return sorted(row["text"] for row in rows if label is None or row["label"] == label)


def test_a_review_is_cut_into_model_text():
    assert cut("The food wasn't GOOD.\\nWe paid $12! :) ...") == ["the food was n't good .", "we paid $ _num_ !"]
    assert cut('She said \\"never\\". Twice.') == ["she said `` never '' .", "twice ."]
    assert cut("") == []


def test_long_sentences_and_long_reviews_are_left_out():
    assert cut(f"Good. {LONG}") == ["good ."]
    assert len(cut(f"Good. {LONG}", most_words=16)) == 2
    assert len(cut("Good. " * 10)) == 10 and cut("Good. " * 11) == []
    assert len(cut("Good. " * 11, most_sentences=None)) == 11


@pytest.fixture
def yelp(tmp_path):
    """Reviews of one to five stars as on the hub: label 0 to 4."""
    words = "soup rice bread cake fish wine beer room staff place".split()
    label = [i % 5 for i in range(50)]
    text = [f"The {words[i // 5]} got {i % 5} stars. Number {'abcdefghij'[i // 5] * 3} here." for i in range(50)]
    write(tmp_path / "yelp_review_full" / "train-00000-of-00001.parquet", label=label[:40], text=text[:40])
    write(tmp_path / "yelp_review_full" / "test-00000-of-00001.parquet", label=label[40:], text=text[40:])
    return tmp_path


def test_stars_become_styles_and_three_is_left_out(yelp):
    data = data_recipes.load("yelp_review_full", yelp)
    assert tuple(data) == ("train", "dev", "judges", "test")
    assert data["train"].features["label"].names == ["negative", "positive"]
    assert len(texts(data)) == 80 and texts(data, 0).count("number aaa here .") == 2
    assert "40 reviews cut" in data["train"].info.description
    assert len(texts(data_recipes.load("yelp_review_full", yelp, reviews=5))) == 8
    assert len(texts(data_recipes.load("yelp_review_full", yelp / "yelp_review_full", most_words=5))) == 40


def test_equal_sentences_stand_in_one_split(yelp):
    keys = [{key(text) for text in rows["text"]} for rows in data_recipes.load("yelp_review_full", yelp).values()]
    assert sum(map(len, keys)) == len(set().union(*keys)) and all(keys)


def test_the_other_sets_are_read_by_their_columns(tmp_path):
    write(
        tmp_path / "amazon_polarity" / "t.parquet",
        label=[0, 1],
        title=["Bad", "Good"],
        content=["It broke.", "It works."],
    )
    assert texts(data_recipes.load("amazon_polarity", tmp_path), 1) == ["it works ."]
    write(tmp_path / "yelp_polarity" / "t.parquet", label=[0, 1], text=["Bad food.", "Good food."])
    assert texts(data_recipes.load("yelp_polarity", tmp_path), 0) == ["bad food ."]
    write(
        tmp_path / "yahoo_answers_topics" / "t.parquet",
        id=[1, 2, 3], topic=[1, 7, 0], question_title=["What?"] * 3, question_content=[""] * 3,
        best_answer=["Water is wet.", None, "People are kind."],
    )  # fmt: skip
    assert texts(data_recipes.load("yahoo_answers_topics", tmp_path)) == ["water is wet ."]


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(UserError, match="no parquet file in it"):
        data_recipes.load("yelp_polarity", tmp_path)
    write(tmp_path / "yelp_polarity" / "t.parquet", stars=[1], text=["Bad."])
    with pytest.raises(UserError, match="t.parquet: no column 'label'; it has stars, text"):
        data_recipes.load("yelp_polarity", tmp_path)
    (tmp_path / "yelp_polarity" / "t.parquet").write_text("no")
    with pytest.raises(UserError, match="t.parquet: not readable as parquet"):
        data_recipes.load("yelp_polarity", tmp_path)
    write(tmp_path / "yelp_polarity" / "t.parquet", label=[0], text=[LONG])
    with pytest.raises(UserError, match="no sentence of at most 15 words in 1 reviews"):
        data_recipes.load("yelp_polarity", tmp_path)


def test_offline_the_way_out_is_told(monkeypatch):
    monkeypatch.setenv("TEXTDIS_DATA", "/nowhere")

    def unreachable(*_, **__):
        raise ConnectionError("Couldn't reach the Hub\nand more")

    monkeypatch.setattr(datasets, "load_dataset", unreachable)
    with pytest.raises(
        UserError,
        match=r"fancyzhx/yelp_polarity: .*Couldn't reach the Hub\); without a network, fetch .*set TEXTDIS_DATA",
    ):
        data_recipes.load("yelp_polarity")


def test_the_hub_is_asked_by_name_where_no_file_is_here(monkeypatch):
    monkeypatch.setenv("TEXTDIS_DATA", "/nowhere")
    asked = []

    def load(path, split):
        asked.append((path, split))
        return datasets.Dataset.from_dict({"label": [4], "text": ["Good food."], "other": [1]})

    monkeypatch.setattr(datasets, "load_dataset", load)
    assert texts(data_recipes.load("yelp_review_full"), 1) == ["good food .", "good food ."]
    assert asked == [("Yelp/yelp_review_full", "train"), ("Yelp/yelp_review_full", "test")]
