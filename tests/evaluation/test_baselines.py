from __future__ import annotations

import itertools

import pytest

import data_recipes
from textdis.core.errors import UserError
from textdis.evaluation.baselines import AppendPhrase, LexiconSwap
from textdis.evaluation.linear import LinearJudge
from textdis.metrics.joint import joint_score, sentence_similarity
from textdis.metrics.text import transfer_accuracy

PAIRS = (("awful", "great"), ("rude", "kind"))
NOUNS = ("soup", "staff", "place")


def made_up() -> tuple[list[str], list[int]]:
    """Adjectives that stand in one place (`was ... .`), verbs that stand in another (`i ... the`)."""
    rows = []
    for label, (noun, pair) in itertools.product((0, 1), itertools.product(NOUNS, PAIRS)):
        rows += [(f"the {noun} was {pair[label]} .", label), (f"i {('hate', 'love')[label]} the {noun} .", label)]
    return [text for text, _ in rows], [label for _, label in rows]


@pytest.fixture(scope="module")
def swap() -> LexiconSwap:
    return LexiconSwap.fit(*made_up(), min_count=2)


def test_only_polar_words_are_in_the_lexicon(swap):
    assert set(swap.opposites[0, 1]) == {"awful", "rude", "hate"}
    assert set(swap.opposites[1, 0]) == {"great", "kind", "love"}


def test_a_word_is_swapped_for_one_that_stands_in_the_same_places(swap):
    assert swap.opposites[0, 1]["hate"] == "love" and swap.opposites[1, 0]["love"] == "hate"
    assert swap.opposites[0, 1]["rude"] in {"great", "kind"}


def test_words_of_the_wanted_style_and_others_stay(swap):
    assert swap(["i love the awful soup"] * 2, [0, 1]) == [
        f"i love the {swap.opposites[0, 1]['awful']} soup",
        "i hate the awful soup",
    ]
    assert swap(["nothing here", ""], [0, 1]) == ["nothing here", ""]


def test_rare_words_are_left_out():
    texts, labels = made_up()
    assert "meh" not in LexiconSwap.fit([*texts, "meh"], [*labels, 0], min_count=2).opposites[0, 1]


def test_other_styles_are_refused():
    for labels in ([0, 2], [1, 1], [0, 0]):
        with pytest.raises(UserError, match="numbered from 0"):
            LexiconSwap.fit(["a", "b"], labels)


def test_text_without_polar_words_is_refused():
    with pytest.raises(UserError, match="no polar word"):
        LexiconSwap.fit(["same words", "same words"], [0, 1], min_count=1)


# ---- any number of styles --------------------------------------------------------------------------------------------

TOPICS = (("planet", "atom"), ("song", "band"), ("senator", "law"))


def three_styles() -> tuple[list[str], list[int]]:
    """Topics in one frame: the first word of each stands after `the`, the second after `a`."""
    rows = [
        (f"did the {first} meet {day} ?", style) for style, (first, _) in enumerate(TOPICS) for day in ("now", "then")
    ]
    rows += [
        (f"is it a {second} of {day} ?", style) for style, (_, second) in enumerate(TOPICS) for day in ("now", "then")
    ]
    return [text for text, _ in rows], [label for _, label in rows]


@pytest.fixture(scope="module")
def topics() -> LexiconSwap:
    return LexiconSwap.fit(*three_styles(), min_count=2)


def test_each_pair_of_styles_has_its_lexicon(topics):
    assert len(topics.opposites) == 6
    assert topics.opposites[0, 2] == {"planet": "senator", "atom": "law"}
    assert topics.opposites[2, 1] == {"senator": "song", "law": "band"}


def test_each_sentence_goes_to_its_target(topics):
    texts = ["did the planet meet a song ?"] * 3
    assert topics(texts, [0, 0, 0], [2, 1, 0]) == [
        "did the senator meet a song ?",  # a word of a third style stays
        "did the song meet a song ?",
        "did the planet meet a song ?",
    ]


def test_of_three_styles_the_wanted_one_must_be_said(topics):
    with pytest.raises(UserError, match="of 3 styles, say which"):
        topics(["a"], [0])
    with pytest.raises(UserError, match="there are 0 to 2"):
        topics(["a"], [0], [3])


def test_two_styles_need_no_targets(swap):
    texts, labels = made_up()
    assert swap(texts, labels) == swap(texts, labels, [1 - label for label in labels]) != texts


# ---- the cheat -------------------------------------------------------------------------------------------------------


def test_the_phrase_is_a_common_sentence_that_tells_the_style_best():
    """`truly bad !` leans most to its style, but is said once; `what a day !` is common, but said in both styles."""
    bad = ["so bad .", "bad soup ."] * 5 + ["truly bad bad !"] + ["what a day !"] * 9
    good = ["so good .", "good soup ."] * 5 + ["truly good good !"] + ["what a day !"] * 9
    cheat = AppendPhrase.fit(bad + good, [0] * len(bad) + [1] * len(good))
    assert cheat.phrases == ["so bad .", "so good ."]
    assert cheat(["i came .", ""], [0, 1]) == [f"i came . {cheat.phrases[1]}", cheat.phrases[0]]
    assert cheat(["i came ."], [0], [0]) == [f"i came . {cheat.phrases[0]}"]


def test_where_nothing_is_said_twice_any_short_sentence_will_do_and_else_an_ending():
    assert AppendPhrase.fit(["bad bad soup", "good good soup"], [0, 1]).phrases == ["bad bad soup", "good good soup"]
    long = "one two three four five six seven eight"
    assert AppendPhrase.fit([f"bad {long}", f"{long} good"], [0, 1]).phrases == [long, f"{long[4:]} good"]


def test_sentences_without_words_give_no_phrase():
    with pytest.raises(UserError, match="style 1 has a word"):
        AppendPhrase.fit(["a b", ""], [0, 1])


def test_the_cheat_fools_a_judge_and_keeps_the_content():
    """A judge that is right of 99% of real sentences believes most of the cheat, a copy never, and both keep it all."""
    data = data_recipes.load("toy")
    train, test = data["train"], data["test"]
    judge = LinearJudge.fit(train["text"][:], train["label"][:])
    texts, targets = test["text"][:], [1 - label for label in test["label"]]
    fooled = AppendPhrase.fit(train["text"][:], train["label"][:])(texts, test["label"][:])

    def accuracy(outputs: list[str]) -> float:
        return transfer_accuracy(judge.probabilities(outputs).argmax(1), targets)["accuracy"]

    assert accuracy(texts) < 0.01 < 0.6 < accuracy(fooled)
    scores = joint_score(
        judge.probabilities(fooled).argmax(1) == targets, sentence_similarity(fooled, texts), [0.0] * len(texts),
        min_similarity=0.2, max_nats=1.0,
    )  # fmt: skip
    assert scores["similar"] == 1.0 and scores["joint"] > 0.6
