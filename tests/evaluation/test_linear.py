from __future__ import annotations

import numpy as np
import pytest

from textdis.core.errors import UserError
from textdis.evaluation.linear import LinearJudge, log_shares

GOOD = ["the soup was great !", "a great place", "great staff , great soup", "we were not sad", "not sad at all"]
BAD = ["the soup was awful !", "an awful place", "awful staff , awful soup", "we were so sad", "so sad at all"]
TEXTS, LABELS = GOOD + BAD, [1] * 5 + [0] * 5


@pytest.fixture(scope="module")
def judge() -> LinearJudge:
    return LinearJudge.fit(TEXTS, LABELS)


def test_probabilities_sum_to_one_and_side_with_the_words(judge):
    found = judge.probabilities(["great soup", "awful soup"])
    np.testing.assert_allclose(found.sum(-1), 1.0)
    assert found.argmax(-1).tolist() == [1, 0]


def test_word_pairs_and_punctuation_are_read(judge):
    assert "not sad" in judge.terms and "!" in judge.terms
    assert judge.probabilities(["not sad", "so sad"]).argmax(-1).tolist() == [1, 0]


def test_gives_what_scikit_learn_gives():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+", min_df=2)
    expected = LogisticRegression(C=10.0, max_iter=1000).fit(vectors.fit_transform(TEXTS), LABELS)
    found = LinearJudge.fit(TEXTS, LABELS).probabilities(["the great soup", "sad"])
    np.testing.assert_allclose(found, expected.predict_proba(vectors.transform(["the great soup", "sad"])), rtol=1e-5)


def test_a_style_is_not_likelier_for_being_common():
    """Five times the same bad sentences: the words decide, and one that both styles share decides nothing."""
    even = LinearJudge.fit(TEXTS, LABELS)
    uneven = LinearJudge.fit(GOOD + BAD * 5, [1] * 5 + [0] * 25)
    assert abs(uneven.probabilities([""])[0, 0] - even.probabilities([""])[0, 0]) < 0.1  # 0.3 with the shares in
    np.testing.assert_allclose(log_shares([0, 0, 0, 1]), np.log([0.75, 0.25]))


def test_an_unknown_or_empty_sentence_gets_the_bias_alone(judge):
    odds = np.exp(judge.bias)
    np.testing.assert_allclose(judge.probabilities(["xyzzy", ""]), [odds / odds.sum()] * 2)


def test_three_styles():
    judge = LinearJudge.fit(["a x", "a x", "b x", "b x", "c x", "c x"], [0, 0, 1, 1, 2, 2])
    assert judge.probabilities(["c", "a", "b"]).argmax(-1).tolist() == [2, 0, 1]


def test_folder_rebuilds_the_judge_without_a_pickle(judge, tmp_path):
    judge.save(tmp_path)
    np.testing.assert_array_equal(LinearJudge.load(tmp_path).probabilities(TEXTS), judge.probabilities(TEXTS))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "vocabulary.json"]


def test_half_precision_changes_little(judge, tmp_path):
    judge.save(tmp_path, half=True)
    found, before = LinearJudge.load(tmp_path).probabilities(TEXTS), judge.probabilities(TEXTS)
    assert 0 < abs(found - before).max() < 2e-3


def test_no_text_has_no_probabilities(judge):
    assert judge.probabilities([]).shape == (0, 2)


def test_damaged_folders_are_refused(judge, tmp_path):
    with pytest.raises(UserError, match="fit the judges again"):
        LinearJudge.load(tmp_path)
    judge.save(tmp_path)
    (tmp_path / "vocabulary.json").write_text('["one term"]')
    with pytest.raises(UserError, match="do not fit"):
        LinearJudge.load(tmp_path)
    np.savez(tmp_path / "arrays.npz", idf=np.array([object()]))  # a pickle inside
    with pytest.raises(UserError, match="not a linear judge"):
        LinearJudge.load(tmp_path)
