"""The phrase-swapping system on a made language, where the right rewriting is known."""

from __future__ import annotations

import pytest
import torch

from data_recipes import toy
from textdis.core.batch import UNK
from textdis.core.model import load
from textdis.pipelines import pipeline
from textdis.systems.phrase_search import HELD, Draft, Search
from textdis.systems.phrase_swap import Lexicon, PhraseSwap
from textdis.text.batches import collate
from textdis.text.tokenizer import WordTokenizer

SENTENCES = toy.generate(1200, 0)
EXTRA = ["the soup was good but the room was dirty ."] * 20 + ["the bar is in the hotel ."] * 20
NAMES = ["negative", "positive"]


def lexicon(tokenizer: WordTokenizer) -> Lexicon:
    """Kinds by the grammar's own lists; vectors that hold opposites together."""
    size, words = tokenizer.size, ["", "", "", "", *[""] * tokenizer.slots, *tokenizer.words]
    styled = [*toy.ADJECTIVES, *toy.VERBS]
    vectors = torch.zeros(size, len(styled))
    for k, pair in enumerate(styled):
        for word in pair:
            vectors[words.index(word), k] = 1.0
    kinds = {"adjective": {a for pair in toy.ADJECTIVES for a in pair}, "verb": {v for pair in toy.VERBS for v in pair}}
    kind = [
        4 if word in toy.NOUNS else 5 if word in kinds["adjective"] else 6 if word in kinds["verb"] else 7 + i
        for i, word in enumerate(words)
    ]
    kind[:4] = range(4)
    kind[4 : 4 + tokenizer.slots] = [UNK] * tokenizer.slots
    mark = [HELD if not word.isalpha() else 1.0 for word in words]
    noun = torch.tensor([word in toy.NOUNS for word in words])
    open_ = torch.tensor([k in (4, 5, 6) for k in kind])
    return Lexicon(
        torch.tensor(kind), torch.tensor(mark), torch.zeros(size, dtype=torch.bool), noun, open_, noun * 1.2, vectors
    )  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> WordTokenizer:
    return WordTokenizer.fit([*(s.text for s in SENTENCES), *EXTRA], min_count=3, slots=3)


@pytest.fixture(scope="module")
def model(tokenizer) -> PhraseSwap:
    texts, labels = [s.text for s in SENTENCES] + EXTRA, [s.label for s in SENTENCES] + [0, 1] * (len(EXTRA) // 2)
    known = [[UNK if UNK < i <= UNK + 3 else i for i in ids] for ids in tokenizer.encode_batch(texts)]
    batch = collate(known, labels)
    but, also = (tokenizer.encode(word)[1] for word in ("but", "and"))
    return PhraseSwap.fit(batch.tokens, batch.style, lexicon(tokenizer), slots=3, contrast=(but, also))


@pytest.fixture(scope="module")
def folder(model, tokenizer, tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    model.save_pretrained(path, labels=NAMES, neutral=0.7, longest=40)
    tokenizer.save(path)
    return path


@pytest.fixture(scope="module")
def transfer(folder):
    return pipeline("transfer", folder)


def best(model, tokenizer, text, label):
    batch = collate([tokenizer.encode(text)], [label])
    tokens, _ = model.candidates(batch, torch.tensor([1 - label]), n_best=1)
    return tokenizer.decode(tokens[0, 0].tolist(), text)


def test_most_sentences_come_out_as_the_grammar_would_have_them(model, tokenizer):
    held_out = [s for s in toy.generate(4000, 7) if s.split == "test"][:100]
    right = [best(model, tokenizer, s.text, s.label) == s.reference for s in held_out]
    assert sum(right) >= 80


def test_every_leaning_phrase_is_turned(transfer):
    output = transfer("The waiter was rude and the soup was disgusting.", to="positive")
    assert output == "The waiter was friendly and the soup was delicious."


def test_a_neutral_sentence_is_left_alone(transfer):
    text = "The bar is in the hotel."
    assert transfer(text) == text
    assert next(transfer.rewrite([text])).sentences[0].reason == "no sentiment"


def test_names_and_numbers_pass_through(transfer):
    output = transfer("Yesterday we had terrible Zuppa for 12 dollars.", to="positive")
    assert "Zuppa" in output and "12 dollars" in output and "terrible" not in output


def test_but_becomes_and_where_nothing_is_contrasted(model, tokenizer):
    text = "the soup was good but the room was dirty ."
    assert best(model, tokenizer, text, 0).split()[4] == "and"


def test_candidates_are_sorted_distinct_and_never_the_source(model, tokenizer):
    text = "the soup was terrible and the room was dirty ."
    batch = collate([tokenizer.encode(text)], [0])
    tokens, scores = model.candidates(batch, torch.tensor([1]), n_best=5)
    texts = tokenizer.decode_batch(tokens[0])
    assert len(set(texts)) == 5 and text not in texts and scores[0].diff().le(0).all()


def test_nothing_to_change_gives_the_source_back(model, tokenizer):
    assert best(model, tokenizer, "zig zag .", 0) == "zig zag ."


def test_a_batch_is_as_each_alone(model, tokenizer):
    texts = [s.text for s in SENTENCES[:9] if s.label == 0]
    batch = collate(tokenizer.encode_batch(texts), [0] * len(texts))
    tokens, _ = model.candidates(batch, torch.ones(len(texts), dtype=torch.int64), n_best=1)
    assert tokenizer.decode_batch(tokens[:, 0]) == [best(model, tokenizer, text, 0) for text in texts]


def test_the_words_that_lean_most_are_the_style(model, tokenizer):
    batch = collate([tokenizer.encode("the soup was terrible .")], [0])
    search = Search(model, batch, batch.style, torch.tensor([1]), None)
    (source,) = search.sources
    assert isinstance(source, Draft) and min(range(7), key=lambda i: source.lean[i]) == 4
    assert source.lean[4] < -1 and source.style < -0.7


def test_the_folder_rebuilds_the_model(model, folder, tokenizer):
    again = load(folder)
    batch = collate(tokenizer.encode_batch([s.text for s in SENTENCES[:7]]), [s.label for s in SENTENCES[:7]])
    aims = 1 - batch.style
    assert all(
        torch.equal(a, b) for a, b in zip(model.candidates(batch, aims), again.candidates(batch, aims), strict=True)
    )
    assert torch.equal(model.classify(batch), again.classify(batch))
    assert again.config == model.config or list(again.config.words) == list(model.config.words)


def test_three_styles(tokenizer):
    """Style 2 has words of its own; each sentence goes to any of the others."""
    plain = [s.text for s in SENTENCES[:600]]
    labels = [s.label for s in SENTENCES[:600]]
    middling = [" ".join("slow" if w in ("great", "terrible") else w for w in t.split()) for t in plain]
    rows = [(t, k) for t, k in zip(plain, labels, strict=True) if " slow " not in t]
    rows += [(t, 2) for t, p in zip(middling, plain, strict=True) if t != p]
    batch = collate(tokenizer.encode_batch([t for t, _ in rows]), [k for _, k in rows])
    model = PhraseSwap.fit(batch.tokens, batch.style, lexicon(tokenizer), slots=3)
    batch = collate([tokenizer.encode("the soup was slow .")] * 2, [2, 2])
    tokens, _ = model.candidates(batch, torch.tensor([0, 1]), n_best=1)
    first, second = tokenizer.decode_batch(tokens[:, 0])
    assert model.config.styles == 3 and "slow" not in first + second
    bad, good = ({pair[k] for pair in toy.ADJECTIVES} for k in (0, 1))
    assert set(first.split()) & bad and set(second.split()) & good
