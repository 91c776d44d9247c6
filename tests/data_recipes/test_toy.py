from collections import Counter

import pytest

import data_recipes
from data_recipes.toy import ADJECTIVES, MOST, VERBS, generate
from textdis.core.errors import UserError

OPPOSITE = {word: pair[1 - i] for pair in (*ADJECTIVES, *VERBS) for i, word in enumerate(pair)}


@pytest.fixture(scope="module")
def sentences():
    return generate(5000, seed=3)


def test_sentences_are_distinct_and_the_sentiments_even(sentences):
    assert len({s.text for s in sentences}) == 5000
    assert Counter(s.label for s in sentences) == {0: 2500, 1: 2500}


def test_the_seed_decides():
    assert generate(50, 1) == generate(50, 1) != generate(50, 2)
    assert generate(50, 1) == generate(80, 1)[:50]


def test_every_sentiment_word_is_of_the_label_and_the_reference_its_opposite(sentences):
    sides = {word: i for pair in (*ADJECTIVES, *VERBS) for i, word in enumerate(pair)}
    for s in sentences:
        words = s.text.split()
        assert {sides[word] for word in words if word in sides} == {s.label}
        assert s.reference == " ".join(OPPOSITE.get(word, word) for word in words)


def test_nouns_carry_no_sentiment(sentences):
    nouns = Counter((word, s.label) for s in sentences for word in (s.text.split()[i] for i in s.nouns))
    assert all(s.nouns for s in sentences)
    assert not {word for word, _ in nouns} & set(OPPOSITE)
    for word in {word for word, _ in nouns}:
        negative, positive = nouns[word, 0], nouns[word, 1]
        # a fair coin thrown that often: within four standard deviations
        assert abs(negative - positive) < 4 * (negative + positive) ** 0.5, word


def test_the_tagger_agrees_on_the_nouns_by_and_large(sentences, tmp_path, monkeypatch):
    from textdis.text.nouns import tag_nouns

    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path))
    some = sentences[:200]
    found = tag_nouns([s.text for s in some])
    both = sum(len(set(a) & set(s.nouns)) for a, s in zip(found, some, strict=True))
    assert both / sum(len(s.nouns) for s in some) > 0.9


def test_contents_held_out_never_stand_in_train():
    data = data_recipes.load("toy", sentences=3000, seed=5)
    assert sum(map(len, data.values())) == 3000
    assert data["train"].column_names == ["text", "label", "reference", "nouns"]

    def contents(split):
        styled = set(OPPOSITE)
        return {" ".join("*" if word in styled else word for word in text.split()) for text in data[split]["text"]}

    assert not contents("train") & (contents("dev") | contents("test"))
    assert len(data["test"]) > 200 and len(data["dev"]) > 90


@pytest.mark.parametrize("n", [0, MOST + 1])
def test_sizes_beyond_the_grammar_are_refused(n):
    with pytest.raises(UserError, match="toy grammar makes 1 to 50,000"):
        generate(n)
