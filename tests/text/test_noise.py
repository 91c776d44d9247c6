"""Style markers and their swaps, on a made language."""

import numpy as np
import pytest

from textdis.core.batch import BOS, EOS
from textdis.text.noise import MarkerSwap, find_markers, noun_words
from textdis.text.tokenizer import WordTokenizer

CONTENT, GOOD, BAD = ["food", "room", "staff", "place"], ["great", "lovely"], ["awful", "horrid"]


@pytest.fixture(scope="module")
def corpus():
    rng = np.random.default_rng(0)
    texts, labels, nouns = [], [], []
    for i in range(600):
        word = CONTENT[rng.integers(4)]
        polar = (BAD, GOOD)[i % 2][rng.integers(2)]
        texts.append([f"the {word} was {polar} .", f"we saw a {polar} {word} today", f"the {word} was open ."][i % 3])
        labels.append(i % 2)
        nouns.append([texts[-1].split().index(word)])
    return texts, labels, nouns


@pytest.fixture(scope="module")
def parts(corpus):
    texts, labels, nouns = corpus
    tokenizer = WordTokenizer.fit(texts, slots=3)
    encoded = tokenizer.encode_batch(texts)
    return tokenizer, encoded, find_markers(encoded, labels)


def words(tokenizer, markers):
    return [{tokenizer.decode([BOS, *span, EOS]) for span in style} for style in markers.salience]


def test_markers_are_the_words_that_tell_the_style(parts):
    tokenizer, _, markers = parts
    assert words(tokenizer, markers) == [set(BAD), set(GOOD)]


def test_a_wider_span_is_a_marker_only_if_it_says_more():
    """'good' is positive, 'not good' negative; 'not' alone says nothing."""
    texts = ["it is good", "it was not good", "it is not here", "it is not here"] * 90
    labels = [1, 0, 0, 1] * 90
    tokenizer = WordTokenizer.fit(texts)
    markers = find_markers(tokenizer.encode_batch(texts), labels)
    negative, positive = words(tokenizer, markers)
    assert "not good" in negative and not {"not", "good"} & negative
    assert not any("not" in span.split() for span in positive)


def test_protected_words_are_never_markers(corpus, parts):
    tokenizer, encoded, _ = parts
    great = tokenizer.encode("great")[1]
    assert words(tokenizer, find_markers(encoded, corpus[1], protected=frozenset({great})))[1] == {"lovely"}
    assert words(tokenizer, find_markers(encoded, corpus[1], nouns=frozenset({great})))[1] == {"great", "lovely"}


def test_nouns_need_to_tell_more(parts):
    """'gem' stands 4.4 times more often with label 1: a marker as a word, none as a noun."""
    texts, labels = (
        ["a gem here"] * 80 + ["a gem here"] * 20 + ["a b c"] * 20 + ["a b c"] * 80,
        [1] * 80 + [0] * 20 + [1] * 20 + [0] * 80,
    )
    tokenizer = WordTokenizer.fit(texts)
    encoded, gem = tokenizer.encode_batch(texts), tokenizer.encode("gem")[1]
    assert (gem,) in find_markers(encoded, labels).salience[1]
    assert (gem,) not in find_markers(encoded, labels, nouns=frozenset({gem})).salience[1]


def test_swapping_changes_markers_only(corpus, parts):
    texts, labels, _ = corpus
    tokenizer, encoded, markers = parts
    swap = MarkerSwap(encoded, labels, markers, swap=1.0, drop=0.0)
    rng = np.random.default_rng(1)
    for ids, label, text in zip(encoded, labels, texts, strict=True):
        noisy, style = swap.corrupt(ids, label, rng)
        said = tokenizer.decode(noisy).split()
        if not set(text.split()) & {*GOOD, *BAD}:
            assert said == text.split() and style == label
            continue
        assert style == 1 - label and len(said) == len(text.split())
        for old, new in zip(text.split(), said, strict=True):
            assert old == new if old in CONTENT else True
            assert new in (BAD, GOOD)[style] if old in (BAD, GOOD)[label] else new == old


def test_dropping_and_leaving(corpus, parts):
    tokenizer, encoded, markers = parts
    ids, rng = tokenizer.encode("the food was great ."), np.random.default_rng(0)
    dropped, style = MarkerSwap(encoded, corpus[1], markers, swap=0.0, drop=1.0).corrupt(ids, 1, rng)
    assert tokenizer.decode(dropped) == "the food was ." and style == 0
    assert MarkerSwap(encoded, corpus[1], markers, swap=0.0, drop=0.0).corrupt(ids, 1, rng) == (ids, 1)


def test_pairs_carry_labels_and_nouns_and_repeat_under_a_seed(corpus, parts):
    _, labels, nouns = corpus
    tokenizer, encoded, markers = parts
    swap = MarkerSwap(encoded, labels, markers, nouns, slots=3)
    first, second = (swap(range(7), np.random.default_rng(5)) for _ in range(2))
    assert first.source.tokens.equal(second.source.tokens) and first.target.tokens.equal(second.target.tokens)
    assert first.target.label.tolist() == labels[:7]
    for row, places in enumerate(nouns[:7]):
        assert first.target.nouns[row].nonzero().flatten().tolist() == [p + 1 for p in places]


def test_veiled_nouns_are_one_slot_on_both_sides(corpus, parts):
    _, labels, nouns = corpus
    tokenizer, encoded, markers = parts
    pair = MarkerSwap(encoded, labels, markers, nouns, swap=1.0, drop=0.0, veil=1.0, slots=3)(
        range(60), np.random.default_rng(0)
    )
    slots = [
        sorted(i for i in row if 4 <= i < 7) for side in (pair.source, pair.target) for row in side.tokens.tolist()
    ]
    assert slots[:60] == slots[60:] and all(len(s) == 1 for s in slots)


def test_slots_take_turns(corpus):
    tokenizer = WordTokenizer.fit(["a b"], slots=3)
    encoded = [tokenizer.encode("a Zoe b Yan")] * 2
    markers = find_markers([[BOS, 9, EOS]] * 2, [0, 1])
    swap, rng = MarkerSwap(encoded, [0, 1], markers, slots=3), np.random.default_rng(0)
    seen = {tuple(swap([0], rng).target.tokens[0].tolist()) for _ in range(40)}
    assert len(seen) == 3 and all(row[2] != row[4] for row in seen)


def test_rewritings_are_sources_where_there_are_any(corpus, parts):
    _, labels, _ = corpus
    _, encoded, markers = parts
    given = [BOS, 9, 4, EOS]  # with a slot, which takes turns on both sides
    rows = [[(given, 1 - labels[0])], *([] for _ in labels[1:])]
    swap = MarkerSwap(encoded, labels, markers, swap=0.0, drop=0.0, slots=3, rewritten=rows)
    pairs = [swap([0, 1], np.random.default_rng(seed)).source for seed in range(20)]
    assert {pair.tokens[0, 1].item() for pair in pairs} == {9}
    assert {pair.label[0].item() for pair in pairs} == {1 - labels[0]}
    assert {pair.tokens[0, 2].item() for pair in pairs} == {4, 5, 6}
    assert all(pair.label[1] == labels[1] for pair in pairs)


def test_a_share_of_sources_has_no_word(corpus, parts):
    _, labels, _ = corpus
    _, encoded, markers = parts
    pair = MarkerSwap(encoded, labels, markers, slots=3, empty=0.5)(range(60), np.random.default_rng(0))
    empty = pair.source.lengths == 2
    slots = ((pair.target.tokens >= 4) & (pair.target.tokens < 7)).any(-1)
    assert 15 < empty.sum() < 45 and not (empty & slots).any()
    assert (pair.source.label[empty] == 1 - pair.target.label[empty]).all()


def test_what_no_model_rewrote_is_said_without_a_source_where_some_are(corpus, parts):
    _, labels, _ = corpus
    _, encoded, markers = parts
    given = [[([BOS, 9, EOS], 1 - labels[0])], *([] for _ in labels[1:])]
    own = {"slots": 3, "alone": 1.0, "rewritten": given}
    pair = MarkerSwap(encoded, labels, markers, **own)(range(60), np.random.default_rng(0))
    slots = ((pair.target.tokens >= 4) & (pair.target.tokens < 7)).any(-1)
    assert pair.source.lengths[0] == 3
    assert ((pair.source.lengths == 2) | slots)[1:].all()


def test_noun_words_by_majority():
    encoded = [[BOS, 5, 6, EOS], [BOS, 6, 5, EOS], [BOS, 5, 7, EOS]]
    assert noun_words(encoded, [[0], [1], [1]]) == {5, 7}
    assert noun_words(encoded, [[0], [0], []]) == frozenset()


def test_three_styles_go_to_any_other():
    texts = [f"it is {w}" for w in ("red", "green", "blue")] * 60
    labels = [0, 1, 2] * 60
    tokenizer = WordTokenizer.fit(texts)
    encoded = tokenizer.encode_batch(texts)
    swap = MarkerSwap(encoded, labels, find_markers(encoded, labels), swap=1.0, drop=0.0)
    rng = np.random.default_rng(0)
    assert {swap.corrupt(encoded[0], 0, rng)[1] for _ in range(50)} == {1, 2}
