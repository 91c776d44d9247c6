"""Sentences moved between two sets, with a model whose codes count words, so that a test knows what must come out."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from textdis.core.batch import BOS, EOS
from textdis.core.errors import UserError
from textdis.core.model import ModelError
from textdis.pipelines import pipeline
from textdis.pipelines.codes import Codes
from textdis.pipelines.traverse import Traverse
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.systems.mmd_traversal import MMDTraversal, MMDTraversalConfig
from textdis.systems.multitask import MultiTaskAutoencoder, MultiTaskConfig
from textdis.systems.text_classifier import TextCNN, TextCNNConfig
from textdis.text.tokenizer import WordTokenizer

WORDS = "the a food staff place was is very good great nice bad awful poor".split()
GOOD, BAD = ("good", "great", "nice"), ("bad", "awful", "poor")


class CountingModel:
    """A code counts each word; it says the words that it holds at least half of, in the order of the vocabulary."""

    config = SimpleNamespace()

    def __init__(self, size):
        self.code_size = size

    def encode(self, batch):
        codes = torch.zeros(len(batch), self.code_size)
        return codes.scatter_add(1, batch.tokens, batch.valid.float())

    def say(self, codes, max_length):
        rows = [[i for i in range(4, self.code_size) if code[i] > 0.5][:max_length] + [EOS] for code in codes]
        width = max(map(len, rows))
        return torch.tensor([row + [0] * (width - len(row)) for row in rows])


@pytest.fixture(scope="module")
def moving():
    tokenizer = WordTokenizer(WORDS)
    assert tokenizer.encode("the")[0] == BOS
    return Traverse(Codes(CountingModel(tokenizer.size), tokenizer))


def sentences(words, noun="food"):
    return [f"the {noun} was {word}" for word in words]


def test_the_sentiment_goes_over_and_the_content_stays(moving):
    found = moving("The food was bad", sources=sentences(BAD), targets=sentences(GOOD), budget=0.0)
    assert found.source == "The food was bad" and found.reconstruction == "the food was bad"
    words = found.output.split()
    assert {"the", "food", "was"} <= set(words) and "bad" not in words
    assert found.status == "converged" and found.witness[1] < 0 < found.witness[0] and found.length > 0.5


def test_a_high_budget_keeps_the_sentence(moving):
    found = moving("the staff is awful", sources=sentences(BAD), targets=sentences(GOOD), budget=1e6)
    assert found.output == found.reconstruction and found.length < 1e-3 and found.budget == 1e6


def test_line_n_answers_line_n_and_blank_lines_stay(moving):
    texts = ["the food was bad", "", "  ", "the place is poor"]
    found = moving(texts, sources=sentences(BAD), targets=sentences(GOOD), budget=0.1)
    assert [one.source for one in found] == texts
    assert [one.status for one in found] == ["converged", "blank", "blank", "converged"]
    assert found[1].output == "" and "place" in found[3].output
    assert moving([], sources=sentences(BAD), targets=sentences(GOOD)) == []


def test_the_way_in_steps(moving):
    found = moving("the food was bad", sources=["the food was bad"], targets=["the food was good"], budget=0.0, steps=5)
    assert len(found.path) == 5 and found.path[-1] == found.output == "the food was good"
    assert found.path[0] == found.reconstruction == "the food was bad"
    one = moving("the food was bad", sources=["the food was bad"], targets=["the food was good"], budget=0.0)
    assert one.path == (one.output,) == (found.output,)


def test_the_nearest_examples_keep_the_topic(moving):
    """With examples of food and of staff together and no budget, all codes meet at one place; with the nearest, not."""
    sources, targets = ([*sentences(words), *sentences(words, "staff")] for words in (BAD, GOOD))
    texts = ["the food was bad", "the staff was bad"]
    options = {"sources": sources, "targets": targets, "budget": 0.0}
    mixed = moving.between(**options).move(moving.codes.encode(texts)).codes
    assert torch.allclose(mixed[0], mixed[1], atol=1e-3)
    near = moving(texts, nearest=3, **options)
    assert ["food" in one.output for one in near] == [True, False]
    assert ["staff" in one.output for one in near] == [False, True]


def test_the_whole_record_is_there(moving):
    found = moving("the food was bad", sources=sentences(BAD), targets=sentences(GOOD), bandwidth=3.0, relative=True)
    record = found.as_dict()
    assert record["bandwidth"] == 3.0 and record["budget"] == pytest.approx(7e-5 / 3.0)
    assert set(record) == {
        "source", "reconstruction", "output", "path", "length", "witness", "status", "bandwidth", "budget",
    }  # fmt: skip


def test_a_bandwidth_that_sees_nothing_is_told(moving):
    found = moving("the food was bad", sources=sentences(GOOD), targets=sentences(GOOD, "staff"), bandwidth=1e-4)
    assert found.status == "flat" and found.length == 0.0


def test_one_text_is_an_example_and_a_column_is_several(moving):
    bad, good = "the food was bad", "the food was good"
    assert moving(bad, sources=bad, targets=good, budget=0.0) == moving(bad, sources=[bad], targets=[good], budget=0.0)
    column = pd.Series([bad, "the food was awful"], index=[7, 3])
    assert moving(column, sources=column, targets=good) == moving([*column], sources=[*column], targets=[good])
    assert moving.between(bad, good)(bad) == [moving(bad, sources=bad, targets=good)]


@pytest.mark.parametrize("name", ["texts", "sources", "targets"])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pd.DataFrame({"text": ["the food was bad"]}), r"DataFrame is a table, .* give one column: table\['text'\]"),
        (None, "NoneType is no list of texts; give a text or several"),
        (["the food was bad", None], "item 2 is NoneType, not a text"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(moving, name, given, message):
    """Iterating over a DataFrame gives the names of its columns, which would be moved."""
    texts = {"texts": sentences(BAD), "sources": sentences(BAD), "targets": sentences(GOOD)}
    with pytest.raises(UserError, match=f"{name}: {message}"):
        moving(**texts | {name: given})


def test_reconstruct_takes_the_same(moving):
    texts = sentences(BAD)
    assert moving.codes.reconstruct(pd.Series(texts)) == [moving.codes.reconstruct(text) for text in texts] == texts
    with pytest.raises(UserError, match="DataFrame is a table"):
        moving.codes.reconstruct(pd.DataFrame({"text": texts}))


def test_what_cannot_be_is_refused(moving):
    good, bad = sentences(GOOD), sentences(BAD)
    for options, message in (
        ({"sources": [], "targets": good}, "sources: no example"),
        ({"sources": bad, "targets": [" "]}, "targets: no example"),
        ({"sources": bad, "targets": good, "steps": 0}, "must be 1 or more"),
        ({"sources": bad, "targets": good, "nearest": 0}, "must be 1 or more"),
        ({"sources": bad, "targets": good, "budget": -1.0}, "must be above 0"),
        ({"sources": bad[:1], "targets": bad[:1]}, "no bandwidth"),
    ):
        with pytest.raises(UserError, match=message):
            moving("the food was bad", **options)


MODELS = {
    "traversal": lambda size: MMDTraversal(MMDTraversalConfig(size, embedding=8, filters=2)),
    "multi-task autoencoder": lambda size: MultiTaskAutoencoder(MultiTaskConfig(size, {"copy": size})),
    "arae": lambda size: ARAE(ARAEConfig(size, styles=2)),
}


@pytest.mark.parametrize("name", MODELS)
def test_any_model_with_a_sentence_code_is_opened_by_the_task(tmp_path, name):
    tokenizer = WordTokenizer(WORDS)
    tokenizer.save(tmp_path)
    torch.manual_seed(0)
    MODELS[name](tokenizer.size).save_pretrained(tmp_path, longest=6)
    traverse = pipeline("traverse", tmp_path)
    found = traverse("the food was bad", sources=sentences(BAD), targets=sentences(GOOD), budget=0.0)
    assert found.status == "converged" and found.length > 0 and len(found.output.split()) <= 6
    assert found.witness[1] < found.witness[0]


def test_a_model_without_a_sentence_code_is_refused(tmp_path):
    tokenizer = WordTokenizer(WORDS)
    tokenizer.save(tmp_path)
    TextCNN(TextCNNConfig(tokenizer.size)).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="no code for a whole sentence"):
        pipeline("traverse", tmp_path)


def test_codes_are_moved_in_double_precision(moving):
    move = moving.between(sentences(BAD), sentences(GOOD)).move(np.zeros((1, moving.codes.model.code_size), np.float32))
    assert move.codes.dtype == torch.float64
