"""Counted n-grams: their numbers, Kneser-Ney against hand-worked probabilities, and a classifier that is a sum."""

import math

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.nn.ngram_classifier import NgramClassifier
from textdis.nn.ngrams import NONE, NgramLM, count, ngrams

A, B, C = 4, 5, 6
TEXT = torch.tensor([[BOS, A, B, EOS, PAD], [BOS, A, C, EOS, PAD], [BOS, A, B, C, EOS]])


def test_a_number_for_each_ngram_and_none_across_sentence_or_padding():
    one, two, three = ngrams(TEXT, 7, 3)
    assert one[0].tolist() == [BOS, A, B, EOS, NONE]
    assert two[0].tolist() == [NONE, BOS * 7 + A, A * 7 + B, B * 7 + EOS, NONE]
    assert three[2].tolist() == [NONE, NONE, (BOS * 7 + A) * 7 + B, (A * 7 + B) * 7 + C, (B * 7 + C) * 7 + EOS]


def test_counts():
    keys, times = count(TEXT, 7, 2)[1]
    found = dict(zip(keys.tolist(), times.tolist(), strict=True))
    assert found[BOS * 7 + A] == 3 and found[A * 7 + B] == 2 and found[A * 7 + C] == 1


def test_words_too_many_for_an_order_are_refused():
    with pytest.raises(ValueError, match="lower the order"):
        ngrams(TEXT, 2**16, 4)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_probabilities_sum_to_one(order):
    model = NgramLM.fit(TEXT, 7, order)
    for prefix in ([BOS], [BOS, A], [BOS, A, B], [BOS, B, B]):
        rows = torch.tensor([[*prefix, word] for word in range(EOS, 7)])
        assert model(rows)[:, -1].exp().sum().item() == pytest.approx(1.0, abs=1e-4)


def test_bigram_by_hand():
    """After A: B twice, C once. Discount D = n1 / (n1 + 2 n2) = 3 / 5: the bigrams are <s>A 3, AB 2, AC 1, B</s> 1,
    BC 1, C</s> 2, so n1 = 3 and n2 = 2, D = 3/7. p(B | A) = (2 - D) / 3 + D * 2 / 3 * p(B); of the six bigrams one
    ends in B, and the unigrams' counts of kinds are A 1, B 1, C 2, </s> 2: n1 = 2, n2 = 2, D1 = 1/3,
    p(B) = (1 - 1/3) / 6 + 1/3 * 4 / 5 / 6."""
    model = NgramLM.fit(TEXT, 7, 2)
    alone = (1 - 1 / 3) / 6 + 1 / 3 * 4 / 5 / 6
    expected = (2 - 3 / 7) / 3 + 3 / 7 * 2 / 3 * alone
    assert model(torch.tensor([[BOS, A, B]]))[0, 2].exp().item() == pytest.approx(expected, rel=1e-5)


def test_padding_and_start_say_nothing():
    nats = NgramLM.fit(TEXT, 7, 3)(TEXT)
    assert (nats[:, 0] == 0).all() and (nats[TEXT == PAD] == 0).all() and (nats[0, 1:4] < 0).all()


def test_rare_ngrams_are_left_out_and_backed_off_from():
    full, small = NgramLM.fit(TEXT, 7, 3), NgramLM.fit(TEXT, 7, 3, least=2)
    assert small.sizes[2] < full.sizes[2] and small.sizes[:2] == full.sizes[:2]
    assert torch.isfinite(small(TEXT)).all()


def made_up(n=300):
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(4, 12, (n, 5), generator=generator)
    labels = ((rows == 4).any(1) ^ ((rows[:, :-1] == 5) & (rows[:, 1:] == 4)).any(1)).long()
    return torch.cat([torch.full((n, 1), BOS), rows, torch.full((n, 1), EOS)], 1), labels


def test_the_classifier_learns_that_a_pair_turns_a_word():
    """4 makes label 1, but not after 5."""
    tokens, labels = made_up()
    model = NgramClassifier.fit(tokens, labels, 12, 2, least=1, decay=1e-4)
    guess = (model.bias + model(tokens).sum(1)).argmax(-1)
    assert (guess == labels).float().mean() > 0.97
    alone, turned = model(torch.tensor([[BOS, 7, 4, EOS], [BOS, 5, 4, EOS]])).sum(1).diff(dim=-1).flatten().tolist()
    assert alone > 0 > turned or alone > turned + 1


def test_words_share_an_ngrams_weight():
    model = NgramClassifier(7, 2, [0, 1])
    model.tables[1].keys = torch.tensor([A * 7 + B])
    model.weights[1].data = torch.tensor([[3.0, -1.0], [0.0, 0.0]])
    shares = model(torch.tensor([[BOS, A, B, EOS]]))[0]
    assert shares.tolist() == [[0, 0], [1.5, -0.5], [1.5, -0.5], [0, 0]]


def test_the_regression_is_that_of_scikit_learn():
    """Mean cross entropy + decay |w|^2 over two columns is scikit-learn's C = 1 / (decay N): their difference w has
    |w|^2 / 2 as the smallest sum of squares, and its penalty is |w|^2 / (2 C N)."""
    from sklearn.linear_model import LogisticRegression

    tokens, labels = made_up()
    model = NgramClassifier.fit(tokens, labels, 12, 1, least=1, decay=1e-3)
    counts = torch.stack([torch.bincount(row, minlength=12) for row in tokens])[:, model.tables[0].keys]
    theirs = LogisticRegression(C=1 / (1e-3 * len(labels)), max_iter=1000, tol=1e-8).fit(counts, labels)
    ours = (model.weights[0][:-1, 1] - model.weights[0][:-1, 0]).numpy()
    assert abs(ours - theirs.coef_[0]).max() < 0.02
    assert math.isfinite(float(model.bias.sum()))


def test_a_number_beside_the_words_has_a_weight_too():
    """The words say nothing of these labels, the number all."""
    tokens, labels = torch.tensor([[BOS, A, EOS], [BOS, B, EOS]] * 20), torch.tensor([0, 0, 1, 1] * 10)
    beside = labels[:, None] * 2.0 - 1.0
    model = NgramClassifier.fit(tokens, labels, 7, 1, beside=beside, least=1, decay=1e-3)
    assert (model.classify(tokens, beside).argmax(-1) == labels).all() and model.beside.shape == (1, 2)
    assert model.weights[0].abs().max() < 0.1 < model.beside.abs().max()
    again = NgramClassifier(7, 2, model.sizes, beside=1)
    again.load_state_dict(model.state_dict())
    assert torch.equal(again.classify(tokens, -beside), model.classify(tokens, -beside))


def test_a_classifier_finds_its_ngrams_in_a_larger_vocabulary():
    torch.manual_seed(0)
    tokens = torch.randint(4, 12, (60, 7))
    classifier = NgramClassifier.fit(tokens, (tokens == 5).any(1).long(), 12, 3, least=1)
    before = classifier.classify(tokens)
    classifier.renumber(31)
    assert classifier.vocabulary == 31 and torch.equal(classifier.classify(tokens), before)
    assert all(bool((table.keys.diff() > 0).all()) for table in classifier.tables)
