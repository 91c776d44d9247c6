"""Long sentences are cut into clauses that join to what was cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdis.text.normalise import Sentence, parse, split_clauses
from textdis.text.sentences import ends

WORDS = "food was great , and but because which ; - ( ) the ' , ... 's 5 . ! so while a".split(" ")

CLAUSES = [  # a sentence, the most tokens a clause may have, its clauses and gaps
    ("The food was great.", 7, ["The food was great."]),
    ("The food was great, but the staff was rude.", 7, ["The food was great", ", but ", "the staff was rude."]),
    ("We ate there twice and the food was cold", 7, ["We ate there twice", " and ", "the food was cold"]),
    ("The tea was so hot — we all got burned.", 7, ["The tea was so hot", " — ", "we all got burned."]),
    ("I liked it a lot; my wife liked it ,too.", 7, ["I liked it a lot", "; ", "my wife liked it ,too."]),
    ("The place in which we had our dinner was nice.", 7, ["The place in which we had our dinner was nice."]),
    ("Oh no, but the tea was hot, so hot.", 7, ["Oh no, but the tea was hot, so hot."]),
    ("“Best pie in town,” she told us so many times.", 11, ["“Best pie in town", ",” ", "she told us so many times."]),
    (
        "The rooms are clean and the beds are soft, the staff is kind, but the wifi is bad.",
        11,
        ["The rooms are clean and the beds are soft", ", ", "the staff is kind, but the wifi is bad."],
    ),
]


def raws(pieces):
    return [piece.raw if isinstance(piece, Sentence) else piece for piece in pieces]


@pytest.mark.parametrize(("raw", "limit", "expected"), CLAUSES)
def test_a_long_sentence_is_cut_at_its_connectives(raw, limit, expected):
    (sentence,) = parse(raw).sentences
    assert raws(split_clauses(sentence, limit)) == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40), st.sampled_from([5, 7, 11]))
def test_clauses_join_to_the_sentence_and_hold_three_words(words, limit):
    for sentence in parse(" ".join(words)).sentences:
        pieces = split_clauses(sentence, limit)
        assert "".join(raws(pieces)) == sentence.raw
        clauses = [piece for piece in pieces if isinstance(piece, Sentence)]
        assert len(clauses) == 1 or all(sum(t.model[0].isalpha() for t in c.tokens) >= 3 for c in clauses)
        assert all(c.text.split() == [t.model for t in c.tokens] for c in clauses)


def test_many_commas_leave_no_clause_too_long():
    (sentence,) = parse("we liked the soup, " * 997 + "all in all.").sentences
    clauses = [piece for piece in split_clauses(sentence, 15) if isinstance(piece, Sentence)]
    assert len(clauses) > 300
    assert max(len(clause.closed_text.split()) for clause in clauses) <= 15


def test_only_the_first_clause_opens_the_sentence():
    (sentence,) = parse("The tea was hot, but Joe was very happy.").sentences
    first, _, second = split_clauses(sentence, 7)
    assert (first.opens, second.opens) == (True, False)
    assert second.cased


@pytest.mark.parametrize(
    ("text", "closed"),
    [("good .", True), ("good . ''", True), ("( good ! )", True), ("good", False), ("good ''", False), ("", False)],
)
def test_ends_sees_the_mark_inside_quotes(text, closed):
    assert ends(text.split()) is closed
