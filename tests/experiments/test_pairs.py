"""Pseudo-parallel pairs: what is kept of what a model made, and runs that go on where they stopped."""

import pytest

from data_recipes import toy
from textdis.core.errors import UserError
from textdis.experiments.data import Sentences
from textdis.experiments.pairs import Made, make_pairs, rewritings
from textdis.experiments.phrase_swap import PhraseSwapExperiment, train
from textdis.text.tokenizer import WordTokenizer
from textdis.training import processes


@pytest.fixture(scope="module")
def sentences():
    made = toy.generate(300, 0)
    return Sentences([s.text for s in made], [s.label for s in made], ["0", "1"])


@pytest.fixture(scope="module")
def swap(tmp_path_factory, sentences):
    """A phrase-swapping model of these sentences."""
    folder = tmp_path_factory.mktemp("swap")
    for label in (0, 1):
        rows = zip(sentences.texts, sentences.labels, strict=True)
        (folder / f"my.{label}.txt").write_text("".join(text + "\n" for text, own in rows if own == label))
    data = tuple(str(folder / f"my.{label}.txt") for label in (0, 1))
    train(PhraseSwapExperiment(str(folder / "run"), data=data))
    return str(folder / "run" / "model")


def test_only_what_has_the_style_and_fits_is_kept():
    made = Made(
        0, 1, 0.9, ["a good one", "the source", "a fine one", "a bad one"], [0.1, 0.2, -6.0, 0.3], [1, 1, 1, 0.5]
    )
    assert made.kept("the source", -5.0) == ["a good one"]
    assert made.kept("the source", -4.0, -1.0) == ["a good one", "a fine one"]  # at least -4 - 3 words
    assert Made(0, 1, 0.5, ["a good one"], [0.1], [1.0]).kept("what has no style", -5.0) == []


def test_pairs_are_of_the_other_style(swap, sentences, tmp_path):
    tokenizer = WordTokenizer.fit(sentences.texts, slots=2)
    pairs = make_pairs(swap, sentences, tokenizer, tmp_path / "pairs.jsonl")
    assert len(pairs) == 300 and sum(map(bool, pairs)) > 200
    for text, label, sources in zip(sentences.texts, sentences.labels, pairs, strict=True):
        assert all(style == 1 - label and tokenizer.decode(ids) != text for ids, style in sources)


def test_a_stopped_file_is_gone_on_with(swap, sentences, tmp_path):
    path = tmp_path / "pairs.jsonl"
    whole = rewritings(swap, sentences, path, batch_size=64)
    text = path.read_text()
    path.write_text(text[: len(text) // 2])  # in the middle of a line
    again = rewritings(swap, sentences, path, batch_size=64)  # batches are others: scores differ by rounding
    assert [(made.row, made.style, made.texts) for made in again] == [(m.row, m.style, m.texts) for m in whole]
    assert len(path.read_text().splitlines()) == 300
    other = Sentences(sentences.texts[:-1][::-1], sentences.labels[:-1][::-1], ["0", "1"])
    with pytest.raises(UserError, match="other sentences"):
        rewritings(swap, other, path)


def test_of_several_processes_the_first_keeps_the_file_and_tells_the_others(swap, sentences, tmp_path, monkeypatch):
    path, exchanges = tmp_path / "pairs.jsonl", []
    monkeypatch.setattr(processes, "gather", lambda value: exchanges.append(value) or [value, None])
    whole = rewritings(swap, sentences, path)
    assert len(path.read_text().splitlines()) == len(whole) == 300
    path.unlink()
    monkeypatch.setattr(processes, "rank", lambda: 1)
    monkeypatch.setattr(processes, "gather", lambda value: [exchanges.pop(0), value])
    assert rewritings(swap, sentences, path) == whole and not exchanges and not path.exists()


def test_a_model_of_other_styles_is_refused(swap, sentences, tmp_path):
    other = Sentences(sentences.texts, sentences.labels, ["bad", "good"])
    told = "rewrites 0, 1, and the sentences are bad, good; name the txt files after the model's styles .* label column"
    with pytest.raises(UserError, match=told):
        rewritings(swap, other, tmp_path / "pairs.jsonl")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "run").write_text("mine\n")
    for label in (0, 1):
        (tmp_path / f"my.{label}.txt").write_text("good food .\nbad food .\n" * 20)
    data = tuple(str(tmp_path / f"my.{label}.txt") for label in (0, 1))
    with pytest.raises(UserError, match="run: cannot be a folder .*; choose another output"):
        train(PhraseSwapExperiment(str(tmp_path / "run"), data=data))
