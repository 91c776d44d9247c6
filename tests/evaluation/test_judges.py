from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.core.model import load
from textdis.evaluation import networks
from textdis.evaluation.fitting import JudgesConfig, JudgesData, fit_cnn, fit_judges, save
from textdis.evaluation.judges import HeldOut, Judges, SentenceNLL
from textdis.text.tokenizer import WordTokenizer

THINGS = ["soup", "staff", "place", "food", "room", "wine", "bread"]
WORDS = {
    "bad": ["awful", "rude", "poor", "cold", "dirty"],
    "good": ["great", "kind", "fine", "warm", "clean"],
    "odd": ["green", "round", "late", "upside", "seventh"],
}
CONFIG = JudgesConfig(
    min_count=1,
    batch_size=17,
    cnn_epochs=8,
    language_epochs=50,
    language_hidden=23,
    cnn_word_dropout=0.0,
    device="cpu",
)


def made_up(styles: int = 3) -> JudgesData:
    frames = ("the {} was {} .", "our {} and all of it was really {} !", "a {} {}")
    labels = list(WORDS)[:styles]
    rows = [
        (frame.format(thing, word), label)
        for label, name in enumerate(labels)
        for frame, thing, word in itertools.product(frames, THINGS, WORDS[name])
    ]
    parts = {
        "dev": rows[::7],
        "judges": rows[1::7] + rows[2::7] + rows[3::7],
        "train": rows[4::7] + rows[5::7] + rows[6::7],
    }
    splits = {name: HeldOut([t for t, _ in part], [s for _, s in part]) for name, part in parts.items()}
    return JudgesData("made up", labels, splits, "dev")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "judges"
    fit_judges(made_up(), output, CONFIG)
    return output


@pytest.fixture(scope="module")
def judges(folder) -> Judges:
    return Judges.load(folder)


def test_both_classifiers_know_real_sentences_they_never_saw(judges):
    assert judges.held_out["cnn"] > 0.95 and judges.held_out["linear"] > 0.95


def test_style_gives_a_distribution_a_sentence_in_the_order_given(judges):
    texts = [
        "a soup kind",
        "the staff of this place and all of it was really awful !",
        "the room was dirty .",
        "a seventh",
    ]
    found = judges.style(texts)
    assert list(found) == ["cnn", "linear"] and judges.labels == ["bad", "good", "odd"]
    for probabilities in found.values():
        assert probabilities.shape == (4, 3)
        np.testing.assert_allclose(probabilities.sum(-1), 1.0, rtol=1e-5)
        assert probabilities.argmax(-1).tolist() == [1, 0, 0, 2]


def test_perplexity_counts_ends_and_unknown_words(judges):
    texts = ["the soup was xyzzy .", "a kind place"]
    found = judges.perplexity(texts)
    assert found["tokens"] == 5 + 3 + 2
    assert found["unk_share"] == 1 / 8
    one = judges.nll(texts)
    assert one.tokens.tolist() == [6, 4] and one.unknown.tolist() == [1, 0] and one.ends
    assert found["perplexity"] == pytest.approx(np.exp(one.nats.sum() / 10))


def test_perplexity_is_worked_out_by_hand():
    """(2 + 4 nats) / (2 + 1 tokens): weighed by token, e^2; by sentence it would be e^2.5."""
    found = SentenceNLL(np.array([2.0, 4.0]), np.array([2, 1]), np.array([1, 0]))
    assert found.summary() == {"perplexity": pytest.approx(np.exp(2.0)), "unk_share": 1.0, "tokens": 3.0}
    without_ends = SentenceNLL(found.nats, found.tokens, found.unknown, ends=False)
    assert without_ends.summary()["unk_share"] == pytest.approx(1 / 3)


def test_real_text_reads_better_than_shuffled_text(judges):
    real = made_up().splits["dev"].texts
    shuffled = [" ".join(sorted(text.split())) for text in real]
    assert judges.perplexity(real)["perplexity"] < 0.3 * judges.perplexity(shuffled)["perplexity"]


@pytest.mark.parametrize("size", [1, 3, 7])
def test_no_batch_size_changes_what_a_text_costs(judges, monkeypatch, size):
    texts = ["a kind soup", "our wine and all of it was really bad !", "", " ".join(["the soup was"] * 100)]
    before, style = judges.nll(texts), judges.style(texts)
    assert before.tokens.tolist() == [4, 11, 1, 301]  # the longest is not cut either
    monkeypatch.setattr(networks, "BATCH", size)
    np.testing.assert_allclose(judges.nll(texts).nats, before.nats, rtol=1e-5)
    np.testing.assert_allclose(judges.style(texts)["cnn"], style["cnn"], atol=1e-6)


def test_nothing_and_the_empty_text_are_judged(judges):
    assert {name: found.shape for name, found in judges.style([]).items()} == {"cnn": (0, 3), "linear": (0, 3)}
    assert judges.nll([]).nats.shape == (0,)
    assert judges.style([""])["cnn"].shape == (1, 3)
    assert judges.perplexity([""])["tokens"] == 1


def test_the_folder_records_data_configuration_and_scores(folder, judges):
    card = json.loads((folder / "judges.json").read_text())
    assert card["config"]["language_hidden"] == 23 and card["data"] == "made up"
    assert card["splits"]["train"]["sentences"] == len(made_up().splits["train"].texts)
    assert card["fitted_on"] == {"cnn": "train", "linear": "judges", "language_model": "train", "held_out": "dev"}
    assert card["held_out"] == judges.held_out and card["fingerprint"] == judges.fingerprint
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pt", ".bin"}]


def test_each_network_stands_in_an_ordinary_model_folder(folder, judges):
    assert load(folder / "cnn").config == judges.styles["cnn"].model.config
    assert load(folder / "language_model").config.hidden == 23
    assert json.loads((folder / "cnn" / "config.json").read_text())["labels"] == judges.labels


def test_the_same_seed_gives_the_same_judges(folder, tmp_path):
    again = fit_judges(made_up(), tmp_path / "again", CONFIG)
    assert again.fingerprint == Judges.load(folder).fingerprint


def test_a_stopped_fit_goes_on_to_the_same_judges(folder, tmp_path, monkeypatch):
    from textdis.evaluation import fitting

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fitting, "fit_language", killed)
        fit_judges(made_up(), tmp_path / "judges", CONFIG)
    with pytest.raises(UserError, match="no judges there"):
        Judges.load(tmp_path / "judges")
    with monkeypatch.context() as patch:  # the CNN is there already: not one more step is taken
        patch.setattr("textdis.systems.text_classifier.TextClassifierObjective.turns", killed)
        assert fit_judges(made_up(), tmp_path / "judges", CONFIG).fingerprint == Judges.load(folder).fingerprint


def test_without_a_split_of_its_own_the_linear_judge_reads_train(tmp_path):
    data = made_up(2)
    del data.splits["judges"]
    assert fit_judges(data, tmp_path / "two", CONFIG).manifest["fitted_on"]["linear"] == "train"


def test_weak_judges_are_refused_unless_forced(folder, judges):
    with pytest.raises(UserError, match=r"the cnn judge is right on only 1?\d\d\.\d% .*\(101\.0% needed, 33\.3% by"):
        Judges.load(folder, threshold=1.01)
    assert Judges.load(folder, threshold=1.01, force=True).held_out == judges.held_out


class Stubborn:
    """Says the style `found`, of three, with confidence."""

    fingerprint = "abc"

    def __init__(self, found):
        self.found = found

    def probabilities(self, texts):
        return np.eye(3)[list(self.found)]


HELD = HeldOut(["a", "b", "c", "d", "e", "f"], [0, 0, 1, 1, 2, 2])


def test_a_judge_must_come_half_of_the_way_from_chance(judges):
    """Three even styles: chance 1/3, so 2/3 are needed: four of six will do, three of six will not."""
    more = judges.with_style("four", Stubborn([0, 0, 1, 1, 0, 0]), HELD)
    assert more.held_out["four"] == pytest.approx(4 / 6) and more.weak() == []
    with pytest.raises(UserError, match=r"only 50\.0% .*\(66\.7% needed, 33\.3% by chance\)"):
        judges.with_style("three", Stubborn([0, 0, 1, 0, 0, 0]), HELD)
    assert "three" in judges.with_style("three", Stubborn([0, 0, 1, 0, 0, 0]), HELD, force=True).styles


def test_always_saying_the_common_style_is_chance(judges):
    common = HeldOut(list("abcdefghij"), [1] * 9 + [0])
    with pytest.raises(UserError, match=r"only 90\.0% .*\(95\.0% needed, 90\.0% by chance\)"):
        judges.with_style("constant", Stubborn([1] * 10), common)


def test_another_judge_is_scored_recorded_and_changes_the_fingerprint(judges):
    more = judges.with_style("mine", Stubborn(HELD.labels), HELD)
    assert more.held_out["mine"] == 1.0 and more.manifest["judges"]["mine"] == "abc"
    assert list(more.style(HELD.texts)) == ["cnn", "linear", "mine"]
    assert more.fingerprint != judges.fingerprint and "mine" not in judges.held_out


def test_a_judge_of_other_styles_or_of_a_name_that_is_taken_is_refused(judges):
    with pytest.raises(UserError, match="bad, good, odd"):
        judges.with_style("two", Stubborn(HELD.labels), HeldOut(HELD.texts[:5], HELD.labels[:5]))
    for name in ("cnn", "perplexity"):
        with pytest.raises(UserError, match="there already"):
            judges.with_style(name, Stubborn(HELD.labels), HELD)


def test_another_language_judge_brings_its_own_real_text(judges):
    class Even:
        def nll(self, texts):
            return SentenceNLL(np.ones(len(texts)), np.ones(len(texts)), np.zeros(len(texts)))

    more = judges.with_language(Even(), HELD.texts)
    assert more.held_out["perplexity"] == pytest.approx(np.e) and more.held_out["cnn"] == judges.held_out["cnn"]
    assert more.perplexity(["x"])["perplexity"] == pytest.approx(np.e)
    assert more.fingerprint != judges.fingerprint


def test_judges_of_any_make_are_composed(judges):
    made = Judges.composed(["bad", "good", "odd"], {"mine": Stubborn(HELD.labels)}, judges.language, HELD, data="six")
    assert made.held_out["mine"] == 1.0 and made.labels == judges.labels and made.manifest["data"] == "six"


def test_judges_are_fitted_once(folder):
    with pytest.raises(UserError, match="fitted once"):
        fit_judges(made_up(), folder, CONFIG)


def test_a_changed_file_is_refused(folder, tmp_path):
    copy = tmp_path / "judges"
    shutil.copytree(folder, copy)
    (copy / "README.md").write_text("a card is nobody's weights")
    Judges.load(copy)
    card = json.loads((copy / "language_model" / "config.json").read_text())
    (copy / "language_model" / "config.json").write_text(json.dumps(card))
    with pytest.raises(UserError, match="changed since"):
        Judges.load(copy)


def test_folders_that_hold_none_are_refused(folder, tmp_path):
    with pytest.raises(UserError, match=r"no judges there \(judges.json is missing\)"):
        Judges.load(tmp_path)
    (tmp_path / "judges.json").write_text("{")
    with pytest.raises(UserError, match=r"no judges there \(judges.json is damaged\)"):
        Judges.load(tmp_path)
    with pytest.raises(UserError, match="no folder of judges"):
        Judges.load(tmp_path / "nowhere")
    for number, advice in ((1, "fit them again"), (99, "upgrade textdis")):
        (tmp_path / "judges.json").write_text(json.dumps({"format": number, "files": {}}))
        with pytest.raises(UserError, match=advice):
            Judges.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"labels": None}, "lacks labels"),
        ({"files": None}, "lacks files"),
        ({"format": None}, "lacks format"),
        ({"chance": {"cnn": 0.5}}, "lacks chance.linear"),
        ({"held_out": {"cnn": 1.0, "linear": 1.0}}, "lacks held_out.perplexity"),
        ({"labels": 5}, "labels is 5, not list[str]"),
        ({"labels": ["bad", 5]}, "labels is ['bad', 5], not list[str]"),
        ({"files": ["cnn"]}, "files is ['cnn'], not dict[str, str]"),
        ({"format": "2"}, "format is '2', not int"),
        ({"held_out": {"cnn": "0.9"}}, "held_out is {'cnn': '0.9'}, not dict[str, float]"),
        ({"data": 7}, "data is 7, not str"),
        ([], "is no JSON object"),
        ("yelp", "is no JSON object"),
    ],
)
def test_a_manifest_that_was_edited_is_told_by_its_field(folder, tmp_path, change, says):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "judges.json"
    if isinstance(change, dict):
        changed = json.loads(path.read_text()) | change
        change = {name: value for name, value in changed.items() if value is not None}
    path.write_text(json.dumps(change))
    with pytest.raises(UserError) as error:
        Judges.load(tmp_path)
    assert str(error.value) == f"{path}: {says}; fit the judges again: textdis train judges"


def test_half_precision_is_scored_anew_and_keeps_its_word(folder, judges, tmp_path):
    save(Judges.load(folder), tmp_path, half=True)
    dev = made_up().splits["dev"]
    rounded = Judges.load(tmp_path).rescored(dev)
    save(rounded, tmp_path, half=True)
    again = Judges.load(tmp_path)
    assert again.fingerprint == rounded.fingerprint != judges.fingerprint
    assert again.perplexity(dev.texts)["perplexity"] == again.held_out["perplexity"] != judges.held_out["perplexity"]
    assert again.held_out["perplexity"] == pytest.approx(judges.held_out["perplexity"], rel=1e-2)
    assert again.manifest["half"] and again.manifest["splits"] == judges.manifest["splits"]
    assert sum(f.stat().st_size for f in tmp_path.rglob("*.safetensors")) < 0.6 * sum(
        f.stat().st_size for f in folder.rglob("*.safetensors")
    )


def test_judges_that_ship_are_found_by_the_name_of_their_data(folder, judges, tmp_path, monkeypatch):
    from textdis.evaluation import judge_folders

    shutil.copytree(folder, tmp_path / "made-up-judges")
    monkeypatch.setattr(judge_folders, "SHIPPED", tmp_path)
    for name in ("made-up", "made-up-judges"):
        assert Judges.load(name).fingerprint == judges.fingerprint
    with pytest.raises(UserError, match=r"\(made-up do\)"):
        Judges.load("other")


def test_a_style_is_not_likelier_for_being_common():
    """Words that say nothing, 90 times in one style and 10 in the other: a judge must not lean to the first."""
    texts, labels = ["the soup", "a place"] * 50, [0] * 90 + [1] * 10
    config = JudgesConfig(batch_size=10, cnn_epochs=30, cnn_word_dropout=0.0, min_count=1, device="cpu")
    judge = fit_cnn(texts, labels, WordTokenizer.fit(texts), 2, config)
    assert abs(judge.probabilities(["the soup"])[0, 0] - 0.5) < 0.15  # it was 0.9


@pytest.mark.parametrize(("sentences", "words", "passes"), [(194_587, 3, 2.0), (20_000, 2, 3.0), (500, 2, 5.0)])
def test_a_small_corpus_is_read_more_often_and_keeps_rarer_words(sentences, words, passes):
    sized = JudgesConfig(language_hidden=7).sized(sentences)
    assert (sized.min_count, sized.cnn_epochs, sized.language_epochs, sized.language_hidden) == (
        words,
        passes,
        passes,
        7,
    )
    assert CONFIG.sized(sentences) == CONFIG
