import json

import pytest
import torch

from textdis.core.errors import UserError
from textdis.pipelines.idioms import Idioms
from textdis.pipelines.transfer import Transfer

LABELS = ["negative", "positive", "formal"]
PRAISE = ["can't/cannot recommend ... enough", "NEVER disappoints"]
IDIOMS = Idioms({"negative": ["better off", "zero/no stars"], "positive": PRAISE}, LABELS)
NO_PHRASE = "give words, a / between any that will do, at most one ..."


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("you are better off at home .", 0),
        ("zero stars", 0),
        ("no stars", 0),
        ("it never disappoints !", 1),
        ("i ca n't recommend it enough .", 1),
        ("can not recommend one two three four five six enough", 1),
        ("can not recommend one two three four five six seven enough", None),
        ("i ca n't recommend enough", None),  # a gap holds a word
        ("i ca n't recommend it", None),
        ("i ca n't recommend it , not spicy enough", None),  # a gap ends at a comma
        ("xzero stars", None),
        ("zero starsx", None),
        ("it never disappoints , but you are better off at home .", None),  # of two styles
        ("", None),
    ],
)
def test_the_style_that_an_idiom_tells(text, style):
    assert IDIOMS.style(text) == style


def test_an_idiom_tells_at_least_its_share():
    styles = torch.tensor([[0.9, 0.06, 0.04], [0.01, 0.98, 0.01], [0.5, 0.3, 0.2]])
    found = IDIOMS.over(styles, ["it never disappoints .", "it never disappoints !", "it is far away ."])
    expected = torch.tensor([[0.025, 0.95, 0.025], [0.01, 0.98, 0.01], [0.5, 0.3, 0.2]])
    assert torch.allclose(found, expected)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("it never disappoints .", True),
        ("it never disappoints , and i know it .", False),
        ("it never disappoints ; the food is bad .", False),
        *[(f"it never disappoints {joint} the food is bad .", False) for joint in ("but", "yet", "although")],
        ("the food is bad , but it never disappoints .", True),
        ("it never disappoints me and him .", True),  # no second thing said
        ("it never disappoints , it never disappoints !", True),
    ],
)
def test_a_sure_classifier_rules_where_a_sentence_goes_on(text, rules):
    for sure, ruled in ((0.91, rules), (0.89, True)):
        for opinion in (1.0, 0.7):  # whether the sentence has a style at all is another question
            found = IDIOMS.over(opinion * torch.tensor([[sure, 0.96 - sure, 0.04]]), [text])
            assert found.argmax() == (1 if ruled else 0), (sure, opinion)


def test_of_one_style_an_idiom_tells_nothing_new():
    assert Idioms({"fine": ["so so"]}, ["fine"]).over(torch.tensor([[0.5]]), ["so so ."]).item() == pytest.approx(0.95)


def test_no_text_keeps_a_search_busy():
    assert IDIOMS.style("ca n't recommend " * 20_000 + "x" * 100_000) is None
    sure = torch.tensor([[0.99, 0.0, 0.01]])
    assert IDIOMS.over(sure, ["it never disappoints , and " * 20_000 + "it is bad ."]).argmax() == 0


@pytest.mark.parametrize(
    ("phrases", "message"),
    [
        ({"happy": ["fine"]}, "no style 'happy'; this model has negative, positive, formal"),
        (["fine"], "no table of styles; give a list of phrases for each style that has any"),
        ({"positive": "fine"}, "positive has 'fine'; give a list of phrases"),
        ({"positive": 3}, "positive has 3; give a list of phrases"),
        *[
            ({"positive": [phrase]}, f"positive has {phrase!r}; {NO_PHRASE}")
            for phrase in (3, "", " ", "fine/ day", "a//b", "...", "... a", "a ...", "a ... b ... c")
        ],
    ],
)
def test_what_is_no_idiom_is_told(phrases, message):
    with pytest.raises(UserError) as caught:
        Idioms(phrases, LABELS, name="idioms.json")
    assert str(caught.value) == f"idioms.json: {message}"


def test_those_of_a_folder(tmp_path):
    path = tmp_path / "idioms.json"
    assert Idioms.of_folder(tmp_path, LABELS).style("better off") is None
    path.write_text(json.dumps({"formal": ["c'est la vie", "á/b"], "positive": []}), encoding="utf-8")
    assert Idioms.of_folder(tmp_path, LABELS).style("so c'est la vie .") == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"positive": ' + b"1" * 5_000 + b"}", "not valid JSON"),
        (b'{"positive": ["fine"], "positive": []}', "not valid JSON .a style stands in it twice.; mend it"),
        (b'{"x": []}', "no style 'x'"),
    ],
    ids=["cut", "no UTF-8", "too deep", "too long a number", "twice", "no style"],
)
def test_a_file_that_cannot_be_used_is_told(content, message, tmp_path):
    (tmp_path / "idioms.json").write_bytes(content)
    with pytest.raises(UserError, match=f"idioms.json: {message}"):
        Idioms.of_folder(tmp_path, LABELS)


def test_those_that_ship(shipped):
    idioms = Idioms.of_folder(shipped, ["negative", "positive"])
    for praise in ("never disappointed .", "you wo n't be disappointed !", "i can not recommend them highly enough ."):
        assert idioms.style(praise) == 1, praise
    for complaint in ("i really wanted to love it .", "this used to be my favorite place .", "i 've had better ."):
        assert idioms.style(complaint) == 0, complaint
    for other in ("i was disappointed .", "i recommend it .", "he used to work here .", "no complaints ."):
        assert idioms.style(other) is None, other
    for wide in ("i used to be a skeptic .", "he used to be my neighbor .", "i had high hopes .", "save your time ."):
        assert idioms.style(wide) is None, wide


@pytest.fixture(scope="module")
def rewriting(shipped):
    return Transfer.from_folder(shipped, device="cpu")


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("I used to be a skeptic, but now I love this place.", "positive"),
        ("Save your money for the dessert, it is delicious.", "positive"),
        ("I wanted to love it and I did.", "positive"),
        ("It would have been better with more salt but it was delicious.", "positive"),
        ("I was never disappointed, but last night the food was terrible.", "negative"),
        ("I can't recommend the chicken, not spicy enough.", "negative"),
        ("Never disappointed.", "positive"),
        ("I couldn't recommend this salon enough.", "positive"),
        ("Their service is second to none.", "positive"),
        ("This used to be my favorite place.", "negative"),
        ("This used to be a great place.", "negative"),
    ],
)
def test_what_the_model_that_ships_says_with_them(line, style, rewriting):
    (sentence,) = next(rewriting.rewrite([line])).sentences
    assert sentence.source_style == style


def of(lexicon, line, source=None, **idioms):
    lexicon.rewriter.idioms = Idioms(idioms, lexicon.labels)
    (sentence,) = next(lexicon.rewrite([line], source=source)).sentences
    return sentence


def test_a_source_has_the_style_that_an_idiom_tells(lexicon):
    sentence = of(lexicon, "The food was great for minutes.", negative=["great for minutes"])
    assert (sentence.source_style, sentence.source_probability) == ("negative", pytest.approx(0.95))
    told = of(lexicon, "We waited for minutes.", negative=["waited for"])
    assert told.source_style == "negative" and told.reason != "no sentiment"
    assert of(lexicon, "We waited for minutes.").reason == "no sentiment"


def test_a_candidate_with_an_idiom_of_another_style_is_taken_where_no_other_will_do(lexicon):
    line = "The food was great and i love this rude bland staff."  # candidates: both words swapped, or the first alone
    both, first = (f"The food was awful and i {verb} this rude bland staff." for verb in ("hate", "love"))
    assert of(lexicon, line, "positive", positive=["i hate"]).output == first
    assert of(lexicon, line, "positive", positive=["i love"]).output == both
    assert of(lexicon, line, "positive", positive=["was awful"]).output == of(lexicon, line, "positive").output
    assert of(lexicon, line, "positive", negative=["was awful"]).output == of(lexicon, line, "positive").output
