from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.evaluation.judges import Judges, JudgesConfig, fit_judges

THINGS = ["soup", "staff", "place", "food", "room", "wine", "bread"]
WORDS = {0: ["awful", "rude", "bad", "cold", "dirty"], 1: ["great", "kind", "good", "warm", "clean"]}
CONFIG = JudgesConfig(
    min_count=1,
    batch_size=17,
    cnn_epochs=10,
    language_epochs=80,
    language_hidden=23,
    cnn_word_dropout=0.0,
    device="cpu",
)


def made_up() -> dict[str, dict[str, list]]:
    frames = ("the {} was {} .", "our {} and all of it was really {} !", "a {} {}")
    rows = [
        (frame.format(thing, word), label)
        for label, words in WORDS.items()
        for frame, thing, word in itertools.product(frames, THINGS, words)
    ]
    splits = {
        "dev": rows[::7],
        "judges": rows[1::7] + rows[2::7] + rows[3::7],
        "train": rows[4::7] + rows[5::7] + rows[6::7],
    }
    return {name: {"text": [t for t, _ in split], "label": [s for _, s in split]} for name, split in splits.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "judges"
    fit_judges(made_up(), output, name="made up", config=CONFIG)
    return output


@pytest.fixture(scope="module")
def judges(folder) -> Judges:
    return Judges.load(folder)


def test_both_classifiers_know_real_sentences_they_never_saw(judges):
    assert judges.held_out["cnn"] > 0.95 and judges.held_out["linear"] > 0.95


def test_style_gives_a_distribution_a_sentence_in_the_order_given(judges):
    texts = ["a kind soup", "the staff of this place and all of it was really awful !", "the room was dirty ."]
    found = judges.style(texts)
    assert set(found) == {"cnn", "linear"}
    for probabilities in found.values():
        assert probabilities.shape == (3, 2)
        np.testing.assert_allclose(probabilities.sum(-1), 1.0, rtol=1e-5)
        assert probabilities.argmax(-1).tolist() == [1, 0, 0]


def test_perplexity_counts_ends_and_unknown_words(judges):
    found = judges.perplexity(["the soup was xyzzy .", "a kind place"])
    assert found["tokens"] == 5 + 3 + 2
    assert found["unk_share"] == 1 / 8


def test_real_text_reads_better_than_shuffled_text(judges):
    real = made_up()["dev"]["text"]
    shuffled = [" ".join(sorted(text.split())) for text in real]
    assert judges.perplexity(real)["perplexity"] < 0.3 * judges.perplexity(shuffled)["perplexity"]


def test_perplexity_does_not_depend_on_the_other_sentences(judges):
    texts = ["a kind soup", "our wine and all of it was really bad !"]
    alone = [judges.perplexity([text]) for text in texts]
    nats = sum(np.log(score["perplexity"]) * score["tokens"] for score in alone)
    assert judges.perplexity(texts)["perplexity"] == pytest.approx(np.exp(nats / sum(s["tokens"] for s in alone)))


def test_an_empty_output_is_scored(judges):
    assert judges.style([""])["cnn"].shape == (1, 2)
    assert judges.perplexity([""])["tokens"] == 1


def test_the_folder_records_data_configuration_and_scores(folder, judges):
    card = json.loads((folder / "judges.json").read_text())
    assert card["config"]["language_hidden"] == 23 and card["data"] == "made up"
    assert card["splits"]["train"]["sentences"] == len(made_up()["train"]["text"])
    assert card["held_out"] == judges.held_out and card["fingerprint"] == judges.fingerprint
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pt", ".bin"}]


def test_the_same_seed_gives_the_same_judges(folder, tmp_path):
    again = fit_judges(made_up(), tmp_path / "again", name="made up", config=CONFIG)
    assert again.fingerprint == Judges.load(folder).fingerprint


def test_weak_judges_are_refused_unless_forced(folder, judges):
    with pytest.raises(UserError, match="cnn judge is right on only"):
        Judges.load(folder, threshold=1.01)
    assert Judges.load(folder, threshold=1.01, force=True).held_out == judges.held_out


def test_judges_are_fitted_once(folder):
    with pytest.raises(UserError, match="exists already"):
        fit_judges(made_up(), folder, name="made up", config=CONFIG)


def test_a_changed_file_is_refused(folder, tmp_path):
    import shutil

    copy = tmp_path / "judges"
    shutil.copytree(folder, copy)
    card = json.loads((copy / "language_model" / "config.json").read_text())
    (copy / "language_model" / "config.json").write_text(json.dumps(card))
    with pytest.raises(UserError, match="changed since"):
        Judges.load(copy)


def test_a_folder_without_judges_is_refused(tmp_path):
    with pytest.raises(UserError, match="no judges there"):
        Judges.load(tmp_path)
