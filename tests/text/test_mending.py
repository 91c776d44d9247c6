"""What a model wrote and no author would, mended in model text."""

import pytest

from textdis.text.mending import with_articles, with_same_end, with_whole_verbs, without_empty_tags


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("i ca n't go", "i ca go", "i can go"),
        ("i can go", "i can n't go", "i ca n't go"),
        ("l.a. , ca is hot", "l.a. , ca is nice", "l.a. , ca is nice"),  # the author's own
    ],
)
def test_a_verb_is_whole_but_before_its_negation(source, output, expected):
    assert with_whole_verbs(output.split(), source.split()) == expected.split()


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("it was <em> bad </em> .", "it was good <em> </em> .", "it was good ."),
        ("<b> <i> not </i> </b> good", "<b> <i> </i> </b> good", "good"),
        ("<b> not <i> good </i> </b>", "<b> good <i> </i> </b>", "<b> good </b>"),
        ("<a_href=x> bad </a> place", "good <a_href=x> </a> place", "good place"),
        ("a <em> </em> bad <b> it </b>", "a <em> </em> good <b> </b>", "a <em> </em> good"),  # the author's own
        ("bad <b> and </i> <br> it </b> </b>", "<b> </i> <br> </b> </b>", "<b> </i> <br> </b> </b>"),  # no pairs
    ],
)
def test_a_pair_of_tags_goes_with_what_was_in_it(source, output, expected):
    assert without_empty_tags(output.split(), source.split()) == expected.split()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("a awful", "an awful"),
        ("an terrible", "a terrible"),
        ("a hour", "an hour"),
        ("a honest", "an honest"),
        ("a unhappy", "an unhappy"),
        ("a uninspired", "an uninspired"),
        ("an unique", "a unique"),
        ("an useless", "a useless"),
        ("a utter", "an utter"),
        ("an one-time", "a one-time"),
        ("a onion", "an onion"),
        ("an european", "a european"),
        ("an x-ray", "an x-ray"),  # by their letters' names
        ("an lcd", "an lcd"),
        ("a xbox", "an xbox"),
        ("a suv", "an suv"),
        ("an ny", "an ny"),
        ("an mcdonald", "a mcdonald"),
        ("an great fbi", "a great fbi"),
        ("an honolulu", "a honolulu"),
        ("a honorable", "an honorable"),
        ("an unanimous", "a unanimous"),
        ("an ukulele", "a ukulele"),
        ("an uk", "a uk"),
        ("an u.s.", "a u.s."),
        ("an usb", "a usb"),
        ("an ufo", "a ufo"),
        ("an urologist", "a urologist"),
        ("a urgent", "an urgent"),
        ("a usher", "an usher"),
        ("an _num_", "an _num_"),
        ("a `` awful ''", "an `` awful ''"),  # past what opens
        ("an ( * great * ) a ( awful )", "a ( * great * ) an ( awful )"),
        ("a , awful", "a , awful"),
        ("grade a", "grade a"),
    ],
)
def test_an_article_goes_with_the_word_after_it(output, expected):
    assert with_articles(output.split(), ["the", "place"]) == expected.split()


def test_an_article_that_the_author_wrote_before_that_word_stays():
    source = "a idyllic place , a good day , a idle".split()
    output = "a idyllic place , a awful day , a `` idle".split()
    assert with_articles(output, source) == "a idyllic place , an awful day , a `` idle".split()


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("great !", "awful .", "awful !"),
        ("great .", "awful !", "awful ."),
        ("great .", "awful", "awful ."),
        ("great ... !", "awful .", "awful ... !"),
        ("great", "awful . !", "awful"),
        ("`` great ! ''", "`` awful . ''", "`` awful ! ''"),
        ("`` great ''", "`` awful . ''", "`` awful ''"),
        ("great . !", "", ""),
        # a question that stays one, whatever mark the model writes
        ("why is it so bad ?", "why is it so good !", "why is it so good ?"),
        ("well , do n't you care ?", "well , do you care .", "well , do you care ?"),
        ("is the soup bad ?", "is the soup good !", "is the soup good ?"),
        ("does anyone care ?", "does everyone care !", "does everyone care ?"),
        ("so , is something wrong ?", "so , is something right !", "so , is something right ?"),
        ("terrible , right ?", "great , right !", "great , right ?"),
        ("( terrible , right ? )", "( great , right ! )", "( great , right ? )"),
        ("anyone else hate it ?", "anyone else love it !", "anyone else love it ?"),
        ("it was ok i guess ?", "it was great i guess !", "it was great i guess ?"),
        ("i suppose it was ok ?", "i suppose it was great .", "i suppose it was great ?"),
        ("are u mad ?", "are u glad !", "are u glad ?"),
        # and one that ceases to be
        ("$ _num_ for a soda ?", "only $ _num_ for a great soda !", "only $ _num_ for a great soda !"),
        ("it 's bad , right ?", "they play it right !", "they play it right !"),
        ("is everything bad ?", "everything is great !", "everything is great !"),
        ("is n't it bad ?", "is definitely good !", "is definitely good !"),
        ("no towels ?", "great towels !", "great towels !"),
        ("what is that ?", "what a delight !", "what a delight !"),
        ("no towels ?", "great towels", "great towels ?"),  # the model says nothing
        # what becomes a question, and what does not
        ("i hate it .", "why would i hate it ?", "why would i hate it ?"),
        ("so sad , seriously !", "so great , seriously ?", "so great , seriously !"),
    ],
)
def test_the_end_keeps_the_authors_marks(source, output, expected):
    assert with_same_end(output.split(), source.split(), source.split()) == expected.split()


@pytest.mark.parametrize("mark", ["?!", "!?", "??!!"])
def test_a_mark_that_asks_and_exclaims_stays_whatever_the_words(mark):
    assert with_same_end("so nice !".split(), "so rude ?".split(), ["So", "rude", mark]) == "so nice ?".split()
