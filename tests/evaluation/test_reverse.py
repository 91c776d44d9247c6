from __future__ import annotations

import numpy as np
import pytest
import torch

from textdis.core.errors import UserError
from textdis.evaluation.fitting import JudgesConfig, fit_language
from textdis.evaluation.reverse import reverse_perplexity
from textdis.text.tokenizer import WordTokenizer

PEOPLE = "waiter chef owner driver clerk friend teacher nurse".split()
VERBS = "saw liked met thanked paid heard knew found".split()
THINGS = "soup bread wine cake rice fish salad tea".split()
WORDS = ["the", "my", ".", *PEOPLE, *VERBS, *THINGS]
SMALL = {"hidden": 32, "batch_size": 16, "device": "cpu"}


def real_sentences(count: int, seed: int) -> list[str]:
    """Word number k of a kind is drawn with a weight of 1 / k, as words of real text are."""
    rng, weights = np.random.default_rng(seed), 1 / np.arange(1, 9)
    kinds = [rng.choice(kind, count, p=weights / weights.sum()) for kind in (PEOPLE, VERBS, THINGS)]
    return [f"the {a} {b} my {c} ." for a, b, c in zip(*kinds, strict=True)]


def collapse_is_found(train, held_out, words, *, sentences: int, epochs: float, **sizes) -> None:
    """MT4: the likeliest sentence again and again has a low perplexity, and an enormous one in reverse.

    Between it and real text lies a generator that says real sentences, but a twentieth as many different ones.
    """
    real, few = train[:sentences], train[: sentences // 20] * 20
    own = {"language_hidden": sizes["hidden"], "batch_size": sizes["batch_size"], "device": "cpu"}
    judge = fit_language(train, WordTokenizer(words), JudgesConfig(language_epochs=epochs, **own))
    costs = judge.nll(real)
    collapsed = [real[int(np.argmin(costs.nats / costs.tokens))]] * sentences
    forward = [judge.nll(texts).summary()["perplexity"] for texts in (collapsed, held_out)]
    reverse = [
        reverse_perplexity(texts, held_out, words, epochs=epochs, **sizes)["reverse_perplexity"]
        for texts in (real, few, collapsed)
    ]
    print(f"forward: collapsed {forward[0]:.1f}, real {forward[1]:.1f}")
    print("reverse: real {:.1f}, few sentences {:.1f}, one sentence {:.1f}".format(*reverse))
    assert forward[0] < 0.8 * forward[1]
    assert 1.2 * reverse[0] < reverse[1] < 0.5 * reverse[2]
    assert reverse[2] > 5 * reverse[0]


def test_a_collapsed_generator_is_found():
    sizes = {"sentences": 400, "epochs": 16, **SMALL}
    collapse_is_found(real_sentences(400, seed=0), real_sentences(100, seed=1), WORDS, **sizes)


@pytest.mark.slow
def test_one_sentence_five_thousand_times_on_yelp():
    import data_recipes

    try:
        data = data_recipes.load("yelp")
    except UserError:
        pytest.skip("the Yelp sentences are not here")
    train = data["train"]["text"][:]
    words = WordTokenizer.fit(train, min_count=20).words
    rows = np.random.default_rng(2).permutation(len(train))[:20_000]
    sizes = {"hidden": 64, "batch_size": 128, "device": "cpu"}
    held_out = data["dev"]["text"][:1000]
    collapse_is_found([train[i] for i in rows], held_out, words, sentences=5000, epochs=4, **sizes)


def test_words_that_were_never_generated_still_have_mass():
    found = reverse_perplexity(["the chef saw my soup ."] * 50, ["a nurse met tea"], WORDS, epochs=4, **SMALL)
    assert np.isfinite(found["reverse_perplexity"]) and found["reverse_perplexity"] > len(WORDS)
    assert found["reverse_unk_share"] == 1 / 4 and found["reverse_sentences"] == 50


def test_it_repeats_and_leaves_the_callers_random_numbers_alone():
    train, held_out = real_sentences(64, seed=0), real_sentences(100, seed=1)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    scores = [reverse_perplexity(train, held_out, WORDS, epochs=1, seed=s, **SMALL) for s in (3, 3, 4)]
    assert scores[0] == scores[1] != scores[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_it_runs_within_a_training():
    from textdis.systems.text_classifier import TextClassifierObjective, TextCNN, TextCNNConfig
    from textdis.text.batches import Batches
    from textdis.training.callbacks import Score
    from textdis.training.trainer import Trainer, TrainerConfig

    train, held_out = real_sentences(64, seed=0), real_sentences(100, seed=1)
    tokenizer = WordTokenizer(WORDS)
    rows, labels = tokenizer.encode_batch(train), [0, 1] * 32
    batches = Batches(rows, labels, batch_size=20)

    def run(*callbacks):
        torch.manual_seed(0)
        objective = TextClassifierObjective(TextCNN(TextCNNConfig(tokenizer.size, embedding=5, filters=3)))
        trainer = Trainer(objective, TrainerConfig(4, validate_every=2, device="cpu"), callbacks=callbacks)
        return trainer.fit(Batches(rows, labels, batch_size=20), [batches.collate(np.arange(9))])

    def score(model):
        return reverse_perplexity(train, held_out, WORDS, epochs=1, **SMALL)

    scores, plain = run(Score("reverse", score)), run()
    assert scores["reverse/reverse_perplexity"] > 1
    assert {name: scores[name] for name in plain} == plain


def test_without_sentences_there_is_no_score():
    for generated, real in (([], ["a"]), (["a"], [])):
        with pytest.raises(UserError, match="give some of each"):
            reverse_perplexity(generated, real, WORDS)
