"""The verdicts that go with the recipes."""

import gzip
from pathlib import Path

import pytest

import data_recipes
from textdis.experiments.verdict_files import read_verdicts

NAMES = ["negative", "positive"]
RECIPES = Path(__file__).resolve().parents[2] / "data_recipes"
COMMITTED = {
    "yelp_verdicts": ("yelp", 7_982), "yelp_verdicts_2": ("yelp", 2_398), "yelp_verdicts_3": ("yelp", 2_423),
    "yelp_verdicts_4": ("yelp", 6_000), "yelp_verdicts_5": ("yelp", 7_998), "yelp_verdicts_6": ("yelp", 7_996),
    "yelp_verdicts_7": ("yelp", 7_998), "yelp_verdicts_8": ("yelp", 8_000), "yelp_verdicts_9": ("yelp", 6_000),
    "amazon_verdicts": ("amazon", 1_594), "amazon_verdicts_2": ("amazon", 3_595),
    "yelp_written": ("yelp", 19_350), "yelp_written_2": ("yelp", 5_656),
    "yelp_written_3": ("yelp", 5_391), "yelp_written_4": ("yelp", 4_409), "phenomena_pairs": (None, 3_065),
    "styled_captions_verdicts": ("styled_captions", 1_379),
    "amazon_written": ("amazon", 8_284),
    "styled_captions_written": ("styled_captions", 5_953), "review_pairs": (None, 4_224),
    "review_pairs_2": (None, 4_121), "review_pairs_3": (None, 2_998),
    "yelp_written_5": ("yelp", 8_000), "yelp_written_6": ("yelp", 8_000), "yelp_verdicts_10": ("yelp", 4_195),
    "yelp_verdicts_11": ("yelp", 3_958), "yelp_verdicts_12": ("yelp", 9_223), "yelp_verdicts_13": ("yelp", 4_660),
    "yelp_verdicts_14": ("yelp", 4_595), "yelp_verdicts_15": ("yelp", 4_709), "yelp_verdicts_16": ("yelp", 4_600),
    "yelp_verdicts_17": ("yelp", 3_200), "yelp_verdicts_18": ("yelp", 3_100),
    "yelp_verdicts_19": ("yelp", 4_622), "yelp_verdicts_20": ("yelp", 4_400), "yelp_verdicts_21": ("yelp", 4_582),
    "amazon_verdicts_3": ("amazon", 2_700), "amazon_verdicts_4": ("amazon", 2_400),
    "amazon_verdicts_5": ("amazon", 1_179), "amazon_verdicts_6": ("amazon", 2_400),
    "amazon_verdicts_7": ("amazon", 1_180),
    "yelp_written_8": ("yelp", 7_843), "yelp_written_9": ("yelp", 16_000), "amazon_written_2": ("amazon", 6_400),
    "review_pairs_5": (None, 4_375), "review_pairs_6": (None, 2_041),
    "yelp_written_7": ("yelp", 2_344), "review_pairs_4": (None, 2_194),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_verdicts_are_whole(name):
    """Sentences that may not be passed on are told by row and hash alone, and fit the recipe."""
    recipe, count = COMMITTED[name]
    path, texts, names = RECIPES / f"{name}.jsonl.gz", None, NAMES
    if recipe:
        assert b'"source":' not in gzip.decompress(path.read_bytes())
        if not data_recipes.recipe(recipe).place_in():
            pytest.skip(f"the data of {recipe} are not here")
        train = data_recipes.load(recipe)["train"]
        texts, names = train["text"][:], train.features["label"].names
    found = read_verdicts(path, names, texts)
    assert len(found) == count and sum(one.teaches for one in found) > 0.5 * count
    assert all(one.style != one.wanted and one.source not in one.right_ones for one in found)
