"""Masked words, degrees and abbreviations that would otherwise be rewritten in part."""

import time

import pytest

from textdis.pipelines.words import with_whole_words
from textdis.text.normalise import parse, restore

WHOLE = [  # raw -> model text; what was joined is one word
    ("The f***ing, motherf***ing waiter!", "the f***ing , motherf***ing waiter !"),
    ("What the f***! A piece of s***", "what the f*** ! a piece of s***"),
    ("this a$$hole, f#ck his bull$hit and his a$$", "this a$$hole , f#ck his bull$hit and his a$$"),
    ("SH!T food, b!tchy, sh*t and d@mn", "sh!t food , b!tchy , sh*t and d@mn"),
    ("**I love it** food***service guys**, wow!great", "i love it ** food *** service guys ** , wow ! great"),
    ("**No** R&B at $5, $$ AT&T", "no ** r & b at $ _num_ , $ $ at & t"),
    ("It was 60°F, 15.5 ° C, -5&deg;C outside", "it was _num_°f , _num_°c , - _num_°c outside"),
    ("60-70°F at 350° for free", "60-70°f at _num_ ° for free"),
    ("I thank him, Ph.D., for his care.", "i thank him , ph.d. , for his care ."),
    ("He has a Ph.D.", "he has a ph.d ."),
    ('a <a href="http://X.com/a" target=_blank>link</a>', "a <a_href=''http://x.com/a''_target=_blank> link </a>"),
    ("Ugly &lt;b\tid='x y'&gt;food&lt;/b&gt;", "ugly <b_id='x_y'> food </b>"),
    ("If x <b and b> c, or a <b = c", "if x < b and b > c , or a < b = c"),
]


@pytest.mark.parametrize(("raw", "model"), WHOLE)
def test_a_word_in_several_pieces_is_one(raw, model):
    sentences = [with_whole_words(sentence) for sentence in parse(raw).sentences]
    assert " ".join(sentence.text for sentence in sentences) == model
    for sentence in sentences:
        assert "".join(token.space_before + token.raw for token in sentence.tokens) == sentence.raw


def test_a_joined_word_keeps_its_raw_form_beside_a_new_one():
    (sentence,) = parse("The F***ing waiter brought bad soup at 60 °F and 70°F.").sentences
    output = "the f***ing waiter brought good soup at _num_°f and _num_°f ."
    assert restore(with_whole_words(sentence), output) == "The F***ing waiter brought good soup at 60 °F and 70°F."


def test_a_tag_with_attributes_goes_with_what_was_in_it():
    (sentence,) = parse('The <span style="color: red">only</span> bad <A HREF="http://x.com">dish</A>.').sentences
    sentence = with_whole_words(sentence)
    _, tag, *_, link, _, _, _ = sentence.text.split()
    assert (
        restore(sentence, f"the {tag} </span> good {link} dish </a> .") == 'The good <A HREF="http://x.com">dish</A>.'
    )


@pytest.mark.parametrize("unit", ["a.", "a*", "a**", "a", "sh!t", "5°", "5 °f ", "<a b=", "<a "])
def test_a_very_long_word_takes_linear_time(unit):
    sentences = parse(f"so {unit * 20_000}b").sentences
    start = time.process_time()
    assert "".join(token.raw for token in with_whole_words(sentences[0]).tokens)
    assert time.process_time() - start < 1
