"""Names of several words are one word to a model, and whole again afterwards."""

import pytest

from textdis.pipelines.names import with_names
from textdis.text.normalise import parse, restore
from textdis.text.sentences import join_raw

COMMON = {"ever", "pizza", "experience", "meal"}

NAMES = [  # raw, what became one word of it
    ("We went to Best Buy and waited.", ["Best Buy"]),
    ("We stayed at The Best Western twice.", ["Best Western"]),
    ("The Best Western was dirty.", ["Best Western"]),
    ("I love the House of Blues and Fresh & Easy.", ["House of Blues", "Fresh & Easy"]),
    ("Try pies at Trader Joe's Market or Trader Joe's.", ["Trader Joe's Market", "Trader Joe"]),
    ("They ask for McCoy\tO'Neil, not Crème Brûlée.", ["McCoy\tO'Neil", "Crème Brûlée"]),
    ("I ate at Best &amp; Good.", ["Best &amp; Good"]),
    # at the head of a sentence only before a verb
    ("Best Buy has rude staff.", ["Best Buy"]),
    ("Love Taco tacos.", []),
    ("Love Taco Bell tacos.", ["Taco Bell"]),
    ("Love Trader Joe's Market tacos.", ["Trader Joe's Market"]),
    ("Great Clips always helps.", ["Great Clips"]),
    ("Best Buy rocks!", ["Best Buy"]),
    ("Happy Lemon makes great tea.", ["Happy Lemon"]),
    ("Happy Lemon's tea is sweet.", ["Happy Lemon"]),
    ("Love Joe's tacos.", []),
    # after a word that a name follows
    ("Love Best Buy!", ["Best Buy"]),
    ("Thank you Best Buy!", ["Best Buy"]),
    ("Thanks Great Clips!", ["Great Clips"]),
    ("Love Shack is cute.", ["Love Shack"]),
    # before a common word
    ("We hate Worst Case Scenario Pizza.", ["Worst Case Scenario"]),
    ("We hate Best Buy Pizza.", []),
    # no names
    ("Great Food!", []),
    ("Love Great Pizza!", []),
    ("Love This Place!", []),
    ("Amazing Chicken Tacos!", []),
    ("My waiters Joe and Sarah helped.", []),
    ("Then I saw Joe, Sarah and I left.", []),
    ("they made the Best Pizza Ever", []),
    ("I had a Very Bad Experience here.", []),
    ("The kids want a Happy Meal now.", []),
    ("Great Food And Lovely staff here", []),
    ("This is the Best Ramen!", []),
    ("they have the BEST RAMEN here", []),
    ("we went to best buy", []),
]


def named(raw):
    return with_names(parse(raw).sentences[0], COMMON)


@pytest.mark.parametrize(("raw", "names"), NAMES)
def test_a_name_is_one_word(raw, names):
    sentence = named(raw)
    assert [token.raw for token in sentence.tokens if "_" in token.model] == names
    assert join_raw(sentence.tokens) == sentence.raw == raw


def test_a_name_is_no_word_of_the_corpus():
    assert named("I hate the House of Blues, Joe.").text == "i hate the house_of_blues , joe ."


def test_a_name_is_restored_as_it_was_written():
    assert restore(named("Best  Buy was bad."), "i love best_buy .") == "I love Best  Buy."
    assert restore(named("I hate Best  Buy."), "best_buy is good .") == "Best  Buy is good."
