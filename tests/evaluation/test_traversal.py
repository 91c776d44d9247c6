"""What traversals show on made-up codes (row T5 of the specification), and the curves over text."""

import numpy as np
import pytest

from textdis.evaluation.codes_picture import Plane, by_word, draw_codes, grouped, looks
from textdis.evaluation.made_codes import MadeCodes, vector_scores
from textdis.evaluation.sources import Sources
from textdis.evaluation.traversal import Topics, curves, draw_examples, moved_codes, reconstruction
from textdis.evaluation.traversal_plot import at_flipped, curve, draw_curves


@pytest.fixture(scope="module")
def scores():
    """Means over three draws: [design, budget, way] -> (flipped, topic)"""
    budgets = (0.0, 7e-5, 3e-4, 1e-3, 0.1)
    found = {}
    for design in ("shared", "own", "opposed"):
        rows = list(vector_scores(design, range(3), budgets))
        for budget in budgets:
            for way in ("mmd", "mean difference", "random"):
                own = [row for row in rows if (row["budget"], row["way"]) == (budget, way)]
                found[design, budget, way] = tuple(np.mean([row[key] for row in own]) for key in ("flipped", "topic"))
    return found


def test_the_printed_budget_flips_the_sentiment_and_keeps_the_topic(scores):
    flipped, topic = scores["shared", 7e-5, "mmd"]
    assert flipped >= 0.95 and topic >= 0.8


def test_without_a_budget_the_topic_is_lost_and_with_a_high_one_nothing_flips(scores):
    flipped, topic = scores["shared", 0.0, "mmd"]
    assert flipped >= 0.95 and topic == pytest.approx(0.5, abs=0.1)
    assert scores["shared", 0.1, "mmd"] == (0.0, 1.0)


def test_a_random_direction_of_equal_length_does_nothing(scores):
    assert all(value[0] == 0.0 for (_, _, way), value in scores.items() if way == "random")


def test_the_mean_difference_ties_where_topics_share_their_sentiment(scores):
    for budget in (7e-5, 3e-4, 1e-3):
        assert scores["shared", budget, "mean difference"] >= scores["shared", budget, "mmd"]


def test_the_traversal_wins_where_sentiment_depends_on_the_topic_and_the_budget_is_tight(scores):
    assert scores["own", 1e-3, "mmd"][0] > scores["own", 1e-3, "mean difference"][0] + 0.25
    assert scores["opposed", 3e-4, "mmd"][0] > scores["opposed", 3e-4, "mean difference"][0] + 0.8
    assert scores["opposed", 3e-4, "mmd"][1] > 0.95


def test_the_judge_of_made_codes_knows_the_clouds():
    made = MadeCodes.draw("own", 5)
    assert made.judge(made.codes) == {"flipped": 0.0, "topic": 1.0}
    again = MadeCodes.draw("own", 5)
    assert np.array_equal(made.codes, again.codes) and not np.array_equal(made.codes, MadeCodes.draw("own", 6).codes)


def test_reconstruction_by_length():
    texts = ["a b c", "a b d", "a b c d e f"]
    rows = reconstruction(texts, ["a b c", "a b", "a b c d e f"])
    assert [(row["words"], row["sentences"], row["exact"]) for row in rows] == [("1-4", 2, 0.5), ("5-7", 1, 1.0)]


def test_examples_are_drawn_evenly_of_all_topics_and_never_twice():
    pools = [["a", "a", "b", "c"], list("defg")]
    drawn = draw_examples(pools, 0, 5)
    assert len(set(drawn)) == 5 and len(set(drawn) & set("abc")) == 3
    assert drawn == draw_examples(pools, 0, 5) != draw_examples(pools, 1, 5)


class Codec:
    """A code is (good words, bad words, food, staff); it says what is there."""

    words = ("good", "bad", "food", "staff")

    def encode(self, texts):
        return np.array([[text.split().count(word) for word in self.words] for text in texts], np.float32)

    def say(self, codes):
        return [" ".join(w for w, x in zip(self.words, code, strict=True) if x > 0.5) for code in codes]


class Judge:
    held_out, labels, fingerprint = {"linear": 1.0, "perplexity": 2.0}, ["negative", "positive"], "none"

    def style(self, texts):
        return {"linear": self.probabilities(texts)}

    def probabilities(self, texts):
        good = np.array([0.5 + 0.4 * ("good" in t.split()) - 0.4 * ("bad" in t.split()) for t in texts])
        return np.stack([1 - good, good], 1)

    def nll(self, texts):
        from textdis.evaluation.protocols import SentenceNLL

        counts = np.array([len(text.split()) + 1 for text in texts])
        return SentenceNLL(counts * np.log(2.0), counts, np.zeros(len(texts)))


class ByNoun:
    def probabilities(self, texts):
        staff = np.array([float("staff" in text.split()) for text in texts])
        return np.stack([1 - staff, staff], 1)


TEXTS, LABELS = ["bad food", "bad staff", "good food", "good staff"], [0, 0, 1, 1]


def test_curves_from_a_copy_to_a_high_budget():
    data = Sources(TEXTS, LABELS, nouns=[[text.split()[1]] for text in TEXTS], label_names=("negative", "positive"))
    examples = {0: ["bad food", "bad staff"], 1: ["good food", "good staff"]}
    rows = list(curves(Codec(), data, examples, Judge(), topics=Topics(ByNoun(), [0, 1, 0, 1]), budgets=(0.1, 1e5)))
    scores = {(row["way"], row.get("budget")): row for row, _ in rows}
    assert list(scores)[:2] == [("copy", None), ("reconstruction", None)] and len(rows) == 8
    copy, moved, still = scores["copy", None], scores["mmd", 0.1], scores["mmd", 1e5]
    assert (copy["accuracy_linear"], copy["nouns_kept"], copy["topic"], copy["self_bleu"] >= 0) == (0.0, 1.0, 1.0, True)
    assert (moved["accuracy_linear"], moved["nouns_kept"], moved["topic"]) == (1.0, 1.0, 1.0)
    assert still["accuracy_linear"] == 0.0 and still["length"] < 1e-3 and moved["converged"] == 1.0
    assert rows[1][1] == TEXTS


def test_all_ways_are_of_one_length():
    codes, labels = Codec().encode(TEXTS), LABELS
    examples = {0: Codec().encode(["bad food", "bad staff"]), 1: Codec().encode(["good food", "good staff"])}
    ways, notes = moved_codes(codes, labels, examples, 0.1, seed=3)
    lengths = {way: np.linalg.norm(moved - codes, axis=1) for way, moved in ways.items()}
    assert np.allclose(lengths["mmd"], lengths["mean difference"], atol=1e-5)
    assert np.allclose(lengths["mmd"], lengths["random"], atol=1e-5) and lengths["mmd"].mean() == pytest.approx(
        notes["length"], abs=1e-5
    )


def test_topics_of_empty_texts_are_not_kept():
    assert Topics(ByNoun(), [0, 1, 0]).kept(["food", "food", ""]) == pytest.approx(1 / 3)


def test_the_plane_is_that_of_the_greatest_variance(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(200, 5)) * [0.1, 3.0, 0.1, 9.0, 0.1]
    plane = Plane(codes)
    assert np.abs(plane.axes[0, 3]) > 0.99 and np.abs(plane.axes[1, 1]) > 0.99 and plane.shares.sum() > 0.99
    draw_codes(tmp_path / "x.png", {"a": codes[:100], "b": codes[100:]}, codes[:3], codes[3:6], title="t")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="no plane"):
        draw_codes(tmp_path / "x.png", {"a": codes[:2]}, codes[:1], codes[:1])


def test_a_colour_for_each_set_and_a_mark_for_each_topic():
    drawn = looks(["bad, food", "bad, other", "good, food", "good, other"])
    assert drawn["bad, food"]["color"] == drawn["bad, other"]["color"] != drawn["good, food"]["color"]
    assert drawn["bad, food"]["marker"] == drawn["good, food"]["marker"] != drawn["bad, other"]["marker"]


def test_groups_by_word():
    assert by_word(["A movie .", "my phone", "movies", "phone movie"], ["movie", "phone"]) == [
        "movie", "phone", "other", "movie",
    ]  # fmt: skip


def test_sets_are_split_by_word():
    codes = np.arange(6.0).reshape(3, 2)
    assert {k: v.tolist() for k, v in grouped({"from": (["a", "b", "a"], codes)}, ["a"]).items()} == {
        "from, a": [[0.0, 1.0], [4.0, 5.0]],
        "from, other": [[2.0, 3.0]],
    }
    assert list(grouped({"from": (["a", "b", "a"], codes)})) == ["from"]


def test_scores_where_a_share_is_flipped():
    """Flipped 0.9, 0.5, 0.1 at three budgets, nouns kept 0.2, 0.6, 0.8: at 0.7 halfway between 0.2 and 0.6."""
    points = ((1e-3, 0.5, 0.6), (0.0, 0.9, 0.2), (1e-2, 0.1, 0.8))
    rows = [{"way": "mmd", "seed": 0, "budget": b, "accuracy_linear": f, "nouns_kept": n} for b, f, n in points]
    assert (
        curve(rows, "mmd", "nouns_kept").tolist() == [[0.2, 0.6, 0.8]] and len(curve(rows, "none", "nouns_kept")) == 0
    )
    assert at_flipped(rows, "mmd", "nouns_kept", 0.7) == [pytest.approx(0.4)]
    assert np.isnan(at_flipped(rows, "mmd", "nouns_kept", 0.95)).all()


def test_the_figure_of_the_curves(tmp_path):
    scores = {"accuracy_linear": 0.5, "nouns_kept": 0.5, "self_bleu": 20.0, "perplexity_ratio": 2.0}
    rows = [{"way": way, "budget": b, "seed": 0, **scores} for way in ("mmd", "random") for b in (0.0, 1e-3)]
    rows += [{"way": way, **scores} for way in ("copy", "reconstruction")]
    draw_curves(tmp_path / "x.png", {"yelp": rows, "other": rows})
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
