from __future__ import annotations

import math

import numpy as np
import pytest

from textdis.metrics import text as metrics

SOURCES = ["the food was great .", "i love this place so much !", "the staff is friendly and kind ."]
OTHERS = ["a b c d e", "f g h i j k l", "m n o p q r s"]
TWO_ARGUMENTS = [
    metrics.self_bleu, metrics.ref_bleu, metrics.length_ratio, metrics.copy_rate, metrics.noun_preservation,
    metrics.bleu_counts, metrics.sentence_bleu, metrics.copies,
]  # fmt: skip


def test_bleu_of_the_same_text_is_100_and_of_other_words_0():
    assert metrics.self_bleu(SOURCES, SOURCES) == {"self_bleu": pytest.approx(100.0)}
    assert metrics.ref_bleu(SOURCES, SOURCES) == {"ref_bleu": pytest.approx(100.0)}
    assert metrics.self_bleu(OTHERS, SOURCES) == {"self_bleu": 0.0}
    assert metrics.self_bleu(["", "", ""], SOURCES) == {"self_bleu": 0.0}


def test_bleu_by_hand():
    """a b c d x against a b c d e: precisions 4/5, 3/4, 2/3, 1/2, equal length: 100 (1/5)^(1/4)."""
    assert metrics.self_bleu(["a b c d x"], ["a b c d e"])["self_bleu"] == pytest.approx(100 * 0.2**0.25)


def test_bleu_punishes_brevity():
    """a b c d against a b c d e: all precisions 1, brevity exp(1 - 5/4)."""
    assert metrics.self_bleu(["a b c d"], ["a b c d e"])["self_bleu"] == pytest.approx(100 * math.exp(-0.25))


def test_bleu_is_of_the_corpus_unsmoothed_and_ignores_case():
    assert metrics.self_bleu(["a b c"], ["a b c"]) == {"self_bleu": 0.0}  # no 4-gram, nothing made up for it
    assert metrics.self_bleu(["A b C d"], ["a B c D"])["self_bleu"] == pytest.approx(100.0)
    assert metrics.self_bleu(["a b c d", "x"], ["a b c d", "x"])["self_bleu"] == pytest.approx(100.0)


def test_bleu_takes_several_references_of_unequal_number():
    references = [["q r s t u", "a b c d e"], ["f g h i j"]]
    assert metrics.ref_bleu(["a b c d e", "f g h i j"], references)["ref_bleu"] == pytest.approx(100.0)
    with pytest.raises(ValueError, match="no reference"):
        metrics.ref_bleu(["a", "b"], [["a"], []])


def test_bleu_of_each_sentence_by_hand():
    """a b x against a b: 2/3, (1+1)/(2+1), (0+1)/(1+1), (0+1)/(0+1): 100 (2/9)^(1/4). No word in common: 0."""
    found = metrics.sentence_bleu(["a b x", "a b", "q", ""], ["a b", "A b", "a", "a"])
    assert found == pytest.approx([100 * (2 / 9) ** 0.25, 100.0, 0.0, 0.0])


def test_bleu_of_each_sentence_is_sacrebleus():
    from sacrebleu.metrics.bleu import BLEU

    scorer = BLEU(tokenize="none", lowercase=True, smooth_method="add-k", effective_order=False)
    pairs = [("a b c d x", "a b c d e"), ("a c b d a", "a b c d"), ("a b c", "a b c d e f")]
    expected = [scorer.corpus_score([text], [[reference]]).score for text, reference in pairs]
    assert metrics.sentence_bleu(*map(list, zip(*pairs, strict=True))) == pytest.approx(expected)


def test_bleu_counts_by_hand():
    """a b a against a b c and a a: 3 words, 3 of the nearer reference; a a b of 3, ab of ab ba, none of 1 triple."""
    counts = metrics.bleu_counts(["a b a"], [["a b c", "a a"]])
    assert counts.tolist() == [[3, 3, 3, 1, 0, 0, 3, 2, 1, 0]]
    assert metrics.bleu_of(counts).tolist() == [0.0]


def test_signature_is_what_sacrebleu_says():
    metrics.self_bleu(["a b c d"], ["a b c d"])
    said = str(metrics._scorer().get_signature())
    assert set(metrics.bleu_signature().split("|")) <= set(said.split("|"))


def test_nouns_by_hand():
    """Sentence 1 keeps 1 of 2, sentence 2 has none, sentence 3 keeps 0 of 1: 1 of 2 sentences, 1 of 3 nouns."""
    nouns = [["food", "Place"], [], ["staff"]]
    scores = metrics.noun_preservation(["the place was bad", "never again", "it was foods"], nouns)
    assert scores == {"noun_sentences": 0.5, "nouns_kept": pytest.approx(1 / 3), "without_nouns": 1.0}


def test_nouns_count_as_often_as_they_stand():
    assert metrics.noun_preservation(["pizza"], [["pizza", "pizza"]])["nouns_kept"] == 0.5
    assert metrics.noun_preservation(["pizza pizza pizza"], [["pizza"]])["nouns_kept"] == 1.0


def test_nouns_of_each_sentence():
    kept, wanted = metrics.noun_counts(["the place", "", "no"], [["Place", "food"], ["staff"], []])
    assert kept.tolist() == [1, 0, 0] and wanted.tolist() == [2, 1, 0]


def test_nouns_of_copies_and_of_nothing():
    nouns = [["food"], ["place"], ["staff"]]
    assert metrics.noun_preservation(SOURCES, nouns)["noun_sentences"] == 1.0
    assert metrics.noun_preservation(["", "", ""], nouns)["nouns_kept"] == 0.0
    with pytest.raises(ValueError, match="no sentence holds a noun"):
        metrics.noun_preservation(SOURCES, [[], [], []])


def test_length_ratio_weighs_words_not_sentences():
    assert metrics.length_ratio(["a", "b c"], ["a b", "c d e f"]) == {"length_ratio": 0.5}
    with pytest.raises(ValueError, match="no word"):
        metrics.length_ratio(["a"], [""])


def test_copies_are_found_whatever_their_blanks():
    assert metrics.copy_rate(["A  b", "c d", "e"], ["a b", "c x", "e"]) == {"copy_rate": pytest.approx(2 / 3)}
    assert metrics.copies(["A  b", "c d", "e"], ["a b", "c x", "e"]).tolist() == [True, False, True]


def test_diversity_by_hand():
    """Words a b a b, c: 3 distinct of 5; pairs ab ba ab: 2 of 3."""
    scores = metrics.diversity(["a b a b", "c", ""])
    assert scores == {
        "distinct_outputs": 1.0, "distinct_1": 3 / 5, "distinct_2": pytest.approx(2 / 3), "empty": pytest.approx(1 / 3),
    }  # fmt: skip


def test_diversity_of_one_sentence_repeated_and_of_silence():
    assert metrics.diversity(["a b c"] * 10)["distinct_outputs"] == 0.1
    assert metrics.diversity(["", ""]) == {"distinct_outputs": 0.5, "distinct_1": 0.0, "distinct_2": 0.0, "empty": 1.0}


def test_accuracy_counts_failures():
    assert metrics.transfer_accuracy([0, 1, 1, 0], [0, 1, 1, 0]) == {"accuracy": 1.0}
    assert metrics.transfer_accuracy([1, 0], [0, 1]) == {"accuracy": 0.0}
    assert metrics.transfer_accuracy([0, metrics.FAILED], [0, metrics.FAILED]) == {"accuracy": 0.5}


def test_perplexity_is_weighed_by_token():
    """3 tokens of log 2 and 1 of log 32 nats: (2^3 * 32)^(1/4) = 4; a mean of sentences would give 8."""
    assert metrics.perplexity([3 * math.log(2), math.log(32)], [3, 1])["perplexity"] == pytest.approx(4.0)


def test_perplexity_of_a_uniform_guess_is_the_vocabulary():
    assert metrics.perplexity(np.full(7, 5 * math.log(11)), np.full(7, 5))["perplexity"] == pytest.approx(11.0)
    with pytest.raises(ValueError, match="token counts"):
        metrics.perplexity([0.0], [0])


def test_geometric_mean():
    assert metrics.geometric_mean(90.0, 40.0)["geometric_mean"] == pytest.approx(60.0)
    assert metrics.geometric_mean(90.0, 0.0) == {"geometric_mean": 0.0}
    with pytest.raises(ValueError, match="0 or more"):
        metrics.geometric_mean(90.0, -1.0)


@pytest.mark.parametrize("metric", TWO_ARGUMENTS)
def test_bad_lists_are_refused(metric):
    with pytest.raises(ValueError, match="belong together"):
        metric(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="empty list"):
        metric([], [])
    with pytest.raises(ValueError, match="item 2 is nan"):
        metric(["a", math.nan], ["a", "b"])
    with pytest.raises(ValueError, match="item 1 is nan"):
        metric(["a", "b"], [math.nan, "b"])


@pytest.mark.parametrize("metric", TWO_ARGUMENTS)
def test_what_is_no_list_of_texts_is_refused(metric):
    with pytest.raises(ValueError, match="letter by letter"):
        metric("ab", ["a", "b"])
    with pytest.raises(ValueError, match="letter by letter"):
        metric(["a", "b"], "ab")
    with pytest.raises(ValueError, match=r"item 1 is \['a'\], not text"):
        metric([["a"], "b"], ["a", "b"])
    with pytest.raises(ValueError, match="not text"):
        metric(["a", "b"], [[5], ["b"]])


def test_arrays_of_texts_are_lists_too():
    for metric in (metrics.self_bleu, metrics.ref_bleu, metrics.length_ratio, metrics.copy_rate):
        assert metric(np.array(SOURCES), np.array(SOURCES)) == metric(SOURCES, SOURCES)
    assert metrics.diversity(np.array(SOURCES)) == metrics.diversity(SOURCES)


@pytest.mark.parametrize("metric", [metrics.transfer_accuracy, metrics.perplexity])
def test_bad_numbers_are_refused(metric):
    with pytest.raises(ValueError, match="unequal"):
        metric([1], [1, 2])
    with pytest.raises(ValueError, match="empty"):
        metric([], [])
    with pytest.raises(ValueError, match="finite"):
        metric([1, math.nan], [1, 1])


def test_an_empty_list_has_no_diversity():
    with pytest.raises(ValueError, match="empty list"):
        metrics.diversity([])
