"""Sentences from noise, and neighbours in code space, with a small model that was never trained."""

import pytest
import torch
from typer.testing import CliRunner

from textdis.cli.commands import app
from textdis.core.errors import UserError
from textdis.core.model import ModelError
from textdis.pipelines import pipeline
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.systems.text_classifier import TextCNN, TextCNNConfig
from textdis.text.tokenizer import WordTokenizer

WORDS = "the food was great awful . staff".split()
SIZES = {"embedding": 7, "code": 13, "hidden": 11, "noise": 5, "generator": (17,)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    path, tokenizer = tmp_path_factory.mktemp("arae"), WordTokenizer(WORDS)
    model = ARAE(ARAEConfig(tokenizer.size, 2, **SIZES))
    for p in model.generator.parameters():
        torch.nn.init.normal_(p)  # codes far apart
    model.save_pretrained(path, labels=["bad", "good"], longest=6)
    tokenizer.save(path)
    return path


@pytest.fixture(scope="module")
def sampler(folder):
    return pipeline("sample", folder, device="cpu")


def test_one_seed_says_the_same_and_more_sentences_begin_with_fewer(sampler):
    assert sampler(6, seed=3) == sampler(9, seed=3)[:6]
    assert sampler(20, temperature=1.0, seed=3) == sampler(20, temperature=1.0, seed=3)
    assert sampler(20, temperature=1.0, seed=3) != sampler(20, temperature=1.0, seed=4)
    assert all(len(text.split()) <= 6 for text in sampler(20, temperature=2.0))


def test_styles_take_turns_or_one_is_asked_for(sampler):
    mixed, bad, good = (sampler(8, style=style) for style in (None, "bad", "good"))
    assert mixed == [(bad, good)[i % 2][i] for i in range(8)]


def test_the_line_between_two_noises_has_their_ends(sampler):
    line = sampler.between(5, seed=1, style="good")
    assert len(line) == 5 and [line[0], line[-1]] == sampler(2, seed=1, style="good")


def test_neighbours_come_nearest_first_and_never_the_text_itself(sampler):
    among = ["the food was great .", "the food was great", "staff awful", "the food was great ."]
    found = sampler.neighbours("the food was great .", among)
    assert {text for _, text in found} == set(among[1:3])
    assert 1.0 >= found[0].cosine >= found[1].cosine >= -1.0
    assert sampler.neighbours("staff awful", among, count=1)[0].text != "staff awful"


def test_between_two_sentences(sampler):
    line = sampler.interpolate("the food was great .", "staff awful", 4)
    assert len(line) == 4


def test_bad_wishes_are_refused(sampler, tmp_path):
    for wish in (lambda: sampler(0), lambda: sampler(3, temperature=0.0), lambda: sampler(3, style="none")):
        with pytest.raises(UserError):
            wish()
    with pytest.raises(UserError, match="at least two"):
        sampler.between(1)
    with pytest.raises(UserError, match="no other sentence"):
        sampler.neighbours("a", ["a"])
    TextCNN(TextCNNConfig(11)).save_pretrained(tmp_path)
    WordTokenizer(WORDS).save(tmp_path)
    with pytest.raises(ModelError):
        pipeline("sample", tmp_path)


def test_the_command_says_what_the_pipeline_says(folder, sampler):
    run = CliRunner().invoke(app, ["sample", str(folder), "-n", "4", "--seed", "3", "--temperature", "0.7"])
    assert run.exit_code == 0 and run.output.splitlines() == sampler(4, seed=3, temperature=0.7)
    run = CliRunner().invoke(app, ["sample", str(folder), "-n", "4", "--between", "--style", "bad"])
    assert run.output.splitlines() == sampler.between(4, style="bad")


def test_the_transfer_pipeline_opens_the_same_folder(folder):
    transfer = pipeline("transfer", folder, device="cpu")
    assert transfer.labels == ["bad", "good"]
    assert isinstance(transfer("the food was great .", to="bad"), str)
