"""Raw text to model text: every character is kept, and the model text is that of the corpus."""

import gzip
import os
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdis.text.normalise import Sentence, is_wordy, normalise, parse

SCRAPS = st.sampled_from(
    "Great food . , ! ? ... … n't 's ’ “ ” \" '' `` ( ) 5 3.50 1,000 $ % -- — - : ) :) 😍 👨‍👩‍👧 \x00 \ud800 "
    "\u200b \u202e \u00ad &shy; \u200d e\u0301 שלום www.a.com http:// #tag @me Dr. p.m. \t cannot".split(" ")
) | st.sampled_from([" ", "  ", "\n", "\r\n\n", "<br />", "&amp;", "&#39;", "&nbsp;", "&x;"])
TEXTS = st.text(max_size=60) | st.lists(SCRAPS, max_size=25).map("".join)

MODEL_TEXT = [  # raw -> model text of the whole string
    ("I waited 45 minutes.", "i waited _num_ minutes ."),
    ("$12.50 for 1,000 wings?", "$ _num_ for _num_ wings ?"),
    ("Only $.99!", "only $ _num_ !"),
    ("2 Stars, 3.5 stars, 10 stars: 1-star", "two stars , _num_ stars , _num_ stars : one-star"),
    ("4 out of 5 stars, a rating of 1 star", "_num_ out of _num_ stars , a rating of one star"),
    ("No. 5 in Jan. 2019", "no. _num_ in jan. _num_"),
    ("we came at 9:30, left at 5pm", "we came at 9:30 , left at 5pm"),
    ("the 1st and 2nd time", "the 1st and 2nd time"),
    ("open 24/7, 3-4 stars, 10+ visits", "open 24/7 , 3-4 stars , 10+ visits"),
    ("an 18% tip for table #7", "an _num_ % tip for table # _num_"),
    ("Can't, won't, didn't", "ca n't , wo n't , did n't"),
    ("It’s what I’ve wanted", "it 's what i 've wanted"),
    ("you shouldn't've", "you should n't 've"),
    ("CANNOT wait, gonna go", "can not wait , gon na go"),
    ('the "famous" ribs', "the `` famous '' ribs"),
    ("“no way,” she said", "`` no way , '' she said"),
    ('he said " no " twice', "he said `` no '' twice"),
    ("filled w/ love b/c of the A/C", "filled w/ love b/c of the a/c"),
    ("five o'clock at Joe's", "five o'clock at joe 's"),
    ("Food & drinks (cheap!)", "food & drinks ( cheap ! )"),
    ("so good...will return…", "so good ... will return ..."),
    ("yes!!! what?! no way!!", "yes ! what ? no way !"),
    ("great--loved it — really – yes", "great -- loved it -- really - yes"),
    ("a well-done all-you-can-eat A+ meal", "a well-done all-you-can-eat a+ meal"),
    ("Dr. Kim at 9 p.m. on W. Main St. downtown", "dr. kim at _num_ p.m. on w. main st. downtown"),
    ("closed at 9 p.m.", "closed at _num_ p.m ."),
    ("crème brûlée at the Café", "creme brulee at the cafe"),
    ("see www.Foo.com/a?b=1, or me@foo.com.", "see www.foo.com/a?b=1 , or me@foo.com ."),
    ('<a href="http://X.com/a">it</a>, <www.x.com>', "< a href = '' http://x.com/a '' > it </a> , < www.x.com >"),
    ("@joe rocks #yum 😍😍", "@joe rocks #yum 😍😍"),
    ("tab\there\x00and\u200bThere", "tab here and there"),
    ("ter\u00adri\u200b\u200bble F\u2060O\ufeffO\u200cD, is\u00adn'\u200bt it", "terrible food , is n't it"),
    ("the Union\u00adChina talks", "the union china talks"),
    ("ser&shy;vice, caf&eacute;&#8203;s 👨‍👩‍👧", "service , cafes 👨‍👩‍👧"),
    ("the dogs' room", "the dogs ' room"),
    ("I didn&#39;t, it isn&rsquo;t, can&#x27;t", "i did n't , it is n't , ca n't"),
    ("the &quot;famous&quot;&nbsp;ribs &amp; caf&eacute;", "the `` famous '' ribs & cafe"),
    ("<B>not</B> x<y, I <3 it", "<b> not </b> x < y , i <3 it"),
    ("AT&T; &bogus; &#1;", "at & t ; & bogus ; & # _num_ ;"),
    ("", ""),
]

FULL = "We all had the soup and the chicken and the rice"  # a line long enough to be wrapped
SEGMENTS = [  # raw line -> its sentences and gaps
    ("Great food. Bad staff!", ["Great food.", " ", "Bad staff!"]),
    ("great.Loved it", ["great.", "Loved it"]),
    ("see yelp.com or Amazon.Com for 3.50", ["see yelp.com or Amazon.Com for 3.50"]),
    ("I saw Dr. Kim vs. Mr. Lee. We left.", ["I saw Dr. Kim vs. Mr. Lee.", " ", "We left."]),
    ("Until 9 p.m. we sat. E.g. there.", ["Until 9 p.m. we sat.", " ", "E.g. there."]),
    ("Until 9 p.m. We left.", ["Until 9 p.m.", " ", "We left."]),
    ("The U.S. Bank on W. Main.", ["The U.S. Bank on W. Main."]),
    ("the food was cold. the staff was rude.", ["the food was cold.", " ", "the staff was rude."]),
    ("Well... I liked it", ["Well... I liked it"]),
    ("It was so bland... I left.", ["It was so bland...", " ", "I left."]),
    ("So good!!! Yes?! OK.", ["So good!!!", " ", "Yes?!", " ", "OK."]),
    ('"Wow!" she said. "Great."', ['"Wow!" she said.', " ", '"Great."']),
    ("Loved it. 😍 Will return 👍🏽", ["Loved it.", " 😍 ", "Will return", " 👍🏽"]),
    ("Loved it!😍 #yum", ["Loved it!", "😍 #yum"]),
    ("Best place 😍 Love it 😍 a lot", ["Best place", " 😍 ", "Love it 😍 a lot"]),
    ("I ❤️ this place", ["I ❤️ this place"]),
    ("- Nice staff :)", ["- ", "Nice staff", " :)"]),
    ("a piece of s***", ["a piece of s***"]),
    ("SH!T food, BIG!Really", ["SH!T food, BIG!", "Really"]),
    ("food was A - loved it **", ["food was A - loved it", " **"]),
    ("food was A*", ["food was A", "*"]),
    ("Great pizza #yum #nyc", ["Great pizza", " #yum #nyc"]),
    ("Go to http://a.b/c?d=E.F! Now.", ["Go to http://a.b/c?d=E.F!", " ", "Now."]),
    ("@joe was great", ["@joe was great"]),
    (" \t Hi there  ", [" \t ", "Hi there", "  "]),
    ("😍 !!! ***", ["😍 !!! ***"]),
    ("It&#39;s bad.&nbsp;I&apos;d go &lt;3", ["It&#39;s bad.", "&nbsp;", "I&apos;d go", " &lt;3"]),
    ("I can't. We didn't. 'Mr. B' did.", ["I can't.", " ", "We didn't.", " ", "'Mr. B' did."]),
    # ends of lines: what follows tells, and what wants to go on
    ("Great food\nSlow bar\n5 stars\n", ["Great food", "\n", "Slow bar", "\n", "5 stars", "\n"]),
    ("great food\r\n\r\nslow bar", ["great food", "\r\n\r\n", "slow bar"]),
    ("Pros:\n- good tea\n• cheap", ["Pros:", "\n- ", "good tea", "\n• ", "cheap"]),
    ("We waited\nfor the food.\nIt was cold.", ["We waited\nfor the food.", "\n", "It was cold."]),
    ("we went to\nChicago,\nIllinois for\n3 days", ["we went to\nChicago,\nIllinois for\n3 days"]),
    # lists in lower case
    ("great food\nslow bar\nbad!\n", ["great food", "\n", "slow bar", "\n", "bad!", "\n"]),
    ("Great food\nslow bar 😍\r\nwent twice", ["Great food", "\n", "slow bar", " 😍\r\n", "went twice"]),
    # wrapped text, and what only looks like it
    ("It took about\n45 minutes to get our cold food.", ["It took about\n45 minutes to get our cold food."]),
    ("It took\n45 minutes", ["It took\n45 minutes"]),
    ("Cash only\nSlow\n5 stars", ["Cash only", "\n", "Slow", "\n", "5 stars"]),
    ("We love the food at this\nMexican place.", ["We love the food at this\nMexican place."]),
    ("We loved Best\nBuy and the staff.", ["We loved Best\nBuy and the staff."]),
    ("I love Marta\nGreat staff", ["I love Marta", "\n", "Great staff"]),
    ("Great Food\nNice staff.", ["Great Food", "\n", "Nice staff."]),
    ("It was nice when our server\nJoy brought pie.", ["It was nice when our server\nJoy brought pie."]),
    ("It was the worst meal\nI have ever had.", ["It was the worst meal\nI have ever had."]),
    ("The food was great\nI had fun.", ["The food was great", "\n", "I had fun."]),
    ("Great food\nI loved it", ["Great food", "\n", "I loved it"]),
    (
        "Bad place to eat\nService was slow and the staff rude.",
        ["Bad place to eat", "\n", "Service was slow and the staff rude."],
    ),
    ("Room 12\nBed broken\nTV broken", ["Room 12", "\n", "Bed broken", "\n", "TV broken"]),
    (f"{FULL} and then\nI left all the\nrest.", [f"{FULL} and then\nI left all the\nrest."]),
    (f"{FULL} and salad\nThey left.", [f"{FULL} and salad", "\n", "They left."]),
    (f"{FULL} 😍\nService was bad.", [f"{FULL}", " 😍\n", "Service was bad."]),
    (f"{FULL}\nSteak was bad\nStaff was ok", [f"{FULL}", "\n", "Steak was bad", "\n", "Staff was ok"]),
    ('Loved it\n"Wow" is the\n  word', ["Loved it", "\n", '"Wow" is the\n  word']),
    (
        "good tea<br />slow bar <BR><br>\n<p id=1>Nice</p>",
        ["good tea", "<br />", "slow bar", " <BR><br>\n<p id=1>", "Nice", "</p>"],
    ),
    ("<ul><li>Cheap</li> <li>Slow</li></ul>", ["<ul><li>", "Cheap", "</li> <li>", "Slow", "</li></ul>"]),
    ("<h2>Cheap</h2><div>so slow</div>", ["<h2>", "Cheap", "</h2><div>", "so slow", "</div>"]),
    ("good tea&lt;br&gt;slow bar", ["good tea", "&lt;br&gt;", "slow bar"]),
    ("<br>", ["<br>"]),
    ("1 < 2 <3 <pre> so", ["1 < 2 <3 <pre> so"]),
    ("No. 5 was great. no. 7 too", ["No. 5 was great.", " ", "no. 7 too"]),
    (
        "Open since Jan. 2019. It was Dec. Sun. is bad",
        ["Open since Jan. 2019.", " ", "It was Dec.", " ", "Sun. is bad"],
    ),
    ("We sat. 45 minutes in the sun. ok", ["We sat.", " ", "45 minutes in the sun.", " ", "ok"]),
    ("Ok. Worst. Pizza. Ever. Never. Again!", ["Ok. Worst. Pizza. Ever.", " ", "Never. Again!"]),
    ("Bad tea. Rude. Slow.", ["Bad tea.", " ", "Rude.", " ", "Slow."]),
    ("Ft. Worth, ext. 5. Go 5 ft. Then left", ["Ft. Worth, ext. 5.", " ", "Go 5 ft.", " ", "Then left"]),
    ("   ", ["   "]),
    ("", []),
]

NO_LISTS = [
    "great food\nslow bar",
    "we like tea\nand their food\nso much",
    "great food\nthe bar is\nslow",
    "great food,\nslow bar\nwent twice",
    "we loved it when our waiter sang\nfive songs\nbefore he brought our food",
    f"great food\nslow bar\n{FULL.lower()}\nwent twice",
]

LONG = {
    "one word": "a" * 100_000,
    "stops": "a." * 50_000,
    "glued": "great.Loved" * 9_000,
    "marks": "!a" * 50_000,
    "emoji": "x 😍 " * 25_000,
    "mail": "a@" * 50_000,
    "quotes": '" ' * 50_000,
    "clitics": "a" + "'s" * 50_000,
    "addresses": "http://" * 14_000,
    "nul": "\x00" * 100_000,
    "surrogates": "\ud800" * 100_000,
    "sentences": "Great food. " * 9_000,
    "words of their own": "Rude. " * 16_000,
    "titles": "Dr. " * 25_000,
    "lines": "Great food\n" * 9_000,
    "capitals": "A\n" * 50_000,
    "wrapped lines": f"{FULL}\nJoe saw it " * 1_700,
    "lower lines": "Joe left\n" + "so on\n" * 16_000,
    "soft hyphens": "a\u00ad" * 50_000,
    "line ends": "\n" * 100_000,
    "blanks": "a" + "\n " * 50_000 + "a",
    "tags": "<br" * 33_000,
    "whole tags": "<p>" * 33_000,
    "entities": "&amp;" * 20_000,
    "ampersands": "&a" * 50_000,
    "no stop": "and so on " * 10_000,
    "brackets": "(" * 50_000 + ")" * 50_000,
}


def raw_of(segments):
    return [segment.raw if isinstance(segment, Sentence) else segment for segment in segments]


@pytest.mark.parametrize(("raw", "model"), MODEL_TEXT)
def test_model_text_is_the_corpus_tokenisation(raw, model):
    assert normalise(raw) == model
    assert normalise(model) == model


@pytest.mark.parametrize(("line", "expected"), SEGMENTS)
def test_a_line_falls_into_sentences_and_gaps(line, expected):
    assert raw_of(parse(line).segments) == expected


@pytest.mark.parametrize("text", NO_LISTS)
def test_lines_that_may_go_on_are_one_sentence(text):
    assert raw_of(parse(text).segments) == [text]


@pytest.mark.parametrize("width", range(20, 90))
def test_wrapped_prose_in_lower_case_is_one_sentence(width):
    text = textwrap.fill("some servers forgot drinks, ours brought ice cream nobody ordered " * 3, width)
    assert raw_of(parse(text).segments) == [text]


def test_after_the_end_of_a_sentence_lower_lines_are_prose():
    assert raw_of(parse("great food! went\nthere twice\nlast year").segments)[2:] == ["went\nthere twice\nlast year"]


@settings(deadline=None)
@given(TEXTS)
def test_segments_and_tokens_give_the_line_back(line):
    parsed = parse(line)
    assert "".join(raw_of(parsed.segments)) == line
    for sentence in parsed.sentences:
        assert "".join(token.space_before + token.raw for token in sentence.tokens) == sentence.raw
        assert sentence.tokens[0].space_before == ""
        assert sentence.text.split() == [token.model for token in sentence.tokens]
        sentence.text.encode()  # a lone surrogate would raise


@settings(deadline=None)
@given(st.lists(st.sampled_from("good . , ! ? ... `` '' ( ) _num_ $ n't 's ca ' 9:30 -- - : ; & % dr.".split())))
def test_model_text_comes_back_as_it_is(words):
    text = " ".join([*words, "good ."])
    assert normalise(text) == text


def test_a_number_keeps_its_raw_form():
    (sentence,) = parse("It cost $1,250.75!").sentences
    assert [token.raw for token in sentence.tokens if token.model == "_num_"] == ["1,250.75"]


def test_closed_text_adds_a_stop_only_to_an_open_sentence():
    closed = [sentence.closed_text for sentence in parse('Great food 😍 Love it! "So good."').sentences]
    assert closed == ["great food .", "love it !", "`` so good . ''"]


@pytest.mark.parametrize(
    ("raw", "wordy"), [("10/10!", False), ("A+", False), ("www.a.com 5", False), ("5 stars", True)]
)
def test_wordy_means_a_word_to_rewrite(raw, wordy):
    assert [is_wordy(sentence) for sentence in parse(raw).sentences] == [wordy]


@pytest.mark.parametrize("name", LONG)
def test_a_very_long_line_takes_linear_time(name):
    line = LONG[name]
    start = time.process_time()
    assert "".join(raw_of(parse(line).segments)) == line
    normalise(line)
    assert time.process_time() - start < 4  # twice 100,000 characters; quadratic would be minutes


def test_corpus_lines_are_model_text_already():
    root = Path(os.environ.get("TEXTDIS_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "yelp"
    if not root.is_dir():
        pytest.skip("no yelp data: set TEXTDIS_DATA")
    lines = []
    for path in sorted(root.glob("heldout_pool.train.*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines += [next(file).rstrip("\n") for _ in range(1000)]
    changed = [line for line in lines if normalise(line) != line]
    assert len(lines) == 2000
    assert len(changed) <= 20, changed
